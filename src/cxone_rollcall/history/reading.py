"""Reads a history file, also while it is recorded."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, pairwise
from pathlib import Path
from typing import NamedTuple

from cxone_rollcall.errors import HistoryError
from cxone_rollcall.history.checking import naming_damage
from cxone_rollcall.history.connection import connect
from cxone_rollcall.history.encoding import SOURCES, check_texts, read_statuses, storable
from cxone_rollcall.history.interval import Interval, Person, Status, unknown
from cxone_rollcall.history.interval import Window as Window
from cxone_rollcall.history.schema import DAY, HOUR
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.shell import quoted
from cxone_rollcall.model.struct import Value

NOT_RECORDED = "not-recorded"
"""The cause of gaps before the first poll and after the last."""
NOT_ANSWERED = "not-answered"
"""The cause since the last answer, until a finding is known."""
_FOREVER = 1 << 62
FEW = 64
"""Most agents that are looked up one by one. For more, the window is read whole."""


class Row(NamedTuple):
    """An interval as the file has it, cut to the window.

    `status` is its number, and `source` that of `SOURCES`. `slack` is None if it began before the window.
    """

    begin: int
    end: int
    status: int
    slack: int | None
    source: int


class Recorded(Value, frozen=True):
    """When anything was recorded.

    That is from `first` to just after the last poll, `last`, but for the spans in `down`, each with its cause.
    `answered` is just after the last look that had an answer.
    """

    first: int
    last: int
    answered: int
    down: tuple[tuple[Window, str], ...] = ()

    def parts(self, window: Window) -> Iterator[tuple[Window, str]]:
        """Cut a window into parts. Each has the cause why nothing was recorded in it, "" if something was."""
        at = window.begin
        for one, cause in self._unrecorded():
            begin, end = max(one.begin, at), min(one.end, window.end)
            if begin < end:
                if at < begin:
                    yield Window(at, begin), ""
                yield Window(begin, end), cause
                at = end
        if at < window.end:
            yield Window(at, window.end), ""

    def _unrecorded(self) -> Iterator[tuple[Window, str]]:
        yield Window(0, self.first), NOT_RECORDED
        yield from self.down
        yield Window(self.last, _FOREVER), NOT_RECORDED

    def widened(self, window: Window) -> Window:
        """The window, stretched to the nearest recorded time at each end."""
        begin, end = window
        for down, _ in self.down:
            begin = down.begin - 1 if down.begin <= begin < down.end else begin
            end = down.end + 1 if down.begin < end <= down.end else end
        return Window(min(begin, self.last - 1), max(end, self.first + 1))


class History:
    """A history file that is open for reading."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self.statuses: Mapping[int, Status] = {0: unknown(NOT_ANSWERED), **read_statuses(db)}
        self.recorded = _recorded(db)
        self.tenant = str((db.execute("SELECT value FROM meta WHERE name = 'tenant'").fetchone() or ("",))[0])

    def remembered(self, name: str) -> int | None:
        """A number that was kept under this name, None without one."""
        kept = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if kept is None else int(kept[0])

    @property
    def polls(self) -> int:
        """How many polls the file has."""
        return int(self._db.execute("SELECT count(*) FROM polls").fetchone()[0])

    def agents(self) -> dict[str, int]:
        """The numbers of all agents in the file, by id."""
        return dict(self._db.execute("SELECT agent_id, agent FROM agents"))

    def number_of(self, agent_id: str) -> int | None:
        """The number of an agent in the file. None if it is not there."""
        found = self._db.execute("SELECT agent FROM agents WHERE agent_id = ?", (storable(agent_id),)).fetchone()
        return None if found is None else int(found[0])

    def people(self, agents: Iterable[int] | None = None) -> dict[int, list[Person]]:
        """What the roster said of each agent over time, the oldest first. By default of all."""
        found: dict[int, list[Person]] = {}
        wanted = None if agents is None else set(agents)
        few = wanted is not None and len(wanted) <= FEW
        for one in sorted(wanted) if wanted is not None and few else (None,):
            query = self._db.execute(_PERSON if few else _PEOPLE, {"agent": one})
            for number, agent_id, at, on_roster, active, *rest in query:
                if wanted is None or number in wanted:
                    check_texts((agent_id, *rest))
                    name, user_name, email, team, user_id = rest
                    is_active = None if active is None else bool(active)
                    agent = Agent(agent_id, name, user_name, email, team, is_active, None, user_id)
                    found.setdefault(number, []).append(Person(at, agent, bool(on_roster)))
        return found

    def rows(self, window: Window, agents: Sequence[int] | None = None) -> dict[int, list[Row]]:
        """The intervals of each agent, in order and cut to a window. By default of all agents.

        An agent's rows have a hole where it was not on the roster, or nothing was recorded. One without rows is left
        out, unless it was on the roster at the nearest time that was recorded.
        """
        near, until = self.recorded.widened(window), min(window.end, self.recorded.last)
        found: dict[int, list[Row]] = {}
        for number, begin, end, status, slack, source in self._all(near, agents):
            found.setdefault(number, []).append(Row(begin, end, status, slack, source))
        for rows in found.values():
            if any(one.begin > other.begin for one, other in pairwise(rows)):
                rows.sort()
            if rows[0].begin < window.begin or rows[-1].end > until:
                rows[:] = _cut(rows, Window(window.begin, until))
        return found

    def gaps(self, since: int) -> list[tuple[int, Window]]:
        """Number and window of each closed gap that ends after a time."""
        found = self._db.execute(_GAPS, {"since": since, "hour": since // HOUR})
        return [(number, Window(begin, end)) for number, begin, end in found]

    def dated(self) -> dict[int, tuple[int, str]]:
        """Begin of each agent's open interval, and the time of its row. Only of rows with a time."""
        rows = self._db.execute("SELECT agent, begin, row_since FROM current WHERE row_since IS NOT NULL")
        return {number: (begin, row_since) for number, begin, row_since in rows}

    def seconds(self, window: Window) -> dict[int, dict[int, int]]:
        """Whole seconds of each agent in each status, both by number.

        Each boundary is rounded down to a second. The same as the sums of all `rows`, in a fraction of the time.
        """
        begin, end = window.begin, min(window.end, self.recorded.last)
        of_all = {**_span(Window(begin, end)), "agent": None, "until": self.recorded.answered}
        found: dict[int, dict[int, int]] = {}
        for key, seconds in chain(self._db.execute(_SUMS, of_all), self._db.execute(_LONG_SUMS, of_all)):
            spent = found.setdefault(key >> _STATUS_BITS, {})
            spent[key & _STATUS_MASK] = spent.get(key & _STATUS_MASK, 0) + seconds
        for number, first, last, status, _, _ in self._current(of_all):
            spent = found.setdefault(number, {})
            length = min(last, end) // 1000 - max(first, begin) // 1000
            spent[status] = spent.get(status, 0) + max(0, length)
        return found

    def intervals(self, rows: Iterable[Row]) -> list[Interval]:
        """Rows as intervals."""
        return [Interval(one.begin, one.end, self.statuses[one.status], one.slack, SOURCES[one.source]) for one in rows]

    def filled(self, rows: Sequence[Row], window: Window) -> list[Interval | Window]:
        """An agent's whole window, without holes.

        It has intervals, gaps where nothing was recorded, and windows when the agent was not on the roster.
        Each moment lies in exactly one of them.
        """
        made: list[Interval | Window] = []
        at = window.begin
        for one in (*self.intervals(rows), None):
            end = window.end if one is None else one.begin
            if at < end:
                for hole, cause in self.recorded.parts(Window(at, end)):
                    made.append(Interval(*hole, unknown(cause)) if cause else hole)
            if one is not None:
                made.append(one)
                at = one.end
        return made

    def _all(
        self, window: Window, agents: Sequence[int] | None
    ) -> Iterator[tuple[int, int, int, int, int | None, int]]:
        span = _span(window)
        few = agents is not None and len(agents) <= FEW
        for one in agents if agents is not None and few else (None,):
            of_one = {**span, "agent": one, "until": self.recorded.answered}
            yield from self._db.execute(_SHORT_OF_ONE if few else _SHORT, of_one)
            yield from self._db.execute(_LONG, of_one)
            yield from self._current(of_one)

    def _current(self, of_one: Mapping[str, int | None]) -> Iterator[tuple[int, int, int, int, int | None, int]]:
        """The open intervals: confirmed, then unanswered."""
        last = self.recorded.last
        for number, begin, known_until, status, slack in self._db.execute(_CURRENT, of_one):
            is_gap = self.statuses[status].standing is Standing.UNKNOWN
            # The server may date a state after the poll that showed it: then it begins when nothing is recorded yet.
            until = max(begin, last if is_gap else known_until)
            if begin < until:
                yield number, begin, until, status, slack, 0
            if until < last:
                yield number, until, last, 0, None, 0


_NAMED = "SELECT agent, agent_id, at, on_roster, active, name, user_name, email, team, user_id"
_PEOPLE = f"{_NAMED} FROM people JOIN agents USING (agent) ORDER BY agent, at"
_PERSON = f"{_NAMED} FROM people JOIN agents USING (agent) WHERE agent = :agent ORDER BY at"
_COLUMNS = "SELECT agent, end - length, end, status, slack, source"
_OVERLAPS = "end > :begin AND end - length < :end"
_SHORT = f"{_COLUMNS} FROM intervals WHERE hour BETWEEN :first AND :last AND {_OVERLAPS} ORDER BY hour, agent, end"
_SHORT_OF_ONE = f"""
    WITH RECURSIVE hours(hour) AS (VALUES (:first) UNION ALL SELECT hour + 1 FROM hours WHERE hour < :last)
    {_COLUMNS} FROM hours CROSS JOIN intervals USING (hour) WHERE agent = :agent AND {_OVERLAPS} ORDER BY end"""  # noqa: S608  made of constants
_LONG = f"{_COLUMNS} FROM long_intervals WHERE (:agent IS NULL OR agent = :agent) AND {_OVERLAPS} ORDER BY agent, end"
_UNKNOWN = "status IN (SELECT status FROM statuses WHERE standing = 'unknown')"
_GAPS = f"""SELECT agent, end - length, end FROM intervals WHERE hour >= :hour AND end > :since AND {_UNKNOWN}
    UNION ALL SELECT agent, end - length, end FROM long_intervals WHERE end > :since AND {_UNKNOWN}"""  # noqa: S608
_STATUS_BITS = 24
_STATUS_MASK = (1 << _STATUS_BITS) - 1
_SUMS, _LONG_SUMS = (
    f"""SELECT key, sum(seconds) FROM (
        SELECT (agent << {_STATUS_BITS}) | status AS key,
            min(end, :end) / 1000 - max(end - length, :begin) / 1000 AS seconds
        FROM {rows} AND {_OVERLAPS} LIMIT -1) GROUP BY key"""  # noqa: S608  made of constants
    for rows in ("intervals WHERE hour BETWEEN :first AND :last", "long_intervals WHERE 1")
)
"""`LIMIT -1` keeps the subquery apart. So the sort carries two numbers a row, not four."""
_CURRENT = """SELECT agent, begin, coalesce(known_until + 1, :until), status, slack FROM current
    WHERE (:agent IS NULL OR agent = :agent) AND begin < :end"""


def _span(window: Window) -> dict[str, int | None]:
    """A window as the parameters of a query."""
    begin, end = window
    return {"first": begin // HOUR, "last": (end + DAY) // HOUR, "begin": begin, "end": end}


def _cut(rows: Sequence[Row], window: Window) -> Iterator[Row]:
    for row in rows:
        begin, end = max(row.begin, window.begin), min(row.end, window.end)
        if begin < end:
            slack = row.slack if begin == row.begin else None
            yield row if (begin, end) == (row.begin, row.end) else row._replace(begin=begin, end=end, slack=slack)


def _recorded(db: sqlite3.Connection) -> Recorded:
    first = db.execute("SELECT as_of FROM polls ORDER BY run, number LIMIT 1").fetchone() or (0,)
    last = db.execute("SELECT at, as_of FROM polls ORDER BY run DESC, number DESC LIMIT 1").fetchone() or (0, 0)
    downs = db.execute("SELECT begin, end, cause FROM downs ORDER BY begin")
    return Recorded(
        first[0], last[0] + 1, last[1] + 1, tuple((Window(begin, end), cause) for begin, end, cause in downs)
    )


@contextmanager
def reading(path: Path) -> Iterator[History]:
    """Open a history to read it. All answers are of one moment, also while it is recorded.

    Raises `HistoryError` if it is not there, is no history, is of another schema, or cannot be read.
    """
    db = None
    try:
        db = connect(path)
        db.execute("BEGIN")
        with naming_damage(path):
            yield History(db)
    except sqlite3.Error as error:
        raise HistoryError(
            f"{path} cannot be read: {error}", example=f"rollcall history check --history {quoted(str(path))}"
        ) from error
    finally:
        if db is not None:
            db.close()
