"""Looks that last so long that polls are missed meanwhile."""

from __future__ import annotations

import pytest

from cxone_rollcall.history.interval import Interval, Open, Source
from cxone_rollcall.history.recorder import Batch, Recorder
from cxone_rollcall.live.board import Board
from cxone_rollcall.live.events import BoardShown, Change, Event, Polled
from cxone_rollcall.live.groups import Groups
from cxone_rollcall.live.seat import Span
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.roll import RollEntry, Standing
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.timestamp import format_timestamp

ANN = Agent("1", "Ann Lee")
START = 1_800_000_000.0


class Floor:
    """A board and its recorder. Times are seconds after `START`."""

    def __init__(self, interval: float = 10.0) -> None:
        self.interval = interval
        self.board = Board(Groups())
        self.recorder = Recorder("run", opened={}, people={}, until=0, polled_at=0)
        self.span: Span | None = None
        self.closed: list[Interval] = []
        self.last: Batch | None = None
        self._poll = 0

    @property
    def now(self) -> Open:
        """What Ann does now."""
        return self.recorder.opened["1"]

    def miss(self, at: float) -> None:
        """A poll without an answer."""
        changes: list[Event] = [
            Change(poll=0, agent_id="1", before=one, after=other) for one, other in self.board.miss()
        ]
        self._take(changes, at, ok=False)

    def look(self, state: str, as_of: float, at: float, *, dated: float | None = None, ok: bool = True) -> None:
        """A look, begun at `as_of`, that ends the poll. `dated` is the server's own time of the row.

        If it is not `ok`, it says nothing of others.
        """
        is_first, self.span = self.span is None, Span(START + as_of, START + at)
        entry = RollEntry(
            ANN,
            Standing.PRESENT,
            AgentState("1", state, None, None if dated is None else format_timestamp(START + dated)),
        )
        moved = self.board.settle([entry], self.span, roster_complete=True)
        events: list[Event] = [Change(poll=0, agent_id="1", before=one, after=other) for one, other in moved]
        if is_first:
            events = [self._shown(self.span)]
        self._take(events, at, ok=ok)

    def begin_again(self, as_of: float, at: float, *, seen_at: float) -> None:
        """The next recorder begins with a look that missed Ann. The board had her row at `seen_at`, as it was."""
        seat, stopped = self.board.seats["1"], self.recorder
        self.board.settle(
            [RollEntry(ANN, seat.standing, seat.state)], Span(START + seen_at, START + seen_at), roster_complete=True
        )
        self.board.miss()
        until = ms(self.span.as_of - START) if self.span is not None else 0
        self.recorder = Recorder("next", opened=stopped.opened, people=stopped.people, until=until, polled_at=until)
        self.span = Span(START + as_of, START + at)
        self._take([self._shown(self.span)], at, ok=False)

    def _shown(self, span: Span) -> BoardShown:
        return BoardShown(
            run="run",
            poll=1,
            as_of=span.as_of,
            received_at=span.received_at,
            complete=True,
            counts={},
            seats=tuple(self.board.seats.values()),
        )

    def _take(self, events: list[Event], at: float, *, ok: bool) -> None:
        self._poll += 1
        span = self.span
        polled = Polled(
            poll=self._poll,
            as_of=span.as_of if span else None,
            received_at=span.received_at if span else None,
            ok=ok,
            complete=ok,
            age=START + at - span.as_of if span else None,
            counts={},
            requests=0,
            interval=self.interval,
        )
        for event in (*events, polled):
            batch = self.recorder.take(event, self.board.seats, lambda _: "RC106")
            if batch is not None:
                self.closed += [one for _, one in batch.closed]
                self.last = batch


def ms(at: float) -> int:
    """A time as the history has it."""
    return round((START + at) * 1000)


def test_a_late_look_fills_no_gap_that_was_shown() -> None:
    """Polls showed nobody while the look was under way. Its rows are from its end at the latest, and count from then.

    The board of each poll and the history say the same.
    """
    floor = Floor()
    floor.look("Available", 0.0, 0.5)
    for at in (20.0, 30.0, 40.0):
        floor.miss(at)
    floor.look("Available", 10.0, 45.0)
    known, gap = floor.closed
    assert (known.begin, known.end) == (ms(0.0), ms(0.0) + 1)
    assert (gap.begin, gap.end, gap.status.cause) == (ms(0.0) + 1, ms(45.0), "RC106")
    assert floor.now.begin == ms(45.0)
    assert floor.last is not None
    assert (floor.last.poll.at, floor.last.poll.received_at) == (ms(45.0), ms(45.0))


def test_a_late_look_proves_nothing_after_it_began() -> None:
    """The same row closes a gap until the look began. It may have been read then, or later."""
    floor = Floor()
    floor.look("Break", 0.0, 0.5)
    floor.look("Available", 5.0, 5.5, dated=3.0)
    for at in (20.0, 30.0, 40.0):
        floor.miss(at)
    floor.look("Available", 10.0, 45.0, dated=3.0)
    inferred, gap = floor.closed[-2:]
    assert (inferred.begin, inferred.end, inferred.source) == (ms(5.0) + 1, ms(10.0), Source.INFERRED)
    assert (gap.begin, gap.end, gap.status.cause) == (ms(10.0), ms(45.0), "RC106")
    assert floor.now.begin == ms(45.0)


def test_a_late_change_began_before_its_look_ended() -> None:
    """A late look's new state begins at its end. The slack reaches to the look before."""
    floor = Floor()
    floor.look("Available", 0.0, 0.5)
    floor.miss(20.0)
    floor.look("Break", 10.0, 28.0)
    assert (floor.now.begin, floor.now.slack) == (ms(28.0), 28_000)


def test_nothing_is_known_before_a_late_first_look_ends() -> None:
    """A first look that missed polls counts from its end."""
    floor = Floor()
    for at in (10.0, 20.0, 30.0):
        floor.miss(at)
    floor.look("Available", 0.0, 35.0)
    assert floor.now.begin == ms(35.0)


@pytest.mark.parametrize("missed", [1, 3])
def test_a_look_after_missed_polls_is_not_late(missed: int) -> None:
    """A look that begins after the missed polls counts from its begin."""
    floor = Floor()
    floor.look("Available", 0.0, 0.5)
    for number in range(missed):
        floor.miss(10.0 * number + 10.0)
    floor.look("Break", 50.0, 51.0)
    assert floor.now.begin == ms(50.0)
    floor.look("Busy", 60.0, 61.0)
    assert floor.now.begin == ms(60.0)


@pytest.mark.parametrize("ok", [True, False])
def test_a_server_that_shows_what_was_true_before_misses_nothing(*, ok: bool) -> None:
    """A look may begin before the poll before has ended. If that one had an answer, no poll was missed."""
    floor = Floor()
    floor.look("Available", 0.0, 15.0, ok=ok)
    floor.look("Break", 10.0, 25.0)
    assert (floor.now.begin, floor.now.slack) == (ms(10.0), 25_000)


def test_a_look_that_missed_an_agent_proves_nothing() -> None:
    """A gap is filled until the agent was last seen. The rest stays a gap."""
    floor = Floor()
    floor.look("Break", 0.0, 0.5)
    floor.look("Available", 5.0, 5.5, dated=3.0)
    floor.begin_again(30.0, 30.5, seen_at=20.0)
    inferred, gap = floor.closed[-2:]
    assert (inferred.end, inferred.source) == (ms(20.0), Source.INFERRED)
    assert (gap.begin, gap.end, gap.status.cause) == (ms(20.0), ms(30.0), "recorder-down")
    assert (floor.now.begin, floor.now.known_until) == (ms(30.0), ms(20.0))


def test_a_server_that_stands_still_leaves_a_gap() -> None:
    """A server that does not look again shows nothing new. What it shows later closes the gap, and bridges nothing."""
    floor = Floor()
    floor.look("Available", 0.0, 0.5)
    for at in range(10, 100, 10):
        floor.look("Available", 0.0, float(at))
    floor.look("Available", 100.0, 100.5)
    known, gap = floor.closed
    assert (known.begin, known.end) == (ms(0.0), ms(0.0) + 1)
    assert (gap.end, gap.status.cause) == (ms(100.0), "RC702")
    assert floor.now.status.standing is Standing.PRESENT


@pytest.mark.parametrize(("polls", "gaps"), [(3, []), (4, ["RC702"])])
def test_three_intervals_without_a_look_are_not_too_long(polls: int, gaps: list[str]) -> None:
    """A gap needs more than three intervals without a new look."""
    floor = Floor(interval=60.0)
    for number in range(polls):
        floor.look("Available", 0.0, 60.0 * number + 0.5)
    floor.look("Available", 60.0 * polls, 60.0 * polls + 0.5)
    assert [one.status.cause for one in floor.closed if one.status.cause] == gaps


def test_a_look_that_misses_an_agent_ends_nothing() -> None:
    """Where a server stood still, a look without an agent ends nothing."""
    floor = Floor()
    for at in range(0, 100, 10):
        floor.look("Available", 0.0, float(at) + 0.5)
    floor.span = Span(START + 100.0, START + 100.5)
    floor.miss(100.5)
    assert floor.closed == []
    assert floor.now.status.standing is Standing.PRESENT


def test_a_server_that_looks_seldom_leaves_no_gap() -> None:
    """A minute between two looks of the server is not too long."""
    floor = Floor()
    for minute in range(3):
        for at in range(0, 60, 10):
            floor.look("Available", 60.0 * minute, 60.0 * minute + at + 0.5)
    assert floor.closed == []
