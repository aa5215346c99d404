"""Why has this agent no state? Finds the agents that the user means, requests more about them, and answers."""

from __future__ import annotations

from cxone_rollcall.model.observations.probes import ExpectedLoggedIn, LookedCloser
from cxone_rollcall.why.answer import Answer, answers
from cxone_rollcall.why.inquiry import Inquiry

__all__ = [
    "Answer",
    "ExpectedLoggedIn",
    "Inquiry",
    "LookedCloser",
    "answers",
]
