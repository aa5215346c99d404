"""Why a tool has no answer."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from cxone_rollcall.assistants.documents import UNTRUSTED
from cxone_rollcall.errors import RollcallError


class Candidate(msgspec.Struct, kw_only=True):
    """An agent, or a team, that may be meant."""

    agent_id: str | msgspec.UnsetType = msgspec.UNSET
    data: dict[str, str | None]


class ProblemData(msgspec.Struct, kw_only=True):
    """What to choose from."""

    candidates: list[Candidate]
    untrusted: str = UNTRUSTED


class NotAnswered(RollcallError):
    """A question that cannot be answered. It says how to ask right.

    The message has no text of the tenant; those are in the `candidates`.
    """

    def __init__(self, message: str, *, candidates: Sequence[Candidate] = ()) -> None:
        super().__init__(message)
        self.data = ProblemData(candidates=list(candidates)) if candidates else None
