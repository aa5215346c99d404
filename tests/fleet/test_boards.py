"""The boards of a zone. With plain records."""

from __future__ import annotations

import asyncio
import zlib
from fnmatch import fnmatch
from typing import Any, cast

import msgspec
import pytest
from tests.fleet.seats import polled, seat
from tests.fleet.test_operator import apply, set_up

from cxone_rollcall.config.fleet import FleetTenant
from cxone_rollcall.fleet import boards as boards_of
from cxone_rollcall.fleet import records, tickets
from cxone_rollcall.fleet.boards import SILENT, TICKETS, UNREADABLE, Boards
from cxone_rollcall.fleet.engine import Engine, Stored
from cxone_rollcall.fleet.records import Changed, Looked, Record
from cxone_rollcall.fleet.view import View
from cxone_rollcall.live.events import Change, Event, Polled
from cxone_rollcall.live.seat import MOST_MISSED
from cxone_rollcall.live.tasks import ended
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.struct import replace

ACME = FleetTenant("acme", 7.0, {"instance": "h", "contract": "v2"})
CHANGE = Changed("1", None, seat("1"))
NEWER = zlib.compress(msgspec.msgpack.encode({"schema": records.SCHEMA + 1, "value": 7}))


class Kept:
    """An engine with a ticket and some records."""

    def __init__(self) -> None:
        self.kept = [Stored(1, "ticket.eu.acme", tickets.encode(ACME))]

    def add(self, number: int, *names: str) -> None:
        """Add a record of a poll that found these agents."""
        changes = tuple(Changed(name, None, seat(name)) for name in names)
        end = polled(interval=7.0, poll=number, counts={"roster": len(names)})
        data = records.encode(Record(owner="a", token="t", run="r", number=number, polled=end, changes=changes))
        self.kept.append(Stored(len(self.kept) + 1, "hist.eu.acme", data))

    def clock(self) -> float:
        """No time passes."""
        return 0.0

    async def time_of(self, stream: str) -> float:
        """All is stored now."""
        return 0.0

    async def call(self, name: str) -> dict[str, Any]:
        """How long the history is."""
        return {"state": {"last_seq": len(self.kept)}}

    async def read(self, stream: str, subject: str, start: int, *, within: float = 2.0) -> list[Stored]:
        """The messages of a subject."""
        return [one for one in self.kept if one.sequence >= start and fnmatch(one.subject, subject)]

    async def last(self, stream: str, subject: str, *, within: float) -> Stored | None:
        """The last message of a subject."""
        found = await self.read(stream, subject, 1)
        return found[-1] if found else None


class Shown:
    """Readers, and the views that joined."""

    def __init__(self) -> None:
        self.views: list[View] = []

    async def join(self, tenant: str, view: View) -> None:
        """Keep the view."""
        self.views.append(view)

    async def leave(self, tenant: str) -> None:
        """Nobody leaves."""
        raise AssertionError(tenant)

    def take(self, tenant: str, event: Event) -> None:
        """Events are the view's."""


async def test_a_tenant_of_which_records_are_gone_is_read_anew() -> None:
    """It is shown with its contract, its interval, and all agents."""
    engine, readers = Kept(), Shown()
    boards = Boards(cast(Engine, engine), "eu", 1.0, readers)
    engine.add(1, "1")
    await boards.look()
    engine.add(2, "2")
    engine.kept[-1] = engine.kept[-1]._replace(subject="hist.eu.other")  # it is gone
    engine.add(3, "3")
    await boards.look()
    first, again = readers.views
    assert [(one.contract, one.interval) for one in (first, again)] == [("v2", 7.0), ("v2", 7.0)]
    assert (list(first.seats), list(again.seats)) == (["1"], ["1", "3"])


class Told:
    """Readers who note each event: a tenant joins, leaves, or changes."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.views: dict[str, View] = {}

    async def join(self, tenant: str, view: View) -> None:
        """A tenant is there."""
        self.said.append(f"{tenant} joins")
        self.views[tenant] = view

    async def leave(self, tenant: str) -> None:
        """A tenant is no longer there."""
        self.said.append(f"{tenant} leaves")

    def take(self, tenant: str, event: Event) -> None:
        """Note an event."""
        self.said.append(f"{tenant} {type(event).__name__}")

    def new(self) -> list[str]:
        """What was said since the last look."""
        said, self.said = self.said, []
        return said


async def test_tenants_join_and_leave_and_are_polled() -> None:
    """Records and quiet polls are told once. One leaves if its ticket is missing at two looks."""
    memory, readers = await set_up(ACME), Told()
    now = [100.0]
    memory.engine.clock = lambda: now[0]  # type: ignore[method-assign]
    boards = Boards(memory.engine, "eu", 1.0, readers)
    await boards.look()
    assert readers.new() == ["acme joins"]
    assert readers.views["acme"].now() is None
    record = Record(owner="a", token="t", run="r", number=1, polled=polled(500.0), changes=(CHANGE,))
    await memory.engine.publish("hist.eu.acme", records.encode(record), after=0, within=1.0)
    await memory.engine.publish("hist.eu.other", records.encode(record), after=0, within=1.0)
    for told in (["acme BoardShown", "acme Polled"], []):
        await boards.look()
        assert readers.new() == told
    assert readers.views["acme"].now() == 500.0
    now[0] += 10.0
    memory.now += 10.0
    seen = records.Seen({name: Looked(1, "r", polled(510.0, poll=2)) for name in ("acme", "other")})
    await memory.engine.publish("seen.eu.a", records.encode(seen), after=None, within=1.0)
    await memory.engine.publish("seen.eu.b", b"no record", after=None, within=1.0)
    for told in (["acme Polled"], []):
        await boards.look()
        assert readers.new() == told
    assert readers.views["acme"].now() == 510.0
    await apply(memory)
    for passed, told in ((TICKETS, []), (TICKETS - 0.1, []), (0.1, ["acme leaves"]), (TICKETS, [])):
        now[0] += passed
        await boards.look()
        assert readers.new() == told
    await apply(memory, ACME)
    now[0] += TICKETS
    await boards.look()
    assert readers.new() == ["acme joins", "acme BoardShown", "acme Polled"]


async def test_a_history_of_a_newer_version_is_not_misread() -> None:
    """Its board says so, and takes nothing more."""
    memory, readers = await set_up(ACME), Told()
    boards = Boards(memory.engine, "eu", 1.0, readers)
    await boards.look()
    await memory.engine.publish("hist.eu.acme", NEWER, after=0, within=1.0)
    record = records.encode(Record(owner="a", token="t", run="r", number=1, polled=polled(), changes=(CHANGE,)))
    await memory.engine.publish("hist.eu.acme", record, after=None, within=1.0)
    await memory.engine.publish("seen.eu.a", NEWER, after=None, within=1.0)
    await boards.look()
    assert readers.new() == ["acme joins"]
    await memory.engine.publish("hist.eu.acme", NEWER, after=None, within=1.0)
    again = Told()
    await Boards(memory.engine, "eu", 1.0, again).look()
    assert (again.new(), again.views["acme"].interval, again.views["acme"].seats) == (["acme joins"], 7.0, {})


async def test_without_an_engine_boards_grow_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Polls that should have ended are missed, and say why. So it is for a tenant of a newer version's ticket."""
    monkeypatch.setattr(boards_of, "LOOK", 0.0)
    memory, events, now = await set_up(ACME), list[Event](), [100.0]
    memory.engine.clock = lambda: now[0]  # type: ignore[method-assign]
    memory.kept["TICKETS-eu"] = [one._replace(data=b'{"schema": 99}') for one in memory.kept["TICKETS-eu"]]
    record = Record(owner="a", token="t", run="r", number=1, polled=polled(500.0), changes=(CHANGE,))
    await memory.engine.publish("hist.eu.acme", records.encode(record), after=0, within=1.0)
    readers, told = Told(), asyncio.Event()

    def take(tenant: str, event: Event) -> None:
        events.append(event)
        told.set()

    readers.take = take  # type: ignore[method-assign]
    boards = Boards(memory.engine, "eu", 1.0, readers)
    await boards.look()
    memory.errors = {"": OSError()}
    now[0] += 100.0
    events.clear()
    told.clear()
    following = asyncio.create_task(boards.run())
    await told.wait()
    await ended([following])
    assert [one.missed for one in events if isinstance(one, Polled)] == [SILENT] * MOST_MISSED
    after = [one.after and one.after.shown for one in events if isinstance(one, Change)]
    assert after[-1] is Standing.UNKNOWN


def a_record(number: int) -> bytes:
    """The record of a poll that sees one more agent."""
    change = Changed(str(number), None, seat(str(number)))
    end = polled(500.0 + number, interval=7.0, poll=number)
    return records.encode(Record(owner="a", token="t", run="r", number=number, polled=end, changes=(change,)))


async def test_a_poll_is_as_old_as_its_stream_says() -> None:
    """Each stream has a leader's clock. A poll is missed after two intervals and the time to hear of it."""
    memory, readers, now = await set_up(ACME), Told(), [100.0]
    late = {"HIST-eu": 2.0, "SNAP-eu": 5.0}

    async def time_of(stream: str) -> float:
        return memory.now + late[stream]

    memory.engine.clock = lambda: now[0]  # type: ignore[method-assign]
    memory.engine.time_of = time_of  # type: ignore[method-assign]
    boards = Boards(memory.engine, "eu", 1.0, readers)
    seen = records.encode(records.Seen({"acme": Looked(1, "r", polled(510.0, poll=2, interval=7.0))}))
    for subject, data, seconds in (
        ("hist.eu.acme", a_record(1), 2.0),
        ("seen.eu.a", seen, 5.0),
        ("hist.eu.acme", a_record(2), 2.0),
    ):
        await memory.engine.publish(subject, data, after=None, within=1.0)
        await boards.look()
        now[0] += 15.4 - seconds
        memory.now += 15.4 - seconds
        assert readers.views["acme"].tick() == []
        now[0] += 0.2
        memory.now += 0.2
        missed = [one.missed for one in readers.views["acme"].tick() if isinstance(one, Polled)]
        assert missed == ["no worker has polled it for 16 s"]
    assert [one for one in readers.new() if "joins" in one] == ["acme joins"]
    again = Told()
    await Boards(memory.engine, "eu", 1.0, again).look()
    missed = [one.missed for one in again.views["acme"].tick() if isinstance(one, Polled)]
    assert (again.new(), missed) == (["acme joins", "acme BoardShown", "acme Polled"], [])
    assert again.views["acme"].shown().complete is False


async def test_a_tenant_that_joins_late_is_whole() -> None:
    """It begins with its newest poll, recorded or only seen. Each later record and poll is told once."""
    memory, readers, now = await set_up(), Told(), [100.0]
    memory.engine.clock = lambda: now[0]  # type: ignore[method-assign]
    boards = Boards(memory.engine, "eu", 1.0, readers)

    async def looked(number: int, poll: int) -> None:
        seen = records.Seen({"acme": Looked(number, "r", polled(500.0 + poll, poll=poll))})
        await memory.engine.publish("seen.eu.a", records.encode(seen), after=None, within=1.0)

    await memory.engine.publish("hist.eu.acme", a_record(1), after=None, within=1.0)
    await looked(1, 2)
    await boards.look()
    assert readers.new() == []
    await apply(memory, ACME)
    now[0] += TICKETS
    await boards.look()
    assert readers.new() == ["acme joins", "acme BoardShown", "acme Polled"]
    assert readers.views["acme"].now() == 502.0
    await boards.look()
    assert readers.new() == []
    for number, poll in ((2, 4), (3, 6)):
        await memory.engine.publish("hist.eu.acme", a_record(number), after=None, within=1.0)
        await boards.look()
        assert readers.new() == ["acme Change", "acme Polled"]
        await looked(number, poll)
        await boards.look()
        assert readers.new() == ["acme Polled"]
    assert readers.views["acme"].now() == 506.0


async def test_a_missed_poll_has_its_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a history that cannot be read, until that is replaced. Otherwise it is the silence of the workers."""
    monkeypatch.setattr(boards_of, "LOOK", 0.0)
    zed = replace(ACME, id="zed")
    memory, readers, now, missed = await set_up(ACME, zed), Told(), [100.0], dict[str, set[str]]()
    memory.engine.clock = lambda: now[0]  # type: ignore[method-assign]
    told = asyncio.Event()

    def take(tenant: str, event: Event) -> None:
        if isinstance(event, Polled) and event.missed:
            missed.setdefault(tenant, set()).add(event.missed)
            if len(missed) == 2:
                told.set()

    readers.take = take  # type: ignore[method-assign]
    boards = Boards(memory.engine, "eu", 1.0, readers)
    await memory.engine.publish("hist.eu.acme", a_record(1), after=0, within=1.0)
    await memory.engine.publish("hist.eu.zed", NEWER, after=0, within=1.0)
    await boards.look()
    assert readers.views["zed"].tick() == []
    now[0] += 100.0
    memory.now += 100.0
    following = asyncio.create_task(boards.run())
    await told.wait()
    await ended([following])
    assert missed == {"acme": {"no worker has polled it for 100 s"}, "zed": {UNREADABLE}}
    readers = Told()
    boards._readers = readers  # noqa: SLF001
    memory.kept["HIST-eu"] = [one for one in memory.kept["HIST-eu"] if one.subject != "hist.eu.zed"]
    for tenants in ((ACME,), (ACME,), (ACME, zed)):
        await apply(memory, *tenants)
        now[0] += TICKETS
        await boards.look()
    await memory.engine.publish("hist.eu.zed", a_record(1), after=0, within=1.0)
    await boards.look()
    assert readers.new() == ["zed leaves", "zed joins", "zed BoardShown", "zed Polled"]
    await memory.engine.publish("hist.eu.zed", NEWER, after=None, within=1.0)
    await memory.engine.publish("hist.eu.zed", a_record(2), after=None, within=1.0)
    seen = records.Seen({"zed": Looked(1, "r", polled(510.0, poll=2))})
    await memory.engine.publish("seen.eu.a", records.encode(seen), after=None, within=1.0)
    await boards.look()
    assert readers.new() == []


async def test_a_ticket_of_a_newer_version_has_an_interval() -> None:
    """Until its tenant is polled, that is the shortest of the zone."""
    memory, readers = await set_up(ACME), Told()
    memory.kept["TICKETS-eu"] = [one._replace(data=b'{"schema": 99}') for one in memory.kept["TICKETS-eu"]]
    await Boards(memory.engine, "eu", 3.0, readers).look()
    assert readers.views["acme"].interval == 3.0
