"""Limits concurrency: one more request per good answer, half after a 429.

Pure: times are arguments, in seconds of any clock that never goes back.
"""

from __future__ import annotations

from typing import NamedTuple

FIRST = 16
"""Requests in flight at the start."""
_SLOWER = 1.5
"""Growth of latency that suggests a queue at the server. Then more requests in flight do not help."""
_WORTH = 1.1
"""Factor of throughput that justifies the higher latency."""


class Round(NamedTuple):
    """A round of `allowed` answers: mean latency in seconds, answers per second."""

    allowed: int
    latency: float
    per_second: float


class Window:
    """How many requests may be in flight, from 1 to `ceiling`.

    If more of them raise the latency but not the throughput, the server only queues them. The window then goes back to
    its previous size, and stays there until the latency has fallen.
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
        """Note a 429 that came with `under_way` requests in flight.

        If these were all that was allowed, one less is the maximum until the time `until`.
        """
        if under_way >= self.allowed:
            self._most, self._most_until = max(1, under_way - 1), until
        self.halve()
        self._before, self._crowded = None, False
        self._begin_round(now)

    def begin_again(self, now: float) -> None:
        """Start again with `FIRST`. For a 429 that may have nothing to do with concurrency."""
        self.allowed = min(FIRST, self._ceiling)
        self._most, self._before, self._crowded = self._ceiling, None, False
        self._begin_round(now)

    def halve(self) -> None:
        """Allow half as many requests in flight."""
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
        elif before is not None and this.allowed > before.allowed and _only_queues(this, before):
            self._crowded, self.allowed = True, min(self.allowed, before.allowed)
        else:
            self._before = this
        self._begin_round(now)


def _only_queues(this: Round, before: Round) -> bool:
    return this.latency > before.latency * _SLOWER and this.per_second < before.per_second * _WORTH
