"""The server's clock, which may be hours from ours. The lives of tokens and the ages of states are measured by it."""

from __future__ import annotations

from collections.abc import Callable

from cxone_rollcall.model.exchange import Response
from cxone_rollcall.transport.pace.backoff import read_http_date

MOST_AHEAD = 2.0
"""Seconds that our idea of the server's time may be ahead.

One for the fraction that a `Date` lacks, one for an answer that was under way."""


class ServerClock:
    """Tells the server's time by the `Date` of its answers.

    Between answers it is counted by `clock`, so that a step of our own wall clock changes nothing. `ahead` is how many
    seconds the server was ahead of our wall clock in its last token answer, None if that had no date.
    """

    def __init__(self, wall_clock: Callable[[], float], clock: Callable[[], float]) -> None:
        self.ahead: float | None = None
        self._wall_clock = wall_clock
        self._clock = clock
        self._seen: tuple[float, float] | None = None
        """The server's time, and what `clock` showed then."""

    def now(self) -> float:
        """Return the server's time in seconds since the epoch. Ours while the server's is unknown."""
        return self.at(self._clock())

    def at(self, moment: float) -> float:
        """The server's time at a moment of `clock`."""
        if self._seen is None:
            return self._wall_clock() - self._clock() + moment
        served_at, read_at = self._seen
        return served_at + moment - read_at

    def moment(self) -> float:
        """Now, for `at`: the server's first answer may come later."""
        return self._clock()

    def ours(self) -> float:
        """The time of our own wall clock in seconds."""
        return self._wall_clock()

    def set_by(self, response: Response) -> None:
        """Take the time from a token answer."""
        served_at = read_http_date(response.headers.get("date"))
        self.ahead = None if served_at is None else served_at - self._wall_clock()
        self._seen = None if served_at is None else (served_at, self._clock())

    def follow(self, response: Response) -> None:
        """Follow the server's clock if an answer's `Date` differs. A cached answer is older."""
        served_at = read_http_date(response.headers.get("date"))
        if served_at is None or response.headers.get("age", "0").strip() != "0":
            return
        if not served_at <= self.now() <= served_at + MOST_AHEAD:
            self._seen = (served_at, self._clock())
