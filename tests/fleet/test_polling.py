"""What a tenancy does while it polls. With an engine in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from tests.fleet.memory import Memory
from tests.fleet.test_operator import ACME, set_up

from cxone_rollcall.client import Client
from cxone_rollcall.config.fleet import FleetTenant
from cxone_rollcall.errors import SettingError
from cxone_rollcall.fleet import records
from cxone_rollcall.fleet.lease import LENGTH
from cxone_rollcall.fleet.records import Record
from cxone_rollcall.fleet.sealing import Unopened
from cxone_rollcall.fleet.tenancy import Lapsed, Tenancy
from cxone_rollcall.live.groups import Groups
from cxone_rollcall.live.tasks import ended
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.testing import Emulated, emulated

BEAT = 1000.0
"""So long that whatever happens here has another reason than time."""
INTERVAL = 0.01
HOLDER, TICKET = "holder.eu.acme", "$JS.ACK.1"
GROUPS = Groups({"Available": "pending"})


class Here:
    """A tenancy of a tenant that is polled often. `now` is its clock, and `said` what it complains of."""

    running: asyncio.Task[None]

    def __init__(self, memory: Memory, connect: Callable[[Callable[[], None]], Any]) -> None:
        self.now = 100.0
        self.said: list[str] = []
        self.memory = memory
        memory.engine.clock = lambda: self.now  # type: ignore[method-assign]
        self.tenancy = Tenancy(
            FleetTenant("acme", INTERVAL, {}),
            TICKET,
            memory.engine,
            owner="b",
            zone="eu",
            beat=BEAT,
            connect=connect,
            groups=GROUPS,
            complain=self.said.append,
        )

    @property
    def polls(self) -> int:
        """How many polls have ended, by the number of the last one."""
        return self.tenancy.last.poll if self.tenancy.last else 0

    @property
    def renewals(self) -> int:
        """How often the ticket was renewed, or should have been."""
        return self.memory.sent.count((TICKET, b"+WPI", ""))

    @property
    def written(self) -> list[Record]:
        """The records of the tenant."""
        return [records.decode_record(one.data) for one in self.memory.kept["HIST-eu"]]

    async def until(self, happens: Callable[[], object]) -> None:
        """Wait until something happens while the tenant is held."""
        for _ in range(1000):
            if happens():
                return
            assert not self.running.done()
            await asyncio.sleep(INTERVAL)
        pytest.fail("it never happens")

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Take and hold the tenant."""
        assert await self.tenancy.take()
        self.running = asyncio.create_task(self.tenancy.run())
        try:
            yield
        finally:
            await ended([self.running])


async def _set_up() -> Memory:
    """An engine that confirms each renewal of the ticket."""
    memory = await set_up(ACME)

    async def confirm(message: Any) -> None:
        if message.data == b"+WPI":
            await message.respond(b"")

    await memory.engine.listen(TICKET, confirm)
    return memory


def _to(world: Emulated, asked: list[Callable[[], None]]) -> Callable[..., AbstractAsyncContextManager[Client]]:
    """What connects to a tenant. `asked` is what each connection asks whether it may send."""

    @asynccontextmanager
    async def connect(may_send: Callable[[], None]) -> AsyncIterator[Client]:
        asked.append(may_send)
        yield world.client

    return connect


async def test_a_tenant_is_polled_until_a_successor_says_stop() -> None:
    """Its ticket is renewed, and what is seen is written. A holder that leaves writes all, and goes on."""
    memory = await _set_up()
    async with emulated(30) as world:
        here = Here(memory, _to(world, []))
        tenancy = here.tenancy
        async with here.held():
            await here.until(lambda: tenancy.log.floor.seats and tenancy.status()["ok"])
            assert here.renewals > 0
            seats = tenancy.log.floor.seats
            groups = {GROUPS.of(one.state) for one in seats.values() if one.shown is Standing.PRESENT and one.state}
            assert {one.group for one in seats.values()} - {None} == groups
            assert "pending" in groups
            status = tenancy.status()
            assert (status["age"], status["whole_age"], status["interval"]) == (0.0, 0.0, INTERVAL)
            assert status["number"] >= len(seats) == 30
            assert (TICKET, b"-NAK", "") not in memory.sent
            await tenancy.leave()
            assert (TICKET, b"-NAK", "") in memory.sent
            assert [one.subject for one in memory.kept["SNAP-eu"]] == ["snap.eu.acme.0"]
            polls = here.polls
            await here.until(lambda: (one := here.written[-1].polled) and one.poll > polls)
            answers = await memory.subscribe("answers")
            await memory.engine.send(HOLDER, b"stop c", "answers")
            await here.running
            assert (await answers.next_msg()).data == b"stopped"
    assert here.said == []


async def test_a_poll_that_fails_begins_again() -> None:
    """The operator sees why, but no text of an error of ours. A login that nobody can open is another worker's."""
    failures = [Lapsed(), SettingError("no secret"), ValueError("planted-s3cret"), Unopened("nobody has logged in")]

    def connect(_: object) -> Any:
        raise failures.pop(0)

    here = Here(await set_up(ACME), connect)
    async with here.held():
        await here.running
    known, ours, unopened = here.said
    assert known == "acme: no secret; polling begins again in 0.01 s"
    assert ours.startswith("acme: ValueError at ")
    assert "planted-s3cret" not in ours
    assert unopened == "acme: nobody has logged in"
    assert here.memory.sent[-1] == (TICKET, b"-NAK", "")
    assert here.renewals < 6  # one at first, and one for each poll


async def test_a_worker_that_wakes_late_writes_before_it_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a lease the ticket is renewed, and nothing else is asked. A record that is taken is a lease."""
    memory, asked = await _set_up(), list[Callable[[], None]]()
    async with emulated(5) as world:
        here = Here(memory, _to(world, asked))
        async with here.held():
            here.now += LENGTH * BEAT
            memory.errors = {"hist.": OSError()}
            begun = len(memory.sent)
            await here.until(lambda: [one[0] for one in memory.sent[begun:]].count("hist.eu.acme") > 1)
            await here.until(lambda: here.renewals > 2)
            assert asked == []
            memory.errors = {}
            await here.until(lambda: here.polls)
            assert not here.written[1].changes
            asked[-1]()
            new_log = world.client.new_log

            def sleep() -> None:
                """The machine sleeps during a look."""
                if len(asked) == 1:
                    here.now += LENGTH * BEAT
                    with pytest.raises(Lapsed):
                        asked[-1]()
                new_log()

            monkeypatch.setattr(world.client, "new_log", sleep)
            await here.until(lambda: len(asked) > 1)  # polls were missed, so it looks at everybody
            await here.until(lambda: here.written[-1].resumed)
    assert here.said == []
