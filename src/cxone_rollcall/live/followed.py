"""What boards and alerts read of a tenant."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from cxone_rollcall.findings.finding import Finding
from cxone_rollcall.live.events import BoardShown
from cxone_rollcall.live.seat import Seat


class Followed(Protocol):
    """A tenant as of its last event.

    It is a poller, or the view of a fleet's records. `run_id` is the same as long as the numbers of the polls go on.
    `codes` are those of the findings that explain each agent.
    """

    run_id: str
    codes: Mapping[str, tuple[str, ...]]

    @property
    def seats(self) -> Mapping[str, Seat]:
        """The seats of the board, by id."""

    @property
    def findings(self) -> Mapping[str, Finding]:
        """The findings that hold now, by code."""

    @property
    def judged(self) -> Collection[str]:
        """The codes whose check has run so far. Of others nothing is known."""

    @property
    def doubted(self) -> Collection[str]:
        """Ids of the agents whose absence says nothing. They may be logged in."""

    @property
    def contract(self) -> str | None:
        """The name of the tenant's contract, None if that is not known."""

    @property
    def token_expires_at(self) -> float | None:
        """When the token expires, None if that is not known."""

    def now(self) -> float | None:
        """The time by the tenant's clock, None if that is not known."""

    def shown(self) -> BoardShown:
        """The board as of the last poll."""
