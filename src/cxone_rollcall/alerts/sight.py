"""What there is to judge by at a poll."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import inf
from typing import Final

from cxone_rollcall.findings.finding import Finding
from cxone_rollcall.live.events import Polled
from cxone_rollcall.live.followed import Followed
from cxone_rollcall.live.seat import Seat
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.struct import Value

MOST_INTERVALS: Final = 2
"""Intervals between two polls in a row, at most. A longer time has missed polls."""


class Sight(Value, frozen=True, kw_only=True):
    """What there is to judge by at a poll.

    `as_of` is the time of the last look, None before the first. `doubted` are agents whose absence says nothing: a
    finding explains it by more than being away, or nothing does. `judged` are the codes whose check has run.
    `since_last` is the longest time in seconds that may have passed since the poll before.
    """

    seats: Mapping[str, Seat]
    as_of: float | None
    roster_complete: bool
    doubted: Collection[str]
    troubles: Mapping[str, Finding]
    judged: Collection[str]
    since_last: float = inf


def sight_of(followed: Followed, polled: Polled) -> Sight:
    """What a poll shows."""
    return Sight(
        seats=followed.seats,
        as_of=polled.as_of,
        roster_complete=polled.roster_complete,
        doubted=followed.doubted,
        troubles=followed.findings,
        judged=followed.judged,
        since_last=MOST_INTERVALS * polled.interval,
    )


def is_seen(seat: Seat, doubted: Collection[str]) -> bool:
    """Whether this poll shows an agent's standing and state."""
    if seat.missed or seat.standing is Standing.UNKNOWN:
        return False
    return seat.standing is not Standing.ABSENT or seat.agent.agent_id not in doubted
