"""Reads the file of a schedule: a table or an iCalendar."""

from __future__ import annotations

import codecs
from datetime import tzinfo
from pathlib import Path

from cxone_rollcall.config.read_file import read_file
from cxone_rollcall.errors import SettingError
from cxone_rollcall.reports.adherence.calendar import read_calendar
from cxone_rollcall.reports.adherence.layout import Layout
from cxone_rollcall.reports.adherence.schedule import Schedule
from cxone_rollcall.reports.adherence.table import read_table

LARGEST = 1 << 28
"""Bytes of a schedule. A million lines have some 80 million."""
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
"""How Excel's "Unicode text" begins. UTF-8 has a mark, too, or none."""


def read_schedule(path: Path, *, zone: tzinfo | None, begin: int, end: int, layout: Layout | None = None) -> Schedule:
    """The schedule of a file.

    `zone` is for times without an offset; with None, and none in `layout`, such times are refused. `begin` and `end`
    are seconds since the epoch: repeated events of a calendar are unrolled between them. SettingError names the file,
    the line and what is wrong.
    """
    layout = layout or Layout()
    named = str(path)
    try:
        data, _ = read_file(path, largest=LARGEST, named=named)
    except OSError as error:
        raise SettingError(f"{named} cannot be read: {error.strerror}") from None
    encoding = "utf-16" if data.startswith(_UTF_16) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SettingError(f"{named}, line {line}: this is not UTF-8 text; save it as CSV UTF-8") from None
    del data  # of a large file it is half of the memory
    if path.suffix.lower() == ".ics" or text[:64].lstrip().upper().startswith("BEGIN:VCALENDAR"):
        zone = layout.zone or zone
        return read_calendar(text, named=named, stem=path.stem, zone=zone, begin=begin, end=end)
    return read_table(text, named=named, layout=layout, zone=zone)
