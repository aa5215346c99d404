"""What there is to judge by at a poll."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from cxone_rollcall.findings.account import Account
from cxone_rollcall.findings.finding import Finding
from cxone_rollcall.live.board import Board
from cxone_rollcall.live.events import Polled
from cxone_rollcall.live.seat import Seat
from cxone_rollcall.live.troubles import Troubles
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.struct import Value


class Sight(Value, frozen=True, kw_only=True):
    """What there is to judge by at a poll.

    `as_of` is the time of the last look, None before the first. `doubted` are agents whose absence says nothing: a
    finding explains it by more than being away, or nothing does. `judged` are the codes whose check has run.
    """

    seats: Mapping[str, Seat]
    as_of: float | None
    roster_complete: bool
    doubted: Collection[str]
    troubles: Mapping[str, Finding]
    judged: Collection[str]


def sight_of(board: Board, polled: Polled, troubles: Troubles, account: Account | None) -> Sight:
    """What a poll shows. `account` is the last diagnosis, None before the first."""
    return Sight(
        seats=board.seats,
        as_of=polled.as_of,
        roster_complete=account is not None and account.roll.roster_complete,
        doubted=frozenset() if account is None else account.doubted,
        troubles=troubles.now,
        judged=troubles.judged,
    )


def is_seen(seat: Seat, doubted: Collection[str]) -> bool:
    """Whether this poll shows an agent's standing and state."""
    if seat.missed or seat.standing is Standing.UNKNOWN:
        return False
    return seat.standing is not Standing.ABSENT or seat.agent.agent_id not in doubted
