"""Reads a schedule of lines with separators.

That is CSV, with any usual separator, or the export of NICE IEX WFM.

An export of IEX has `|` between its fields, and begins with a line `#fields` that names them. Dates are mmddyyyy unless
it was set up in another way; times are those of the management unit's zone, which the field TZ may name. Source: NICE
help, *IEX WFM Export* and *Agent Schedule Detail Export Module*. An end before its begin is on the next day.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from datetime import tzinfo
from typing import NoReturn
from zoneinfo import ZoneInfo

from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.struct import replace
from cxone_rollcall.reports.adherence.layout import Layout, Places, places
from cxone_rollcall.reports.adherence.schedule import Draft, Schedule, Shift
from cxone_rollcall.reports.adherence.times import Moment, TimeReader
from cxone_rollcall.reports.zones import zone_of
from cxone_rollcall.tables.lines import lines_of, refuse_longer

_FIELDS = re.compile(r"#\s*fields\s*[:|=]?\s*", re.IGNORECASE)
"""The begin of an IEX export. It is taken off the names."""
_IEX_DATES = "mmddyyyy"


def read_table(text: str, *, named: str, layout: Layout, zone: tzinfo | None) -> Schedule:
    """The schedule of a text. `zone` is for times without an offset, if the layout has none.

    SettingError names the file, the line, and what is wrong.
    """
    return _Table(text, named, layout, zone).schedule()


class _Table:
    def __init__(self, text: str, named: str, layout: Layout, zone: tzinfo | None) -> None:
        self._layout = layout
        self._draft = Draft(named)
        lines = lines_of(text, named=named)
        self._iex = _FIELDS.match(lines.text) is not None
        if self._iex:
            lines = replace(lines, text=_FIELDS.sub("", lines.text, count=1), quoting=csv.QUOTE_NONE)
        self._lines = lines
        self._zone = layout.zone or zone
        self._zones: dict[str, TimeReader] = {}

    def schedule(self) -> Schedule:
        """Read all lines."""
        rows = self._lines.rows()
        line, header = next(rows, (1, []))
        if not any(header):
            raise SettingError(
                f"{self._draft.named} has no line with the names of columns", example="who,start,end,activity"
            )
        columns = places(header, self._layout.columns, where=f"{self._draft.named}, line {line}")
        zone_column = next((at for at, name in enumerate(header) if self._iex and name.strip().upper() == "TZ"), -1)
        for line, row in rows:
            if self._iex and row[0].startswith("#"):
                continue
            refuse_longer(header, row, where=f"{self._draft.named}, line {line}")
            self._take(line, row, columns, row[zone_column] if zone_column >= 0 else "")
        for times in self._zones.values():
            self._draft.zones |= times.zones
        return self._draft.schedule()

    def _take(self, line: int, row: Sequence[str], columns: Places, zone: str) -> None:
        who = next((row[at] for at in columns.who if row[at]), "")
        begin, end = row[columns.start], row[columns.end]
        day = row[columns.date] if columns.date >= 0 else None
        times = self._times(zone, columns.utc)
        try:
            first, last = times.span(begin, end, day)
        except ValueError as error:
            self._refuse(line, str(error), example=_example(str(error)))
        second = last.again is not None and last.at <= first.at
        self._remark(line, first, second=False)
        self._remark(line, last, second=second)
        last_at = last.again if second and last.again is not None else last.at
        if first.at == last_at and (first.skipped or last.skipped):
            self._draft.person(who)  # the clocks skip the whole shift
            return
        self._draft.add(who, Shift(first.at, last_at, row[columns.activity], line))

    def _times(self, zone: str, utc: tzinfo | None) -> TimeReader:
        """The reader of times in the zone that a line names. A short name such as EST is none: it says no DST."""
        times = self._zones.get(zone)
        if times is None:
            named = None if self._layout.zone is not None or "/" not in zone else _zone(zone)
            order = self._layout.dates or (_IEX_DATES if self._iex else "")
            times = self._zones[zone] = TimeReader(utc or named or self._zone, order)
        return times

    def _remark(self, line: int, moment: Moment, *, second: bool) -> None:
        if moment.again is not None:
            read = "second, since the first is before the begin" if second else "first"
            self._draft.remarks.add(f"a local time that comes twice is read as the {read}", f"line {line}")
        elif moment.skipped:
            about = "a local time that clocks skip is read as the moment of the jump"
            self._draft.remarks.add(about, f"line {line}")

    def _refuse(self, line: int, what: str, *, example: str = "") -> NoReturn:
        raise SettingError(f"{self._draft.named}, line {line}: {what}", example=example)


def _example(error: str) -> str:
    """A line that helps against what is wrong with a time."""
    if "offset" in error:
        return "rollcall report adherence --tz Europe/Berlin"
    return '[schedule]\ndates = "mmddyyyy"' if "ISO" in error else ""


def _zone(name: str) -> ZoneInfo | None:
    try:
        return zone_of(name)
    except SettingError:
        return None
