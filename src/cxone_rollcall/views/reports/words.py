"""The words and figures that every view of a report uses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cxone_rollcall.reports.report import Report

TITLES = {
    "time-in-state": "Time in state",
    "timeline": "Timeline",
    "sessions": "Sessions",
    "gaps": "Gaps",
    "occupancy": "Occupancy",
    "adherence": "Adherence",
    "adherence-exceptions": "Exceptions from the schedule",
}
"""The name of each kind for people."""
OF_SCHEDULE = ("adherence", "adherence-exceptions")
"""The kinds whose coverage is that of scheduled time."""
WHOLE = 100.0


def title(report: Report) -> str:
    """The heading of a report: its kind and its window."""
    return f"{TITLES.get(report.kind, report.kind)}, {window(report.begin, report.end)}"


def window(begin: datetime, end: datetime) -> str:
    """A window in words. A whole day is its date."""
    if is_day(begin, end):
        return day(begin)
    same_day = begin.date() == end.date()
    return f"{day(begin)}, {clock(begin)} to {clock(end) if same_day else f'{day(end)}, {clock(end)}'}"


def is_day(begin: datetime, end: datetime) -> bool:
    """Whether a window is one day of the calendar."""
    return begin.time() == end.time() == datetime.min.time() and begin.date() + timedelta(days=1) == end.date()


def in_a_day(begin: datetime, end: datetime) -> bool:
    """Whether a window lies in one day of the calendar."""
    return begin.date() == end.date() or is_day(begin, end)


def day(moment: datetime) -> str:
    """A date in words."""
    return f"{moment:%A} {moment.day} {moment:%B %Y}"


def clock(moment: datetime) -> str:
    """A time of day, without seconds if they are 0. It has the offset if the clock shows it twice that day."""
    shown = f"{moment:%H:%M:%S}" if moment.second else f"{moment:%H:%M}"
    return f"{shown} {offset(moment)}" if shows_twice(moment) else shown


def offset(moment: datetime) -> str:
    """The offset from UTC, such as +01:00."""
    return moment.isoformat()[-6:]


def shows_twice(moment: datetime) -> bool:
    """Whether the clock shows this time twice, because it is put back."""
    return moment.replace(fold=0).utcoffset() != moment.replace(fold=1).utcoffset()


def iso(moment: datetime) -> str:
    """A time as ISO 8601 in whole seconds. It has its offset, Z for 0."""
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


class Texts:
    """Turns the cells of a report into text. It has the same few names, states and times in many rows.

    `text` is for texts, `time` for times. A time is remembered by its object, which the report holds: two that are
    equal may have different offsets.
    """

    def __init__(self, text: Callable[[str], str], time: Callable[[datetime], str]) -> None:
        self._text, self._time = text, time
        self._texts: dict[str, str] = {}
        self._times: dict[int, str] = {}

    def of(self, cell: str | float | datetime | None) -> str | int:
        """The text of a cell. A whole number stays one; "" for a value that does not exist."""
        if isinstance(cell, str):
            made = self._texts.get(cell)
            if made is None:
                made = self._texts[cell] = self._text(cell)
            return made
        if isinstance(cell, int):
            return cell
        if isinstance(cell, datetime):
            made = self._times.get(id(cell))
            if made is None:
                made = self._times[id(cell)] = self._time(cell)
            return made
        return "" if cell is None else percentage(cell)


def duration(seconds: int) -> str:
    """A time span as hours, minutes and seconds: 7:05:09."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes // 60:,}:{minutes % 60:02}:{rest:02}"


def percentage(value: float) -> str:
    """A percentage with two decimals. Only 100 itself is shown as 100.00."""
    return f"{min(value, 99.99) if value < WHOLE else value:.2f}"


def sentences(report: Report) -> Iterator[str]:
    """What must stand beside the figures: the coverage, then the notes."""
    yield coverage(report)
    yield from report.notes


def coverage(report: Report) -> str:
    """How much of the agents' time is known."""
    share, scheduled = report.coverage, report.kind in OF_SCHEDULE
    if share is None:
        return (
            f"Coverage: there is no {'scheduled time' if scheduled else 'agent'} in this window, so it has no figures."
        )
    if report.known_seconds == report.window_seconds:
        return f"Coverage: 100 %. Each agent's state is known for the whole {'schedule' if scheduled else 'window'}."
    whose = "scheduled time" if scheduled else "all agents' time"
    known = f"{duration(report.known_seconds)} of {duration(report.window_seconds)} hours of {whose}"
    return f"Coverage: {percentage(share)} %. Known are {known}. The rest is unknown, and never counted as logged out."
