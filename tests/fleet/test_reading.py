"""How the records of a zone are read as they come. With an engine in memory."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any, cast

import pytest
from tests.fleet.memory import Memory
from tests.fleet.test_operator import set_up

from cxone_rollcall.fleet import reading, records
from cxone_rollcall.fleet.engine import API
from cxone_rollcall.fleet.records import Record


async def _write(memory: Memory, tenant: str, number: int) -> None:
    """Store a record. The engine says so to who listens."""
    data = records.encode(Record(owner="w", token=f"t{number}", number=number))
    await memory.engine.publish(f"hist.eu.{tenant}", data, after=None, within=1.0)
    await memory.publish(f"live.eu.{tenant}", b"")


async def test_records_are_read_as_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is read once, in order, when the engine announces one. A node may not answer for a while."""
    monkeypatch.setattr(reading, "PAUSE", 0.0)
    monkeypatch.setattr(reading, "LOOK", 3600.0)
    memory = await set_up()
    await _write(memory, "acme", 1)
    await _write(memory, "globex", 2)

    def reads() -> int:
        return sum(subject.startswith(f"{API}.DIRECT.GET") for subject, *_ in memory.sent)

    everything, globex = (cast(Any, reading.follow(memory.engine, "eu", tenant, 1)) for tenant in (None, "globex"))
    async with aclosing(everything) as following:
        assert [reading.record_of(one).number for one in await anext(following)] == [1, 2]
        coming = asyncio.ensure_future(anext(following))
        for _ in range(5):
            await asyncio.sleep(0)
        before = reads()
        await memory.publish("live.eu.acme", b"")  # a replica that is behind has nothing yet
        for _ in range(5):
            await asyncio.sleep(0)
        assert (coming.done(), reads() - before) == (False, 1)
        memory.errors = {f"{API}.DIRECT.GET": {}}
        await _write(memory, "acme", 3)
        for _ in range(5):
            await asyncio.sleep(0)
        memory.errors = {}
        assert [reading.record_of(one).number for one in await coming] == [3]
    async with aclosing(globex) as following:
        assert [one.subject for one in await anext(following)] == ["hist.eu.globex"]
        assert memory.heard == ["live.eu.globex"]
    assert memory.heard == []
