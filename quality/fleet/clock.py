"""Virtual time, and resources that are used in it."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable


class Clock:
    """Virtual time. Things to do are done in the order of their time."""

    def __init__(self) -> None:
        self.now = 0.0
        self._order = itertools.count()
        self._due: list[tuple[float, int, Callable[[], None]]] = []

    def after(self, seconds: float, do: Callable[[], None]) -> None:
        """Do something later."""
        heapq.heappush(self._due, (self.now + seconds, next(self._order), do))

    def run(self, until: float) -> None:
        """Do everything that is due until a time."""
        while self._due and self._due[0][0] <= until:
            self.now, _, do = heapq.heappop(self._due)
            do()
        self.now = until


class Queue:
    """A resource that serves one after the other. `used` is how long it worked."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._free = 0.0
        self.used = 0.0
        self.longest = 0.0

    def serve(self, cost: float) -> float:
        """How long one waits for it and is served."""
        start = max(self._clock.now, self._free)
        self._free = start + cost
        self.used += cost
        self.longest = max(self.longest, self._free - self._clock.now)
        return self._free - self._clock.now
