"""A view of a worker's records shows what its poller shows."""

from __future__ import annotations

from collections.abc import Collection
from types import SimpleNamespace
from typing import Any

import pytest
from tests.fleet.seats import polled, seat
from tests.live.clockwork import Watched, watched
from tests.support.thorough import sampled

from cxone_rollcall.alerts.sight import Sight, is_seen, sight_of
from cxone_rollcall.emulator.faults import FAULTS
from cxone_rollcall.fleet import records
from cxone_rollcall.fleet.record_maker import MARK, RecordMaker
from cxone_rollcall.fleet.records import Floor, Looked
from cxone_rollcall.fleet.view import View
from cxone_rollcall.history.encoding import storable
from cxone_rollcall.live.events import Change, Event, Polled
from cxone_rollcall.model.roll import Standing

RUNS = [(fault.contracts[place % len(fault.contracts)], fault.name) for place, fault in enumerate(FAULTS)]
"""Each fault once. The contracts take turns."""


class Shadowed:
    """A poller, its record maker, and a view of what they record."""

    def __init__(self, watching: Watched) -> None:
        self.watching = watching
        self.floor = Floor()
        self.view = View(
            Floor(), run="v", owner="a", interval=10.0, slack=2.0, heard=0.0, clock=watching.clockwork.clock
        )
        self._maker = RecordMaker("a")

    async def poll(self) -> Polled:
        """Let one poll happen. Return its end as the view tells it."""
        told: list[Event] = []
        now = self.watching.clockwork.now
        for event in await self.watching.poll():
            for made in self._maker.take(self.watching.poller, event, self.floor.seats, self.floor.number, now):
                record = records.decode_record(records.encode(made))
                unknown = [one.after is not None and one.after.shown is Standing.UNKNOWN for one in record.changes]
                assert [one.cause != "" for one in record.changes] == unknown
                sequence = self.floor.sequence + 1
                self.floor.apply(record, sequence)
                told += self.view.take(record, sequence, now)
        looked = self._maker.looked(self.floor.number)
        if looked is not None:
            told += self.view.confirm(looked, "a", now)
        assert isinstance(told[-1], Polled)
        return told[-1]

    def of_both(self, polled: Polled) -> tuple[Sight, Sight]:
        """What alerts judge by: of the poller, and of the view."""
        return sight_of(self.watching.poller, self.watching.polls[-1]), sight_of(self.view, polled)


def _shown(sight: Sight, passed_over: Collection[str]) -> object:
    seats = {
        storable(one): (
            seat.shown,
            seat.is_stale,
            seat.state and storable(seat.state.both_names),
            seat.since,
            one in passed_over or is_seen(seat, sight.doubted),
        )
        for one, seat in sight.seats.items()
    }
    troubles = {code: (one.name, one.strength, one.explains_all) for code, one in sight.troubles.items()}
    return seats, sight.as_of, sight.roster_complete, set(sight.judged), troubles


def test_a_mark_has_the_last_poll() -> None:
    """A successor learns how short the gap is. A poll whose changes are still to be written proves nothing yet."""
    maker = RecordMaker("a")
    poller: Any = SimpleNamespace(run_id="r", codes={}, judged=frozenset(), doubted=frozenset())
    assert (maker.mark(0).polled, maker.looked(0)) == (None, None)
    (written,) = maker.take(poller, first := polled(100.0), {}, 0, 100.0)
    assert (written.owner, written.take, written.polled) == ("a", False, first)
    assert maker.take(poller, second := polled(110.0), {}, 0, 110.0) == []
    mark = maker.mark(3)
    assert (mark.owner, mark.number, mark.take, mark.polled, mark.changes) == ("a", 3, True, second, ())
    assert maker.looked(3) == Looked(3, "r", second)
    maker.take(poller, Change(poll=3, agent_id="1", before=None, after=seat("1")), {}, 3, 120.0)
    assert (maker.mark(3).polled, maker.looked(3)) == (None, None)
    maker.forget()
    assert maker.mark(3).polled == second


@pytest.mark.parametrize(
    ("seconds", "given", "is_written"),
    [
        (MARK - 1.0, {}, False),
        (MARK, {}, True),
        (1.0, {"ok": False}, True),
        (1.0, {"always": True}, True),
        (1.0, {"doubted": frozenset("1")}, True),
        (1.0, {"judged": frozenset({"RC105"})}, False),
    ],
)
def test_when_a_poll_without_changes_is_written(seconds: float, given: dict[str, Any], is_written: bool) -> None:
    """It is written after a minute, or if it shows something new."""
    maker, nobody = RecordMaker("a"), frozenset[str]()
    poller: Any = SimpleNamespace(run_id="r", codes={}, judged=nobody, doubted=nobody)
    maker.take(poller, polled(), {}, 0, 100.0)
    poller.judged, poller.doubted = given.get("judged", nobody), given.get("doubted", nobody)
    ends = polled(ok=given.get("ok", True))
    assert bool(maker.take(poller, ends, {}, 0, 100.0 + seconds, always=given.get("always", False))) is is_written


@pytest.mark.parametrize(("contract", "fault"), sampled(RUNS, every=20))
async def test_a_fault_shows_the_same(contract: str, fault: str) -> None:
    """A fault changes the board, findings and evidence of both alike.

    Only an agent whom a poll passed over is as before in the view. Another such poll is recorded.
    """
    async with watched(40, contract, request_timeout=0.3) as watching:
        here = Shadowed(watching)
        for faults in ((), (fault,), ()):
            watching.break_by(*faults)
            for _ in range(4):
                theirs, ours = here.of_both(await here.poll())
                once = {one for one, seat in theirs.seats.items() if seat.missed == 1}
                passed_over = once if len(once) < len(theirs.seats) else set()
                assert _shown(ours, passed_over) == _shown(theirs, passed_over)
