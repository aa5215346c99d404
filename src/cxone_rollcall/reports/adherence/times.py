"""Reads the dates and times of schedules. ISO, or in the order that a schedule says, with an offset or in a zone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

from cxone_rollcall.model.pasted_text import shown
from cxone_rollcall.reports.zones import change

ORDERS = ("mmddyy", "ddmmyy", "mmddyyyy", "ddmmyyyy", "yyyymmdd", "yyyyddmm", "yyddmm", "yymmdd")
"""Orders of a date. Source: NICE IEX WFM, *Agent Schedule Detail* (`dateFormat`)."""
_TIME = re.compile(r"(\d{1,2}):?(\d\d)(?::?(\d\d)(?:[.,]\d{1,9})?)?\s*(?:([ap])\.?m\.?)?", re.ASCII | re.IGNORECASE)
_DATED = re.compile(r"(\S+?)[T\s]\s*(\d.*)", re.ASCII)
_DATE = re.compile(r"(?:[^\W\d]+[.,]*\s+)?([0-9]+(?:[-./\s]+[0-9]+)*)\.?")
"""A date of numbers, perhaps after a weekday. Other words may be a time of day that is not understood."""
_FIRST_YEAR, _LAST_YEAR = 2000, 2199
"""A date in another year was probably read in the wrong order."""


class Moment(NamedTuple):
    """A time in seconds since the epoch.

    `again` is when the same local time comes a second time, as clocks go back; else None. A local time that clocks skip
    is `skipped`: `at` is then the moment of the jump.
    """

    at: int
    again: int | None = None
    skipped: bool = False


class TimeReader:
    """Reads the times of one file. It remembers them, since a schedule has few different ones.

    `zone` is for times without an offset, None if there is none. `order` is the order of dates, one of `ORDERS`, "" for
    ISO. Each method raises ValueError with what is wrong, as a sentence without its full stop.
    """

    def __init__(self, zone: tzinfo | None, order: str = "") -> None:
        self.zones = set[str]()
        """The zone, once a time without an offset is read."""
        self._zone = zone
        self._parts = re.findall(r"mm|dd|y+", order)
        self._order = order
        self._known: dict[tuple[str, str | None], tuple[Moment, datetime | None]] = {}

    def moment(self, text: str, day: str = "") -> Moment:
        """The time that a text gives. A time of day alone is one of `day`."""
        return self._read(text, day)[0]

    def span(self, begin: str, end: str, day: str | None) -> tuple[Moment, Moment]:
        """The begin and end of a shift. A time of day alone is one of `day`, or of the next day as an end before it."""
        first, began = self._read(begin, day)
        last, ended = self._read(end, day)
        if began is not None and ended is not None and day and _TIME.fullmatch(end):
            whole_day = ended == began == _midnight(began)
            if ended < began or whole_day:
                last = moment_of(ended + timedelta(days=1), self._zone)
        return first, last

    def _read(self, text: str, day: str | None) -> tuple[Moment, datetime | None]:
        """The time, and its local time if it has no offset."""
        known = self._known.get((text, day))
        if known is None:
            local = _on(self._date(day), text) if day and _TIME.fullmatch(text) else self._dated(text)
            if not _FIRST_YEAR <= local.year <= _LAST_YEAR:
                raise ValueError(f"{shown(text)} is in the year {local.year}")
            if local.tzinfo is None and self._zone is None:
                raise ValueError(f"{shown(text)} has no offset, and no zone is given")
            if local.tzinfo is None:
                self.zones.add(str(self._zone))
            moment = moment_of(local, self._zone)
            known = self._known[text, day] = moment, None if local.tzinfo else local
        return known

    def _dated(self, text: str) -> datetime:
        """A date with a time."""
        if self._order:
            parts = _DATED.fullmatch(text)
            return _on(self._date(parts[1]), parts[2]) if parts else self._date(text)
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            raise ValueError(f"{shown(text)} is no ISO time such as 2026-03-02T09:00+01:00") from None

    def _date(self, text: str) -> datetime:
        """The begin of a day."""
        if not self._order:
            try:
                return _midnight(datetime.fromisoformat(text))
            except ValueError:
                raise ValueError(f"{shown(text)} is no ISO date such as 2026-03-02") from None
        found = _DATE.fullmatch(text)
        numbers: Sequence[str] = re.findall("[0-9]+", found[1]) if found else ()
        if len(numbers) == 1 and len(numbers[0]) == len(self._order):
            numbers = [numbers[0][self._order.index(part) :][: len(part)] for part in self._parts]
        by_part = dict(zip(self._parts, map(int, numbers), strict=False))
        year = by_part.get("yyyy", by_part.get("yy", 0) + 2000)
        try:
            if len(numbers) != len(self._parts):
                raise ValueError
            return datetime(year, by_part["mm"], by_part["dd"])  # noqa: DTZ001  a local date
        except ValueError:
            raise ValueError(f"{shown(text)} is no date in the order {self._order}") from None


def moment_of(local: datetime, zone: tzinfo | None) -> Moment:
    """The moment of a local time. One with an offset needs no zone."""
    if local.tzinfo is not None:
        return Moment(int(local.timestamp() // 1))
    first, second = (int(local.replace(tzinfo=zone, fold=fold).timestamp() // 1) for fold in (0, 1))
    if zone is None or first == second:
        return Moment(first)
    return Moment(first, again=second) if first < second else Moment(change(second, first, zone), skipped=True)


def _midnight(local: datetime) -> datetime:
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


def _on(day: datetime, text: str) -> datetime:
    """A time of day on a day. 24:00 is its end."""
    found = _TIME.fullmatch(text)
    hour, minute, second = (int(part or 0) for part in found.groups()[:3]) if found else (99, 0, 0)
    half = (found[4] or "").lower() if found else ""
    if half:
        hour = hour % 12 + (12 if half == "p" else 0) if 1 <= hour <= 12 else 99
    if hour > 24 or minute > 59 or second > 59 or (hour == 24 and minute + second):
        raise ValueError(f"{shown(text)} is no time of day such as 09:00 or 9:00 PM")
    return day + timedelta(hours=hour, minutes=minute, seconds=second)
