"""Who takes a ticket, and what a holder answers. With an engine in memory."""

from __future__ import annotations

import asyncio
from typing import Any, NoReturn

import pytest
from nats.errors import NoRespondersError
from tests.fleet.memory import Memory
from tests.fleet.seats import polled, seat
from tests.fleet.test_operator import ACME, NO_LEADER, set_up

from cxone_rollcall.fleet import records
from cxone_rollcall.fleet.engine import Refused
from cxone_rollcall.fleet.lease import LENGTH, RENEWAL
from cxone_rollcall.fleet.log import Ended
from cxone_rollcall.fleet.records import Changed, Looked, Record, Seen
from cxone_rollcall.fleet.sealing import Unopened
from cxone_rollcall.fleet.tenancy import Tenancy
from cxone_rollcall.live.tasks import ended

BEAT = 1.0
HOLDER = "holder.eu.acme"


def _tenancy(memory: Memory, owner: str = "b") -> Tenancy:
    nothing: Any = None
    return Tenancy(
        ACME,
        "$JS.ACK.1",
        memory.engine,
        owner=owner,
        zone="eu",
        beat=BEAT,
        connect=nothing,
        groups=nothing,
        complain=print,
    )


async def _held(*, number: int = 1, owner: str = "a") -> Memory:
    """An engine whose tenant has a record of a worker."""
    memory = await set_up(ACME)
    record = Record(
        owner=owner, token="t", number=number, polled=polled(), changes=(Changed("1", None, seat("1")),) * number
    )
    await memory.engine.publish("hist.eu.acme", records.encode(record), after=0, within=1.0)
    return memory


def _last(memory: Memory) -> Record:
    return records.decode_record(memory.kept["HIST-eu"][-1].data)


async def test_a_tenant_without_a_holder_is_taken() -> None:
    """What was written is read, and until when all was seen. A stop goes to one that is too slow."""
    memory = await _held()
    seen = records.encode(Seen({"acme": Looked(1, "r", polled(150.0))}))
    await memory.engine.publish("seen.eu.a", seen, after=None, within=1.0)
    tenancy = _tenancy(memory)
    before = memory.engine.clock()
    assert await tenancy.take()
    last = _last(memory)
    assert (last.owner, last.number, last.take, last.seen_until) == ("b", 1, True, 150.0)
    floor = tenancy.log.floor
    assert (floor.sequence, floor.number, floor.as_of, list(floor.seats)) == (2, 1, 150.0, ["1"])
    assert before + LENGTH * BEAT <= tenancy.lease.until <= memory.engine.clock() + LENGTH * BEAT
    assert (HOLDER, b"stop b", "") in memory.sent
    new = await set_up(ACME)
    assert await _tenancy(new).take()
    assert (_last(new).number, _last(new).seen_until) == (0, None)


async def test_a_holder_says_whether_it_goes_on() -> None:
    """It keeps its ticket, or hands it over. Without a lease it says that it leaves."""
    memory = await _held(number=0)
    holder = _tenancy(memory, "a")
    assert await holder.take()
    assert not await _tenancy(memory, "b").take()
    assert holder.reply == "$JS.ACK.1"
    assert (await memory.engine.ask(HOLDER, b"who $JS.ACK.7", within=1.0)).data == b"mine"
    assert holder.reply == "$JS.ACK.7"
    assert (await memory.engine.ask(HOLDER, b"who ", within=1.0)).data == b"mine"
    assert holder.reply == "$JS.ACK.7"
    holder.leaving = True
    assert (await memory.engine.ask(HOLDER, b"who ", within=1.0)).data == b"leaving"
    holder.stay("$JS.ACK.8")
    assert (holder.reply, holder.leaving) == ("$JS.ACK.8", False)
    memory.engine.clock = lambda: holder.lease.until  # type: ignore[method-assign]
    holder._clock = memory.engine.clock  # noqa: SLF001  its lease has run out
    assert (await memory.engine.ask(HOLDER, b"who ", within=1.0)).data == b"leaving"
    await holder.give_back()
    assert memory.sent[-1] == ("$JS.ACK.8", b"-NAK", "")


async def test_a_holder_that_is_stopped_says_so_and_is_silent() -> None:
    """Its successor has all that it wrote. From then on nobody else answers for the tenant."""
    memory = await _held(number=0)
    holder = _tenancy(memory, "a")
    assert await holder.take()
    inbox = await memory.subscribe(reply := memory.new_inbox())
    await memory.publish(HOLDER, b"stop b", reply)
    await holder.run()
    assert [one.data for one in inbox.messages] == [b"stopped"]
    with pytest.raises(Refused):
        await memory.engine.ask(HOLDER, b"who ", within=1.0)


async def test_a_record_that_another_writes_meanwhile_is_read_first() -> None:
    """Who takes a tenant has all its records. An engine that takes none is given up."""
    memory = await _held()
    request, late = memory.request, [records.encode(Record(owner="a", token="u", number=7))]

    async def race(subject: str, data: bytes, **given: Any) -> Any:
        if subject == "hist.eu.acme" and late:
            await request(subject, late.pop(), headers=None)
        return await request(subject, data, **given)

    memory.request = race  # type: ignore[method-assign]
    tenancy = _tenancy(memory)
    assert await tenancy.take()
    assert (_last(memory).number, tenancy.log.floor.number, tenancy.log.floor.sequence) == (7, 7, 3)
    memory = await _held()
    memory.errors = {"hist.eu.acme": NO_LEADER}
    with pytest.raises(Refused, match="SILENT"):
        await _tenancy(memory, "c").take()


async def test_a_take_record_whose_confirmation_is_lost_is_found_again() -> None:
    """It is not written twice."""
    memory = await _held()
    request, lost = memory.request, [True]

    async def lose(subject: str, data: bytes, **given: Any) -> Any:
        answer = await request(subject, data, **given)
        if subject == "hist.eu.acme" and lost.pop():
            raise OSError
        return answer

    memory.request = lose  # type: ignore[method-assign]
    tenancy = _tenancy(memory)
    assert await tenancy.take()
    assert (len(memory.kept["HIST-eu"]), tenancy.log.floor.sequence) == (2, 2)


async def test_a_tenant_that_was_never_polled_says_so() -> None:
    """Its ages are unknown, and nothing is seen of it."""
    tenancy = _tenancy(await set_up(ACME))
    now = tenancy.taken_at
    tenancy._clock = lambda: now + 5.0  # noqa: SLF001
    assert tenancy.status() == {
        "tenant": "acme",
        "interval": 10.0,
        "age": None,
        "whole_age": None,
        "held": 5.0,
        "ok": False,
        "missed": "the first poll has not ended",
        "counts": {},
        "number": 0,
        "findings": [],
        "buffered": 0,
    }
    assert tenancy.looked() is None
    tenancy.polled_at, tenancy.whole_at, tenancy.findings = now + 4.0, now + 2.0, ("RC105",)
    known = tenancy.status()
    assert (known["age"], known["whole_age"], known["findings"]) == (1.0, 3.0, ["RC105"])
    tenancy.keep_time(3.0)
    assert tenancy.lease.beat == 3.0


async def test_a_lease_goes_on_without_a_leader() -> None:
    """While the engine has none, it gives the ticket to nobody. So a holder that hears that goes on."""
    memory = await _held(number=0)
    holder = _tenancy(memory, "a")
    assert await holder.take()
    until = holder.lease.until
    holder._clock = lambda: until - 0.1  # noqa: SLF001
    memory.errors = {"$JS.ACK.1": NoRespondersError()}
    keeping = asyncio.create_task(holder._keep())  # noqa: SLF001
    for _ in range(50):
        await asyncio.sleep(0)
    await ended([keeping])
    assert holder.lease.until == until - 0.1 + RENEWAL * BEAT


async def test_polling_that_begins_again_marks_until_when_all_was_seen() -> None:
    """So a successor knows, even if no poll ends any more."""
    memory = await _held(number=0)
    holder = _tenancy(memory, "a")

    def sealed(may_send: object) -> NoReturn:
        raise Unopened("sealed")

    holder._connect = sealed  # noqa: SLF001
    assert await holder.take()
    writing = asyncio.create_task(holder.log.write())
    holder._maker.last = polled(170.0)  # noqa: SLF001
    with pytest.raises(Ended, match="sealed"):
        await holder._poll()  # noqa: SLF001
    await ended([writing])
    assert (_last(memory).take, _last(memory).polled) == (True, polled(170.0))


async def test_a_holder_that_leaves_has_written_everything() -> None:
    """Until when all was seen, and a snapshot for its successor. Then its ticket is given back."""
    memory = await _held(number=0)
    holder = _tenancy(memory, "a")
    assert await holder.take()
    writing = asyncio.create_task(holder.log.write())
    holder._maker.last = polled(170.0)  # noqa: SLF001
    memory.sent.clear()
    await holder.leave()
    await ended([writing])
    assert [subject for subject, *_ in memory.sent] == ["hist.eu.acme", "snap.eu.acme.0", "$JS.ACK.1"]
    assert (_last(memory).take, _last(memory).polled) == (True, polled(170.0))


async def test_each_poll_renews_the_ticket() -> None:
    """So it does not run out before the next one."""
    memory, renewed = await _held(number=0), list[bytes]()

    async def confirm(message: Any) -> None:
        renewed.append(message.data)
        await message.respond(b"")

    await memory.engine.listen("$JS.ACK.1", confirm)
    holder = _tenancy(memory, "a")
    assert await holder.take()
    keeping = asyncio.create_task(holder._keep())  # noqa: SLF001
    for number in (1, 2, 3):
        for _ in range(20):
            await asyncio.sleep(0)
        assert renewed == [b"+WPI"] * number
        await holder._allowed()  # noqa: SLF001
    await ended([keeping])
