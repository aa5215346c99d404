"""A worker takes tickets, hands over what others should have, and tells."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from cxone_rollcall.config.fleet import FleetTenant
from cxone_rollcall.config.profiles import ProfileFile
from cxone_rollcall.errors import EngineError, SettingError, kind_and_place
from cxone_rollcall.fleet import records, tickets
from cxone_rollcall.fleet.clients import Clients
from cxone_rollcall.fleet.engine import API, GROUP, Engine, Refused, streams_of
from cxone_rollcall.fleet.lease import LENGTH, may_ask, priority, surplus
from cxone_rollcall.fleet.records import NewerSchema
from cxone_rollcall.fleet.shared_pace import SharedPace
from cxone_rollcall.fleet.streams import CONSUMER, beat_of
from cxone_rollcall.fleet.tenancy import Tenancy
from cxone_rollcall.live.tasks import ended
from cxone_rollcall.model.wording import counted

if TYPE_CHECKING:
    from nats.aio.msg import Msg

HEARD = 3.0
"""Beats after which a worker that was not heard of has gone."""
LONGEST_HANDOVER = 40.0
"""Seconds until a worker that ends leaves its tickets to the engine. 250 tickets take five; 250 tenants of 5,000
agents, which one new worker takes over, take 32.
"""
AFTER_REFUSAL = 10.0
"""Seconds until a ticket that this worker cannot use is delivered again."""
FORGOTTEN = 600.0
"""Seconds after which a ticket that was given back is forgotten."""
LOOK = 10.0
"""Seconds between two looks at the zone's shortest interval. Until then, tickets that seem lost are answered for."""
KEPT = 3600
"""Seconds for which it is kept what a worker saw last. Its tenants are taken over within some."""
ASKING = 20
"""Looks in a beat at whether there is room again."""
SHARE = 10
"""A worker with too much hands over a tenth in a beat."""


class Worker:
    """A worker of a zone. `held` are the tenants that it polls."""

    def __init__(
        self,
        engine: Engine,
        *,
        zone: str,
        beat: float,
        capacity: int,
        name: str,
        profiles: ProfileFile,
        environ: Mapping[str, str],
        complain: Callable[[str], None],
    ) -> None:
        self.held: dict[str, Tenancy] = {}
        self.name = name
        self.capacity = capacity
        self.leaving = False
        self.taken = 0
        self._engine = engine
        self._zone = zone
        self._beat = beat
        self._complain = complain
        self._clock = engine.clock
        self._tickets = streams_of(zone)[0]
        self._pace = SharedPace(zone, name, lambda subject, data: self._start(engine.send(subject, data)))
        self._clients = Clients(engine, zone, name, profiles, environ, self._pace)
        self._others: dict[str, tuple[float, int, int]] = {}
        """When each other worker was heard of, its load and capacity."""
        self._refused: dict[str, tuple[float, str]] = {}
        """When each useless ticket was given back, and why."""
        self._considered: set[str] = set()
        self._running: set[asyncio.Task[None]] = set()

    async def run(self, stopped: asyncio.Event) -> None:
        """Poll tenants until `stopped`, then hand them over."""
        ends = [
            await self._engine.listen(f"fleet.{self._zone}.load", self._hear),
            await self._engine.listen(f"fleet.{self._zone}.status", self._tell),
            await self._engine.listen(self._pace.subject, self._pace.hear),
        ]
        pulling = asyncio.create_task(self._pull())
        tasks = [pulling, *(asyncio.create_task(work) for work in (self._balance(), self._keep_time(), stopped.wait()))]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                if task.done():
                    task.result()
            await ended([pulling])
            await self._hand_over()
        finally:
            await ended((*tasks, *self._running))
            for end in ends:
                await end()

    @property
    def load(self) -> int:
        """Tickets that are held, or being taken."""
        return len(self.held) + len(self._considered - self.held.keys())

    @property
    def refused(self) -> dict[str, str]:
        """Why it cannot poll some tenants. A ticket that does not come again is forgotten."""
        since = self._clock() - FORGOTTEN
        return {tenant: why for tenant, (at, why) in self._refused.items() if at >= since}

    @property
    def _starting(self) -> int:
        """Tenants that are being taken, or looked at first. One that hangs counts for a beat: it must not block."""
        since = self._clock() - self._beat
        first = sum(one.last is None and one.taken_at > since for one in self.held.values())
        return first + self.load - len(self.held)

    async def _pull(self) -> None:
        """Ask for one ticket at a time, while there is room."""
        from nats.errors import Error as NatsError

        inbox = self._engine.nats.new_inbox()
        subscription = await self._engine.nats.subscribe(inbox)
        try:
            while True:
                is_connected = self._engine.nats.is_connected
                if not is_connected or not may_ask(self.load, self.capacity, self._starting):
                    await asyncio.sleep(self._beat / ASKING)
                else:
                    await self._engine.send(f"{API}.CONSUMER.MSG.NEXT.{self._tickets}.{CONSUMER}", self._wish(), inbox)
                    with suppress(NatsError):  # nothing came
                        message = await subscription.next_msg(timeout=self._beat * 1.2)
                        if message.reply.startswith("$JS.ACK."):
                            self._start(self._consider(message))
                            await asyncio.sleep(0)  # it begins, so that the next look at the load counts it
                        elif (message.headers or {}).get("Status") != "408":  # there was no ticket in time
                            await asyncio.sleep(self._beat / 10)
        finally:
            with suppress(Exception):  # tickets for it go to others from now on
                await subscription.unsubscribe()

    def _wish(self) -> bytes:
        """The request for a ticket. A worker that has given some back is served last: others may have what it lacks."""
        rank = priority(self.load, self.capacity, is_last=self._surplus() > 0 or bool(self.refused))
        wish = {"batch": 1, "expires": round(self._beat * 1e9), "group": GROUP, "priority": rank}
        return json.dumps(wish).encode()

    def _start(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _consider(self, message: Msg) -> None:
        """Take and hold a delivered ticket, unless its holder goes on."""
        try:
            tenant = tickets.decode(message.data)
        except (NewerSchema, ValueError) as error:
            damaged = "its ticket is damaged, which rollcall fleet apply mends"
            why = "a newer version wrote its ticket" if isinstance(error, NewerSchema) else damaged
            self._refuse(message, message.subject.rpartition(".")[2], why)
            return
        held = self.held.get(tenant.id)
        if self.leaving:  # it came with the last request
            await self._engine.send(message.reply, b"-NAK")
            return
        if held is not None:
            held.stay(message.reply)
            return
        if tenant.id in self._considered:
            return
        self._considered.add(tenant.id)
        try:
            await self._hold(message, tenant)
        except (SettingError, EngineError, NewerSchema) as error:
            newer = "a newer version wrote its history or its login"
            self._refuse(message, tenant.id, newer if isinstance(error, NewerSchema) else str(error))
        except Refused:
            again = f"it delivers the ticket again in {LENGTH * self._beat:g} s"
            self._complain(f"{tenant.id}: not taken, as the engine did not answer in time; {again}")
        except Exception as error:  # noqa: BLE001  the other tenants go on
            self._refuse(message, tenant.id, kind_and_place(error))
        finally:
            self._considered.discard(tenant.id)

    async def _hold(self, message: Msg, tenant: FleetTenant) -> None:
        connect, groups = await self._clients.prepare(tenant)
        tenancy = Tenancy(
            tenant,
            message.reply,
            self._engine,
            owner=self.name,
            zone=self._zone,
            beat=self._beat,
            connect=connect,
            groups=groups,
            complain=self._complain,
        )
        if not await tenancy.take():
            return
        self._refused.pop(tenant.id, None)
        self.held[tenant.id] = tenancy
        self.taken += 1
        if self.leaving:  # the signal came meanwhile
            self._start(tenancy.leave())
        try:
            await tenancy.run()
        finally:
            del self.held[tenant.id]

    def _refuse(self, message: Msg, tenant: str, why: str) -> None:
        """Give a ticket back that this worker cannot use. Another one may."""
        if self.refused.get(tenant) != why:
            self._complain(f"{tenant}: {why}; its ticket is given back")
        self._refused[tenant] = self._clock(), why
        delay = b'-NAK {"delay": %d}' % round(AFTER_REFUSAL * 1e9)
        self._start(self._engine.send(message.reply, delay))

    # Others

    async def _balance(self) -> None:
        """Tell the load each beat, and hand over what others should have."""
        while True:
            load = {"worker": self.name, "held": self.load, "capacity": 0 if self.leaving else self.capacity}
            await self._engine.send(f"fleet.{self._zone}.load", json.dumps(load).encode())
            self._start(self._tell_seen())
            if not self.leaving and not any(one.leaving for one in self.held.values()):
                most = max(1, len(self.held) // SHARE)
                for tenancy in list(self.held.values())[: min(most, self._surplus())]:
                    self._start(tenancy.leave())
            await asyncio.sleep(self._beat)

    async def _keep_time(self) -> None:
        """Follow the shortest interval of the zone, which an operator may change."""
        while True:
            await asyncio.sleep(LOOK)
            with suppress(EngineError):
                beat = await beat_of(self._engine, self._zone)
                if beat != self._beat:
                    self._beat = beat
                    for tenancy in self.held.values():
                        tenancy.keep_time(beat)

    async def _tell_seen(self) -> None:
        """Keep what was seen, also of tenants in which nothing changes. So a successor knows how short the gap is."""
        polls = {name: poll for name, tenancy in self.held.items() if (poll := tenancy.looked()) is not None}
        data, subject = records.encode(records.Seen(polls)), f"seen.{self._zone}.{self.name}"
        with suppress(Refused):
            await self._engine.publish(subject, data, after=None, within=self._beat, keep=KEPT)

    async def _hear(self, message: Msg) -> None:
        with suppress(ValueError, KeyError, TypeError):
            load = json.loads(message.data)
            if load["worker"] != self.name:
                self._others[load["worker"]] = self._clock(), int(load["held"]), int(load["capacity"])

    def _heard(self) -> list[tuple[int, int]]:
        since = self._clock() - HEARD * self._beat
        self._others = {name: one for name, one in self._others.items() if one[0] >= since}
        return [(held, capacity) for _, held, capacity in self._others.values()]

    def _surplus(self) -> int:
        return surplus(len(self.held), self.capacity, self._heard())

    async def _hand_over(self) -> None:
        """Look for successors, and go on until they are found. Alone, write all and end."""
        self.leaving = True
        end = self._clock() + LONGEST_HANDOVER
        await asyncio.gather(*(tenancy.leave() for tenancy in list(self.held.values())))
        while self._running and self.load and self._clock() < end:
            await asyncio.wait(self._running, timeout=self._beat)
            if not any(capacity > held for held, capacity in self._heard()):
                break  # who leaves, too, has told so
        if self.held and self._heard():
            self._complain(f"no other worker took over {counted(len(self.held), 'tenant')}: start one that has room")

    async def _tell(self, message: Msg) -> None:
        await message.respond(json.dumps(self.status()).encode())

    def status(self) -> dict[str, Any]:
        """What the worker tells who asks how the fleet is."""
        return {
            "worker": self.name,
            "capacity": self.capacity,
            "leaving": self.leaving,
            "tenants": [tenancy.status() for tenancy in self.held.values()],
            "refused": self.refused,
            "taken": self.taken,
            "engine_age": self._clock() - self._engine.answered,
        }


def worker_name(host: str) -> str:
    """A name that no other worker has, nor its predecessor."""
    safe = re.sub(r"[^A-Za-z0-9_-]", "-", host)  # it is one token of a subject, which a dot would end
    return f"{safe}-{os.getpid()}-{os.urandom(3).hex()}"
