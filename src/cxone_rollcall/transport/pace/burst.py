"""What a pause saved up at the server, and how it is used: by sending faster than the rate for a while after it.

A server with a bucket fills it while everybody waits for as long as a 429 asked; at the rate alone that would stay
there unused. One that counts in windows saves nothing: the 429 that comes of it says so, and from then on nothing is
made up for.

Pure: times come in as seconds of any clock that never goes back.
"""

from __future__ import annotations

_SHORTEST = 0.9
"""Seconds: in a shorter pause too little is saved up to be worth another one."""
_FEWEST = 5
"""Requests; of fewer saved up a 429 tells nothing."""
_FASTER = 2.0
"""How many times as fast as the rate requests leave as long as there is credit."""
_SHARE = 0.9
"""Of what a pause should have saved up; the rest is for what the rate is wrong by."""
_BLAMED = 0.5
"""Seconds after the last of the credit in which a 429 is still taken to come of it."""


class Credit:
    """Requests that may leave beyond the rate, until a 429 shows that the server gives none."""

    def __init__(self) -> None:
        self._left = 0.0
        self._spent_at: float | None = None
        self._withdrawn = False

    @property
    def borne(self) -> bool:
        """Whether all that the last pause saved up has been used, and no 429 has come of it so far."""
        return self._spent_at is not None and self._left <= 0

    def save(self, pause: float, requests: float) -> None:
        """Note that a pause is over in which the server should have saved up so many requests."""
        worth_it = pause >= _SHORTEST and requests >= _FEWEST and not self._withdrawn
        self._left = _SHARE * requests if worth_it else 0.0
        self._spent_at = None

    def spend(self, now: float) -> float:
        """Return how many times as fast as by the rate alone the request after this one may leave."""
        if self._left <= 0:
            return 1.0
        self._left -= 1 - 1 / _FASTER
        self._spent_at = now
        return _FASTER

    def refused(self, sent_at: float) -> bool:
        """Note a 429 for a request that left at this moment; tell whether it came of the credit, which then ends."""
        if self._spent_at is None or (self._left <= 0 and sent_at > self._spent_at + _BLAMED):
            return False
        self._left, self._spent_at, self._withdrawn = 0.0, None, True
        return True
