"""What a worker does with tickets. Without an engine."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from nats.errors import TimeoutError as NothingCame
from tests.fleet.seats import polled

from cxone_rollcall.config.fleet import FleetTenant
from cxone_rollcall.config.profiles import ProfileFile
from cxone_rollcall.errors import EngineError
from cxone_rollcall.fleet import records, tickets, worker
from cxone_rollcall.fleet.engine import Engine, Refused, Stored
from cxone_rollcall.fleet.lease import Refusal
from cxone_rollcall.fleet.records import Looked, Seen
from cxone_rollcall.fleet.tenancy import Tenancy
from cxone_rollcall.fleet.worker import FORGOTTEN, Worker

ACME = FleetTenant("acme", 1.0, {"instance": "http://127.0.0.1:1", "client_id": "c", "client_secret": "env:SECRET"})
BEAT = 0.05


class Told:
    """An engine that delivers tickets.

    `sent` is what the worker sends, newest last, `stored` what is to be kept, and `heard` are the subjects that it
    listens to. `looks` counts its looks at whether there is a connection.
    """

    answered = 0.0

    def __init__(self) -> None:
        self.now = 100.0
        self.nats = self
        self.is_there = True
        self.looks = 0
        self.sent: list[tuple[str, bytes]] = []
        self.stored: list[tuple[str, bytes, object]] = []
        self.heard: list[str] = []
        self._tickets = asyncio.Queue[Any]()

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection."""
        self.looks += 1
        return self.is_there

    def clock(self) -> float:
        """The time in seconds."""
        return self.now

    def give(self, tenant: FleetTenant) -> None:
        """Deliver a ticket."""
        self.deliver(tickets.encode(tenant))

    def deliver(self, data: bytes) -> None:
        """Deliver a ticket of acme, whatever it is."""
        subject = "ticket.eu.acme"
        self._tickets.put_nowait(SimpleNamespace(data=data, reply="$JS.ACK.1", subject=subject, headers=None))

    async def next(self, begin: bytes) -> bytes:
        """What the worker sends next that begins so."""
        self.sent.clear()
        while True:
            await asyncio.sleep(BEAT / 10)
            for _, data in self.sent:
                if data.startswith(begin):
                    return data

    async def priority(self) -> int:
        """The priority at which the worker asks for the next ticket."""
        return int(json.loads(await self.next(b'{"batch"'))["priority"])

    def new_inbox(self) -> str:
        """Where tickets come."""
        return "inbox"

    async def subscribe(self, subject: str) -> Told:
        """Take tickets."""
        self.heard.append(subject)
        return self

    async def unsubscribe(self) -> None:
        """Take no more tickets."""
        self.heard.remove("inbox")

    async def next_msg(self, **given: float) -> Any:
        """The next ticket."""
        try:
            return await asyncio.wait_for(self._tickets.get(), given["timeout"])
        except TimeoutError:
            raise NothingCame from None

    async def send(self, subject: str, data: bytes, reply: str = "") -> None:
        """Note what is sent."""
        self.sent.append((subject, data))

    async def publish(self, subject: str, data: bytes, **more: object) -> None:
        """Note what is stored, and how."""
        self.stored.append((subject, data, more))

    async def listen(self, subject: str, take: Callable[[Any], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        """Another worker tells that it has room."""
        self.heard.append(subject)
        if subject == "fleet.eu.load":
            await take(SimpleNamespace(data=b'{"worker": "x", "held": 0, "capacity": 9}'))

        async def end() -> None:
            self.heard.remove(subject)

        return end


class Here:
    """A worker. `said` is what it complains of."""

    def __init__(self, engine: Told, environ: dict[str, str]) -> None:
        self.said: list[str] = []
        self.worker = Worker(
            cast(Engine, engine),
            zone="eu",
            beat=BEAT,
            capacity=9,
            name="w",
            profiles=ProfileFile(Path("config.toml"), {}, None, {}),
            environ=environ,
            complain=self.said.append,
        )


@asynccontextmanager
async def running(engine: Told, **environ: str) -> AsyncIterator[Here]:
    """A worker that runs until the block ends."""
    here, stopped = Here(engine, environ), asyncio.Event()
    work = asyncio.create_task(here.worker.run(stopped))
    try:
        yield here
    finally:
        stopped.set()
        await work


async def test_a_ticket_that_was_refused_is_forgotten() -> None:
    """A worker without a secret asks last, and says so. Not for ever: the tenant may be another's, or gone."""
    engine = Told()
    async with running(engine) as here:
        assert await engine.priority() == 0
        for _ in range(2):
            engine.give(ACME)
            await engine.next(b'-NAK {"delay"')
            assert list(here.worker.status()["refused"]) == ["acme"]
            assert await engine.priority() == 9
            engine.now += FORGOTTEN - 1.0
        assert len(here.said) == 1
        assert list(here.worker.status()["refused"]) == ["acme"]
        engine.now += 2.0
        assert here.worker.status()["refused"] == {}
        await engine.priority()  # that of a request which it had begun
        assert await engine.priority() == 0


@pytest.mark.parametrize("work", ["_pull", "_balance", "_keep_time"])
async def test_a_worker_that_fails_says_so(work: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that has lost a task fails. It does not end as if it were told to."""

    async def failing(_: Worker) -> None:
        raise EngineError("the engine refuses")

    monkeypatch.setattr(Worker, work, failing)
    with pytest.raises(EngineError, match="refuses"):
        await Here(Told(), {}).worker.run(asyncio.Event())


async def test_a_tenant_that_is_taken_while_the_worker_leaves_is_polled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its last holder has stopped. Polls go on until there is a successor."""
    engine, begun, taken = Told(), list[str](), asyncio.Event()

    class Held:
        leaving = last = None
        taken_at = 0.0

        def __init__(self, *given: object, **more: object) -> None:
            pass

        async def take(self) -> bool:
            taken.set()
            await engine.next(b'{"worker": "w", "held": 1, "capacity": 0}')  # it tells that it leaves
            return True

        async def run(self) -> None:
            begun.append("run")
            await asyncio.sleep(BEAT)

        async def leave(self) -> None:
            begun.append("leave")

    monkeypatch.setattr(worker, "Tenancy", Held)
    async with running(engine, SECRET="s"):
        engine.give(ACME)
        await taken.wait()
    assert begun == ["run", "leave"]


async def test_an_error_tells_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """The text of an error of ours may quote a secret. Its kind and place do not."""

    class Failing:
        def __init__(self, *given: object, **more: object) -> None:
            int("planted-s3cret")

    engine = Told()
    monkeypatch.setattr(worker, "Tenancy", Failing)
    async with running(engine, SECRET="s") as here:
        engine.give(ACME)
        await engine.next(b'-NAK {"delay"')
        told = f"{here.said} {here.worker.status()}"
    assert "ValueError at " in told
    assert "planted-s3cret" not in told


async def test_a_ticket_that_is_not_taken_in_time_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator sees that the tenant waits for a lease."""

    class Unanswered:
        def __init__(self, *given: object, **more: object) -> None:
            pass

        async def take(self) -> bool:
            raise Refused(Refusal.SILENT)

    engine = Told()
    monkeypatch.setattr(worker, "Tenancy", Unanswered)
    async with running(engine, SECRET="s") as here:
        engine.give(ACME)
        while not here.said:
            await engine.priority()
        assert here.said == [
            "acme: not taken, as the engine did not answer in time; it delivers the ticket again in 0.1125 s"
        ]
        assert here.worker.status()["refused"] == {}


class _Removed:
    """An engine whose operator has just removed the tenant."""

    def clock(self) -> float:
        """The time in seconds."""
        return 0.0

    async def ask(self, *_: object, **given: float) -> None:
        """Nobody holds the tenant."""
        raise Refused(Refusal.SILENT)

    async def last(self, stream: str, subject: str, **given: float) -> Stored | None:
        """The record that nobody holds the tenant."""
        record = records.Record(owner="", token="ended", number=0, take=True)
        return Stored(7, subject, records.encode(record), 0.0) if subject.startswith("hist.") else None


async def test_a_removed_tenant_is_not_taken() -> None:
    """A ticket that is removed on its way is worth nothing."""
    settings: dict[str, Any] = {"connect": None, "groups": None, "complain": print}
    engine: Any = _Removed()
    tenancy = Tenancy(FleetTenant("acme", 1.0, {}), "reply", engine, owner="w", zone="eu", beat=1.0, **settings)
    assert not await tenancy.take()


async def test_a_ticket_that_cannot_be_read_is_delivered_later() -> None:
    """The worker says why, and keeps it for the status."""
    engine = Told()
    async with running(engine) as here:
        for data, why in (
            (b'{"schema": 2}', "a newer version wrote its ticket"),
            (b"{", "its ticket is damaged, which rollcall fleet apply mends"),
        ):
            engine.deliver(data)
            assert await engine.next(b"-NAK") == b'-NAK {"delay": 10000000000}'
            assert here.said[-1] == f"acme: {why}; its ticket is given back"
            assert here.worker.status()["refused"] == {"acme": why}


async def test_a_worker_tells_its_load_and_asks_for_tickets() -> None:
    """Others hear what it holds. What is no load is ignored. It listens until it ends."""
    engine = Told()
    async with running(engine) as here:
        assert json.loads(await engine.next(b'{"worker"')) == {"worker": "w", "held": 0, "capacity": 9}
        wish = {"batch": 1, "expires": round(BEAT * 1e9), "group": "workers", "priority": 0}
        assert json.loads(await engine.next(b'{"batch"')) == wish
        assert engine.heard == ["fleet.eu.load", "fleet.eu.status", "pace.eu.*", "inbox"]
        subjects = {subject for subject, _ in engine.sent}
        assert "$JS.API.CONSUMER.MSG.NEXT.TICKETS-eu.workers" in subjects
        own = {"worker": "w", "capacity": 9, "leaving": False, "tenants": [], "refused": {}, "taken": 0}
        assert here.worker.status() == {**own, "engine_age": 100.0}
        for load in (b"", b"[]", b'{"worker": "y", "held": 1}', b'{"worker": "w", "held": 1, "capacity": 2}'):
            await here.worker._hear(cast(Any, SimpleNamespace(data=load)))  # noqa: SLF001
        assert here.worker._heard() == [(0, 9)]  # noqa: SLF001
        engine.now += 4 * BEAT
        assert here.worker._heard() == []  # noqa: SLF001
    assert here.worker.leaving
    assert engine.heard == []


async def test_a_worker_that_runs_for_weeks_does_not_grow() -> None:
    """What it does in the background is forgotten once it is done."""
    engine = Told()
    async with running(engine) as here:
        for _ in range(4):  # each time it also keeps what was seen
            await engine.next(b'{"worker"')
        assert len(here.worker._running) <= 1  # noqa: SLF001


async def test_what_a_worker_saw_is_kept_for_an_hour() -> None:
    """It shortens the gap of a tenant that somebody takes over. Of one that was not polled, nothing is known."""
    engine, looked = Told(), Looked(3, "r", polled())
    here = Here(engine, {})
    here.worker.held |= {
        name: cast(Any, SimpleNamespace(looked=lambda poll=poll: poll)) for name, poll in (("a", looked), ("b", None))
    }
    await here.worker._tell_seen()  # noqa: SLF001
    ((subject, data, how),) = engine.stored
    assert (subject, how) == ("seen.eu.w", {"after": None, "within": BEAT, "keep": 3600})
    assert records.decode_seen(data) == Seen({"a": looked})

    async def refuse(*given: object, **more: object) -> None:
        raise Refused(Refusal.SILENT)

    engine.publish = refuse  # type: ignore[method-assign]
    await here.worker._tell_seen()  # noqa: SLF001  sent again after a beat


async def test_a_tenant_that_is_held_stays_with_its_holder() -> None:
    """Its ticket may come again, with another address for answers. One that is being taken is taken once."""
    engine = Told()
    here, message = Here(engine, {"SECRET": "s"}), SimpleNamespace(data=tickets.encode(ACME), reply="$JS.ACK.2")
    held: Any = SimpleNamespace(stay=(stayed := list[str]()).append)
    here.worker.held["acme"] = held
    await here.worker._consider(cast(Any, message))  # noqa: SLF001
    assert stayed == ["$JS.ACK.2"]
    here.worker.held.clear()
    here.worker._considered.add("acme")  # noqa: SLF001
    await here.worker._consider(cast(Any, message))  # noqa: SLF001
    assert (engine.sent, here.worker.taken, here.worker.load) == ([], 0, 1)
    here.worker.leaving, here.worker.held["acme"] = True, held
    await here.worker._consider(cast(Any, message))  # noqa: SLF001
    assert (engine.sent, stayed) == ([("$JS.ACK.2", b"-NAK")], ["$JS.ACK.2"])


async def test_a_worker_follows_the_shortest_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    """So do its tenants. While the engine does not answer, nothing changes."""
    answers: list[Any] = [EngineError("silent"), BEAT, 3.0, OSError("the end of this test")]
    beats = list[float]()

    async def beat_of(engine: Engine, zone: str) -> float:
        if isinstance(answers[0], Exception):
            raise answers.pop(0)
        return float(answers.pop(0))

    monkeypatch.setattr(worker, "beat_of", beat_of)
    monkeypatch.setattr(worker, "LOOK", 0.0)
    here, held = Here(Told(), {}), SimpleNamespace(keep_time=beats.append)
    here.worker.held["acme"] = cast(Any, held)
    with pytest.raises(OSError, match="the end"):
        await here.worker._keep_time()  # noqa: SLF001
    assert beats == [3.0]
    assert json.loads(here.worker._wish())["expires"] == 3e9  # noqa: SLF001
