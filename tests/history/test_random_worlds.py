"""The recorder against random worlds. A judge that knows each look checks what it recorded."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from random import Random

import pytest

from cxone_rollcall.history.interval import Interval, Open, Source, Status, status_of
from cxone_rollcall.history.recorder import Batch, Recorder
from cxone_rollcall.live.board import Board, Moved
from cxone_rollcall.live.events import BoardShown, Change, Event, Polled
from cxone_rollcall.live.groups import Groups
from cxone_rollcall.live.seat import MOST_MISSED, Certainty, Seat, Since, Span
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.roll import RollEntry, Standing
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.struct import replace
from cxone_rollcall.model.timestamp import format_timestamp

INTERVAL = 10.0
STATES = ("Available", "Busy", "Break", "LoggedOut")


class World:
    """A few agents whose states change, and what anybody saw."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.now = 1_800_000_000.0
        self.dated = self.rng.random() < 0.6
        self.roster = {str(number): Agent(str(number), f"Agent {number}") for number in range(self.rng.randrange(1, 6))}
        self.states = dict.fromkeys(self.roster, ("Available", self.now))
        self.seen: dict[str, list[tuple[int, Status]]] = {}
        """When each agent was confirmed, and what the board showed."""
        self.boards: list[tuple[int, dict[str, Status]]] = []

    def live(self, seconds: float) -> None:
        """Let people change their states, come, go and marry."""
        self.now += 0.002  # a change in the millisecond of a look would be before and after it
        end = self.now + seconds
        while self.rng.random() < 0.8:
            self.now += (end - self.now) * self.rng.random()
            one = self.rng.choice([*self.roster])
            match self.rng.randrange(12):
                case 0 if len(self.roster) > 1:
                    del self.roster[one], self.states[one]
                case 1:
                    new = str(self.rng.randrange(8))
                    if new not in self.roster:
                        self.roster[new] = Agent(new, f"Agent {new}")
                        self.states[new] = ("Available", self.now)
                case 2:
                    self.roster[one] = replace(self.roster[one], name=f"Agent {self.rng.randrange(100)}")
                case _:
                    self.states[one] = (self.rng.choice(STATES), self.now)
        self.now = end

    def look(self) -> list[RollEntry]:
        """Everybody as the server shows them now. Some may be unknown."""
        blind = self.rng.random() if self.rng.random() < 0.3 else 0.0
        return [self._entry(agent, unknown=self.rng.random() < blind) for agent in self.roster.values()]

    def _entry(self, agent: Agent, *, unknown: bool) -> RollEntry:
        if unknown:
            return RollEntry(agent, Standing.UNKNOWN)
        name, since = self.states[agent.agent_id]
        row = AgentState(agent.agent_id, name, None, format_timestamp(since) if self.dated else None)
        return RollEntry(agent, Standing.PRESENT if row.logged_in else Standing.LOGGED_OUT, row)


class File:
    """What the batches add up to."""

    def __init__(self) -> None:
        self.closed: dict[str, list[Interval]] = {}
        self.opened: dict[str, Open] = {}
        self.people: dict[str, Agent] = {}
        self.until = self.polled_at = 0
        self.downs: list[tuple[int, int]] = []

    def store(self, batch: Batch) -> None:
        """Store a batch."""
        for agent_id, closed in batch.closed:
            self.closed.setdefault(agent_id, []).append(closed)
        for agent_id, now in batch.opened.items():
            if now is None:
                del self.opened[agent_id]
            else:
                self.opened[agent_id] = now
        for person in batch.people:
            if person.on_roster:
                self.people[person.agent.agent_id] = person.agent
            else:
                del self.people[person.agent.agent_id]
        self.until, self.polled_at = batch.poll.as_of, batch.poll.received_at

    def recorder(self, run: str) -> Recorder:
        """A recorder that begins where the last one stopped."""
        now = self.until, self.polled_at
        return Recorder(run, opened=self.opened, people=self.people, until=now[0], polled_at=now[1])

    def seats(self) -> Iterator[Seat]:
        """The board as of the last look."""
        for agent_id, now in self.opened.items():
            as_of = (now.known_until or self.until) / 1000
            state = AgentState(agent_id, now.status.state, None, now.row_since) if now.status.state else None
            since = now.since or Since(as_of, Certainty.AT_LEAST)
            yield Seat(self.people[agent_id], now.status.standing, state, now.status.group, since, as_of)


def run(world: World, file: File, name: str, polls: int) -> None:
    """Poll as the poller does, and record, until the process is killed."""
    board, recorder, shown = Board(Groups()), file.recorder(name), False
    restored = tuple(file.seats())
    span: Span | None = None
    for number in range(1, polls + 1):
        world.live(INTERVAL)
        events: list[Event] = []
        ok = complete = False
        if world.rng.random() < 0.2:
            moved: Sequence[Moved] = board.miss()
        else:
            as_of, entries = world.now, world.look()
            world.live(world.rng.random())
            span = Span(as_of, world.now)
            if restored:
                board.restore(restored, span, interval=INTERVAL)
                restored = ()
            moved = board.settle(entries, span, roster_complete=True)
            ok = complete = all(entry.standing is not Standing.UNKNOWN for entry in entries)
            if not shown:
                shown, moved = True, []
                seats = tuple(board.seats.values())
                events.append(_shown(name, number, span, seats))
        events += [
            Change(poll=number, agent_id=_id(before, after), before=before, after=after) for before, after in moved
        ]
        events.append(_polled(number, span, world.now, ok=ok, complete=complete))
        if span is None or not shown:
            continue
        for event in events:
            batch = recorder.take(event, board.seats, lambda _: "RC900")
            if batch is not None:
                file.store(batch)
        _remember(world, board, span)


def _id(before: Seat | None, after: Seat | None) -> str:
    seat = after or before
    assert seat is not None
    return seat.agent.agent_id


def _shown(name: str, number: int, span: Span, seats: tuple[Seat, ...]) -> BoardShown:
    return BoardShown(
        run=name, poll=number, as_of=span.as_of, received_at=span.received_at, complete=True, counts={}, seats=seats
    )


def _polled(number: int, span: Span | None, now: float, *, ok: bool, complete: bool) -> Polled:
    return Polled(
        poll=number,
        as_of=span.as_of if span else None,
        received_at=span.received_at if span else None,
        ok=ok,
        complete=complete,
        age=now - span.as_of if span else None,
        counts={},
        requests=1,
        interval=INTERVAL,
    )


def _remember(world: World, board: Board, span: Span) -> None:
    """Note what this look confirmed, if the last one was a look."""
    moment = round(span.as_of * 1000)
    confirmed = {
        one: status_of(seat, cause="")
        for one, seat in board.seats.items()
        if not seat.missed and seat.standing is not Standing.UNKNOWN and round(seat.as_of * 1000) == moment
    }
    if not world.boards or world.boards[-1][0] != moment:
        world.boards.append((moment, confirmed))
        for one, status in confirmed.items():
            world.seen.setdefault(one, []).append((moment, status))


def judge(world: World, file: File) -> None:
    """Check each agent's intervals against each look."""
    for agent_id, looks in world.seen.items():
        rows = list(file.closed.get(agent_id, ()))
        if agent_id in file.opened:
            now = file.opened[agent_id]
            rows.append(now.until(max(file.polled_at, now.begin) + 1))
        rows.sort(key=lambda one: one.begin)
        for one, other in itertools.pairwise(rows):
            assert one.begin < one.end <= other.begin
        for row in rows:
            if row.status.standing is Standing.UNKNOWN:
                assert row.status.cause
                assert not [look for look in looks if row.begin <= look[0] < row.end]
            else:
                _judge_known(row, looks)
        for moment, status in looks:
            (at,) = [one for one in rows if one.begin <= moment < one.end]
            assert at.status == status or at.end - moment <= 1000


def _judge_known(row: Interval, looks: list[tuple[int, Status]]) -> None:
    """A known interval has looks that show it. No hole is between them."""
    inside = [(moment, status) for moment, status in looks if row.begin <= moment < row.end]
    assert all(status == row.status or row.end - moment <= 1000 for moment, status in inside)
    if row.source is Source.INFERRED:
        return
    times = [row.begin, *(moment for moment, _ in inside), row.end]
    longest = max(later - earlier for earlier, later in itertools.pairwise(times))
    assert longest <= MOST_MISSED * (INTERVAL + 1) * 1000


def play(seed: int) -> tuple[World, File]:
    """A world, and what was recorded of it in a few runs."""
    world, file = World(seed), File()
    for number in range(world.rng.randrange(1, 4)):
        run(world, file, f"run-{number}", world.rng.randrange(3, 25))
        world.live(world.rng.choice((2.0, 15.0, 40.0, 300.0)))
    return world, file


def test_random_worlds() -> None:
    """What is recorded agrees with every look. Nothing unseen is known."""
    for seed in range(300):
        judge(*play(seed))


@pytest.mark.thorough
@pytest.mark.parametrize("part", range(5))
def test_many_random_worlds(part: int) -> None:
    """The same holds in ten thousand worlds."""
    for seed in range(300 + part * 2_000, 300 + (part + 1) * 2_000):
        judge(*play(seed))


def test_some_gaps_are_inferred_and_others_are_not() -> None:
    """Worlds have inferred spans, gaps and plain intervals."""
    files = [play(seed)[1] for seed in range(100)]
    closed = [one for file in files for rows in file.closed.values() for one in rows]
    assert {one.source for one in closed} == {Source.OBSERVED, Source.INFERRED}
    assert {one.status.standing for one in closed} == {Standing.PRESENT, Standing.LOGGED_OUT, Standing.UNKNOWN}
