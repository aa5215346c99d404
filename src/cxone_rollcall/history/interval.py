"""The values of a history: statuses, intervals, people, polls.

All times are whole milliseconds since the epoch, UTC, by the server's clock. An end is not part of its interval.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from cxone_rollcall.live.seat import Seat, Since
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.groups import Group
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.struct import Value
from cxone_rollcall.model.timestamp import parse_timestamp

RECORDER_DOWN = "recorder-down"
"""The cause of a gap in which nothing recorded. Other causes are codes of findings."""


class Window(NamedTuple):
    """A span of time in milliseconds since the epoch. Its end is not part of it."""

    begin: int
    end: int


def milliseconds(seconds: float) -> int:
    """Seconds since the epoch as whole milliseconds, rounded."""
    return round(seconds * 1000)


def shown_milliseconds(seconds: float) -> int:
    """Seconds since the epoch as whole milliseconds, cut as `format_timestamp` cuts.

    A since is kept in this form, so that a restart shows the same one.
    """
    return round(seconds * 1_000_000) // 1000


class Source(StrEnum):
    """Where an interval is known from."""

    OBSERVED = "observed"
    BACKFILLED = "backfilled"
    INFERRED = "inferred"


class Status(Value, frozen=True, gc=False):
    """What was known of an agent. `cause` is why it is unknown, else None."""

    standing: Standing
    state: str | None = None
    sub_state: str | None = None
    group: Group | None = None
    cause: str | None = None


def unknown(cause: str) -> Status:
    """The status of an agent in a gap."""
    return Status(Standing.UNKNOWN, cause=cause)


def status_of(seat: Seat, *, cause: str) -> Status:
    """What a seat shows. `cause` counts only if it is unknown."""
    if seat.shown is Standing.UNKNOWN:
        return unknown(cause)
    if seat.state is None:
        return Status(seat.shown)
    return Status(seat.shown, seat.state.state, seat.state.sub_state, seat.group)


class Interval(Value, frozen=True, gc=False):
    """Time in which an agent's status was the same.

    The begin lies within `slack` milliseconds: 0 if the server gave it, None if nobody knows how long before the
    interval it was.
    """

    begin: int
    end: int
    status: Status
    slack: int | None = None
    source: Source = Source.OBSERVED


class Open(Value, frozen=True, gc=False):
    """The interval that an agent is in now.

    `since` and `row_since`, the server's own time of the row, are those of the agent's seat. `known_until` is when the
    agent was last confirmed, None if by the last look. In a gap, `held` is the status before it, and `since` and
    `row_since` are those of that status.
    """

    begin: int
    status: Status
    slack: int | None = None
    since: Since | None = None
    row_since: str | None = None
    known_until: int | None = None
    held: Status | None = None

    @property
    def is_gap(self) -> bool:
        """Whether the agent's status is not known."""
        return self.status.standing is Standing.UNKNOWN

    @property
    def began(self) -> int | None:
        """When the state began by the server's own time, None if unknown."""
        own = parse_timestamp(self.row_since)
        if own is None or self.since is None or shown_milliseconds(own) != shown_milliseconds(self.since.latest):
            return None
        return milliseconds(own)

    def until(self, end: int) -> Interval:
        """The closed interval."""
        return Interval(self.begin, end, self.status, self.slack)


class Person(Value, frozen=True, gc=False):
    """An agent as the roster named it from a time on."""

    at: int
    agent: Agent
    on_roster: bool = True


class Poll(Value, frozen=True):
    """A poll of a run, and its moment, `at`.

    `as_of` is the time of the last look that had an answer: that is `at`, if it is this poll's. `received_at` is when
    the poll ended: the server may date a state so much later than `at`.
    """

    run: str
    number: int
    at: int
    as_of: int
    ok: bool
    complete: bool
    missed: str = ""
    received_at: int = 0


class Trouble(Value, frozen=True):
    """A finding that began or ended at a time."""

    at: int
    code: str
    begins: bool
    strength: str
    message: str


class Proof(Value, frozen=True):
    """What the server sent that proves an agent's state in a gap."""

    agent_id: str
    begin: int
    end: int
    text: str
