"""Schedules, and the file that maps their activities."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from cxone_rollcall.errors import SettingError
from cxone_rollcall.history.interval import Status
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.reports.adherence.activity_file import read_activities
from cxone_rollcall.reports.adherence.layout import Layout
from cxone_rollcall.reports.adherence.reading import read_schedule
from quality.fuzz.target import Target, must

DAY = 1772409600, 1772496000
"""2 March 2026, UTC. The seeds have shifts on it."""
_EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="rollcall-fuzz-"))


def feed_table(data: bytes) -> None:
    """Read a table or an IEX export, with two orders of dates."""
    for layout in (Layout(), Layout(dates="ddmmyyyy", zone=ZoneInfo("Asia/Kathmandu"))):
        _feed(data, "plan.csv", layout)


def feed_calendar(data: bytes) -> None:
    """Read an iCalendar."""
    _feed(data, "plan.ics", Layout())


def _feed(data: bytes, name: str, layout: Layout) -> None:
    path = _folder() / name
    path.write_bytes(data)
    try:
        schedule = read_schedule(path, zone=ZoneInfo("Europe/Berlin"), begin=DAY[0], end=DAY[1], layout=layout)
    except SettingError as refused:
        must(name in str(refused), "a refusal names the file", str(refused))
        return
    for plan in schedule.plans.values():
        for shift in plan.shifts:
            must(shift.begin < shift.end, "a shift ends after it begins", shift)
            must(bool(shift.activity) and shift.line > 0, "a shift has an activity and a line", shift)
        for before, after in pairwise(plan.shifts):
            must(before.end <= after.begin, "shifts are in order and do not overlap", before, after)
    must(all(note.isprintable() for note in schedule.notes), "notes have no control characters", schedule.notes)


def feed_activities(data: bytes) -> None:
    """Read a file of activities."""
    path = _folder() / "activities.toml"
    path.write_bytes(data)
    try:
        activities, _ = read_activities(path)
    except SettingError as refused:
        must("activities.toml, line " in str(refused), "a refusal names the file and the line", str(refused))
        return
    unknown = Status(Standing.UNKNOWN, cause="RC105")
    for fit in activities.own.values():
        must(not fit.takes(unknown), "no activity takes the unknown", fit)


def _tables() -> Iterator[bytes]:
    table = (_EXAMPLES / "schedule.csv").read_bytes()
    yield table
    yield table.replace(b",", b";")
    yield b"\xef\xbb\xbfsep=\t\n" + table.replace(b",", b"\t")
    yield table.decode().encode("utf-16")
    yield (_EXAMPLES / "agentScheduleDetail.txt").read_bytes()
    yield b'who,date,start,end,activity\n"Lee, Ann",2026-03-29,2:30,14:00,Open\n1,2026-10-25,01:30,2:30 AM,Break\n'


def _calendars() -> Iterator[bytes]:
    calendar = (_EXAMPLES / "schedule.ics").read_bytes()
    yield calendar
    yield calendar.replace(b"SUMMARY:Lunch", b"RRULE:FREQ=DAILY;COUNT=3\nATTENDEE:mailto:a@example.com\nSUMMARY:Lunch")
    yield calendar.replace(b";TZID=Europe/Berlin", b"")


def _activities() -> Iterator[bytes]:
    example = (_EXAMPLES / "activities.toml").read_bytes()
    yield example
    yield example.replace(b"\n", b"\r\n")
    yield b'\xef\xbb\xbf[activities]\nOpen = { state = ["Available", "Busy"] }\n'


TARGETS = (
    Target(
        name="schedule-table",
        about="a schedule as CSV or as an export of IEX",
        feed=feed_table,
        seeds=_tables,
        words=(b"#fields:", b"TZ", b"America/Chicago", b"24:00", b"sep=;", b"2026-03-29T02:30", b'"', b"|"),
    ),
    Target(
        name="schedule-calendar",
        about="a schedule as iCalendar",
        feed=feed_calendar,
        seeds=_calendars,
        words=(b"RRULE:FREQ=WEEKLY", b"EXDATE", b"RECURRENCE-ID", b"VALUE=DATE", b"DURATION:PT1H", b"END:VCALENDAR"),
    ),
    Target(
        name="activities",
        about="a file of activities",
        feed=feed_activities,
        seeds=_activities,
        words=(b"[activities]", b"[schedule]", b"sub_state", b"logged_out", b"columns", b"true"),
    ),
)
