"""How a worker hands tenants over. Without an engine."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace
from typing import Any, cast

import pytest
from tests.fleet.test_worker import Here, Told

from cxone_rollcall.fleet.worker import LONGEST_HANDOVER


class Held:
    """A tenant that is held. If `wanted`, it has a `successor` once it is left."""

    def __init__(self, *, wanted: bool) -> None:
        self.leaving = False
        self.last = None
        self.taken_at = 0.0
        self.left = 0
        self.successor = asyncio.Event()
        self._wanted = wanted

    async def leave(self) -> None:
        """Look for a successor."""
        self.leaving = True
        self.left += 1
        if self._wanted:
            self.successor.set()

    def looked(self) -> None:
        """Nothing was polled."""


def hold(here: Here, number: int, *, wanted: bool = False) -> list[Held]:
    """Let a worker hold some tenants. Each is given up when it has a successor."""
    found = [Held(wanted=wanted) for _ in range(number)]

    async def run(name: str, held: Held) -> None:
        await held.successor.wait()
        del here.worker.held[name]

    for place, held in enumerate(found):
        name = f"t{place}"
        here.worker.held[name] = cast(Any, held)
        here.worker._start(run(name, held))  # noqa: SLF001
    return found


async def hear(here: Here, *, held: int, capacity: int) -> None:
    """Let another worker tell its load."""
    load = json.dumps({"worker": "x", "held": held, "capacity": capacity}).encode()
    await here.worker._hear(cast(Any, SimpleNamespace(data=load)))  # noqa: SLF001


@pytest.mark.parametrize(
    ("number", "room", "leaving", "then"), [(40, 40, 4, 3), (40, 2, 1, 0), (9, 9, 1, 1), (9, 0, 0, 0)]
)
async def test_a_worker_with_too_much_hands_a_tenth_over(number: int, room: int, leaving: int, then: int) -> None:
    """It gives at most its surplus. More follows once that is taken."""
    engine = Told()
    here = Here(engine, {})
    here.worker.capacity = number
    found = hold(here, number)
    await hear(here, held=0, capacity=room)
    balancing = asyncio.create_task(here.worker._balance())  # noqa: SLF001
    for _ in range(3):
        await engine.next(b'{"worker": "w"')
    assert [held.left for held in found] == [1] * leaving + [0] * (number - leaving)
    for held in found[:leaving]:
        held.successor.set()
    await hear(here, held=leaving, capacity=room)
    await engine.next(b'{"worker": "w"')
    await engine.next(b'{"worker": "w"')
    assert sum(held.left for held in found[leaving:]) == then
    balancing.cancel()
    await asyncio.gather(balancing, return_exceptions=True)
    for held in found:
        held.successor.set()


async def ended(here: Here) -> None:
    """Run a worker that is stopped at once."""
    stopped = asyncio.Event()
    stopped.set()
    await here.worker.run(stopped)


async def test_a_worker_that_ends_waits_for_its_successors() -> None:
    """It leaves each tenant once. If all are taken over, it says nothing."""
    here = Here(Told(), {})
    found = hold(here, 3, wanted=True)
    await ended(here)
    assert [held.left for held in found] == [1, 1, 1]
    assert (here.worker.held, here.said, here.worker.status()["leaving"]) == ({}, [], True)


@pytest.mark.parametrize(("number", "tenants"), [(1, "1 tenant"), (3, "3 tenants")])
async def test_a_worker_without_a_successor_says_what_stays(number: int, tenants: str) -> None:
    """If nobody has room, it does not wait. Else not for ever."""
    for capacity in (0, 9):
        engine = Told()
        here = Here(engine, {})
        hold(here, number)
        ending = asyncio.create_task(ended(here))
        await engine.next(b'{"batch"')
        await hear(here, held=0, capacity=capacity)
        if capacity:
            for _ in range(3):
                assert json.loads(await engine.next(b'{"worker": "w"'))["capacity"] == 0
                assert not ending.done()
                assert [data for _, data in engine.sent if data.startswith(b'{"batch"')] == []
                await hear(here, held=0, capacity=capacity)
            engine.now += LONGEST_HANDOVER
            await hear(here, held=0, capacity=capacity)
        await ending
        assert here.said == [f"no other worker took over {tenants}: start one that has room"]


async def test_the_only_worker_says_nothing_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the operator's wish that nobody polls."""

    async def listen(subject: str, take: object) -> Any:
        async def end() -> None:
            pass

        return end

    engine = Told()
    monkeypatch.setattr(engine, "listen", listen)
    here = Here(engine, {})
    hold(here, 2)
    await ended(here)
    assert here.said == []
