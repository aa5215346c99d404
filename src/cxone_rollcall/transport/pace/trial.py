"""Tests whether 429s depend on our rate. It sends at full speed for a few seconds.

Some servers refuse a few requests in a hundred at any rate. Slowing down does not help there, and would stretch a run
without end. So if 429s keep coming although the rate was lowered, the rate limit is suspended for some 429s, and only
their pauses are kept. A server that counts requests then answers no more per second than before; one that refuses at
random answers many times as much.

Pure: times are arguments, in seconds of any clock that never goes back.
"""

from __future__ import annotations

FIRST_IN_VAIN = 6
"""429s in a row at ever lower rates that start a trial."""
_MOST_IN_VAIN = 64
_FIRST_LENGTH = 6
_LONGEST = 48
"""Most 429s in one trial. It gets twice as long each time that it pays off."""
_WORTH = 1.5
"""Factor of throughput from which on the rate limit stays suspended."""
_MOST_REFUSED = 0.45
_ENOUGH = 24
"""Requests after which a trial can fail. It ends if more than 45 % of them are refused: the server counts requests."""


class Trial:
    """Counts 429s that lowering the rate did not prevent.

    `suspended` is whether the rate limit is off, `paid_off` whether the last trial raised the throughput.
    """

    def __init__(self) -> None:
        self.suspended = self.paid_off = False
        self._in_vain = 0
        self._wanted = FIRST_IN_VAIN
        self._left = self._length = self._refused = 0
        self._held_back = _Share()
        self._free = _Share()
        self._last_at: float | None = None

    def refused(self, at: float, answers: int, *, lowered: bool) -> None:
        """Note a 429 after `answers` good ones. `lowered` if the rate has not grown since the 429 before."""
        lasted = 0.0 if self._last_at is None else at - self._last_at
        self._last_at = at
        if self.suspended:
            self._free.add(answers, lasted)
            self._refused += 1
            self._left -= 1
            asked = self._refused + self._free.answers
            if not answers or (asked >= _ENOUGH and self._refused > asked * _MOST_REFUSED):
                self._end(paid_off=False)
            elif not self._left:
                self._judge()
        elif lowered:
            self._held_back.add(answers, lasted)
            self._in_vain += answers > 0
            if self._in_vain >= self._wanted:
                self._begin(_FIRST_LENGTH)
        elif self._in_vain:
            self._in_vain -= 1

    def refused_too(self) -> None:
        """Note a 429 for a request sent before the last 429."""
        self._refused += 1

    def _begin(self, length: int) -> None:
        self.suspended = True
        self._refused = 0
        self._left = self._length = length
        self._free = _Share()

    def _judge(self) -> None:
        paid_off = self._free.per_second >= self._held_back.per_second * _WORTH
        if paid_off and self._length < _LONGEST:
            self._begin(self._length * 2)
        else:
            self._end(paid_off=paid_off)

    def _end(self, *, paid_off: bool) -> None:
        """End the trial and count again: the server may change its behaviour."""
        self.paid_off = paid_off
        self._wanted = FIRST_IN_VAIN if paid_off else min(self._wanted * 2, _MOST_IN_VAIN)
        self.suspended, self._in_vain, self._held_back = False, 0, _Share()


class _Share:
    """Answers and the seconds that they took."""

    def __init__(self) -> None:
        self.answers, self.seconds = 0, 0.0

    def add(self, answers: int, seconds: float) -> None:
        self.answers += answers
        self.seconds += seconds

    @property
    def per_second(self) -> float:
        return self.answers / self.seconds if self.seconds > 0 else 0.0
