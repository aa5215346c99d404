"""How fast to ask, and when to ask again: retries, backoff, and one pause for all when the server says "too many".

The decisions are functions of values (`wait_before_retry`, `read_retry_after`); `Pace` holds what all requests of
a run share: how many may be under way, and until when nobody may send.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from rollcall.model.failure import FailureKind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

TRIES = {
    FailureKind.UNREACHABLE: 4,
    FailureKind.SERVER_TROUBLE: 4,
    FailureKind.DAMAGED: 4,
    FailureKind.NOT_THE_API: 2,
    FailureKind.HOST_NOT_FOUND: 2,
    FailureKind.TIMED_OUT: 2,
}
"""How often a request is tried for each kind of trouble that may pass; any other kind is final at once."""
THROTTLES_IN_A_ROW = 6
"""How many 429 answers in a row, with no good answer to anybody in between, end a request."""
LONGEST_RETRY_AFTER = 120.0
"""Seconds. A server that asks for more is not waited for: the reader is told instead."""
LONGEST_OUTAGE = 30.0
"""Seconds that a 503 may ask for and that one request waits; it holds up nobody else."""
MOST_UNDER_WAY = 64
_FIRST_UNDER_WAY = 16
_FIRST_WAIT = 0.2
_FIRST_THROTTLE_WAIT = 0.5
_LONGEST_WAIT = 8.0


def wait_before_retry(
    kind: FailureKind, tries: int, *, random: Callable[[], float], retry_after: float | None = None
) -> float | None:
    """Return the seconds to wait before a request is tried again, None where it has been tried enough.

    `tries` counts those already made; `random` gives numbers from 0 to 1. Waits double, with jitter, up to 8 s.
    A server in trouble may say how long it needs (`retry_after`): it is waited for where that is bearable.
    """
    if tries >= TRIES.get(kind, 1):
        return None
    wait, asked_for = _jittered(_FIRST_WAIT, tries, random), retry_after or 0.0
    return max(wait, asked_for) if asked_for <= LONGEST_OUTAGE else wait


def wait_when_throttled(
    retry_after: float | None, throttles_in_a_row: int, *, random: Callable[[], float]
) -> float | None:
    """Return the seconds for which everybody pauses after a 429, None where waiting has become pointless.

    Retry-After is obeyed where it is there and bearable; it is unreliable in the field, so without it (or with
    one of 0) the waits double from half a second.
    """
    if throttles_in_a_row > THROTTLES_IN_A_ROW or (retry_after or 0) > LONGEST_RETRY_AFTER:
        return None
    return retry_after or _jittered(_FIRST_THROTTLE_WAIT, throttles_in_a_row, random)


def read_retry_after(headers: Mapping[str, str], *, now: float) -> float | None:
    """Read Retry-After, seconds or a date, as seconds from now; None where it is absent or unreadable.

    `now` is this machine's time; a date is measured against the answer's own `Date`, because the two clocks may
    differ by more than the wait.
    """
    said = headers.get("retry-after", "").strip()
    if said.isascii() and said.isdecimal():
        return float(said[:12])
    until = read_http_date(said)
    if until is None:
        return None
    served_at = read_http_date(headers.get("date", ""))
    return max(0.0, until - (now if served_at is None else served_at))


def read_http_date(said: str) -> float | None:
    """Read an HTTP date as seconds since the epoch; None where it is none."""
    try:
        date = parsedate_to_datetime(said)
        return (date if date.tzinfo is not None else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _jittered(first: float, tries: int, random: Callable[[], float]) -> float:
    longest = min(_LONGEST_WAIT, first * 2.0 ** (tries - 1))
    return longest * (0.5 + random() / 2)


@dataclass(frozen=True, slots=True)
class PaceReport:
    """What the pace came to: 429 answers, seconds paused for them, good answers per second, most under way at once."""

    throttled: int
    seconds_paused: float
    answers_per_second: float
    most_under_way: int


class Pace:
    """Shared by all requests of a run. Grows by one request under way for each good answer, halves on a 429.

    Trouble of the kinds in `once` is never tried again.

    `clock` counts seconds and never goes back; `random` gives numbers from 0 to 1.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        random: Callable[[], float],
        ceiling: int = MOST_UNDER_WAY,
        once: frozenset[FailureKind] = frozenset(),
    ) -> None:
        self._clock = clock
        self._random = random
        self._ceiling = ceiling
        self._once = once
        self._allowed = min(_FIRST_UNDER_WAY, ceiling)
        self._under_way = 0
        self._most_under_way = 0
        self._queue: deque[asyncio.Future[None]] = deque()
        self._queue_again: deque[asyncio.Future[None]] = deque()
        self._paused_until = 0.0
        self._resumption: asyncio.TimerHandle | None = None
        self._throttles_in_a_row = 0
        self._throttled = 0
        self._seconds_paused = 0.0
        self._answered = 0
        self._began = clock()

    @property
    def report(self) -> PaceReport:
        """What the pace has come to so far."""
        lasted = self._clock() - self._began
        per_second = self._answered / lasted if lasted > 0 else 0.0
        return PaceReport(self._throttled, self._seconds_paused, per_second, self._most_under_way)

    @asynccontextmanager
    async def turn(self, *, first: bool = False) -> AsyncIterator[None]:
        """Wait until this request may be sent, first come first served, and hold its place until it is answered.

        `first` is for a request that had its turn and met an expired token: it goes before those who wait.
        """
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        (self._queue_again if first else self._queue).append(place)
        self._admit()
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self._leave()
            raise
        try:
            yield
        finally:
            self._leave()

    def succeeded(self) -> None:
        """Note a good answer: the server bears this much, so one more may be under way."""
        self._answered += 1
        self._throttles_in_a_row = 0
        self._allowed = min(self._ceiling, self._allowed + 1)

    def throttled(self, retry_after: float | None) -> bool:
        """Note a 429: everybody pauses, and fewer are under way afterwards. False where waiting is pointless."""
        self._throttled += 1
        now = self._clock()
        if now < self._paused_until:
            return True  # sent before the pause began: the same throttling, not another one
        self._throttles_in_a_row += 1
        wait = wait_when_throttled(retry_after, self._throttles_in_a_row, random=self._random)
        if wait is None:
            return False
        self.slow_down()
        self._paused_until = now + wait
        self._seconds_paused += wait
        return True

    def slow_down(self) -> None:
        """Let half as many be under way from now on."""
        self._allowed = max(1, self._allowed // 2)

    async def wait_before_retry(self, kind: FailureKind, tries: int, retry_after: float | None) -> bool:
        """Wait before a request is tried again; False, at once, where it has been tried enough."""
        wait = wait_before_retry(kind, tries, random=self._random, retry_after=retry_after)
        if wait is None or kind in self._once:
            return False
        await asyncio.sleep(wait)
        return True

    def _leave(self) -> None:
        self._under_way -= 1
        self._admit()

    def _admit(self) -> None:
        pause = self._paused_until - self._clock()
        if pause > 0:
            if self._resumption is None and (self._queue_again or self._queue):
                self._resumption = asyncio.get_running_loop().call_later(pause, self._resume)
            return
        while (queue := self._queue_again or self._queue) and self._under_way < self._allowed:
            place = queue.popleft()
            if not place.done():
                self._under_way += 1
                self._most_under_way = max(self._most_under_way, self._under_way)
                place.set_result(None)

    def _resume(self) -> None:
        self._resumption = None
        self._admit()
