"""The gate that all requests pass. It limits concurrency and rate, and pauses after a 429.

`Window` and `Rate` decide, without I/O; `Pace` makes the requests wait.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from types import TracebackType

from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.struct import Record
from cxone_rollcall.transport.pace.backoff import LONGEST_RETRY_AFTER, wait_before_retry, wait_when_throttled
from cxone_rollcall.transport.pace.concurrency import Window
from cxone_rollcall.transport.pace.rate import Rate

UNBEARABLE_IN_A_ROW = 2
"""429s in a row, with too long a Retry-After, closing the gate. Too long is more than `LONGEST_RETRY_AFTER`;
nothing is sent for that time."""
MOST_UNDER_WAY = 64
"""Requests in flight."""


class PaceReport(Record):
    """The pace of one run in figures.

    `throttled` counts 429s, `seconds_paused` the seconds for which all requests paused for them. `began` and
    `last_answer` are seconds of the clock, `answered` counts good answers in between.
    """

    clock: Callable[[], float]

    began: float
    last_answer: float
    throttled: int = 0
    seconds_paused: float = 0.0
    answered: int = 0
    most_under_way: int = 0

    @property
    def answers_per_second(self) -> float:
        """Good answers per second since the start, pauses included.

        Without a 429 the time ends with the last answer, else now.
        """
        lasted = (self.clock() if self.throttled else self.last_answer) - self.began
        return self.answered / lasted if lasted > 0 else 0.0


class Turn:
    """The turn of one request. Entering waits for it, leaving gives it back.

    `sent_at` is when it began, and `episode` how many throttlings there had been.
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
        """Note a good answer."""
        self._pace.succeeded(self)

    def throttled(self, retry_after: float | None) -> bool:
        """Note a 429: all requests pause, and then go on more slowly. False if waiting is pointless."""
        return self._pace.throttled(self, retry_after)


class Pace:
    """Lets requests through as fast and as many as the server accepts. First come, first served.

    `clock` counts seconds and never goes back; `random` returns numbers from 0 to 1. Failures of the kinds in `once`
    are never tried again. `on_pause` is called with the seconds of each pause that a 429 begins.
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
        self._window = Window(ceiling=ceiling, began=clock())
        self.report = self.begin_report()
        self._rate = Rate()
        self._under_way = 0
        self._queue: deque[asyncio.Future[int]] = deque()
        self._queue_again: deque[asyncio.Future[int]] = deque()
        self._opening: asyncio.TimerHandle | None = None
        self._episode = self._pauses = 0
        self._throttles_in_a_row = self._unbearable_in_a_row = 0
        self._closed_until = 0.0
        self.on_pause: Callable[[float], None] | None = None

    def begin_report(self) -> PaceReport:
        """Begin another report, for another run at the same pace."""
        now = self._clock()
        self.report = PaceReport(clock=self._clock, began=now, last_answer=now)
        return self.report

    @property
    def closed(self) -> bool:
        """Whether the server asked for a longer pause than we wait. Nothing is sent until it is over."""
        return self._unbearable_in_a_row >= UNBEARABLE_IN_A_ROW and self._clock() < self._closed_until

    def turn(self, *, first: bool = False) -> Turn:
        """A turn, to be held until the request is answered.

        `first` puts a request before those that wait: one that had its turn and met an expired token.
        """
        return Turn(self, first=first)

    def slow_down(self) -> None:
        """Allow half as many requests in flight."""
        self._window.halve()

    async def wait_before_retry(self, kind: FailureKind, tries: int, retry_after: float | None) -> bool:
        """Wait before the next try; False at once after the last."""
        wait = wait_before_retry(kind, tries, random=self._random, retry_after=retry_after)
        if wait is None or kind in self._once:
            return False
        await asyncio.sleep(wait)
        return True

    def succeeded(self, turn: Turn) -> None:
        """Note a good answer."""
        now = self.report.last_answer = self._clock()
        self.report.answered += 1
        self._throttles_in_a_row = self._unbearable_in_a_row = 0
        self._window.answered(now, now - turn.sent_at)
        self._rate.answered(turn.sent_at, now)

    def throttled(self, turn: Turn, retry_after: float | None) -> bool:
        """Note a 429; False if waiting is pointless."""
        now = self._clock()
        self.report.throttled += 1
        if retry_after and retry_after > LONGEST_RETRY_AFTER:
            self._unbearable_in_a_row += 1
            self._closed_until = now + retry_after
        if turn.episode != self._episode:  # sent before the last 429 came: the same throttling
            self._rate.refused_too()
            self._pause(now, retry_after if retry_after and retry_after <= LONGEST_RETRY_AFTER else 0.0)
            return True
        wait = wait_when_throttled(retry_after, self._throttles_in_a_row + 1, random=self._random)
        if wait is None:
            self._rate.forget()
            return False
        self._throttles_in_a_row += 1
        self._episode += 1
        self._pauses += 1
        self._rate.refused(turn.sent_at, now, wait)
        if self._rate.suspended:
            self._window.begin_again(now)
        else:
            self._window.refused(now, self._under_way, until=now + wait + self._rate.growth.hold)
        self.report.seconds_paused += wait
        if self.on_pause is not None:
            self.on_pause(wait)
        return True

    def pause(self, seconds: float) -> None:
        """Send nothing for some seconds. Somebody else with the same key has met a 429."""
        self._pause(self._clock(), seconds)

    async def enter(self, turn: Turn) -> None:
        """Wait until this request may be sent."""
        if self._queue or self._queue_again or not self._admits():
            place: asyncio.Future[int] = asyncio.get_running_loop().create_future()
            (self._queue_again if turn.first else self._queue).append(place)
            self._admit()
            # A pause may begin between being let in and resuming: then it waits again, before all others.
            while await self._let_in(place) != self._pauses:
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
            self._pauses += 1
            self._rate.extend(now + seconds)
            self.report.seconds_paused += longer

    async def _let_in(self, place: asyncio.Future[int]) -> int:
        try:
            return await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self.leave()
            raise

    def _admits(self) -> bool:
        """Whether one more request may be sent now. If only the rate forbids it, a timer opens the gate."""
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
        self.report.most_under_way = max(self.report.most_under_way, self._under_way)
        if self._rate.opens_at:
            self._rate.sent(self._clock(), waited=waited)

    def _admit(self) -> None:
        while (queue := self._queue_again or self._queue) and self._admits():
            place = queue.popleft()
            if not place.done():
                self._take(waited=True)
                place.set_result(self._pauses)

    def _open(self) -> None:
        self._opening = None
        self._admit()
