"""Proves over all rows of a file what a history promises."""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from math import inf
from pathlib import Path
from typing import NamedTuple

from cxone_rollcall.errors import HistoryError
from cxone_rollcall.history.connection import connect
from cxone_rollcall.history.encoding import SOURCES, read_statuses
from cxone_rollcall.history.interval import Source, Status
from cxone_rollcall.history.schema import DAY, HOUR
from cxone_rollcall.live.seat import Certainty
from cxone_rollcall.model.groups import GROUPS
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.shell import quoted
from cxone_rollcall.model.struct import Value

Progress = Callable[[int, int], object]
"""Called with the hours that are checked, and those of the file."""


class Checked(Value, frozen=True, kw_only=True):
    """The result of a check. `breach` is the first promise that is broken, "" if all hold.

    `is_damaged` is whether SQLite cannot read the whole file. `first` and `last` are the times of the first and last
    poll, 0 without one. The counts are 0 after a breach.
    """

    breach: str = ""
    is_damaged: bool = False
    agents: int = 0
    intervals: int = 0
    polls: int = 0
    first: int = 0
    last: int = 0


def check(path: Path, progress: Progress = lambda done, of: None) -> Checked:
    """Check a whole file, also while it is recorded.

    Raises `HistoryError` if it is not there, is no history, or is of another schema.
    """
    db = None
    try:
        db = connect(path)
        db.execute("BEGIN")
        checker = _Checker(db, progress)
        breach = next(checker.breaches(), "")
        return Checked(breach=breach) if breach else checker.checked()
    except sqlite3.DatabaseError as error:
        return Checked(breach=f"the file is damaged: {error}", is_damaged=True)
    except (ArithmeticError, ValueError, TypeError) as error:
        return Checked(breach=f"a row has a value that rollcall never writes: {error}")
    finally:
        if db is not None:
            db.close()


@contextmanager
def naming_damage(path: Path) -> Iterator[None]:
    """Raise `HistoryError` for an error that a damaged history causes."""
    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        breach = check(path).breach
        if not breach:
            raise
        raise HistoryError(
            f"{path} is damaged: {breach}", example=f"rollcall history check --history {quoted(str(path))}"
        ) from error


class _Row(NamedTuple):
    begin: int
    end: int
    status: int
    slack: int | None
    source: int


class _Now(NamedTuple):
    begin: int
    status: int
    certainty: str | None
    since_latest: int | None
    known_until: int | None
    held: int | None


class _Checker:
    """One pass over a file. Each breach is a sentence about what is wrong, and where."""

    def __init__(self, db: sqlite3.Connection, progress: Progress) -> None:
        self._db = db
        self._progress = progress
        self._count = 0
        self._ends: dict[int, int] = {}
        """Where each agent's intervals end so far."""
        self._inferred: list[tuple[int, _Row]] = []

    def breaches(self) -> Iterator[str]:
        """All breaches. Later ones may follow from the first."""
        yield from self._file()
        yield from self._types_fit()
        self._read_small_tables()
        yield from self._statuses_fit()
        yield from self._polls_fit()
        yield from self._people_fit()
        yield from self._intervals_fit()
        yield from self._current_fits()
        yield from self._proofs_fit()

    def checked(self) -> Checked:
        """The counts of a file without a breach."""
        return Checked(
            agents=len(self._ids), intervals=self._count, polls=self._polls, first=self._first, last=self._last
        )

    def _file(self) -> Iterator[str]:
        for (text,) in self._db.execute("PRAGMA integrity_check(1)"):
            if text != "ok":
                raise sqlite3.DatabaseError(text.splitlines()[-1])
        for table, row, parent, _ in self._db.execute("PRAGMA foreign_key_check"):
            yield f"row {row} of {table} refers to a row of {parent} that is not there"

    def _types_fit(self) -> Iterator[str]:
        """Check that each value is of its column's type. SQLite takes bytes, say, in any column."""
        run = self._db.execute
        for (table,) in run("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall():
            types = dict(run("SELECT name, lower(type) FROM pragma_table_info(?)", (table,)))
            others = [f"max(typeof(\"{name}\") NOT IN ('{kind}', 'null'))" for name, kind in types.items()]
            has_others = run(f"SELECT {', '.join(others)} FROM {table}").fetchone()  # noqa: S608  names of the schema
            for name, has_other in zip(types, has_others, strict=True):
                if has_other:
                    yield f"a row of {table} has a value in {name} that is no {types[name]}"
            texts = ", ".join(f'"{name}"' for name, kind in types.items() if kind == "text")
            for _ in run(f"SELECT {texts} FROM {table}") if texts else ():  # noqa: S608  names of the schema
                pass  # an error if a text is no UTF-8

    def _read_small_tables(self) -> None:
        run = self._db.execute
        self._ids: dict[int, str] = dict(run("SELECT agent, agent_id FROM agents"))
        self._statuses: dict[int, Status] = read_statuses(self._db)
        self._polls: int = run("SELECT count(*) FROM polls").fetchone()[0]
        first = run("SELECT as_of FROM polls ORDER BY run, number LIMIT 1").fetchone()
        last = run("SELECT as_of, received_at FROM polls ORDER BY run DESC, number DESC LIMIT 1").fetchone()
        self._first: int = first[0] if first else 0
        self._last: int = last[0] if last else 0
        self._horizon: int = last[1] + 1 if last else 0
        self._downs: list[tuple[int, int]] = run("SELECT begin, end FROM downs ORDER BY begin").fetchall()
        self._down_ends = [end for _, end in self._downs]
        self._roster: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for agent, at, on_roster in run("SELECT agent, at, on_roster FROM people ORDER BY agent, at"):
            self._roster[agent].append((at, on_roster))
        self._long: dict[int, list[_Row]] = defaultdict(list)
        for agent, *row in run("SELECT agent, end - length, end, status, slack, source FROM long_intervals"):
            self._long[agent].append(_Row(*row))
        self._now: dict[int, _Now] = {
            agent: _Now(*rest)
            for agent, *rest in run(
                "SELECT agent, begin, status, certainty, since_latest, known_until, held FROM current"
            )
        }

    def _statuses_fit(self) -> Iterator[str]:
        for number, one in self._statuses.items():
            is_gap = one.standing is Standing.UNKNOWN
            if is_gap and not one.cause:
                yield f"status {number} is a gap without a cause"
            elif is_gap and (one.state or one.sub_state or one.group):
                yield f"status {number} is unknown, and yet has a state"
            elif not is_gap and one.cause:
                yield f"status {number} is known, and yet has the cause of a gap"
            elif one.group not in (None, *GROUPS):
                yield f"status {number} has a group that is not known"

    def _polls_fit(self) -> Iterator[str]:
        before = (0, 0)
        for run, number, *times in self._db.execute(
            "SELECT run, number, as_of, received_at FROM polls ORDER BY run, number"
        ):
            as_of, received_at = times
            if as_of < before[0] or received_at < before[1] or received_at < as_of:
                yield f"poll {number} of run {run} is earlier than the poll before it"
            before = as_of, received_at
        for (begin, end), after in pairwise([*self._downs, (inf, inf)]):
            if begin >= end or end > after[0]:
                yield f"the time without a recorder at {_time(begin)} overlaps the next one"

    def _people_fit(self) -> Iterator[str]:
        for agent in self._ids:
            if not self._roster[agent]:
                yield f"{self._who(agent)} has no name"
            elif bool(self._roster[agent][-1][1]) != (agent in self._now):
                on_roster = self._roster[agent][-1][1]
                yield f"{self._who(agent)} is {'on' if on_roster else 'off'} the roster, but not in what is open now"

    def _intervals_fit(self) -> Iterator[str]:
        spans = self._db.execute("SELECT min(hour), max(hour) FROM intervals").fetchone()
        first, last = spans if spans[0] is not None else (0, 0)
        at = None
        for agent, rows in self._long.items():
            rows.sort(reverse=True)
            yield from (self._misplaced(agent, row) for row in rows if row.end - row.begin <= DAY)
        for hour, agent, *rest in self._db.execute(
            "SELECT hour, agent, end - length, end, status, slack, source FROM intervals ORDER BY hour, agent, end"
        ):
            if hour != at:
                at = hour
                self._progress(hour - first, last - first + 1)
            row = _Row(*rest)
            if hour != row.end // HOUR or row.end - row.begin > DAY:
                yield self._misplaced(agent, row)
            long = self._long.get(agent)
            while long and long[-1].end <= row.begin:
                yield from self._follow(agent, long.pop())
            yield from self._follow(agent, row)
        for agent, rows in self._long.items():
            while rows:
                yield from self._follow(agent, rows.pop())

    def _follow(self, agent: int, row: _Row) -> Iterator[str]:
        """Check an interval of an agent, and its place."""
        self._count += 1
        begin, end = row.begin, row.end
        if begin >= end:
            yield f"an interval of {self._who(agent)} ends before it begins, at {_time(begin)}"
        yield from self._continues(agent, begin)
        self._ends[agent] = end
        if end > self._horizon and not self._is_exact(agent, end):
            yield f"an interval of {self._who(agent)} ends after the last poll, at {_time(end)}"
        if not 0 <= row.source < len(SOURCES) or (row.slack is not None and row.slack < 0):
            yield f"an interval of {self._who(agent)} has no known source, or a slack below 0, at {_time(begin)}"
        elif SOURCES[row.source] is Source.INFERRED:
            self._inferred.append((agent, row))
        elif SOURCES[row.source] is Source.OBSERVED and self._statuses[row.status].standing is not Standing.UNKNOWN:
            place = bisect_right(self._down_ends, begin)
            if place < len(self._downs) and row.end > self._downs[place][0]:
                yield f"{self._who(agent)} has a state at {_time(begin)}, while nothing recorded, without a proof"

    def _continues(self, agent: int, begin: int) -> Iterator[str]:
        """Check that an interval has no overlap, and no hole before it."""
        before = self._ends.get(agent)
        if before is not None and begin < before:
            yield f"two intervals of {self._who(agent)} overlap at {_time(begin)}"
        elif begin != before and self._is_on_roster(agent, max(before or 0, self._first), begin):
            yield f"{self._who(agent)} has no interval before {_time(begin)}, and yet was on the roster"

    def _is_on_roster(self, agent: int, begin: int, end: int) -> bool:
        """Whether the agent was ever on the roster in a span."""
        return any(
            on_roster and max(at, begin) < min(until, end)
            for (at, on_roster), (until, _) in pairwise([*self._roster[agent], (inf, 0)])
        )

    def _is_exact(self, agent: int, at: int) -> bool:
        """Whether the server gave the begin of the agent's state now. It may be later than the last look."""
        now = self._now.get(agent)
        return (
            now is not None and now.certainty == Certainty.EXACT and now.begin == now.since_latest and at <= now.begin
        )

    def _current_fits(self) -> Iterator[str]:
        for agent, now in self._now.items():
            is_gap = self._statuses[now.status].standing is Standing.UNKNOWN
            yield from self._continues(agent, now.begin)
            if now.begin > self._horizon and not self._is_exact(agent, now.begin):
                yield f"what {self._who(agent)} does now began after the last poll, at {_time(now.begin)}"
            if now.known_until is not None and (is_gap or now.known_until > self._last):
                yield f"{self._who(agent)} was confirmed after the last poll, or in a gap"
            if now.certainty is not None and (now.certainty not in list(Certainty) or now.since_latest is None):
                yield f"{self._who(agent)} has a state whose begin cannot be read"
            if now.held is not None and not is_gap:
                yield f"{self._who(agent)} keeps a state from before a gap, but is not in a gap"

    def _proofs_fit(self) -> Iterator[str]:
        proofs: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for agent, begin, end in self._db.execute("SELECT agent, begin, end FROM proofs"):
            proofs[agent].append((begin, end))
        for agent, row in self._inferred:
            if not any(begin <= row.begin and row.end <= end for begin, end in proofs[agent]):
                yield f"a gap of {self._who(agent)} is closed without a proof at {_time(row.begin)}"

    def _misplaced(self, agent: int, row: _Row) -> str:
        return f"an interval of {self._who(agent)} is stored in the wrong place, at {_time(row.end)}"

    def _who(self, agent: int) -> str:
        return f"agent {self._ids.get(agent, f'number {agent}, who is not listed,')}"


def _time(moment: float) -> str:
    """A time as people read it. One beyond all calendars is a number."""
    try:
        return datetime.fromtimestamp(moment / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return f"{moment} ms"
