"""What an operator makes of an engine, and is told of it. With an engine in memory."""

from __future__ import annotations

import asyncio
import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from tests.fleet.memory import GONE, MADE, Memory
from tests.fleet.seats import polled, seat
from tests.support.written import assert_as_written

from cxone_rollcall.config.fleet import FleetFile, FleetTenant
from cxone_rollcall.errors import EngineError
from cxone_rollcall.fleet import operator, records, status, streams, tickets
from cxone_rollcall.fleet.engine import API, Engine, Stored
from cxone_rollcall.fleet.records import Changed, Record
from cxone_rollcall.live.tasks import ended
from cxone_rollcall.model.struct import replace

ACME = FleetTenant("acme", 10.0, {"instance": "h", "contract": "v2"})
GLOBEX = FleetTenant("globex", 5.0, {"profile": "globex"})
NO_LEADER = {"code": 503, "err_code": 10008, "description": "JetStream system temporarily unavailable"}
WRITTEN = Path(__file__).with_name("zone.txt")


async def set_up(*tenants: FleetTenant, beat: float = 10.0) -> Memory:
    """An engine with the zone `eu` and these tenants."""
    memory = Memory()
    await streams.make_so(memory.engine, await streams.look(memory.engine, "eu", beat=beat), beat)
    await apply(memory, *tenants)
    return memory


async def apply(memory: Memory, *tenants: FleetTenant) -> list[str]:
    """Make the tickets those of these tenants. Returns what is told."""
    file, found = FleetFile((), "eu", tenants), await operator.all_tickets(memory.engine, "eu")
    change = operator.plan(tenants, {name: one.data for name, one in found.items()})
    await operator.carry_out(memory.engine, file, change, found)
    return change.lines()


async def told(memory: Memory) -> tuple[str, int, str]:
    """Why a zone cannot be used: error, exit code and example."""
    with pytest.raises(EngineError) as refused:
        await streams.beat_of(memory.engine, "eu")
    return str(refused.value), refused.value.exit_code, refused.value.example


def test_an_engine_is_set_up_as_written() -> None:
    """Streams, the consumer and permissions are as `zone.txt` has them."""
    made: dict[str, Any] = {**streams.wanted_streams("eu", 3), "consumer": streams.wanted_consumer(2.0)}
    lines = [f"{name}: {key} {json.dumps(value)}\n" for name, some in made.items() for key, value in some.items()]
    lines += [f"may {verb} {one}\n" for verb, some in streams.permissions("eu").items() for one in some]
    assert_as_written(WRITTEN, "".join(lines))


async def test_a_zone_is_made_and_changed_in_place() -> None:
    """What is missing is made, and what differs is changed. A setting of somebody else stays."""
    memory = Memory()
    engine = memory.engine
    assert [str(one) for one in (await streams.look(engine, "eu", beat=None)).differs] == [
        *(f"{name}-eu: is missing, will be made" for name in ("TICKETS", "HIST", "SNAP")),
        "TICKETS-eu, consumer workers: is missing, will be made",
    ]
    await streams.make_so(engine, await streams.look(engine, "eu", beat=2.0), 2.0)
    assert list(memory.kept) == ["TICKETS-eu", "HIST-eu", "SNAP-eu", "TOKENS-eu"]
    memory.configs["HIST-eu"] |= {"max_age": 1, "placement": {"cluster": "c"}}
    memory._server_info["cluster"] = "rollcall"  # noqa: SLF001  as a client knows it
    layout = await streams.look(engine, "eu", beat=4.0)
    assert [str(one) for one in layout.differs if "num_replicas" not in str(one)] == [
        "HIST-eu: max_age is 1, must be 604800000000000",
        "TICKETS-eu, consumer workers: ack_wait is 4500000000, must be 9000000000",
    ]
    assert await told(memory) == (
        "the engine is not set up for zone eu:\n"
        "TICKETS-eu: num_replicas is 1, must be 3\n"
        "HIST-eu: num_replicas is 1, must be 3\n"
        "HIST-eu: max_age is 1, must be 604800000000000\n"
        "SNAP-eu: num_replicas is 1, must be 3",
        2,
        "rollcall fleet apply fleet.toml",
    )
    memory.sent.clear()
    await streams.make_so(engine, layout, 4.0)
    verbs = ["STREAM.UPDATE." + name for name in ("TICKETS-eu", "HIST-eu", "SNAP-eu", "TOKENS-eu")]
    assert [subject for subject, *_ in memory.sent] == [
        f"{API}.{verb}" for verb in (*verbs, "CONSUMER.CREATE.TICKETS-eu.workers")
    ]
    assert memory.configs["HIST-eu"]["placement"] == {"cluster": "c"}
    assert (await streams.look(engine, "eu", beat=4.0)).differs == ()
    assert await streams.beat_of(engine, "eu") == 4.0


async def test_what_the_engine_refuses_is_told() -> None:
    """A setting that it cannot change is an error. Nodes that are few are waited for, but not for ever."""
    memory = Memory()
    layout = await streams.look(memory.engine, "eu", beat=2.0)
    memory.errors = {f"{API}.STREAM.CREATE.HIST": {"code": 400, "err_code": 10052, "description": "no room"}}
    with pytest.raises(EngineError, match=r"the engine refuses STREAM\.CREATE\.HIST-eu: no room") as refused:
        await streams.make_so(memory.engine, layout, 2.0)
    assert refused.value.exit_code == 2
    few = {"code": 400, "err_code": streams.NO_PEERS, "description": "no suitable peers"}
    memory.errors = {f"{API}.STREAM.CREATE.HIST": few}
    times = itertools.count()
    memory.engine.clock = lambda: float(next(times))  # type: ignore[method-assign]
    asked = len(memory.sent)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(EngineError, match="no suitable peers"):
        patch.setattr(streams, "AGAIN", 0.0)
        await streams.make_so(memory.engine, layout, 2.0)
    assert streams.JOINING / 3 < len(memory.sent) - asked < streams.JOINING + 2
    asked = len(memory.sent)
    waiting = asyncio.create_task(streams.make_so(memory.engine, layout, 2.0))
    for _ in range(20):
        await asyncio.sleep(0)
    await ended([waiting])
    assert len(memory.sent) - asked == 2  # it waits before it asks again
    memory.errors = {f"{API}.STREAM.INFO.HIST": NO_LEADER}
    assert "does not answer: most of its nodes may be down" in (await told(memory))[0]
    for code, exit_code in ((401, 4), (403, 4), (400, 3)):
        memory.errors = {API: {"code": code, "err_code": 1, "description": "not you"}}
        assert (await told(memory))[:2] == ("the engine refuses: not you", exit_code)


async def test_a_tenant_that_is_removed_has_no_holder() -> None:
    """Its history ends with a record of nobody, which keeps the number. Its holder is told to stop."""
    memory, heard = await set_up(ACME, GLOBEX), list[bytes]()

    async def hear(message: Any) -> None:
        heard.append(message.data)
        await message.respond(b"stopped")

    await memory.engine.listen("holder.eu.acme", hear)
    held = Record(owner="w", token="t", number=3, polled=polled())
    await memory.engine.publish("hist.eu.acme", records.encode(held), after=0, within=1.0)
    assert await apply(memory, GLOBEX) == ["tenant acme: is removed"]
    assert [one.subject for one in memory.kept["TICKETS-eu"]] == ["ticket.eu.globex"]
    last = records.decode_record(memory.kept["HIST-eu"][-1].data)
    assert (last.owner, last.number, last.take, last.polled) == ("", 3, True, None)
    assert heard == [b"stop "]
    assert [await operator.has_ticket(memory.engine, "eu", name) for name in ("acme", "globex")] == [False, True]


async def test_a_record_that_is_written_meanwhile_does_not_hide_that_a_tenant_is_removed() -> None:
    """Its holder may write while it is removed. Another error ends it, to be applied again."""
    memory = await set_up(ACME)
    held = records.encode(Record(owner="w", token="t", number=3))
    await memory.engine.publish("hist.eu.acme", held, after=0, within=1.0)
    request, writes = memory.request, [held]

    async def race(subject: str, data: bytes, **given: Any) -> Any:
        if subject == "hist.eu.acme" and writes:
            await request(subject, writes.pop(), headers=None)
        return await request(subject, data, **given)

    memory.request = race  # type: ignore[method-assign]
    assert await apply(memory) == ["tenant acme: is removed"]
    assert [records.decode_record(one.data).owner for one in memory.kept["HIST-eu"]] == ["w", "w", ""]
    await apply(memory, ACME)
    memory.errors = {"hist.eu.acme": NO_LEADER}
    with pytest.raises(EngineError, match="stores nothing now: JetStream system temporarily unavailable"):
        await apply(memory)


async def test_tickets_of_many_tenants_are_read() -> None:
    """A read ends with some. The next goes on after them."""
    some = [replace(ACME, id=f"t{number}") for number in range(401)]
    memory = await set_up(*some)
    found = await operator.read_tickets(memory.engine, "eu")
    assert [tickets.decode(one.data) for one in found.values()] == some
    memory.errors = {f"{API}.DIRECT.GET": NO_LEADER}
    with pytest.raises(EngineError, match="does not answer"):
        await operator.read_tickets(memory.engine, "eu")


async def test_a_zone_that_is_not_there_has_no_history() -> None:
    """Its error is not that of an engine without a leader."""
    memory = Memory()
    with pytest.raises(EngineError, match="there is no history of zone eu: stream not found") as refused:
        await operator.last_sequence(memory.engine, "eu")
    assert refused.value.exit_code == 2
    memory = await set_up(ACME)
    assert (await operator.last_sequence(memory.engine, "eu"), await operator.made_at(memory.engine, "eu")) == (
        0,
        round(MADE * 1e6),
    )


async def test_a_status_has_every_tenant_and_worker() -> None:
    """A tenant's worker tells of it, or else its last record. Times are the engine's."""
    memory = await set_up(ACME, GLOBEX)
    found = [Changed("1", None, seat("1"))]
    end = polled(as_of=MADE, counts={"roster": 1, "present": 1}, interval=5.0)
    record = Record(owner="w", token="t", number=1, polled=end, changes=tuple(found))
    await memory.engine.publish("hist.eu.globex", records.encode(record), after=0, within=1.0)
    one = {"tenant": "acme", "interval": 10.0, "age": 2.0, "whole_age": 40.0, "held": 99.0, "counts": {"roster": 9}}
    one |= {"number": 7, "findings": ["RC102"], "missed": "no answer", "ok": False, "buffered": 0}
    workers = [
        {"worker": "b", "capacity": 9, "tenants": [one], "refused": {}},
        {"worker": "a", "capacity": 8, "tenants": [], "refused": {"globex": "no secret"}},
    ]

    async def tell(message: Any) -> None:
        for worker in workers:
            await message.respond(json.dumps(worker).encode())

    await memory.engine.listen("fleet.eu.status", tell)
    memory.now = MADE + 60.0
    shown = await status.survey(memory.engine, "eu")
    assert shown == {
        "schema": "rollcall/fleet/1",
        "tenants": [
            {
                "tenant": "acme",
                "worker": "b",
                "interval": 10.0,
                "last_poll_at": "2026-03-02T10:30:58.000Z",
                "age": 2.0,
                "late": False,
                "whole_age": 40.0,
                "blind": True,
                "counts": {"roster": 9},
                "number": 7,
                "findings": ["RC102"],
                "missed": "no answer",
            },
            {
                "tenant": "globex",
                "worker": None,
                "interval": 5.0,
                "last_poll_at": "2026-03-02T10:30:00.000Z",
                "age": 60.0,
                "late": None,
                "whole_age": None,
                "blind": None,
                "counts": {"roster": 1, "present": 1},
                "number": 1,
                "findings": [],
                "missed": "no secret",
            },
        ],
        "workers": [{"worker": "a", "tenants": 0, "capacity": 8}, {"worker": "b", "tenants": 1, "capacity": 9}],
        "engine": {
            "nodes": [{"node": "n1", "current": True}],
            "leaders": dict.fromkeys(("TICKETS-eu", "HIST-eu", "SNAP-eu"), "n1"),
            "unasked": [],
        },
    }
    memory.errors = {f"{API}.STREAM.MSG.GET": GONE | {"code": 503}}
    with pytest.raises(EngineError):
        await status.survey(memory.engine, "eu")


async def test_an_engine_that_does_not_answer_is_told() -> None:
    """Whatever is asked of it, the error is the same. A zone that is there is not called missing."""
    memory = await set_up(ACME)
    engine, layout = memory.engine, await streams.look(memory.engine, "eu", beat=2.0)
    for error in (OSError(), NO_LEADER):
        memory.errors = {f"{API}.STREAM": error, f"{API}.CONSUMER": error}
        for asked in (
            operator.all_tickets(engine, "eu"),
            operator.has_ticket(engine, "eu", "acme"),
            operator.made_at(engine, "eu"),
            streams.beat_of(engine, "eu"),
            streams.make_so(engine, layout, 2.0),
        ):
            with pytest.raises(EngineError, match=r"the engine (does not answer|stores nothing now)") as refused:
                await asked
            assert refused.value.exit_code == EngineError("").exit_code


async def test_tickets_that_a_replica_lacks_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A replica has time to catch up. One that does not is an error."""
    monkeypatch.setattr(operator, "BEHIND", 0.01)
    memory = await set_up(ACME, GLOBEX)
    read, up_to_date = operator.read_tickets, asyncio.Event()

    async def from_replica(engine: Engine, zone: str) -> dict[str, Stored]:
        found = await read(engine, zone)
        return found if up_to_date.is_set() else {"acme": found["acme"]}

    monkeypatch.setattr(operator, "read_tickets", from_replica)
    asyncio.get_running_loop().call_later(0.02, up_to_date.set)
    assert list(await operator.all_tickets(memory.engine, "eu")) == ["acme", "globex"]
    up_to_date.clear()
    with pytest.raises(EngineError, match="1 of the 2 tickets of zone eu were read: a node is behind"):
        await operator.all_tickets(memory.engine, "eu")
