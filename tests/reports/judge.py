"""What a report must say of a world, counted second by second.

A second counts for what holds at its last millisecond. Sessions and gaps are followed in quarters of a second, the grid
of the worlds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from tests.reports.worlds import TICK, Part, Somebody, World

from cxone_rollcall.history.interval import Person, unknown
from cxone_rollcall.history.reading import NOT_ANSWERED, NOT_RECORDED
from cxone_rollcall.model.struct import Value
from cxone_rollcall.reports.options import Options

Line = tuple[object, ...]
"""A row of a report. Its times are seconds since the epoch."""

_A_SECOND = 1000 // TICK
_MINUTES = {"15m": 15, "30m": 30, "1h": 60}


class Span(Value, frozen=True):
    """A window, in seconds since the epoch."""

    begin: int
    end: int


class Witness:
    """One agent in a window, quarter second by quarter second."""

    def __init__(self, world: World, agent: Somebody, span: Span) -> None:
        self.agent = agent
        self.span = span
        before = Part(-(1 << 60), world.first, unknown(NOT_RECORDED), stored=False)
        after = Part(world.end, 1 << 60, unknown(NOT_RECORDED), stored=False)
        self.parts = [before, *agent.parts(world.end), after]
        self.standing = ["not_on_roster" if one.status is None else one.status.standing.value for one in self.parts]
        self.causes = [None if one.status is None else one.status.cause for one in self.parts]
        """Of each part. Only gaps have a cause."""
        self.ticks: list[int] = []
        """The place of the part."""
        for place, part in enumerate(self.parts):
            self.ticks += [place] * (self._tick(part.end) - self._tick(part.begin))
        self.start = next(place for place, part in enumerate(self.parts) if span.begin * 1000 < part.end)
        """The part at the first millisecond. A gap may begin after it."""
        self.seconds = self.ticks[_A_SECOND - 1 :: _A_SECOND]
        self.entries = list(self._entries())
        self.teams = [entry.agent.team for entry in self.entries]
        self.name = self.entries[-1].agent.name

    def _tick(self, at: int) -> int:
        return min(max(0, (at - self.span.begin * 1000) // TICK), (self.span.end - self.span.begin) * _A_SECOND)

    def _entries(self) -> Iterator[Person]:
        """What the roster said last at each second. Before it said anything, what it said first."""
        place, said = 0, self.agent.said
        for second in range(self.span.begin, self.span.end):
            while place + 1 < len(said) and said[place + 1].at <= second * 1000 + 999:
                place += 1
            yield said[place]

    def on_roster(self, begin: int, end: int) -> bool:
        """Whether the roster had it at any time between two milliseconds."""
        return any(
            (part.stored or (part.status is not None and part.status.cause == NOT_ANSWERED))
            and part.begin < end
            and begin < part.end
            for part in self.parts
        )

    def shown(self, place: int) -> tuple[str | None, ...]:
        """Standing, group, state and sub-state in this part."""
        status = self.parts[place].status
        rest = (None, None, None) if status is None else (status.group, status.state, status.sub_state)
        return (self.standing[place], *rest)

    def slack(self, place: int) -> int | None:
        """This part's slack in seconds, None if it began before the window."""
        part = self.parts[place]
        if part.slack is None or part.begin < self.span.begin * 1000:
            return None
        return -(-part.slack // 1000)


class Judge:
    """A world, seen through a window. `ask` says with which options."""

    def __init__(self, world: World, span: Span) -> None:
        self.world = world
        self.span = span
        self.witnesses = [Witness(world, agent, span) for agent in world.agents]
        self.ask(Options())

    def ask(self, options: Options) -> None:
        """Answer with these options from now on."""
        self.options = options
        self.teams = {team.casefold() for team in options.teams}
        near = self._near()
        self.people = [
            one
            for one in self.witnesses
            if (self._asked(one) if options.agents else one.on_roster(*near))
            and (not self.teams or any(map(self.counts, one.teams)))
        ]

    def _near(self) -> tuple[int, int]:
        """The window, and on to the next time that was recorded."""
        begin, end = self.span.begin * 1000, self.span.end * 1000
        for since, until in self.world.downs:
            begin = since - 1 if since <= begin < until else begin
            end = until + 1 if since < end <= until else end
        return min(begin, self.world.end - 1), max(end, self.world.first + 1)

    def _asked(self, one: Witness) -> bool:
        heard = {entry.agent for entry in one.entries}
        names = {name.casefold() for agent in heard for name in agent.known_as if name}
        return any(text.casefold() in names for text in self.options.agents)

    def counts(self, team: str | None) -> bool:
        """Whether time in this team counts."""
        return not self.teams or (team or "").casefold() in self.teams

    def coverage(self) -> tuple[int, int]:
        """The seconds in which anything was known, and all."""
        places = [
            (one, place)
            for one in self.people
            for place, team in zip(one.seconds, one.teams, strict=True)
            if self.counts(team)
        ]
        return sum(not one.causes[place] for one, place in places), len(places)

    def _spent(self) -> Iterator[tuple[Witness, tuple[int, int], str | None, int, int]]:
        """Each agent, bucket, team and part, with its seconds."""
        buckets = list(self._buckets())
        for one in self.people:
            for (bucket, team, place), seconds in Counter(zip(buckets, one.teams, one.seconds, strict=True)).items():
                if self.counts(team):
                    yield one, bucket, team, place, seconds

    def _buckets(self) -> Iterator[tuple[int, int]]:
        """The bucket of each second."""
        at = self.span.begin
        for _, run in groupby(range(self.span.begin, self.span.end), self._wall):
            length = len(list(run))
            yield from [(at, at + length)] * length
            at += length

    def _wall(self, at: int) -> object:
        """What the wall clock shows, as finely as the buckets need it."""
        length = self.options.interval
        if length is None:
            return None
        wall = datetime.fromtimestamp(at, self.world.zone)
        if length == "1d":
            return wall.date()
        return wall.date(), (wall.hour * 60 + wall.minute) // _MINUTES[length], wall.utcoffset()

    def time_in_state(self) -> list[Line]:
        """The rows of time-in-state."""
        sums = Counter[Line]()
        for one, bucket, team, place, seconds in self._spent():
            whose: Line = (one.agent.agent_id, one.name, team)
            if self.options.by == "team":
                whose = (None, None, team)
            elif self.options.by == "state":
                whose = (None, None, None)
            sums[*bucket, *whose, *one.shown(place)] += seconds
        return [(*line, seconds) for line, seconds in sums.items()]

    def occupancy(self) -> list[Line]:
        """The rows of occupancy, with the worst and the best case."""
        sums: dict[tuple[int, int, str | None], Counter[str | None]] = {}
        for one, bucket, team, place, seconds in self._spent():
            sums.setdefault((*bucket, team), Counter())[one.shown(place)[1] or one.standing[place]] += seconds
        lines: list[Line] = []
        for key, spent in sums.items():
            contact, after, available = spent["on-contact"], spent["after-contact"], spent["available"]
            lost, worked = spent["unknown"], contact + after
            low = 100 * worked / (worked + available + lost) if worked + available + lost else None
            high = 100 * (worked + lost) / (worked + available + lost) if worked + available + lost else None
            lines.append((*key, contact, after, available, spent["unavailable"], lost, low, high))
        return lines

    def timeline(self) -> list[Line]:
        """The rows of the timeline."""
        lines: list[Line] = []
        for one in self.people:
            at = self.span.begin
            for (place, counts), run in groupby(
                (place, self.counts(team)) for place, team in zip(one.seconds, one.teams, strict=True)
            ):
                begin, at = at, at + len(list(run))
                part = one.parts[place]
                known = part.status is not None and not one.causes[place]
                slack = one.slack(place) if known and part.begin // 1000 == begin else None
                source = part.source.value if known else None
                if counts:
                    times = begin, at, at - begin
                    lines.append((one.agent.agent_id, one.name, *times, *one.shown(place), slack, source))
        return lines

    def _second(self, tick: int) -> int:
        return self.span.begin + tick // _A_SECOND

    def sessions(self) -> list[Line]:
        """The rows of sessions."""
        return [line for one in self.people for line in self._sessions(one)]

    def _sessions(self, one: Witness) -> Iterator[Line]:
        at = 0
        for present, run in groupby(one.standing[place] == "present" for place in one.ticks):
            first, at = at, at + len(list(run))
            login, logout = self._second(first), self._second(at)
            if present and login < logout:
                team = one.teams[login - self.span.begin]
                if self.counts(team):
                    ends = self._login_slack(one, first), *self._end(one, at)
                    yield one.agent.agent_id, one.name, team, login, logout, logout - login, *ends

    def _login_slack(self, one: Witness, first: int) -> int | None:
        """The seconds within which the login lies."""
        before = first - 1
        while before >= 0 and one.causes[one.ticks[before]]:
            before -= 1
        place = one.ticks[before] if before >= 0 else one.start
        if first == 0 or one.standing[place] not in ("logged_out", "absent"):
            return None
        if before == first - 1:
            return one.slack(one.ticks[first])
        return self._second(first) - self._second(before + 1)

    def _end(self, one: Witness, tick: int) -> tuple[int | None, str]:
        """The slack of a logout at this tick, and what it was."""
        if tick == len(one.ticks):
            return None, "still-open" if self.span.end >= self.world.end // 1000 else "window"
        place = one.ticks[tick]
        if one.causes[place]:
            return None, "still-open" if one.parts[place] is one.parts[-1] else "gap"
        if one.parts[place].status is None:
            return None, "left-roster"
        return one.slack(place), "logout"

    def gaps(self) -> list[Line]:
        """The rows of gaps."""
        agents = Counter[Line]()
        for one in self.people:
            at = 0
            for cause, run in groupby(self._causes(one)):
                first, at = at, at + len(list(run))
                begin, end = self._second(first), self._second(at)
                if cause is not None and begin < end:
                    agents[begin, end, end - begin, cause] += 1
        return [(*line, number) for line, number in agents.items()]

    def _causes(self, one: Witness) -> Iterator[str | None]:
        """The cause of each tick's gap, None without one that counts."""
        counts = [self.counts(team) for team in one.teams for _ in range(_A_SECOND)]
        for place, its_team_counts in zip(one.ticks, counts, strict=True):
            yield one.causes[place] if its_team_counts else None
