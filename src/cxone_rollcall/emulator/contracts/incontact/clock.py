"""The dates of `incontact` (UTC, Z, up to three decimals), and polls.

Dates fit the `Date` header: the world's start is written as the time when the server started. Events have a fraction
below 0.5 and polls one from 0.5 on. So everything that a poll has seen is older than its `lastPollTime`, and everything
else is newer.
"""

from datetime import UTC, datetime
from typing import NamedTuple

from cxone_rollcall.emulator.tenant import Tenant
from cxone_rollcall.emulator.world import draw

_POLL = 1 << 60


class Poll(NamedTuple):
    """The server's last poll of its agents. The time in the world that it saw, and its date as written."""

    moment: int
    written: str


class Clock:
    """The dates of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        of = tenant.settings
        self._on_world = of.readings.dates == "world"
        self._frozen = of.clock != "running" and not self._on_world
        # A frozen world stays at what the server's first poll saw.
        began = self._polled(tenant.began) if self._frozen else int(tenant.began)
        self.ahead = 0 if self._on_world else began - int(of.moment.timestamp())
        """Seconds to add to a time in the world for its date."""

    def poll(self, lag: int = 0) -> Poll:
        """Return the server's last poll, or the one `lag` seconds before it."""
        polled = self._polled(self._seconds()) - lag
        saw = self._tenant.moment() - lag if self._frozen else polled - self.ahead
        return Poll(saw, self._written(polled, *self._part(polled, _POLL)))

    def exact(self, seconds: int, salt: int) -> float:
        """The time of an event in the world, with its fraction."""
        part, digits = self._part(seconds, salt)
        return seconds + (part / 10.0**digits)

    def happened(self, seconds: int, salt: int) -> str:
        """The time of the same event, as written."""
        return self._written(seconds + self.ahead, *self._part(seconds, salt))

    def now(self) -> str:
        """Return the server's time, as written."""
        now = int(self._seconds())
        return self._written(now, *self._part(now, _POLL))

    def _seconds(self) -> float:
        return self._tenant.moment() if self._on_world else self._tenant.now()

    def _polled(self, now: float) -> int:
        readings = self._tenant.settings.readings
        return (int(now) - readings.poll_lag) // readings.poll_every * readings.poll_every

    def _part(self, seconds: int, salt: int) -> tuple[int, int]:
        """The decimals of a fraction as one number, and their count."""
        bits = draw(seconds, salt)
        poll = salt == _POLL
        match self._tenant.settings.readings.fraction:
            case "none":
                return 0, 0
            case "always":
                digits = 3
            case _:
                digits = 1 + bits % 3 if poll else bits % 4
        thousandths = (bits >> 8) % 500 + (500 if poll else 0)
        return thousandths // 10 ** (3 - digits), digits

    def _written(self, seconds: int, part: int, digits: int) -> str:
        whole = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        return f"{whole}.{part:0{digits}d}Z" if digits else f"{whole}Z"
