"""The boards of all tenants of a zone, for readers."""

from __future__ import annotations

import asyncio
from typing import Protocol

from cxone_rollcall.config.fleet import FleetTenant
from cxone_rollcall.errors import EngineError
from cxone_rollcall.fleet import records, tickets
from cxone_rollcall.fleet.engine import Engine, Refused, Stored, streams_of
from cxone_rollcall.fleet.log import new_token, read_snapshot, read_until
from cxone_rollcall.fleet.operator import last_sequence, read_tickets
from cxone_rollcall.fleet.records import Floor, NewerSchema
from cxone_rollcall.fleet.view import View
from cxone_rollcall.live.events import Event

LOOK = 0.5
"""Seconds between two looks at the engine."""
TICKETS = 5.0
"""Seconds between two looks at which tenants there are."""
SILENT = "the engine does not answer, so nothing is known of its polls"
UNREADABLE = "its history cannot be read: a newer rollcall may write it, so update this one"


class Readers(Protocol):
    """Whoever shows the boards."""

    async def join(self, tenant: str, view: View) -> None:
        """A tenant is there from now on. A view of the same tenant before is no longer true."""

    async def leave(self, tenant: str) -> None:
        """A tenant is no longer of the zone."""

    def take(self, tenant: str, event: Event) -> None:
        """The next event of a tenant."""


class Boards:
    """Follows a zone. `beat` is the shortest interval of its tenants, at which workers tell of their polls.

    The time of day here is not asked: it may be wrong.
    """

    def __init__(
        self,
        engine: Engine,
        zone: str,
        beat: float,
        readers: Readers,
    ) -> None:
        self._engine = engine
        self._zone = zone
        self._beat = beat
        self._readers = readers
        self._clock = engine.clock
        self._ahead: dict[str, float] = {}
        """Seconds by which each stream's leader's clock is ahead of ours."""
        self._history, self._snapshots = streams_of(zone)[1:]
        self._tickets: dict[str, Stored] = {}
        self._views: dict[str, View] = {}
        self._unreadable: set[str] = set()
        self._missing: set[str] = set()
        self._joining: set[str] = set()
        """Tenants to be shown as soon as all of them is read."""
        self._next: int | None = None
        self._next_seen = 1
        self._tickets_due = engine.clock()

    async def run(self) -> None:
        """Follow until cancelled. While the engine does not answer, boards grow old and then unknown."""
        while True:
            why = ""
            try:
                await self.look()
            except (Refused, EngineError):
                why = SILENT
            for tenant, view in self._views.items():
                self._tell(tenant, view.tick(why or (UNREADABLE if tenant in self._unreadable else "")))
            await asyncio.sleep(LOOK)

    async def look(self) -> None:
        """Take what is new. Raises `Refused` and EngineError if the engine does not answer."""
        for stream in (self._history, self._snapshots):  # each time: the leader may be another one, and its clock jump
            self._ahead[stream] = await self._engine.time_of(stream) - self._clock()
        if self._next is None:
            self._next = await last_sequence(self._engine, self._zone) + 1
        if self._clock() >= self._tickets_due:
            await self._look_at_tickets()
            self._tickets_due = self._clock() + TICKETS
        while found := await self._engine.read(self._history, f"hist.{self._zone}.*", self._next):
            for one in found:
                await self._take(one)
                self._next = one.sequence + 1
        for one in await self._engine.read(self._snapshots, f"seen.{self._zone}.*", self._next_seen):
            self._confirm(one)
            self._next_seen = one.sequence + 1
        joined, self._joining = self._joining, set()
        for tenant in joined & self._views.keys():
            self._tell(tenant, self._views[tenant].begin())

    async def _look_at_tickets(self) -> None:
        """Tenants that are new join. One leaves if its ticket is missing twice: a replica may be behind."""
        self._tickets = await read_tickets(self._engine, self._zone)
        missing = self._views.keys() - self._tickets.keys()
        gone = missing & self._missing
        for tenant in gone:
            del self._views[tenant]
        await asyncio.gather(*map(self._readers.leave, gone))
        self._missing = missing
        for tenant in self._tickets:
            if tenant not in self._views:
                await self._join(tenant)

    async def _join(self, tenant: str) -> None:
        """Read a tenant from its last snapshot on, and show it."""
        subject = f"hist.{self._zone}.{tenant}"
        last = await self._engine.last(self._history, subject, within=2.0)
        try:
            given = tickets.decode(self._tickets[tenant].data)
        except (KeyError, NewerSchema, ValueError):  # it is gone, or a newer version wrote it
            given = None
        until, floor, owner = 0, Floor(), None
        try:
            if last is not None:
                until, owner = last.sequence, records.decode_record(last.data).owner
                snapshot = f"snap.{self._zone}.{tenant}"
                floor = await read_snapshot(self._engine, self._snapshots, snapshot, until) or floor
            view = self._view(floor, owner, given, heard=self._clock() if last is None else self._heard(last))
            async for one in read_until(self._engine, self._history, subject, view.floor.sequence + 1, until):
                view.take(records.decode_record(one.data), one.sequence, self._heard(one))
            self._unreadable.discard(tenant)
        except (NewerSchema, ValueError):
            self._unreadable.add(tenant)
            view = self._view(Floor(), owner, given, heard=self._clock())
        self._views[tenant] = view
        self._next_seen = 1  # what workers told before is news of this tenant
        self._joining.add(tenant)
        await self._readers.join(tenant, view)

    def _view(self, floor: Floor, owner: str | None, given: FleetTenant | None, *, heard: float) -> View:
        return View(
            floor,
            run=new_token(),
            owner=owner,
            interval=given.interval if given else self._beat,
            slack=self._beat + LOOK,
            heard=heard,
            clock=self._clock,
            contract=given.settings.get("contract") if given else None,
        )

    async def _take(self, stored: Stored) -> None:
        tenant = stored.subject.rpartition(".")[2]
        view = self._views.get(tenant)
        if view is None or tenant in self._unreadable:
            return
        try:
            record = records.decode_record(stored.data)
        except (NewerSchema, ValueError):
            self._unreadable.add(tenant)
            return
        if view.lacks(record, stored.sequence):
            await self._join(tenant)
        else:
            self._tell(tenant, view.take(record, stored.sequence, self._heard(stored)))

    def _confirm(self, stored: Stored) -> None:
        try:
            seen = records.decode_seen(stored.data)
        except (NewerSchema, ValueError):
            return  # its records say so
        owner = stored.subject.rpartition(".")[2]
        for tenant, poll in seen.polls.items():
            if tenant in self._views and tenant not in self._unreadable:
                self._tell(tenant, self._views[tenant].confirm(poll, owner, self._heard(stored, self._snapshots)))

    def _heard(self, stored: Stored, stream: str = "") -> float:
        """When a message was stored, by our clock. Not later than now."""
        return min(self._clock(), stored.at - self._ahead[stream or self._history])

    def _tell(self, tenant: str, events: list[Event]) -> None:
        for event in events if tenant not in self._joining else ():
            self._readers.take(tenant, event)
