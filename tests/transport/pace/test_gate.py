"""The gate limits requests in flight, first come first served. After a 429 it pauses all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.transport import virtual

from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.transport.pace import backoff
from cxone_rollcall.transport.pace.backoff import THROTTLES_IN_A_ROW
from cxone_rollcall.transport.pace.gate import Pace, Turn


class Clock:
    """A clock that stops until a test advances it."""

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
        self.turns: dict[int, Turn] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._ends: dict[int, asyncio.Event] = {}

    async def come(self, *names: int, first: bool = False) -> None:
        """Let these come, one after the other."""
        for name in names:
            self._ends[name] = asyncio.Event()
            self._tasks[name] = asyncio.create_task(self._be(name, first))
        await self.settle()

    async def _be(self, name: int, first: bool) -> None:
        async with self.pace.turn(first=first) as self.turns[name]:
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
        """Let all requests in that may enter."""
        for _ in range(10):
            await asyncio.sleep(0)

    async def end(self) -> None:
        """Cancel the requests that still wait."""
        await self.cancel(*self._tasks)
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)


def paced(ceiling: int = 32, clock: Callable[[], float] | None = None) -> Crowd:
    """Return a crowd under a pace."""
    return Crowd(Pace(clock=clock or Clock(), random=lambda: 1.0, ceiling=ceiling))


async def test_concurrency_is_limited() -> None:
    """Concurrency is limited; an answer admits the next in order."""
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
    """Each good answer raises concurrency by one, up to the limit."""
    crowd = paced(ceiling=8)
    crowd.pace.slow_down()
    for successes, allowed in ((0, 4), (3, 7), (99, 8)):
        for _ in range(successes):
            crowd.pace.turn().succeeded()
        await crowd.come(*range(20))
        assert len(crowd.under_way) == allowed
        await crowd.end()


async def test_halves_when_throttled() -> None:
    """A 429 halves concurrency, never to none."""
    clock = Clock()
    crowd = paced(ceiling=8, clock=clock)
    for allowed in (4, 2, 1, 1):
        await crowd.come(0)
        assert crowd.turns[0].throttled(0.001)
        await crowd.end()
        names: list[int] = []
        for name in range(1, 10):
            clock.time += 10  # at any rate
            await crowd.come(name)
            names.append(name)
        assert len(crowd.under_way) == allowed
        await crowd.end()


async def test_a_throttle_pauses_all_requests() -> None:
    """No request is admitted during a pause. After it they are, in order. After it they are, in order."""
    clock = Clock()
    crowd = paced(ceiling=2, clock=clock)
    await crowd.come(1)
    assert crowd.turns[1].throttled(60.0)
    await crowd.come(2, 3)
    await crowd.go(1)
    assert crowd.under_way == []
    clock.time += 59.9
    await crowd.come(4)
    assert crowd.under_way == []
    clock.time += 0.1
    await crowd.come(5)
    assert crowd.under_way == [2]
    clock.time += 10
    await crowd.go(2)
    assert crowd.under_way == [3]
    await crowd.end()


async def test_no_request_is_sent_in_a_pause() -> None:
    """A request that was admitted just before a pause waits. It goes before those that came later."""
    clock = Clock()
    crowd = paced(ceiling=2, clock=clock)
    await crowd.come(1, 2, 3, 4, 5)
    first, second = crowd.turns[1], crowd.turns[2]
    async with asyncio.timeout(5):
        await first.__aexit__(None, None, None)  # lets 3 in, who has had no time to notice
        assert second.throttled(60.0)
        await crowd.settle()
    assert crowd.under_way == [1, 2]
    clock.time += 60
    await crowd.go(2)
    await crowd.come(6)
    assert crowd.under_way == [1, 3]
    await crowd.cancel(1)  # its turn was given back by hand
    await crowd.end()


async def test_a_timer_ends_the_pause() -> None:
    """A timer admits waiting requests after a pause."""
    pace = Pace(clock=asyncio.get_running_loop().time, random=lambda: 1.0)
    async with pace.turn() as turn:
        assert turn.throttled(0.01)
    async with asyncio.timeout(5), pace.turn():
        pass
    assert pace.report.seconds_paused == 0.01


async def test_a_pause_is_told_once() -> None:
    """Each throttling tells its pause, however many 429s it has."""
    crowd, told = paced(ceiling=8, clock=Clock()), list[float]()
    crowd.pace.on_pause = told.append
    await crowd.come(1, 2)
    assert crowd.turns[1].throttled(60.0)
    assert crowd.turns[2].throttled(60.0)
    assert told == [60.0]
    await crowd.end()


async def test_somebody_else_s_pause_is_obeyed() -> None:
    """A pause of somebody else holds requests back. It is not told again, and a shorter one changes nothing."""
    clock, told = Clock(), list[float]()
    crowd = paced(ceiling=8, clock=clock)
    crowd.pace.on_pause = told.append
    crowd.pace.pause(5.0)
    crowd.pace.pause(1.0)
    clock.time += 4.9
    await crowd.come(1)
    assert crowd.under_way == []
    clock.time += 0.2
    await crowd.come(2)
    assert sorted(crowd.under_way) == [1, 2]
    assert (crowd.pace.report.throttled, told) == (0, [])
    await crowd.end()


async def test_late_429s_are_the_same_throttling() -> None:
    """429s of requests sent before the pause are the same throttling. No second pause, no second halving."""
    clock = Clock()
    crowd = paced(ceiling=8, clock=clock)
    await crowd.come(*range(8))
    for turn in crowd.turns.values():
        assert turn.throttled(60.0)
    assert (crowd.pace.report.throttled, crowd.pace.report.seconds_paused) == (8, 60.0)
    await crowd.end()
    for name in range(9):
        clock.time += 60
        await crowd.come(name)
    assert len(crowd.under_way) == 4
    await crowd.end()


async def test_a_late_429_that_asks_for_more_gets_it() -> None:
    """A throttling pauses as long as its longest 429 asks. An absurd Retry-After changes nothing."""
    clock = Clock()
    crowd = paced(ceiling=8, clock=clock)
    await crowd.come(1, 2, 3, 4)
    assert crowd.turns[1].throttled(1.0)
    clock.time += 0.5
    assert crowd.turns[2].throttled(None)
    assert crowd.turns[3].throttled(9.0)
    assert crowd.turns[4].throttled(1e9)
    assert (crowd.pace.report.throttled, crowd.pace.report.seconds_paused) == (4, 9.5)
    await crowd.go(1, 2, 3, 4)
    clock.time += 8.9
    await crowd.come(5)
    assert crowd.under_way == []
    clock.time += 0.1
    await crowd.come(6)
    assert sorted(crowd.under_way) == [5, 6]
    await crowd.end()


async def test_endless_throttling_ends_requests() -> None:
    """Throttlings in a row end the requests. A good answer starts the count again."""
    clock = Clock()
    pace = Pace(clock=clock, random=lambda: 1.0)

    async def throttlings() -> int:
        for count in range(100):
            clock.time += 1000
            async with pace.turn() as turn:
                if not turn.throttled(1.0):
                    return count
        raise AssertionError("for ever")

    assert await throttlings() == THROTTLES_IN_A_ROW
    async with pace.turn() as turn:
        turn.succeeded()
    assert await throttlings() == THROTTLES_IN_A_ROW


async def test_no_wait_after_too_many_throttlings() -> None:
    """After too many throttlings nothing waits. The rest is sent at once, so that the run ends."""
    clock = Clock()
    crowd = paced(clock=clock)
    async with crowd.pace.turn() as turn:
        turn.succeeded()  # so that the first throttling shows a rate
    for _ in range(THROTTLES_IN_A_ROW + 1):
        clock.time += 1000
        async with crowd.pace.turn() as turn:
            turn.throttled(1.0)
    for name in range(50):
        await crowd.come(name)
        assert crowd.under_way == [name]
        assert not crowd.turns[name].throttled(1.0)
        await crowd.go(name)
    await crowd.end()


async def test_cancel_of_a_waiting_request() -> None:
    """A cancelled request leaves the queue; the others keep their places."""
    crowd = paced(ceiling=1)
    await crowd.come(1, 2, 3)
    await crowd.cancel(2)
    await crowd.go(1)
    assert crowd.under_way == [3]
    await crowd.go(3)
    await crowd.come(4)
    assert crowd.under_way == [4]
    await crowd.end()


async def test_cancel_of_a_request_under_way() -> None:
    """A request cancelled under way makes room."""
    crowd = paced(ceiling=1)
    await crowd.come(1, 2)
    await crowd.cancel(1)
    assert crowd.under_way == [2]
    await crowd.end()


async def test_cancel_of_a_request_just_admitted() -> None:
    """A request cancelled just after admission gives its place back."""
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


async def test_repeated_requests_go_first() -> None:
    """Repeated requests (expired token) go first, in order."""
    crowd = paced(ceiling=1)
    await crowd.come(1, 2)
    await crowd.come(8, 9, first=True)
    order = []
    for _ in range(4):
        order += crowd.under_way
        await crowd.go(*crowd.under_way)
    assert order == [1, 8, 9, 2]
    await crowd.end()


@pytest.mark.parametrize("kind", [FailureKind.UNREACHABLE, FailureKind.SERVER_TROUBLE, FailureKind.TIMED_OUT])
def test_waiting_before_a_retry(kind: FailureKind, monkeypatch: pytest.MonkeyPatch) -> None:
    """A retry waits twice as long each time. One too many is refused at once."""
    monkeypatch.setattr(backoff, "FIRST_WAIT", 2.0)
    seconds = []

    async def retries() -> None:
        pace, loop = Pace(clock=Clock(), random=lambda: 1.0), asyncio.get_running_loop()
        for tries in range(1, backoff.TRIES[kind] + 1):
            began = loop.time()
            is_due = await pace.wait_before_retry(kind, tries, None)
            assert is_due == (tries < backoff.TRIES[kind])
            seconds.append(loop.time() - began)
        began = loop.time()
        assert await pace.wait_before_retry(kind, 1, 7.0)
        assert loop.time() - began == pytest.approx(7.0, abs=0.01)

    virtual.run(retries())
    *waits, last = seconds
    assert last == 0.0
    assert waits == pytest.approx([2.0 * 2**number for number in range(len(waits))], abs=0.01)


async def test_the_report_has_answers_per_second() -> None:
    """The report has good answers per second, until the last."""
    clock = Clock()
    pace = Pace(clock=clock, random=lambda: 1.0)
    assert pace.report.answers_per_second == 0.0
    clock.time += 2
    for _ in range(10):
        async with pace.turn() as turn:
            turn.succeeded()
    clock.time += 50
    assert pace.report.answers_per_second == 5.0


@example([("come", 0), ("come", 1), ("429", 0), ("time", 1), ("come", 0), ("good", 0), ("429", 1)])
@given(st.lists(st.tuples(st.sampled_from(("come", "good", "429", "cancel", "time")), st.floats(0, 3)), max_size=60))
def test_limit_pause_and_service_in_any_order_of_events(events: list[tuple[str, float]]) -> None:
    """Never more requests than the ceiling are in flight. None is sent in a pause, and all are served or cancelled."""
    virtual.run(_whatever_happens(events))


async def _whatever_happens(events: list[tuple[str, float]]) -> None:
    loop = asyncio.get_running_loop()
    pace = Pace(clock=loop.time, random=lambda: 0.5, ceiling=5)
    paused_until = 0.0
    under_way: list[tuple[Turn, asyncio.Event]] = []
    tasks: list[asyncio.Task[None]] = []

    async def be() -> None:
        async with pace.turn(first=len(tasks) % 3 == 0) as turn:
            assert loop.time() >= paused_until
            place = (turn, asyncio.Event())
            under_way.append(place)
            assert len(under_way) <= 5
            try:
                await place[1].wait()
            finally:
                under_way.remove(place)

    for event, number in events:
        match event:
            case "come":
                tasks += [asyncio.create_task(be()) for _ in range(1 + int(number))]
            case "cancel" if tasks:
                tasks[int(number * 1000) % len(tasks)].cancel()
            case "time":
                await asyncio.sleep(number)
            case _ if under_way:
                turn, end = under_way[int(number * 1000) % len(under_way)]
                if event == "good":
                    turn.succeeded()
                elif turn.throttled(number) and number:
                    paused_until = max(paused_until, loop.time() + number)
                end.set()
        if number < 2:
            await asyncio.sleep(0)
    while not all(task.done() for task in tasks):  # in virtual time, where waiting for nothing is an error
        for turn, end in under_way:
            turn.succeeded()
            end.set()
        await asyncio.sleep(1.0)
        assert loop.time() < 10_000
    for task in tasks:
        assert task.cancelled() or task.exception() is None
    assert pace.report.most_under_way <= 5
