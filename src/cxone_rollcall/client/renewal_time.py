"""The time that the renewal of a stored login has. A renewal that is cut off may lose the login."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

LONGEST_FAREWELL = 25.0
"""Seconds that an interrupted run waits for a login's new refresh token. Without it the stored login is lost.

A slow server has answered by then: a request has 20 s."""
OVERTIME = 0.5
"""Seconds after its time limit for which a run waits. It must end within a second, and has its account to print."""
LEAST = 2.0
"""Seconds that must be left for a renewal to begin. Half of a shorter time limit; most take less than one second."""


class RenewalTime:
    """How long a renewal may take in a run that begins now.

    `run_limit` is the run's time limit in seconds, None without one.
    """

    def __init__(self, run_limit: float | None, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._ends_at = None if run_limit is None else clock() + run_limit
        self._least = LEAST if run_limit is None else min(LEAST, run_limit / 2)

    @property
    def farewell(self) -> float:
        """Seconds that an interrupted run waits for a renewal under way."""
        if self._ends_at is None:
            return LONGEST_FAREWELL
        return min(LONGEST_FAREWELL, max(0.0, self._ends_at + OVERTIME - self._clock()))

    async def wait_if_late(self) -> None:
        """Wait for the time limit if a renewal would be cut off."""
        if self._ends_at is None:
            return
        left = self._ends_at - self._clock()
        if left < self._least:
            await asyncio.sleep(max(0.0, left) + OVERTIME)
