"""A small fleet from its first ticket to its history files. All in this process, but for one real node."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from tests.fleet.stage import SECRET
from tests.fleet.tenants import AGENTS, Logged

from cxone_rollcall.config.fleet import FleetFile, FleetTenant
from cxone_rollcall.config.profiles import ProfileFile
from cxone_rollcall.fleet import embedded, operator, reading, records, status, streams, tickets
from cxone_rollcall.fleet.boards import Boards
from cxone_rollcall.fleet.connection import connected
from cxone_rollcall.fleet.engine import Engine
from cxone_rollcall.fleet.metrics import render
from cxone_rollcall.fleet.sink import POSITION, Sink, reading_of
from cxone_rollcall.fleet.view import View
from cxone_rollcall.fleet.worker import Worker
from cxone_rollcall.live.events import Event, Polled
from cxone_rollcall.live.seat import Seat
from cxone_rollcall.live.tasks import ended

ZONE, BEAT = "eu", 1.0
ROW = {"tenant", "worker", "interval", "last_poll_at", "age", "late", "whole_age", "blind", "counts", "number"}
ROW |= {"findings", "missed"}


class Shown:
    """Readers of boards. `views` are those of the tenants that are there, `polls` counts what they were told."""

    def __init__(self) -> None:
        self.views: dict[str, View] = {}
        self.polls = 0

    async def join(self, tenant: str, view: View) -> None:
        """A tenant is there."""
        self.views[tenant] = view

    async def leave(self, tenant: str) -> None:
        """A tenant is no longer there."""
        del self.views[tenant]

    def take(self, tenant: str, event: Event) -> None:
        """Count polls."""
        self.polls += isinstance(event, Polled)


class Walk:
    """A zone of two tenants. `ends` end its workers, `said` is what they and the sink complain of."""

    def __init__(self, engine: Engine, url: str, emulators: Mapping[str, str]) -> None:
        self.engine, self.url = engine, url
        self.said: list[str] = []
        self.ends: dict[str, asyncio.Event] = {}
        self.workers: dict[str, Worker] = {}
        self.file = FleetFile((url,), ZONE, tuple(_tenant(*one) for one in emulators.items()))

    async def apply(self, *names: str) -> list[str]:
        """Make the tickets those of these tenants. Returns what an operator is told."""
        found = await operator.all_tickets(self.engine, ZONE)
        wanted = [one for one in self.file.tenants if one.id in names]
        change = operator.plan(wanted, {name: one.data for name, one in found.items()})
        await operator.carry_out(self.engine, self.file, change, found)
        return change.lines()

    @asynccontextmanager
    async def worker(self, name: str) -> AsyncIterator[None]:
        """Run a worker, and let it hand over at the end."""
        stopped = self.ends[name] = asyncio.Event()
        async with connected([self.url], name=name, beat=BEAT, zone=ZONE) as engine:
            here = self.workers[name] = Worker(
                engine,
                zone=ZONE,
                beat=await streams.beat_of(engine, ZONE),
                capacity=9,
                name=name,
                profiles=ProfileFile(Path("config.toml"), {}, None, {}),
                environ={SECRET: "emulated-secret"},
                complain=self.said.append,
            )
            running = asyncio.create_task(here.run(stopped))
            try:
                yield
            finally:
                stopped.set()
                await running
                del self.workers[name]

    def held(self, name: str) -> list[str]:
        """The tenants that a worker holds and has polled."""
        return sorted(one for one, tenancy in self.workers[name].held.items() if tenancy.polled_at is not None)

    async def history(self) -> dict[str, list[records.Record]]:
        """All records by tenant."""
        found: dict[str, list[records.Record]] = {}
        last = await operator.last_sequence(self.engine, ZONE)
        async for some in reading.follow(self.engine, ZONE, None, 1):
            for one in some:
                found.setdefault(one.subject.rpartition(".")[2], []).append(reading.record_of(one))
            if some[-1].sequence >= last:
                return found
        raise AssertionError


def _tenant(name: str, url: str) -> FleetTenant:
    keys = {"instance": url, "contract": "v2", "client_id": "emulated-client", "client_secret": f"env:{SECRET}"}
    return FleetTenant(name, BEAT, keys)


async def until(done: Callable[[], object]) -> None:
    """Wait until something is true."""
    for _ in range(600):
        if done():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it never was")


@asynccontextmanager
async def walking(folder: Path) -> AsyncIterator[Walk]:
    """A zone that is set up, without tickets and workers."""
    async with AsyncExitStack() as stack:
        log = stack.enter_context((folder / "requests.log").open("w"))
        emulators = {name: Logged(name, log) for name in ("t0", "t1")}
        urls = {name: (await stack.enter_async_context(one.running())).url for name, one in emulators.items()}
        (node,) = await stack.enter_async_context(embedded.running(folder / "engine", 1))
        engine = await stack.enter_async_context(connected([node.url], name="test", zone=ZONE))
        layout = await streams.look(engine, ZONE, beat=BEAT)
        assert [str(one).partition(":")[2] for one in layout.differs] == [" is missing, will be made"] * 5
        await streams.make_so(engine, layout, BEAT)
        assert (await streams.look(engine, ZONE, beat=BEAT)).differs == ()
        assert await streams.beat_of(engine, ZONE) == BEAT
        yield Walk(engine, node.url, urls)


def _boards(walk: Walk, shown: Shown) -> asyncio.Task[None]:
    return asyncio.create_task(Boards(walk.engine, ZONE, BEAT, shown).run())


async def test_tenants_are_polled_handed_over_and_stored(tmp_path: Path) -> None:
    """Every tenant has a worker, and every change one number."""
    async with walking(tmp_path) as walk, AsyncExitStack() as seconds:
        assert await walk.apply("t0", "t1") == ["tenant t0: is added", "tenant t1: is added"]
        shown = Shown()
        following = _boards(walk, shown)
        async with walk.worker("a"):
            await until(lambda: walk.held("a") == ["t0", "t1"])
            found = await status.survey(walk.engine, ZONE)
            assert [(one["tenant"], one["worker"], one["late"], one["blind"]) for one in found["tenants"]] == [
                ("t0", "a", False, False),
                ("t1", "a", False, False),
            ]
            assert all(one.keys() == ROW and one["counts"]["roster"] == AGENTS for one in found["tenants"])
            assert found["workers"] == [{"worker": "a", "tenants": 2, "capacity": 9}]
            assert status.exit_code(found) == 0
            assert 'rollcall_tenant_agents{tenant="t0",standing="present"} ' in render(walk.workers["a"].status())
            await seconds.enter_async_context(walk.worker("b"))
            await until(lambda: len(walk.held("a")) == len(walk.held("b")) == 1)
        await until(lambda: walk.held("b") == ["t0", "t1"])
        await until(lambda: {name: view.owner for name, view in shown.views.items()} == {"t0": "b", "t1": "b"})
        assert shown.polls > 4

        assert await walk.apply("t1") == ["tenant t0: is removed"]
        await until(lambda: walk.held("b") == ["t1"])
        assert await walk.apply("t1") == []
        await until(lambda: list(shown.views) == ["t1"])
        await ended([following])
        await seconds.aclose()
        assert walk.said == []
        await _check_history(walk, tmp_path)
        assert not _has_secret(tmp_path)


def _position(folder: Path) -> int:
    path = folder / POSITION
    return int(path.read_text().split()[1]) if path.exists() else 0


def _has_secret(folder: Path) -> bool:
    return any(b"emulated-secret" in path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def _check_history(walk: Walk, folder: Path) -> None:
    """The records are whole, and the sink's files end as they do."""
    found = await walk.history()
    ends: dict[str, dict[str, Seat]] = {}
    for tenant, some in found.items():
        number, floor = 0, records.Floor()
        for sequence, record in enumerate(some, 1):
            assert record.number - len(record.changes) == number, (tenant, sequence)
            number = record.number
            floor.apply(record, sequence)
        assert number >= AGENTS
        ends[tenant] = floor.seats
    assert [record.owner for record in found["t0"] if record.take][-1] == ""
    sink = Sink(walk.engine, ZONE, folder, walk.said.append)
    storing = asyncio.create_task(sink.run())
    last = await operator.last_sequence(walk.engine, ZONE)
    await until(lambda: _position(folder) > last)
    await ended([storing])
    made = await operator.made_at(walk.engine, ZONE)
    for tenant, seats in ends.items():
        with reading_of(folder, tenant, made, ZONE) as history:
            assert set(history.agents()) == set(seats)


async def test_a_damaged_ticket_is_mended(tmp_path: Path) -> None:
    """An operator who applies again mends a damaged ticket."""
    async with walking(tmp_path) as walk:
        await walk.apply("t0")
        ticket = (await operator.read_tickets(walk.engine, ZONE))["t0"]
        assert tickets.decode(ticket.data) == walk.file.tenants[0]
        await walk.engine.delete(f"TICKETS-{ZONE}", ticket.sequence)
        await walk.engine.publish(f"ticket.{ZONE}.t0", b"{", after=0, within=1.0)
        assert await walk.apply("t0") == ["tenant t0: changes"]
        mended = (await operator.read_tickets(walk.engine, ZONE))["t0"]
        assert mended.data == ticket.data
