"""Reads the file of a schedule: a table or an iCalendar."""

from __future__ import annotations

from datetime import tzinfo
from pathlib import Path

from cxone_rollcall.reports.adherence.calendar import read_calendar
from cxone_rollcall.reports.adherence.layout import Layout
from cxone_rollcall.reports.adherence.schedule import Schedule
from cxone_rollcall.reports.adherence.table import read_table
from cxone_rollcall.tables.text import read_text


def read_schedule(path: Path, *, zone: tzinfo | None, begin: int, end: int, layout: Layout | None = None) -> Schedule:
    """The schedule of a file.

    `zone` is for times without an offset; with None, and none in `layout`, such times are refused. `begin` and `end`
    are seconds since the epoch: repeated events of a calendar are unrolled between them. SettingError names the file,
    the line and what is wrong.
    """
    layout = layout or Layout()
    named, text = str(path), read_text(path)
    if path.suffix.lower() == ".ics" or text[:64].lstrip().upper().startswith("BEGIN:VCALENDAR"):
        zone = layout.zone or zone
        return read_calendar(text, named=named, stem=path.stem, zone=zone, begin=begin, end=end)
    return read_table(text, named=named, layout=layout, zone=zone)
