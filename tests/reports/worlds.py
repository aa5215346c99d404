"""Small invented worlds: a few agents, and the history file of them.

Times are milliseconds since the epoch. Whatever happens lies on a grid, but a gap begins a millisecond after the poll
that had the last answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from cxone_rollcall.history.interval import RECORDER_DOWN, Interval, Open, Person, Poll, Source, Status, unknown
from cxone_rollcall.history.reading import NOT_ANSWERED
from cxone_rollcall.history.recorder import Batch
from cxone_rollcall.history.store import Store
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.struct import Record, Value, field

TICK = 250
"""The finest grid, in milliseconds."""

PRESENT = (
    Status(Standing.PRESENT, "Available", None, "available"),
    Status(Standing.PRESENT, "InboundContact", None, "on-contact"),
    Status(Standing.PRESENT, "Unavailable", "ACW", "after-contact"),
    Status(Standing.PRESENT, "Unavailable", "Break", "unavailable"),
    Status(Standing.PRESENT, "-3", None, "pending"),
    Status(Standing.PRESENT, "Daydream", None, "other"),
    Status(Standing.PRESENT),
)
OUT = (Status(Standing.LOGGED_OUT), Status(Standing.LOGGED_OUT), Status(Standing.ABSENT))
GAPS = (unknown("RC104"), unknown("RC201"))
NAMES = ("Ann Lee", "Kwame Okoro", "Sören Weiß", "=1+1", None)
TEAMS = ("Support", "Billing", None)
ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/Havana",
    "America/Santiago",
    "Africa/Casablanca",
)


class Part(Value, frozen=True, gc=False):
    """A part of an agent's time. `status` None: not on the roster. `stored`: the file has a row for it."""

    begin: int
    end: int
    status: Status | None
    slack: int | None = None
    source: Source = Source.OBSERVED
    stored: bool = True


class Run(Value, frozen=True):
    """The polls of one recorder.

    They are answered from `first` to `answered`, and from then to `last` not."""

    first: int
    answered: int
    last: int


class Somebody(Record):
    """An agent: its parts from poll to poll, and its names.

    `confirmed` is when the agent was last confirmed, if the last looks missed it.
    """

    agent_id: str
    begun: list[Part] = field(default_factory=list)
    said: list[Person] = field(default_factory=list)
    confirmed: int | None = None

    def begin(self, at: int, status: Status | None, slack: int | None = None, *, stored: bool = True) -> None:
        """Let the agent be in this status from now on."""
        self.begun.append(Part(at, at, status, slack, stored=stored and status is not None))

    def parts(self, end: int) -> list[Part]:
        """Its parts, each until the next."""
        ends = [*(part.begin for part in self.begun[1:]), end]
        return [
            Part(part.begin, until, part.status, part.slack, part.source, part.stored)
            for part, until in zip(self.begun, ends, strict=True)
        ]

    @property
    def now(self) -> Status | None:
        """What it is in."""
        return self.begun[-1].status if self.begun else None


class World(Value, frozen=True):
    """A tenant while it was recorded."""

    zone: ZoneInfo
    runs: tuple[Run, ...]
    agents: tuple[Somebody, ...]

    @property
    def first(self) -> int:
        """The first poll."""
        return self.runs[0].first

    @property
    def end(self) -> int:
        """Just after the last poll."""
        return self.runs[-1].last + 1

    @property
    def downs(self) -> list[tuple[int, int]]:
        """When nothing recorded, between two runs."""
        return [(one.last + 1, other.first) for one, other in pairwise(self.runs)]

    def write(self, path: Path) -> None:
        """Write the history file."""
        path.write_bytes(_empty())
        with closing(Store(path)) as store:
            for batch in self._batches():
                store.write(batch)

    def _batches(self) -> Iterator[Batch]:
        for number, run in enumerate(self.runs):
            batch = Batch(Poll(f"run-{number}", 1, run.first, run.first, True, True))
            if number:
                batch.down = *self.downs[number - 1], RECORDER_DOWN
            else:
                batch.people = [one for agent in self.agents for one in agent.said]
            yield batch
            batch = Batch(Poll(f"run-{number}", 2, run.last, run.answered, run.last == run.answered, True))
            if run is self.runs[-1]:
                for agent in self.agents:
                    self._store(agent, batch)
            yield batch

    def _store(self, agent: Somebody, batch: Batch) -> None:
        """Close all parts but the last. It is open if the agent is still on the roster."""
        stored = [part for part in agent.parts(self.end) if part.stored]
        for part in stored:
            assert part.status is not None
            if part is stored[-1] and agent.now is not None:
                batch.opened[agent.agent_id] = Open(part.begin, part.status, part.slack, known_until=agent.confirmed)
            else:
                closed = Interval(part.begin, part.end, part.status, part.slack, part.source)
                batch.closed.append((agent.agent_id, closed))


def world(rng: Random, *, unit: int = TICK, most: int = 3) -> World:
    """A world in a zone, often while its clocks change.

    Its grid is `unit` milliseconds wide, and it has `most` agents at most.
    """
    zone = ZoneInfo(rng.choice(ZONES))
    at = rng.choice(moments(zone.key)) * 1000 - rng.randrange(240) * unit
    runs: list[Run] = []
    for _ in range(rng.choice((1, 1, 2, 3))):
        answered = at + rng.randrange(4, 160) * unit
        last = answered + rng.choice((0, 0, rng.randrange(1, 20))) * unit
        runs.append(Run(at, answered, last))
        at = last + rng.randrange(2, 60) * unit
    agents = (_somebody(rng, str(number), runs, unit) for number in range(1, rng.randrange(2, most + 2)))
    return World(zone, tuple(runs), tuple(one for one in agents if one.said))


@cache
def moments(zone: str) -> list[int]:
    """A midnight, and the seconds at which a zone's clocks change."""
    its = ZoneInfo(zone)
    found = [1_790_000_000 // 86_400 * 86_400]
    for day in range(1_735_689_600, 1_830_000_000, 86_400):
        before, after = day, day + 86_400
        if _offset(before, its) != _offset(after, its):
            while after - before > 1:
                middle = (before + after) // 2
                if _offset(middle, its) == _offset(before, its):
                    before = middle
                else:
                    after = middle
            found.append(after)
    return found


@cache
def _empty() -> bytes:
    """A history file without anything."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "empty.db")
        Store(path).close()
        return path.read_bytes()


def _offset(at: int, zone: ZoneInfo) -> object:
    return datetime.fromtimestamp(at, zone).utcoffset()


def _somebody(rng: Random, agent_id: str, runs: Sequence[Run], unit: int) -> Somebody:
    one = Somebody(agent_id)
    for place, run in enumerate(runs):
        if place:
            _miss(one, runs[place - 1])
        _look(rng, one, run.first, joins=0.8, leaves=0.2)
        at = run.first + rng.randrange(1, 60) * unit
        while at + unit < run.answered:
            _look(rng, one, at, joins=0.3, leaves=0.1)
            at += rng.randrange(1, 60) * unit
    last = runs[-1]
    one.begun[-1] = _from(one.begun[-1], Source.OBSERVED)
    if one.now is not None and one.now.standing is not Standing.UNKNOWN:
        known_until = last.answered
        if rng.random() < 0.2 and one.begun[-1].begin + unit < last.answered:
            known_until = one.confirmed = last.answered - unit
        if known_until < last.last:
            one.begin(known_until + 1, unknown(NOT_ANSWERED), stored=False)
    return one


def _miss(one: Somebody, run: Run) -> None:
    """Let nothing be recorded after this run. What was open becomes a gap."""
    if one.now is None:
        one.begin(run.last + 1, unknown(RECORDER_DOWN), stored=False)
    elif one.now.standing is Standing.UNKNOWN:
        one.begin(run.last + 1, unknown(RECORDER_DOWN))
    else:
        one.begin(run.answered + 1, unknown(RECORDER_DOWN))


def _look(rng: Random, one: Somebody, at: int, *, joins: float, leaves: float) -> None:
    """Let a poll see the agent.

    It may join, leave, be renamed, change its team or its state, or be lost."""
    was_on_roster = bool(one.said) and one.said[-1].on_roster
    if not was_on_roster:
        if rng.random() < joins:
            one.said.append(
                Person(at, Agent(one.agent_id, rng.choice(NAMES), f"u{one.agent_id}", None, rng.choice(TEAMS)))
            )
            one.begin(at, rng.choice((*PRESENT, *OUT)))
        elif one.now is not None or not one.begun:
            one.begin(at, None)
        return
    if rng.random() < leaves:
        one.said.append(Person(at, one.said[-1].agent, on_roster=False))
        one.begin(at, None)
        return
    if rng.random() < 0.15:
        one.said.append(Person(at, Agent(one.agent_id, rng.choice(NAMES), f"u{one.agent_id}", None, rng.choice(TEAMS))))
    was_known = one.now is not None and one.now.standing is not Standing.UNKNOWN
    if rng.random() < 0.2:
        one.begin(at + was_known, rng.choice(GAPS))
        return
    slack = rng.choice((0, None, rng.randrange(1, 20_000)))
    one.begin(at, rng.choice((*PRESENT, *OUT)), slack)
    one.begun[-1] = _from(one.begun[-1], rng.choice(tuple(Source)))


def _from(part: Part, source: Source) -> Part:
    return Part(part.begin, part.end, part.status, part.slack, source, part.stored)
