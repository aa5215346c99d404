"""Events of the live view: board, changes, findings, polls."""

from __future__ import annotations

from collections.abc import Mapping

from cxone_rollcall.findings.finding import Finding
from cxone_rollcall.live.seat import Seat
from cxone_rollcall.model.struct import Value


class BoardShown(Value, frozen=True, kw_only=True):
    """Everybody at one poll: where a reader begins. Times are in seconds since the epoch, by the server's clock."""

    run: str
    poll: int
    as_of: float
    received_at: float
    complete: bool
    counts: Mapping[str, int]
    seats: tuple[Seat, ...]


class Change(Value, frozen=True, kw_only=True):
    """One agent before and after. None for an agent who was not, or is no longer, on the roster."""

    poll: int
    agent_id: str
    before: Seat | None
    after: Seat | None


class FindingChanged(Value, frozen=True, kw_only=True):
    """A finding begins or ends."""

    poll: int
    finding: Finding
    begins: bool


class Polled(Value, frozen=True, kw_only=True):
    """A poll has ended. Whoever applied the changes before it has the exact board.

    `ok` is whether all states came within the interval. `as_of` and `received_at` are those of the last look that had
    any, None before the first; `age` is how old it is in seconds. `interval` is in seconds, longer than the one that
    was asked for if the server is slow. `missed` says why a poll is not ok. `corrected` counts agents of whom a whole
    look found what the deltas before it had missed. `took` is how long the look took in seconds, None if it has not
    ended. `roster_complete` is whether the roster as last read has everybody. `asked` is False if nobody polled in that
    time.
    """

    poll: int
    as_of: float | None
    received_at: float | None
    ok: bool
    complete: bool
    age: float | None
    counts: Mapping[str, int]
    requests: int
    interval: float
    missed: str = ""
    corrected: int = 0
    took: float | None = None
    roster_complete: bool = False
    asked: bool = True


Event = BoardShown | Change | FindingChanged | Polled
