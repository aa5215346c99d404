"""How fast to ask, and when to ask again: retries, backoff, and one pace for all requests of a run.

The decisions are functions of values (`wait_before_retry`, `read_retry_after`) and pure values that learn (`Rate`,
`Window`); `Pace` is where all requests of a run wait for their turn.
"""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from rollcall.model.failure import FailureKind
from rollcall.model.value import Value
from rollcall.transport.rate import Rate
from rollcall.transport.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

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
UNBEARABLE_IN_A_ROW = 2
"""After so many 429s that ask for more, with no good answer in between, it is left alone for that time."""
LONGEST_OUTAGE = 30.0
"""Seconds that a 503 may ask for and that one request waits; it holds up nobody else."""
MOST_UNDER_WAY = 64
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

    Retry-After is obeyed where it is there and bearable. It is unreliable in the field: without it (or with one of
    0) the waits double from half a second, and where it was obeyed and was too short they do so too.
    """
    if throttles_in_a_row > THROTTLES_IN_A_ROW or (retry_after or 0) > LONGEST_RETRY_AFTER:
        return None
    if retry_after and throttles_in_a_row == 1:
        return retry_after
    return max(retry_after or 0.0, _jittered(_FIRST_THROTTLE_WAIT, throttles_in_a_row, random))


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


class PaceReport(Value, frozen=True):
    """What the pace came to: 429 answers, seconds paused for them, good answers per second, most under way at once.

    The seconds run from the beginning to the last good answer.
    """

    throttled: int
    seconds_paused: float
    answers_per_second: float
    most_under_way: int


class Turn:
    """One request's turn: waited for on entering, given back on leaving; its answer is noted while it lasts.

    `sent_at` is when it came, `episode` after how many throttlings.
    """

    __slots__ = ("_pace", "episode", "first", "sent_at")

    def __init__(self, pace: Pace, *, first: bool) -> None:
        self.first = first
        self.sent_at = 0.0
        self.episode = 0
        self._pace = pace

    async def __aenter__(self) -> Turn:
        await self._pace.enter(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pace.leave()

    def succeeded(self) -> None:
        """Note a good answer: the server bears this much, and maybe more."""
        self._pace.succeeded(self)

    def throttled(self, retry_after: float | None) -> bool:
        """Note a 429: everybody pauses, and goes on more slowly afterwards. False where waiting is pointless."""
        return self._pace.throttled(self, retry_after)


class Pace:
    """Shared by all requests of a run: they leave in turn, as many at once and as fast as the server bears.

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
        self._once = once
        self._began = self._last_answer = clock()
        self._window = Window(ceiling=ceiling, began=self._began)
        self._rate = Rate()
        self._under_way = 0
        self._most_under_way = 0
        self._queue: deque[asyncio.Future[int]] = deque()
        self._queue_again: deque[asyncio.Future[int]] = deque()
        self._opening: asyncio.TimerHandle | None = None
        self._episode = 0
        self._throttles_in_a_row = self._unbearable_in_a_row = 0
        self._closed_until = 0.0
        self._throttles = 0
        self._seconds_paused = 0.0
        self._answered = 0

    @property
    def report(self) -> PaceReport:
        """What the pace has come to so far."""
        lasted = self._last_answer - self._began
        per_second = self._answered / lasted if lasted > 0 else 0.0
        return PaceReport(self._throttles, self._seconds_paused, per_second, self._most_under_way)

    @property
    def closed(self) -> bool:
        """Whether the server has asked to be left alone for longer than anybody waits: nothing more is to be sent."""
        return self._unbearable_in_a_row >= UNBEARABLE_IN_A_ROW and self._clock() < self._closed_until

    def turn(self, *, first: bool = False) -> Turn:
        """Return a turn to be waited for, first come first served, and held until the request is answered.

        `first` is for a request that had its turn and met an expired token: it goes before those who wait.
        """
        return Turn(self, first=first)

    def slow_down(self) -> None:
        """Let half as many be under way from now on."""
        self._window.halve()

    async def wait_before_retry(self, kind: FailureKind, tries: int, retry_after: float | None) -> bool:
        """Wait before a request is tried again; False, at once, where it has been tried enough."""
        wait = wait_before_retry(kind, tries, random=self._random, retry_after=retry_after)
        if wait is None or kind in self._once:
            return False
        await asyncio.sleep(wait)
        return True

    def succeeded(self, turn: Turn) -> None:
        """Note a good answer."""
        now = self._last_answer = self._clock()
        self._answered += 1
        self._throttles_in_a_row = self._unbearable_in_a_row = 0
        self._window.answered(now, now - turn.sent_at)
        self._rate.answered(turn.sent_at, now)

    def throttled(self, turn: Turn, retry_after: float | None) -> bool:
        """Note a 429; False where waiting is pointless."""
        now = self._clock()
        self._throttles += 1
        if retry_after and retry_after > LONGEST_RETRY_AFTER:
            self._unbearable_in_a_row += 1
            self._closed_until = now + retry_after
        if turn.episode != self._episode:  # sent before the last one came: the same throttling, not another one
            self._rate.refused_too()
            self._pause(now, retry_after if retry_after and retry_after <= LONGEST_RETRY_AFTER else 0.0)
            return True
        wait = wait_when_throttled(retry_after, self._throttles_in_a_row + 1, random=self._random)
        if wait is None:
            self._rate.forget()
            return False
        self._throttles_in_a_row += 1
        self._episode += 1
        self._rate.refused(turn.sent_at, now, wait)
        if self._rate.lifted:
            self._window.begin_again(now)
        else:
            self._window.refused(now, self._under_way, until=now + wait + self._rate.growth.hold)
        self._seconds_paused += wait
        return True

    async def enter(self, turn: Turn) -> None:
        """Wait until this request may be sent."""
        if self._queue or self._queue_again or not self._admits():
            place: asyncio.Future[int] = asyncio.get_running_loop().create_future()
            (self._queue_again if turn.first else self._queue).append(place)
            self._admit()
            # A pause may begin between being let in and noticing it: then the wait goes on, before all others.
            while await self._let_in(place) != self._episode:
                place = asyncio.get_running_loop().create_future()
                self._queue_again.append(place)
                self.leave()
        else:
            self._take(waited=False)
        turn.sent_at, turn.episode = self._clock(), self._episode

    def leave(self) -> None:
        """Give a turn back."""
        self._under_way -= 1
        if self._queue or self._queue_again:
            self._admit()

    def _pause(self, now: float, seconds: float) -> None:
        longer = now + seconds - max(now, self._rate.opens_at)
        if longer > 0:
            self._rate.extend(now + seconds)
            self._seconds_paused += longer

    async def _let_in(self, place: asyncio.Future[int]) -> int:
        try:
            return await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self.leave()
            raise

    def _admits(self) -> bool:
        """Tell whether one more may leave now; where only the rate is against it, it opens by itself."""
        if self._under_way >= self._window.allowed:
            return False
        opens_at = self._rate.opens_at
        if opens_at and (wait := opens_at - self._clock()) > 0:
            if self._opening is None:
                self._opening = asyncio.get_running_loop().call_later(wait, self._open)
            return False
        return True

    def _take(self, *, waited: bool) -> None:
        self._under_way += 1
        self._most_under_way = max(self._most_under_way, self._under_way)
        if self._rate.opens_at:
            self._rate.sent(self._clock(), waited=waited)

    def _admit(self) -> None:
        while (queue := self._queue_again or self._queue) and self._admits():
            place = queue.popleft()
            if not place.done():
                self._take(waited=True)
                place.set_result(self._episode)

    def _open(self) -> None:
        self._opening = None
        self._admit()
