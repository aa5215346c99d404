"""Requests keep the pace that the server bears: so many under way, first come first served, and one pause for all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from rollcall.model.failure import FailureKind
from rollcall.transport import pace as pacing
from rollcall.transport.pace import THROTTLES_IN_A_ROW, Pace


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.time


class Crowd:
    """Requests that want a turn, each held until it is let go."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self.under_way: list[int] = []
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._ends: dict[int, asyncio.Event] = {}

    async def come(self, *names: int, first: bool = False) -> None:
        """Let these come, one after the other."""
        for name in names:
            self._ends[name] = asyncio.Event()
            self._tasks[name] = asyncio.create_task(self._be(name, first))
        await self.settle()

    async def _be(self, name: int, first: bool) -> None:
        async with self.pace.turn(first=first):
            self.under_way.append(name)
            try:
                await self._ends[name].wait()
            finally:
                self.under_way.remove(name)

    async def go(self, *names: int) -> None:
        """Let these be done."""
        for name in names:
            self._ends[name].set()
        await self.settle()

    async def cancel(self, *names: int) -> None:
        """Cancel these, waiting or under way."""
        for name in names:
            self._tasks[name].cancel()
        await self.settle()

    async def settle(self) -> None:
        """Give everybody the turns that they can have."""
        for _ in range(10):
            await asyncio.sleep(0)

    async def end(self) -> None:
        """Leave nobody behind."""
        await self.cancel(*self._tasks)
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)


def paced(ceiling: int = 32, clock: Callable[[], float] | None = None) -> Crowd:
    """Return a crowd under a pace."""
    return Crowd(Pace(clock=clock or Clock(), random=lambda: 1.0, ceiling=ceiling))


async def test_so_many_at_most() -> None:
    """No more are under way than are allowed, and who leaves lets the next one in, in order."""
    crowd = paced(ceiling=2)
    await crowd.come(1, 2, 3, 4)
    assert crowd.under_way == [1, 2]
    await crowd.go(2)
    assert crowd.under_way == [1, 3]
    await crowd.go(1)
    assert crowd.under_way == [3, 4]
    await crowd.end()
    assert crowd.pace.report.most_under_way == 2


async def test_grows_with_success() -> None:
    """Each good answer lets one more be under way, up to the ceiling."""
    crowd = paced(ceiling=8)
    crowd.pace.slow_down()
    for successes, allowed in ((0, 4), (3, 7), (99, 8)):
        for _ in range(successes):
            crowd.pace.succeeded()
        await crowd.come(*range(20))
        assert len(crowd.under_way) == allowed
        await crowd.end()


async def test_halves_when_throttled() -> None:
    """A 429 halves how many may be under way, and never to none."""
    clock = Clock()
    crowd = paced(ceiling=8, clock=clock)
    for allowed in (4, 2, 1, 1):
        assert crowd.pace.throttled(0.001)
        clock.time += 1
        await crowd.come(*range(9))
        assert len(crowd.under_way) == allowed
        await crowd.end()


async def test_a_throttle_pauses_everybody() -> None:
    """While the pause lasts nobody is let in; when it is over they are, in order."""
    clock = Clock()
    crowd = paced(ceiling=2, clock=clock)
    await crowd.come(1)
    assert crowd.pace.throttled(60.0)
    await crowd.come(2, 3)
    await crowd.go(1)
    assert crowd.under_way == []
    clock.time += 59.9
    await crowd.come(4)
    assert crowd.under_way == []
    clock.time += 0.1
    await crowd.come(5)
    assert crowd.under_way == [2]
    await crowd.go(2)
    assert crowd.under_way == [3]
    await crowd.end()


async def test_the_pause_ends_by_itself() -> None:
    """When a pause is over, those who wait are let in without anybody coming or leaving."""
    pace = Pace(clock=asyncio.get_running_loop().time, random=lambda: 1.0)
    assert pace.throttled(0.01)
    async with asyncio.timeout(5), pace.turn():
        pass
    assert pace.report.seconds_paused == 0.01


async def test_one_throttling_is_one() -> None:
    """Answers 429 to requests sent before the pause are the same throttling: no longer pause, no second halving."""
    clock = Clock()
    crowd = paced(ceiling=8, clock=clock)
    assert crowd.pace.throttled(60.0)
    for _ in range(30):
        assert crowd.pace.throttled(60.0)
    assert (crowd.pace.report.throttled, crowd.pace.report.seconds_paused) == (31, 60.0)
    clock.time += 60
    await crowd.come(*range(9))
    assert len(crowd.under_way) == 4
    await crowd.end()


def test_throttled_for_ever() -> None:
    """Throttlings in a row, with no good answer between them, come to an end; a good answer begins anew."""
    clock = Clock()
    pace = Pace(clock=clock, random=lambda: 1.0)

    def throttlings() -> int:
        for count in range(100):
            clock.time += 1000
            if not pace.throttled(1.0):
                return count
        raise AssertionError("for ever")

    assert throttlings() == THROTTLES_IN_A_ROW
    pace.succeeded()
    assert throttlings() == THROTTLES_IN_A_ROW


async def test_cancel_of_who_waits() -> None:
    """Who gives up waiting leaves the queue; nobody else's place is lost."""
    crowd = paced(ceiling=1)
    await crowd.come(1, 2, 3)
    await crowd.cancel(2)
    await crowd.go(1)
    assert crowd.under_way == [3]
    await crowd.go(3)
    await crowd.come(4)
    assert crowd.under_way == [4]
    await crowd.end()


async def test_cancel_of_who_is_under_way() -> None:
    """Who is cancelled under way makes room."""
    crowd = paced(ceiling=1)
    await crowd.come(1, 2)
    await crowd.cancel(1)
    assert crowd.under_way == [2]
    await crowd.end()


async def test_cancel_in_the_moment_of_being_let_in() -> None:
    """Who is cancelled after being let in, and before noticing, gives the place back."""
    pace = Pace(clock=Clock(), random=lambda: 1.0, ceiling=1)

    async def take() -> None:
        async with pace.turn():
            pass

    async with pace.turn():
        waiting = asyncio.create_task(take())
        await asyncio.sleep(0)
    waiting.cancel()  # its place was given to it just now
    with pytest.raises(asyncio.CancelledError):
        await waiting
    async with asyncio.timeout(5), pace.turn():
        pass


async def test_those_again_go_first() -> None:
    """Who comes again for an expired token goes before those who wait, in the order of coming again."""
    crowd = paced(ceiling=1)
    await crowd.come(1, 2)
    await crowd.come(8, 9, first=True)
    order = []
    for _ in range(4):
        order += crowd.under_way
        await crowd.go(*crowd.under_way)
    assert order == [1, 8, 9, 2]
    await crowd.end()


async def test_waiting_before_a_retry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A retry that is due is waited for; one too many is refused at once."""
    monkeypatch.setattr(pacing, "_FIRST_WAIT", 0.0)
    pace = Pace(clock=Clock(), random=lambda: 1.0)
    assert await pace.wait_before_retry(FailureKind.UNREACHABLE, 3, None)
    assert not await pace.wait_before_retry(FailureKind.UNREACHABLE, 4, None)


def test_report() -> None:
    """The report tells the good answers a second since the start."""
    clock = Clock()
    pace = Pace(clock=clock, random=lambda: 1.0)
    assert pace.report.answers_per_second == 0.0
    clock.time += 2
    for _ in range(10):
        pace.succeeded()
    assert pace.report.answers_per_second == 5.0
