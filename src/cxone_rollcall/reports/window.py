"""The window of a report: `--from` and `--to`."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cxone_rollcall.errors import SettingError
from cxone_rollcall.history.reading import Window
from cxone_rollcall.model.closest_match import closest_match
from cxone_rollcall.model.struct import Value
from cxone_rollcall.reports.zones import instant, midnight

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WORDS = ("now", "today", "yesterday", *WEEKDAYS, "this week", "last week", "this month", "last month")
"""Words for a time. A weekday is the last one that has begun; a week begins on Monday."""
EXAMPLE = "--from yesterday"
_DAY = timedelta(days=1)
_TIME_OF_DAY = re.compile(r"(?:(.*\S)\s+)?(\d{1,2}):(\d\d(?::\d\d)?)", re.ASCII)


class Period(Value, frozen=True):
    """The time of a report, in whole seconds since the epoch. Its end is not part of it.

    `note` is a sentence for the reader if it was cut, else "".
    """

    begin: int
    end: int
    zone: ZoneInfo
    note: str = ""

    @property
    def window(self) -> Window:
        """The same in milliseconds, to read a history with."""
        return Window(self.begin * 1000, self.end * 1000)

    @property
    def seconds(self) -> int:
        """Its length."""
        return self.end - self.begin

    def at(self, seconds: int) -> datetime:
        """A time in the period's zone."""
        return datetime.fromtimestamp(seconds, self.zone)


def period_of(begin: str, end: str | None, zone: ZoneInfo, *, now: float) -> Period:
    """The period from one text to another.

    A text is a word of `WORDS`, an ISO date, an ISO time with or without an offset, or a time of day such as `09:30` or
    `yesterday 16:00`. Without a day, `begin` is today's, and `end` is the first such time after `begin`. A day, week or
    month is whole: the period begins with the first and lasts until the end of the last. Without `end`, it lasts until
    the end of `begin`, or until now if that is a time of day. `now` is in seconds since the epoch; the period ends
    there at the latest. Raises `SettingError`.
    """
    here = int(now // 1)
    first, own_end = _span("--from", begin, zone, here)
    if first < 0:
        raise SettingError(f"{begin!r} lies before 1970", example=EXAMPLE)
    if first >= here:
        raise SettingError(f"--from {begin!r} lies in the future: it has no history yet", example=EXAMPLE)
    last = (own_end or here) if end is None else _end_after(first, end, zone, here)
    if last <= first:
        raise SettingError(
            f"the report would end ({_shown(last, zone)}) before it begins ({_shown(first, zone)})",
            example=f"{EXAMPLE} --to now",
        )
    if last > here:
        return Period(first, here, zone, "The window ends now: the rest of it lies in the future.")
    return Period(first, last, zone)


def _shown(at: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(at, zone).isoformat(" ", timespec="minutes")


def _end_after(first: int, text: str, zone: ZoneInfo, now: int) -> int:
    """What `--to` names. A time without a day is the first one after `first`."""
    day = datetime.fromtimestamp(first, zone).date()
    last = _end(_span("--to", text, zone, now, day=day))
    return last if last > first else _end(_span("--to", text, zone, now, day=day + _DAY))


def _end(span: tuple[int, int | None]) -> int:
    return span[0] if span[1] is None else span[1]


def _span(option: str, text: str, zone: ZoneInfo, now: int, *, day: date | None = None) -> tuple[int, int | None]:
    """Begin and end of what a text names. A moment has no end. A time without a day is on `day`, or today."""
    try:
        today = datetime.fromtimestamp(now, zone).date()
        days = _days(text, today)
        if days is not None:
            return midnight(days[0], zone), midnight(days[1], zone)
        if _plain(text) == "now":
            return now, None
        moment = _moment(text.strip(), today, day or today)
        return (instant(moment, zone, option) if moment.tzinfo is None else int(moment.timestamp() // 1)), None
    except (ValueError, OverflowError):
        near = closest_match(_plain(text), WORDS)
        hint = f"; did you mean {near!r}?" if near else ": give a word such as yesterday, an ISO date or time, or 09:30"
        example = f'{option} "{near}"' if near else f"{option} 2026-11-30T08:00"
        raise SettingError(f"{option} {text!r} is no time{hint}", example=example) from None


def _moment(text: str, today: date, day: date) -> datetime:
    """An ISO time, or a time of day. Without a day before it, it is on `day`. ValueError if it is neither."""
    found = _TIME_OF_DAY.fullmatch(text)
    days = _days(found[1] or day.isoformat(), today) if found else None
    if found is None or days is None or days[1] - days[0] != _DAY:
        return datetime.fromisoformat(text)
    return datetime.combine(days[0], time.fromisoformat(f"{found[2]:0>2}:{found[3]}"))


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("-", " ").replace("_", " ").split())


def _days(text: str, today: date) -> tuple[date, date] | None:
    """The first day of a text and the day after its last. None if it names no days."""
    word = _plain(text)
    monday, first = today - today.weekday() * _DAY, today.replace(day=1)
    if word in WEEKDAYS:
        day = today - (today.weekday() - WEEKDAYS.index(word)) % 7 * _DAY
        return day, day + _DAY
    match word:
        case "today":
            return today, today + _DAY
        case "yesterday":
            return today - _DAY, today
        case "this week":
            return monday, monday + 7 * _DAY
        case "last week":
            return monday - 7 * _DAY, monday
        case "this month":
            return first, (first + 31 * _DAY).replace(day=1)
        case "last month":
            return (first - _DAY).replace(day=1), first
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return day, day + _DAY
