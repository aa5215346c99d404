"""Reads a schedule in iCalendar. Each event is a shift, its summary the activity.

The person is each attendee, by e-mail; else the name of the calendar (`X-WR-CALNAME`, or `NAME` of RFC 7986); else the
file's name without its ending. Cancelled events are left out. Repeated events count within the window.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.pasted_text import shown
from cxone_rollcall.model.shell import pip_install
from cxone_rollcall.reports.adherence.schedule import Draft, Schedule, Shift
from cxone_rollcall.reports.adherence.times import moment_of

if TYPE_CHECKING:
    from icalendar import Calendar

_LINE = "X-ROLLCALL-LINE"
"""A property of each event that we add: its line. Its repetitions inherit it."""
_LIBRARY_ERRORS = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, OSError)
"""What the libraries raise for damaged files. OSError for a zone that is a folder, such as Europe."""
_TOO_OFTEN = ("SECONDLY", "MINUTELY")


def read_calendar(text: str, *, named: str, stem: str, zone: tzinfo | None, begin: int, end: int) -> Schedule:
    """The schedule of a text from `begin` to `end`.

    These are seconds since the epoch. `stem` is the file's name without its ending, `zone` that of times without one.
    SettingError names the file, the line and what is wrong, or the extra that is not installed.
    """
    try:
        import icalendar
        import recurring_ical_events  # type: ignore[import-untyped]  # it has no types
    except ImportError:
        raise SettingError(
            f"{named} is an iCalendar file, which needs the extra icalendar",
            example=pip_install("icalendar", "recurring-ical-events"),
        ) from None
    if not text.rstrip().upper().endswith("END:VCALENDAR"):
        last = len(text.splitlines())
        raise SettingError(f"{named}, line {last}: this is no whole iCalendar, it does not end with END:VCALENDAR")
    draft = Draft(named)
    begins = [number for number, line in _lines(text) if line.strip().upper() == "BEGIN:VEVENT"]
    try:
        calendars = icalendar.Calendar.from_ical(text, multiple=True)
    except _LIBRARY_ERRORS as error:
        at = next((number for number, line in _lines(text) if line and repr(line) in str(error)), 1)
        raise SettingError(f"{named}, line {at}: this is no iCalendar: {_in_line(error)}") from None
    day = timedelta(days=1)
    after, before = (datetime.fromtimestamp(at, UTC) for at in (begin, end))
    lines = iter(begins)
    for calendar in calendars:
        name = str(calendar.get("X-WR-CALNAME") or calendar.get("NAME") or stem)
        for event in calendar.walk("VEVENT"):
            line = next(lines, 1)
            event.add(_LINE, str(line))
            _check(event, named, line)
            for who in _people(event, name):
                draft.person(who)
        # A day more on each side, because times without a zone are compared as UTC.
        for event in _occurrences(recurring_ical_events, calendar, named, after - day, before + day):
            _take(draft, event, name, zone)
    return draft.schedule()


def _lines(text: str) -> Iterator[tuple[int, str]]:
    return enumerate(text.splitlines(), 1)


def _in_line(error: BaseException) -> str:
    """The message of a library in one line."""
    return " ".join(str(error).split())


def _occurrences(library: Any, calendar: Calendar, named: str, begin: datetime, end: datetime) -> Iterable[Any]:
    try:
        found: Iterable[Any] = library.of(calendar).between(begin, end)
    except _LIBRARY_ERRORS as error:
        raise SettingError(f"{named}: an event cannot be repeated: {_in_line(error)}") from None
    return found


def _check(event: Any, named: str, line: int) -> None:
    """Refuse an event that the library would misread, or not read."""
    where = f"{named}, line {line}: this event"
    try:
        start, ends = event.get("DTSTART"), event.get("DTEND")
        if start is None:
            raise SettingError(f"{where} has no begin (DTSTART)")
        for one in (start,) if ends is None else (start, ends):
            at, zone = one.dt, one.params.get("TZID")
            if not isinstance(at, date):
                raise SettingError(f"{where} begins or ends without a date")
            if zone is not None and isinstance(at, datetime) and at.tzinfo is None:
                raise SettingError(f"{where} has the unknown zone {shown(str(zone))}")
        if ends is not None and _sortable(ends.dt) < _sortable(start.dt):
            raise SettingError(f"{where} ends before it begins")
        rules = event.get("RRULE", [])
        for rule in rules if isinstance(rules, list) else [rules]:
            if any(str(frequency).upper() in _TOO_OFTEN for frequency in rule.get("FREQ", [])):
                raise SettingError(f"{where} is repeated each minute or second")
    except _LIBRARY_ERRORS as error:
        raise SettingError(f"{where} cannot be read: {_in_line(error)}") from None


def _sortable(at: date | datetime) -> datetime:
    """A time to compare with another one of the same event."""
    whole = at if isinstance(at, datetime) else datetime.combine(at, time())
    return whole if whole.tzinfo is not None else whole.replace(tzinfo=UTC)


def _people(event: Any, name: str) -> list[str]:
    """The people of an event."""
    attendees = event.get("ATTENDEE", [])
    addresses = [str(one).strip() for one in (attendees if isinstance(attendees, list) else [attendees])]
    return [one[7:] if one.lower().startswith("mailto:") else one for one in addresses if one] or [name]


def _take(draft: Draft, event: Any, name: str, zone: tzinfo | None) -> None:
    """Add an occurrence for each of its people."""
    line = int(event[_LINE])
    if str(event.get("STATUS")).upper() == "CANCELLED":
        return
    ends = []
    for at in (event.start, event.end):
        local = at if isinstance(at, datetime) else datetime.combine(at, time())
        its_zone = local.tzinfo or zone
        if its_zone is None:
            raise SettingError(
                f"{draft.named}, line {line}: this event has no zone, and none is given",
                example="rollcall report adherence --tz Europe/Berlin",
            )
        if local.tzinfo is None:
            draft.zones.add(str(zone))
        ends.append(moment_of(local.replace(tzinfo=None), its_zone))
    begin, end = ends
    end_at = end.again if end.again is not None and end.at <= begin.at else end.at
    if begin.again is not None or end.again is not None:
        draft.remarks.add("a local time that comes twice is read as the first", f"line {line}")
    if begin.skipped or end.skipped:
        draft.remarks.add("a local time that clocks skip is read as the moment of the jump", f"line {line}")
        if begin.at == end_at:
            return
    for who in _people(event, name):
        draft.add(who, Shift(begin.at, end_at, str(event.get("SUMMARY", "")).strip(), line))
