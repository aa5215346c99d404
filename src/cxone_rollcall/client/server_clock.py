"""The server's clock, which may be hours from ours. The lives of tokens are measured by it."""

from __future__ import annotations

from collections.abc import Callable

from cxone_rollcall.model.exchange import Response
from cxone_rollcall.transport.pace.backoff import read_http_date


class ServerClock:
    """Tells the server's time by the `Date` of its last token answer.

    `ahead` is how many seconds it is ahead of our clock, None if that answer had no date.
    """

    def __init__(self, wall_clock: Callable[[], float]) -> None:
        self.ahead: float | None = None
        self._wall_clock = wall_clock

    def now(self) -> float:
        """Return the server's time in seconds since the epoch. Ours while the server's is unknown."""
        return self._wall_clock() + (self.ahead or 0.0)

    def set_by(self, response: Response) -> None:
        """Take the time from this answer."""
        served_at = read_http_date(response.headers.get("date", ""))
        self.ahead = None if served_at is None else served_at - self._wall_clock()
