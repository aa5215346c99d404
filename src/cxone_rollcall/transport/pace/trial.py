"""Do 429s have to do with the rate at all? Found out by holding nothing back for a while.

Some servers refuse for reasons of their own: a few requests in a hundred, however slowly they come. To go ever slower
would not help them and would stretch a run without end. So where 429s keep coming at a rate that had been lowered for
them, a trial is made: only the pauses are kept, and what is answered in a second is compared. A server that counts
answers no more than before; one that refuses by chance answers many times as much.

Pure: times come in as seconds of any clock that never goes back.
"""

from __future__ import annotations

FIRST_IN_VAIN = 6
"""429s in a row, each at a rate that had been lowered for the one before, after which a trial is made."""
_MOST_IN_VAIN = 64
_FIRST_LENGTH = 6
_LONGEST = 48
"""429s that a trial lasts: few at first, more as long as it is worth it."""
_WORTH = 1.5
"""How many times as much must be answered for the rate to stay lifted."""
_MOST_REFUSED = 0.45
_ENOUGH = 24
"""Of so many requests, so large a share refused, or none answered between two 429s: this server counts."""


class Trial:
    """Counts 429s that came in vain; `suspended` says that the rate holds nothing back meanwhile."""

    def __init__(self) -> None:
        self.suspended = self.paid_off = False
        self._in_vain = 0
        self._wanted = FIRST_IN_VAIN
        self._left = self._length = self._refused = 0
        self._held_back = _Share()
        self._free = _Share()
        self._last_at: float | None = None

    def refused(self, at: float, answers: int, *, lowered: bool) -> None:
        """Note a 429 after so many answers; `lowered` says that the rate was no higher than after the one before."""
        lasted = 0.0 if self._last_at is None else at - self._last_at
        self._last_at = at
        if self.suspended:
            self._free.add(answers, lasted)
            self._refused += 1
            self._left -= 1
            asked = self._refused + self._free.answers
            if not answers or (asked >= _ENOUGH and self._refused > asked * _MOST_REFUSED):
                self._end(worth=False)
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
        """Note a 429 for a request that was under way when the last one came."""
        self._refused += 1

    def _begin(self, length: int) -> None:
        self.suspended = True
        self._refused = 0
        self._left = self._length = length
        self._free = _Share()

    def _judge(self) -> None:
        worth = self._free.per_second >= self._held_back.per_second * _WORTH
        if worth and self._length < _LONGEST:
            self._begin(self._length * 2)
        else:
            self._end(worth=worth)

    def _end(self, *, worth: bool) -> None:
        """Begin anew, either way: a server that refused by chance may count now."""
        self.paid_off = worth
        self._wanted = FIRST_IN_VAIN if worth else min(self._wanted * 2, _MOST_IN_VAIN)
        self.suspended, self._in_vain, self._held_back = False, 0, _Share()


class _Share:
    """Answers in some time."""

    def __init__(self) -> None:
        self.answers, self.seconds = 0, 0.0

    def add(self, answers: int, seconds: float) -> None:
        self.answers += answers
        self.seconds += seconds

    @property
    def per_second(self) -> float:
        return self.answers / self.seconds if self.seconds > 0 else 0.0
