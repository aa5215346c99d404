"""Saves what can be read of a damaged history."""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from math import inf
from pathlib import Path
from typing import Any

from cxone_rollcall.errors import HistoryError
from cxone_rollcall.history.connection import connect
from cxone_rollcall.history.encoding import SOURCES
from cxone_rollcall.history.interval import Source
from cxone_rollcall.history.private import make_private
from cxone_rollcall.history.schema import DAY, HOUR, migrate
from cxone_rollcall.live.seat import Certainty
from cxone_rollcall.model.groups import GROUPS
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.struct import Record
from cxone_rollcall.version import __version__

DAMAGED = "file-damaged"
"""The cause of a gap whose rows could not be read."""
_KEYS = {
    "meta": "name",
    "agents": "agent",
    "statuses": "status",
    "people": "agent, at",
    "runs": "run",
    "polls": "run, number",
    "downs": "begin",
    "troubles": "code, begin",
    "proofs": "agent, begin",
    "current": "agent",
    "long_intervals": "agent, end",
}
"""The tables and their keys. `intervals` is read hour by hour."""
_PUT = "INSERT OR IGNORE INTO {} VALUES ({})"

_END_OF_TIME = 4_102_444_800_000
"""2100-01-01T00:00:00Z in milliseconds. What ends later is damage."""

_OBSERVED = SOURCES.index(Source.OBSERVED)

Row = tuple[Any, ...]


class Saved(Record):
    """Intervals that were saved, and gaps for what could not be read."""

    intervals: int = 0
    gaps: int = 0


def save(path: Path, other: Path) -> Saved:
    """Save the readable rows of a file to a new one. Holes become gaps with the cause `file-damaged`.

    Raises `HistoryError` if nothing can be read; `sqlite3.Error` or `OSError` if the new file cannot be written.
    """
    try:
        damaged = connect(path, truncated=True)
    except sqlite3.DatabaseError as error:
        raise HistoryError(f"nothing of {path} can be read: {error}") from error
    make_private(other)
    with closing(damaged), closing(sqlite3.connect(other, isolation_level=None)) as new:
        migrate(new, str(other))
        new.execute("BEGIN")
        saving = _Saving(damaged, new)
        saving.run()
        new.execute("COMMIT")
    return saving.saved


def _is_status(standing: str, state: str | None, sub_state: str | None, group: str | None, cause: str | None) -> bool:
    """Whether rollcall writes such a status. Only a gap has a cause."""
    if standing == Standing.UNKNOWN:
        return bool(cause) and not (state or sub_state or group)
    return standing in list(Standing) and not cause and (group is None or group in GROUPS)


def _in_order(polls: list[Row]) -> list[Row]:
    """The polls that are not later than those after them."""
    kept: list[Row] = []
    for row in sorted(polls, reverse=True):
        as_of, received_at = row[3], row[7]
        after = kept[-1] if kept else None
        if as_of <= received_at <= _END_OF_TIME and (after is None or (as_of <= after[3] and received_at <= after[7])):
            kept.append(row)
    return kept[::-1]


def _apart(downs: list[Row]) -> list[Row]:
    """The spans that end before the next one begins."""
    kept: list[Row] = []
    for row in sorted(downs, reverse=True):
        if row[0] < row[1] <= (kept[-1][0] if kept else inf):
            kept.append(row)
    return kept[::-1]


class _Saving:
    """One pass over a damaged file."""

    def __init__(self, damaged: sqlite3.Connection, new: sqlite3.Connection) -> None:
        self._from = damaged
        self._to = new
        self.saved = Saved()
        self._ends: dict[int, int] = {}
        self._latest = 0

    def run(self) -> None:
        """Copy table by table, and mend what does not fit together."""
        tables = {
            name: self._fitting(name, self._readable(f"SELECT * FROM {name}", key))  # noqa: S608  our own names
            for name, key in _KEYS.items()
        }
        self._copy("meta", tables["meta"])
        self._copy("agents", tables["agents"])
        self._agents = {row[0] for row in tables["agents"]}
        self._statuses = {row[0]: row for row in tables["statuses"] if _is_status(*row[1:])}
        self._copy("statuses", list(self._statuses.values()))
        self._damaged = max(self._statuses, default=0) + 1
        self._to.execute(
            "INSERT INTO statuses VALUES (?, ?, NULL, NULL, NULL, ?)", (self._damaged, Standing.UNKNOWN, DAMAGED)
        )
        polls, downs = _in_order(tables["polls"]), _apart(tables["downs"])
        self._down_begins, self._down_ends = [row[0] for row in downs], [row[1] for row in downs]
        self._first: int = polls[0][3] if polls else 0
        self._horizon: int = polls[-1][3] + DAY if polls else _END_OF_TIME
        current = {row[0]: row for row in tables["current"] if row[0] in self._agents and self._is_current(row)}
        self._copy_people(tables["people"], current)
        self._proofs = defaultdict(list)
        for agent, begin, end, *_ in tables["proofs"]:
            self._proofs[agent].append((begin, end))
        self._copy_intervals(tables["long_intervals"])
        self._copy_current(current)
        self._copy("downs", downs)
        self._copy("troubles", tables["troubles"])
        self._copy("proofs", [row for row in tables["proofs"] if row[0] in self._agents])
        self._copy_polls(tables["runs"], polls)

    def _fitting(self, table: str, rows: list[Row]) -> list[Row]:
        """The rows whose values have the types of their columns. SQLite takes any value in any column."""
        info = self._to.execute(f"PRAGMA table_info({table})").fetchall()
        types = [(int if kind == "INTEGER" else str, needed or key) for _, _, kind, needed, _, key in info]
        return [
            row
            for row in rows
            if all(
                isinstance(value, type_) or (value is None and not needed)
                for value, (type_, needed) in zip(row, types, strict=True)
            )
        ]

    def _is_current(self, row: Row) -> bool:
        """Whether what is open has known times and statuses."""
        _, begin, status, _, certainty, latest, _, _, known_until, held = row
        if max(begin, known_until or 0) >= self._horizon:
            return False
        if status not in self._statuses or (
            certainty is not None and (certainty not in list(Certainty) or latest is None)
        ):
            return False
        is_gap = self._statuses[status][1] == Standing.UNKNOWN
        return (known_until is None or not is_gap) and (held is None or (is_gap and held in self._statuses))

    def _readable(self, query: str, key: str, *values: object) -> list[Row]:
        """The rows of a table, read from both ends up to damage."""
        found: dict[Row, None] = {}
        for order in ("ASC", "DESC"):
            ordered = ", ".join(f"{one} {order}" for one in key.split(", "))
            try:
                for row in self._from.execute(f"{query} ORDER BY {ordered}", values):
                    found[row] = None
            except sqlite3.DatabaseError:
                continue
            return list(found)
        return list(found)

    def _copy(self, table: str, rows: list[Row]) -> None:
        if rows:
            self._to.executemany(_PUT.format(table, ", ".join("?" * len(rows[0]))), rows)

    def _copy_people(self, people: list[Row], current: dict[int, Row]) -> None:
        """Copy the names. Agents in `current` are on the roster. One without a name left gets an empty one."""
        self._roster: dict[int, list[tuple[int, int]]] = defaultdict(list)
        newest: dict[int, Row] = {}
        rows = sorted(row for row in people if row[0] in self._agents)
        for row in rows:
            newest[row[0]] = row
        for agent in self._agents:
            last = newest.get(agent, (agent, 0, 0, None, None, None, None, None, None))
            if agent not in newest or (agent in current and not last[2]):
                at = max(last[1] + 1, current[agent][1]) if agent in current else 0
                rows.append((agent, at, 1, *last[3:]))
        for agent, at, on_roster, *_ in sorted(rows, key=lambda row: row[:2]):
            self._roster[agent].append((at, on_roster))
        self._copy("people", rows)

    def _copy_intervals(self, long: list[Row]) -> None:
        waiting: dict[int, list[Row]] = defaultdict(list)
        for row in sorted(long, reverse=True):
            waiting[row[0]].append(row)
        for row in self._short():
            before = waiting[row[0]]
            while before and before[-1][1] <= row[1] - row[2]:
                self._take(before.pop())
            self._take(row)
        for rows in waiting.values():
            while rows:
                self._take(rows.pop())

    def _short(self) -> Iterator[Row]:
        """The rows of `intervals` without their hour."""
        query = "SELECT * FROM intervals WHERE hour = ?"
        hours = self._readable("SELECT DISTINCT hour FROM intervals", "hour")
        if hours:
            first, last = self._first // HOUR, self._horizon // HOUR
            known = [hour for (hour,) in hours if isinstance(hour, int) and first - DAY // HOUR <= hour <= last]
            for hour in range(min(known, default=0), max(known, default=-1) + 1):  # also between two damaged pages
                rows = self._fitting("intervals", self._readable(query, "agent, end", hour))
                yield from sorted(row[1:] for row in rows)

    def _take(self, row: Row) -> None:
        """Write an interval if it fits to those before it."""
        agent, end, length, status, slack, source = row
        if length <= 0 or (slack or 0) < 0 or agent not in self._agents or not 0 <= source < len(SOURCES):
            return
        begin = end - length
        if not self._ends.get(agent, 0) <= begin < end < self._horizon:
            return
        if status not in self._statuses or not self._is_believed(*row):
            return  # its time becomes a gap, as a hole
        self._fill(agent, begin)
        self._write(agent, begin, end, status, slack, source)
        self.saved.intervals += 1

    def _is_believed(self, agent: int, end: int, length: int, status: int, slack: int | None, source: int) -> bool:
        """Whether an inferred interval has its proof. An observed state is none of a time without a recorder."""
        begin = end - length
        if SOURCES[source] is Source.INFERRED:
            return any(one[0] <= begin and end <= one[1] for one in self._proofs[agent])
        place = bisect_right(self._down_ends, begin)
        is_down = place < len(self._down_ends) and self._down_begins[place] < end
        return not is_down or source != _OBSERVED or self._statuses[status][1] == Standing.UNKNOWN

    def _fill(self, agent: int, end: int) -> None:
        """Write gaps on the roster from the last interval to a time."""
        start = max(self._ends.get(agent, 0), self._first)
        for (at, on_roster), (until, _) in pairwise([*self._roster[agent], (inf, 0)]):
            begin, stop = int(max(start, at)), int(min(end, until))
            if on_roster and begin < stop:
                self._write(agent, begin, stop, self._damaged, None, _OBSERVED)
                self.saved.gaps += 1

    def _write(self, agent: int, begin: int, end: int, status: int, slack: int | None, source: int) -> None:
        row = (agent, end, end - begin, status, slack, source)
        if end - begin > DAY:
            self._to.execute(_PUT.format("long_intervals", "?, ?, ?, ?, ?, ?"), row)
        else:
            self._to.execute(_PUT.format("intervals", "?, ?, ?, ?, ?, ?, ?"), (end // HOUR, *row))
        self._ends[agent] = end
        self._latest = max(self._latest, end)

    def _copy_current(self, current: dict[int, Row]) -> None:
        """Copy what is open. An agent of the roster with nothing open is in a gap."""
        row: Row | None
        for agent, changes in self._roster.items():
            end = self._ends.get(agent, self._first)
            row = current.get(agent)
            if row is not None and row[1] >= end:
                self._fill(agent, row[1])
            elif changes[-1][1]:
                begin = max(end, changes[-1][0])
                row = (agent, begin, self._damaged, *[None] * 7)
                self.saved.gaps += 1
            else:
                continue
            self._latest = max(self._latest, row[1], row[8] or 0)
            self._copy("current", [row])

    def _copy_polls(self, runs: list[Row], polls: list[Row]) -> None:
        """Copy the polls. If the newest are lost, one that is not whole stands for them."""
        names = {row[0] for row in runs}
        lost = {row[0]: row[3] for row in reversed(polls) if row[0] not in names}
        runs = [*runs, *((run, f"saved-{run}", began, __version__) for run, began in lost.items())]
        last = polls[-1] if polls else None
        if self._latest and (last is None or last[2] < self._latest):
            run = max((row[0] for row in runs), default=0) + 1
            runs.append((run, f"saved-{run}", self._latest, __version__))
            polls = [*polls, (run, 1, self._latest, self._latest, 0, 0, DAMAGED, self._latest)]
        self._copy("runs", runs)
        self._copy("polls", polls)
