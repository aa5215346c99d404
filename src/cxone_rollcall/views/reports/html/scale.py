"""The time axis of a picture, and the days of a window."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime, timedelta

from cxone_rollcall.model.struct import Value

MOST_LABELS = 13
"""Times that are written on an axis. So many fit beside each other on a page of 1000 pixels."""
_MINUTE = 60
_DAY = 1440
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, _DAY, 2 * _DAY, 7 * _DAY, 14 * _DAY, 28 * _DAY, 56 * _DAY)
"""Minutes between two labels, on the clock of the zone."""


class Tick(Value, frozen=True):
    """A time on the axis. `minor` ones are left out where there is little room."""

    place: float
    text: str
    minor: bool


class Scale(Value, frozen=True):
    """A span of time as 0 to 100 percent."""

    begin: datetime
    end: datetime

    @property
    def seconds(self) -> float:
        """The length of the span. A day may have 23 or 25 hours."""
        return self.end.timestamp() - self.begin.timestamp()

    def place(self, moment: datetime) -> float:
        """Where a moment lies, in percent. One outside lies on the edge."""
        share = 100 * (moment.timestamp() - self.begin.timestamp()) / self.seconds
        return min(max(share, 0.0), 100.0)

    def ticks(self) -> list[Tick]:
        """The times that are written."""
        step = self._step()
        texts = ((one, f"{one:%H:%M}" if step < _DAY else f"{one.day} {one:%b}") for one in self._apart(step))
        return [Tick(self.place(one), text, number % 3 != 0) for number, (one, text) in enumerate(texts)]

    def _step(self) -> int:
        minutes = self.seconds / _MINUTE
        return next((step for step in _STEPS if minutes / step < MOST_LABELS), _STEPS[-1])

    def _apart(self, step: int) -> Iterator[datetime]:
        """The moments to write. An hour that comes twice is written once."""
        nearest, last = _MINUTE * step * 3 / 4, -math.inf
        for one in self._aligned(step):
            if one.timestamp() - last >= nearest:
                last = one.timestamp()
                yield one

    def _aligned(self, step: int) -> Iterator[datetime]:
        """The moments at which the clock shows a whole number of steps. It may show the same twice, or skip one."""
        every = _MINUTE * min(step, 15)  # no zone is set back by less than a quarter of an hour
        first = int(-(-self.begin.timestamp() // every) * every)
        for moment in range(first, int(self.end.timestamp()), every):
            local = datetime.fromtimestamp(moment, self.begin.tzinfo)
            minutes = local.toordinal() * _DAY + local.hour * 60 + local.minute
            if minutes % step == 0 and local.second == 0:
                yield local


def days(begin: datetime, end: datetime) -> list[Scale]:
    """The days of the calendar in a window, cut to it."""
    found: list[Scale] = []
    at = begin
    while at < end:
        midnight = (at.replace(fold=0) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        until = min(midnight, end)
        found.append(Scale(at, until))
        at = until
    return found
