"""Explains a request that another program sends. It repeats it with one thing changed at a time."""

from __future__ import annotations

from cxone_rollcall.model.observations.probes import TypedIdsAsked
from cxone_rollcall.probes import PROBES as ALL_PROBES
from cxone_rollcall.probes.probe import Probe
from cxone_rollcall.request.background import is_known_host
from cxone_rollcall.request.question import Question, question_of
from cxone_rollcall.request.reader import LARGEST, read
from cxone_rollcall.request.secrets import secrets_of
from cxone_rollcall.request.trial import Trial

PROBES: tuple[Probe, ...] = tuple(one for one in ALL_PROBES if one.gives is not TypedIdsAsked)
"""The probes beside a trial. The trial itself sends ids as the program wrote them."""

__all__ = ["LARGEST", "PROBES", "Question", "Trial", "is_known_host", "question_of", "read", "secrets_of"]
