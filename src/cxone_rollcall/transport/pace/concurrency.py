"""How many requests may be under way at once: more with each good answer, half after a 429, no more than pays.

Pure: times come in as seconds of any clock that never goes back.
"""

from __future__ import annotations

from typing import NamedTuple

FIRST = 16
_SLOWER = 1.5
"""How many times as long answers must take for more under way to be suspected of only waiting longer."""
_WORTH = 1.1
"""How many times as many answers a second make that worth it all the same."""


class Round(NamedTuple):
    """As many answers as were allowed under way: how long they took on average, and how many came a second."""

    allowed: int
    latency: float
    per_second: float


class Window:
    """How many requests are `allowed` under way, from 1 to `ceiling`.

    Where more under way brought longer latencies and no more answers a second, the server only queues them: the
    window steps back, and stays until the latencies have become shorter.
    """

    def __init__(self, *, ceiling: int, began: float) -> None:
        self.allowed = min(FIRST, ceiling)
        self._ceiling = ceiling
        self._most, self._most_until = ceiling, 0.0
        self._before: Round | None = None
        self._crowded = False
        self._begin_round(began)

    def answered(self, now: float, latency: float) -> None:
        """Note a good answer that took `latency` seconds."""
        self._answers += 1
        self._latencies += latency
        if self._answers >= self._round:
            self._end_round(now)
        if self._crowded:
            return
        if self.allowed < self._most:
            self.allowed += 1
        elif self._most < self._ceiling and now >= self._most_until:
            self._most += 1

    def refused(self, now: float, under_way: int, *, until: float) -> None:
        """Note a 429, met with so many under way: until a moment no more than one less will be.

        Where fewer were under way than allowed, it was not for their number.
        """
        if under_way >= self.allowed:
            self._most, self._most_until = max(1, under_way - 1), until
        self.halve()
        self._before, self._crowded = None, False
        self._begin_round(now)

    def begin_again(self, now: float) -> None:
        """Allow a few, whatever was refused before: after a 429 that may have nothing to do with their number."""
        self.allowed = min(FIRST, self._ceiling)
        self._most, self._before, self._crowded = self._ceiling, None, False
        self._begin_round(now)

    def halve(self) -> None:
        """Let half as many be under way from now on."""
        self.allowed = max(1, self.allowed // 2)

    def _begin_round(self, now: float) -> None:
        self._round, self._round_began = self.allowed, now
        self._answers, self._latencies = 0, 0.0

    def _end_round(self, now: float) -> None:
        lasted = now - self._round_began
        this = Round(self._round, self._latencies / self._answers, self._answers / lasted if lasted > 0 else 0.0)
        before = self._before
        if self._crowded and before is not None:
            self._crowded = this.latency * _SLOWER > before.latency
        elif before is not None and this.allowed > before.allowed and _only_waits(this, before):
            self._crowded, self.allowed = True, min(self.allowed, before.allowed)
        else:
            self._before = this
        self._begin_round(now)


def _only_waits(this: Round, before: Round) -> bool:
    return this.latency > before.latency * _SLOWER and this.per_second < before.per_second * _WORTH
