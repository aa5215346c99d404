"""One tenant's records, written through faults of the engine. In memory."""

from __future__ import annotations

import asyncio
import itertools
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fleet.memory import Memory
from tests.fleet.seats import polled, seat
from tests.fleet.test_operator import ACME, NO_LEADER, set_up

from cxone_rollcall.fleet import log, records
from cxone_rollcall.fleet.engine import API, Engine, Refused, Stored
from cxone_rollcall.fleet.lease import LONGEST_BUFFER, Refusal
from cxone_rollcall.fleet.log import Ended, Log
from cxone_rollcall.fleet.records import Changed, Looked, Record
from cxone_rollcall.live.tasks import ended
from cxone_rollcall.model.struct import replace

FAULTS = {
    "lost": Refusal.SILENT,
    "silent": Refusal.SILENT,
    "transient": Refusal.TRANSIENT,
    "leaderless": Refusal.LEADERLESS,
}
"""What a write meets, and how it is refused. With `lost`, only the confirmation is."""


class Stream:
    """A tenant's history. Each write meets the next fault, until there are no more. `now` is the time."""

    def __init__(self, faults: list[str]) -> None:
        self.now = 0.0
        self.found: list[Record] = []
        self._faults = iter(faults)

    def clock(self) -> float:
        """The time in seconds."""
        return self.now

    async def publish(self, subject: str, data: bytes, *, after: int | None, within: float) -> int:
        """Store a record, if `after` is the last one."""
        if not subject.startswith("hist."):
            return 1
        fault = next(self._faults, "")
        if fault in ("silent", "transient", "leaderless"):
            raise Refused(FAULTS[fault])
        if after != len(self.found):
            raise Refused(Refusal.MISMATCH)
        self.found.append(records.decode_record(data))
        if fault:
            raise Refused(FAULTS[fault])
        return len(self.found)

    async def last(self, stream: str, subject: str, *, within: float) -> Stored | None:
        """The last record."""
        if next(self._faults, "") == "silent":
            raise Refused(Refusal.SILENT)
        return Stored(len(self.found), subject, records.encode(self.found[-1])) if self.found else None


def _log(engine: object) -> Log:
    return Log(
        cast(Engine, engine),
        "eu",
        "acme",
        owner="w",
        confirm=1.0,
        on_written=lambda sent: None,
        on_leaderless=lambda: None,
    )


def _record(number: int, owner: str = "w") -> Record:
    change = Changed(str(number), None, seat(str(number)))
    return Record(owner=owner, token=f"{owner}{number}", number=number, polled=polled(), changes=(change,))


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries follow each other at once."""
    monkeypatch.setattr(log, "RETRY", 0.0)


@given(st.lists(st.sampled_from(["", *FAULTS]), max_size=12))
async def test_each_record_is_written_once(faults: list[str]) -> None:
    """Whatever a write meets, all records follow in order, each once."""
    stream = Stream(faults)
    written = _log(stream)
    for number in range(1, 5):
        written.append(_record(number))
    writing = asyncio.create_task(written.write())
    await written.drained.wait()
    writing.cancel()
    assert [record.number for record in stream.found] == [1, 2, 3, 4]
    assert (written.floor.number, written.floor.sequence, list(written.floor.seats)) == (4, 4, ["1", "2", "3", "4"])


@given(st.lists(st.sampled_from(["", *FAULTS]), max_size=12), st.integers(0, 3))
async def test_nobody_writes_after_a_successor(faults: list[str], before: int) -> None:
    """Rule 4: after another's take record there is none of ours."""
    stream = Stream(faults)
    written = _log(stream)
    for number in range(1, before + 1):
        written.append(_record(number))
    writing = asyncio.create_task(written.write())
    await written.drained.wait()
    stream.found.append(Record(owner="other", token="t", number=before, take=True))
    written.append(_record(before + 1))
    with pytest.raises(Ended, match="other has taken it") as caught:
        await writing
    assert not caught.value.give_back
    assert [record.owner for record in stream.found] == ["w"] * before + ["other"]


async def test_what_waits_too_long_gives_the_ticket_back() -> None:
    """An engine without a leader is waited for, but not for ever."""
    stream = Stream(["leaderless"] * 10**6)
    written = _log(stream)
    written.append(_record(1))
    writing = asyncio.create_task(written.write())
    for _ in itertools.repeat(None, 20):
        await asyncio.sleep(0)
        assert not writing.done()
        stream.now += LONGEST_BUFFER / 20
    stream.now += 1.0
    with pytest.raises(Ended, match="took nothing for too long: the ticket") as caught:
        await writing
    assert caught.value.give_back
    assert stream.found == []


async def test_a_stopped_process_tries_before_it_gives_up() -> None:
    """What waited meanwhile is written if the engine takes it."""
    stream = Stream([])
    written = _log(stream)
    written.append(_record(1))
    stream.now += 2 * LONGEST_BUFFER
    writing = asyncio.create_task(written.write())
    await written.drained.wait()
    writing.cancel()
    assert [record.number for record in stream.found] == [1]


async def test_a_history_that_is_too_old_begins_anew() -> None:
    """A tenant whose records have all expired is written on."""
    stream = Stream([])
    written = _log(stream)
    written.begin(7, 3)
    written.append(_record(4))
    writing = asyncio.create_task(written.write())
    await written.drained.wait()
    writing.cancel()
    assert (written.floor.sequence, [record.number for record in stream.found]) == (1, [4])


async def test_an_own_record_that_nobody_remembers_is_not_written_over() -> None:
    """What is known goes after it."""
    stream = Stream([])
    stream.found = [_record(3), replace(_record(3), token="forgotten")]
    written = _log(stream)
    written.begin(1, 3)
    written.append(_record(4))
    writing = asyncio.create_task(written.write())
    await written.drained.wait()
    writing.cancel()
    assert (written.floor.sequence, [record.token for record in stream.found]) == (3, ["w3", "forgotten", "w4"])


async def _written(memory: Memory, *some: Record) -> Log:
    """A log with these records, all written. Its holder is `w`."""
    made = _log(memory.engine)
    for record in some:
        made.append(record)
    writing = asyncio.create_task(made.write())
    await made.drained.wait()
    await ended([writing])
    return made


async def test_a_successor_begins_with_a_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is kept after some records, or after an owner's first. A successor reads what came after it."""
    monkeypatch.setattr(log, "SNAPSHOT", 3)
    memory = await set_up(ACME)
    await _written(memory, *(_record(number) for number in (1, 2)))
    assert memory.kept["SNAP-eu"] == []
    memory = await set_up(ACME)
    await _written(memory, *(_record(number) for number in (1, 2, 3)))
    assert [one.subject for one in memory.kept["SNAP-eu"]] == ["snap.eu.acme.0"]
    await memory.engine.publish("hist.eu.acme", records.encode(_record(4)), after=3, within=1.0)
    await memory.engine.publish("hist.eu.other", records.encode(_record(9)), after=None, within=1.0)
    memory.kept["HIST-eu"] = memory.kept["HIST-eu"][3:]  # the older ones are gone
    successor = await _written(memory)
    await successor.load(4)
    assert (list(successor.floor.seats), successor.floor.number, successor.number) == (["1", "2", "3", "4"], 4, 4)
    early = await _written(memory)
    memory.kept["HIST-eu"] = []
    await early.load(0)
    assert (early.floor.seats, early.floor.sequence) == ({}, 0)  # the snapshot is younger
    resumed = await set_up(ACME)
    await _written(resumed, replace(_record(1), resumed=True))
    assert len(resumed.kept["SNAP-eu"]) == 1


async def test_a_replica_that_is_behind_is_asked_again() -> None:
    """Some records may come late. One that gives none for long is given up."""
    memory = await set_up(ACME)
    for number in (1, 2):
        await memory.engine.publish("hist.eu.acme", records.encode(_record(number)), after=None, within=1.0)
    silent = [0] * (log.MOST_TRIES - 1)
    whole, counts = memory.kept["HIST-eu"], [*silent, 1, *silent, 2]

    class Behind(Engine):
        async def read(self, stream: str, subject: str, start: int, *, within: float = 2.0) -> list[Stored]:
            memory.kept["HIST-eu"] = whole[: counts.pop(0)] if counts else []
            return await super().read(stream, subject, start, within=within)

    behind = Behind(memory.engine.nats)
    found = [one.sequence async for one in log.read_until(behind, "HIST-eu", "hist.eu.acme", 1, 2)]
    assert (found, counts) == ([1, 2], [])
    with pytest.raises(Refused, match="SILENT"):
        assert [one async for one in log.read_until(behind, "HIST-eu", "hist.eu.acme", 1, 2)] == []
    memory.kept["HIST-eu"] = whole
    assert [one.sequence async for one in log.read_until(memory.engine, "HIST-eu", "hist.eu.acme", 1, 1)] == [1]


async def test_a_replica_has_time_to_catch_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked again after a pause."""
    monkeypatch.setattr(log, "RETRY", 0.01)
    memory = await set_up(ACME)
    await memory.engine.publish("hist.eu.acme", records.encode(_record(1)), after=None, within=1.0)
    late, memory.kept["HIST-eu"] = memory.kept["HIST-eu"], []
    asyncio.get_running_loop().call_later(0.02, memory.kept["HIST-eu"].extend, late)
    assert [one.sequence async for one in log.read_until(memory.engine, "HIST-eu", "hist.eu.acme", 1, 1)] == [1]


async def test_what_the_last_holder_saw_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A newer version wrote it, or the engine has no leader. Then the gap is longer."""
    memory = await set_up(ACME)
    made = _log(memory.engine)
    seen = records.Seen({"acme": Looked(0, "r", polled(150.0))})
    monkeypatch.setattr(records, "SCHEMA", records.SCHEMA + 1)
    newer = records.encode(seen)
    monkeypatch.undo()
    await memory.engine.publish("seen.eu.a", newer, after=None, within=1.0)
    await made.confirm("a")
    memory.errors = {f"{API}.STREAM.MSG.GET": NO_LEADER}
    await made.confirm("a")
    assert made.floor.as_of is None
    memory.errors = {}
    await memory.engine.publish("seen.eu.a", records.encode(seen), after=None, within=1.0)
    await made.confirm("a")
    assert made.floor.as_of == 150.0
