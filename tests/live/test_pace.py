"""Slow servers, stops of the process, clocks that jump."""

from __future__ import annotations

import asyncio

import pytest
from tests.live.clockwork import changes, watched
from tests.live.test_rules import CONTRACTS, assert_balanced, assert_true

from cxone_rollcall.live.poller import Times


@CONTRACTS
async def test_a_slow_server_stretches_the_interval(contract: str) -> None:
    """A whole look that takes 20 s is repeated after a pause."""
    async with watched(40, contract, times=Times(interval=10)) as watching:
        clockwork = watching.clockwork

        async def slow(task: asyncio.Task[object], seconds: float) -> bool:
            await asyncio.wait((task,))
            clockwork.now += min(took[0], seconds)
            took[0] -= min(took[0], seconds)
            return took[0] <= 0

        took = [20.0]
        watching.poller._in_time = slow  # noqa: SLF001
        await watching.polls_of(2)
        assert [poll.ok for poll in watching.polls] == [False, True]
        assert watching.polls[-1].interval == 30
        began = clockwork.now
        took[0] = 0.0
        await watching.poll()
        assert clockwork.now - began == pytest.approx(10, abs=1)
        assert watching.polls[-1].interval == 10


@CONTRACTS
async def test_a_jump_of_the_local_clock_changes_nothing(contract: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Times are those of the server, whatever our clock shows."""
    async with watched(120, contract) as watching:
        await watching.poll()
        begin = watching.polls[-1].as_of
        assert begin is not None
        monkeypatch.setattr(watching.poller.client.server_clock, "_wall_clock", lambda: 86_400.0)
        watching.world.emulator.advance(600)
        moved = changes(await watching.poll())
        as_of, age = watching.polls[-1].as_of, watching.polls[-1].age
        assert as_of is not None
        assert age is not None
        assert 590 <= as_of - begin <= 610
        assert age < 10
        assert moved
        assert all(begin - 10 <= change.after.since.latest <= as_of + 10 for change in moved if change.after)


@pytest.mark.parametrize("fault", ["rate-limit=2", "rate-limit-forever"])
@CONTRACTS
async def test_throttling_makes_no_poll_lie(contract: str, fault: str) -> None:
    """A poll with 429s waits or is missed. It is never whole with agents missing."""
    async with watched(40, contract, request_timeout=0.3) as watching:
        await watching.poll()
        watching.clockwork.patient = False
        watching.break_by(fault)
        for _ in range(4):
            await watching.poll()
            await asyncio.sleep(0)
            assert_balanced(watching)
            assert_true(watching)


async def test_a_process_that_was_stopped_missed_polls() -> None:
    """Intervals in which nothing ran are missed polls. No time is bridged."""
    for intervals, missed, unknown in ((0.9, 0, 0), (2.5, 2, 0), (30.0, 3, 20)):
        async with watched(20) as watching:
            watching.clockwork.stopped = 10.0 * intervals
            await watching.polls_of(1 + missed)
            assert [(one.ok, one.asked) for one in watching.polls[1:]] == [(False, False)] * missed
            assert watching.polls[-1].counts["unknown"] == unknown
            await watching.poll()
            last = watching.polls[-1]
            assert (last.ok, last.asked, last.counts["unknown"]) == (True, True, 0)


async def test_a_slow_reader_of_the_events_misses_polls() -> None:
    """Time that the taker of an event needs is missed, too. A slow disk may need minutes."""
    async with watched(20) as watching:
        await watching.poll()
        watching.clockwork.now += 200.0
        await watching.polls_of(3)
        assert [(one.ok, one.asked) for one in watching.polls[1:]] == [(False, False)] * 3
        assert watching.polls[-1].counts["unknown"] == 20
        await watching.poll()
        assert watching.polls[-1].ok


async def test_a_slow_look_is_no_stop() -> None:
    """A look that takes several intervals has missed those, and none twice."""
    async with watched(20, times=Times(interval=10)) as watching:
        await watching.poll()
        clockwork, left = watching.clockwork, [35.0]

        async def slow(task: asyncio.Task[object], seconds: float) -> bool:
            await asyncio.wait((task,))
            clockwork.now += min(left[0], max(0.0, seconds))
            left[0] -= min(left[0], seconds)
            return left[0] <= 0

        watching.poller._in_time = slow  # noqa: SLF001
        await watching.polls_of(4)
        assert [(one.ok, one.asked) for one in watching.polls[1:]] == [(False, True)] * 3 + [(True, True)]
        left[0] = 0.0
        await watching.poll()
        assert (watching.polls[-1].ok, watching.polls[-1].asked) == (True, True)


@pytest.mark.parametrize("answers", [True, False])
async def test_a_stop_within_a_look_is_no_slow_look(*, answers: bool) -> None:
    """A process that is stopped for an hour polls on at once. Its look may be answered then, or an interval later."""
    async with watched(20, times=Times(interval=10)) as watching:
        await watching.poll()
        clockwork, left = watching.clockwork, [3600.0 if answers else 3612.0]

        async def stopped(task: asyncio.Task[object], seconds: float) -> bool:
            await asyncio.wait((task,))
            now = min(left[0], 3600.0 if left[0] >= 3600.0 else seconds)
            clockwork.now += now
            left[0] -= now
            return left[0] <= 0

        watching.poller._in_time = stopped  # noqa: SLF001
        began = clockwork.now
        await watching.polls_of(8)
        assert clockwork.now - began < 3700
        assert max(one.interval for one in watching.polls) < 40
        assert sum(not one.asked for one in watching.polls) == 3
        assert watching.polls[-1].ok
