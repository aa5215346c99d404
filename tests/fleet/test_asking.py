"""How a worker asks for tickets, and counts those that it takes. Without an engine."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace
from typing import Any, cast

import pytest
from tests.fleet.seats import polled
from tests.fleet.test_worker import ACME, BEAT, Here, Told, running

from cxone_rollcall.config.fleet import FleetTenant
from cxone_rollcall.fleet import tickets, worker
from cxone_rollcall.model.struct import replace


async def test_an_engine_that_refuses_is_asked_some_times_a_beat(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal that comes at once makes no loop without a pause."""
    engine = Told()

    async def refuse(**given: float) -> Any:
        await asyncio.sleep(0)
        return SimpleNamespace(reply="", headers={"Status": "409"})

    monkeypatch.setattr(engine, "next_msg", refuse)
    async with running(engine):
        for _ in range(2):
            await engine.next(b'{"worker"')  # once a beat
        assert 1 <= sum(data.startswith(b'{"batch"') for _, data in engine.sent) <= 11


async def test_without_a_connection_no_ticket_is_asked_for() -> None:
    """It is looked at some times a beat."""
    engine = Told()
    engine.is_there = False
    async with running(engine):
        await engine.next(b'{"worker"')
        engine.looks = 0
        await engine.next(b'{"worker"')
        assert 1 <= engine.looks <= 3 * worker.ASKING
        assert [data for _, data in engine.sent if data.startswith(b'{"batch"')] == []
        engine.is_there = True
        assert await engine.priority() == 0


async def test_a_worker_with_too_much_asks_last() -> None:
    """Else the more it holds, the later it is served. What it has just taken counts as starting."""
    here, taken_at = Here(Told(), {}), {"a": 100.0, "b": 100.0 - BEAT, "c": 100.0, "d": 100.0}
    for name, moment in taken_at.items():
        last = polled() if name == "c" else None
        here.worker.held[name] = cast(Any, SimpleNamespace(last=last, taken_at=moment))
    here.worker._considered |= {"d", "e"}  # noqa: SLF001
    assert (here.worker.load, here.worker._starting) == (5, 3)  # noqa: SLF001  a and d, and e
    assert json.loads(here.worker._wish())["priority"] == 5  # noqa: SLF001
    load = SimpleNamespace(data=b'{"worker": "x", "held": 0, "capacity": 9}')
    await here.worker._hear(cast(Any, load))  # noqa: SLF001
    assert json.loads(here.worker._wish())["priority"] == 9  # noqa: SLF001


async def test_tickets_that_are_taken_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that was refused before is no longer told of."""

    class Held:
        def __init__(self, *given: object, **more: object) -> None:
            pass

        async def take(self) -> bool:
            return True

        async def run(self) -> None:
            pass

    monkeypatch.setattr(worker, "Tenancy", Held)
    environ = dict[str, str]()
    here, message = Here(Told(), environ), SimpleNamespace(data=tickets.encode(ACME), reply="$JS.ACK.2")
    for taken, refused in ((0, ["acme"]), (1, []), (2, [])):
        await here.worker._consider(cast(Any, message))  # noqa: SLF001
        status = here.worker.status()
        assert (status["taken"], list(status["refused"]), here.worker.load) == (taken, refused, 0)
        environ["SECRET"] = "s"


async def test_a_worker_takes_no_more_than_its_capacity(monkeypatch: pytest.MonkeyPatch) -> None:
    """A ticket counts as soon as it has come."""
    taken = list[str]()

    class Held:
        leaving = last = None
        taken_at = 0.0

        def __init__(self, tenant: FleetTenant, *given: object, **more: object) -> None:
            taken.append(tenant.id)
            self.left = asyncio.Event()

        async def take(self) -> bool:
            return True

        async def run(self) -> None:
            await self.left.wait()

        async def leave(self) -> None:
            self.left.set()

        def looked(self) -> None:
            pass

    monkeypatch.setattr(worker, "Tenancy", Held)
    engine = Told()
    async with running(engine, SECRET="s") as here:
        here.worker.capacity = 1
        for name in ("a", "b"):
            engine.give(replace(ACME, id=name))
        for _ in range(2):
            await engine.next(b'{"worker": "w", "held": 1')
        assert taken == ["a"]
