"""One tenant that a worker holds, polls and writes records of."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, aclosing, suppress
from typing import TYPE_CHECKING, Any

from cxone_rollcall.config.fleet import FleetTenant
from cxone_rollcall.errors import RollcallError, kind_and_place
from cxone_rollcall.fleet import records
from cxone_rollcall.fleet.engine import Engine, Refused, streams_of
from cxone_rollcall.fleet.lease import RENEWAL, Holder, Lease, Refusal, taken
from cxone_rollcall.fleet.log import MOST_TRIES, Ended, Log, new_token
from cxone_rollcall.fleet.record_maker import RecordMaker
from cxone_rollcall.fleet.records import Looked, Record
from cxone_rollcall.fleet.sealing import Unopened
from cxone_rollcall.live.events import Event, Polled
from cxone_rollcall.live.groups import Groups
from cxone_rollcall.live.poller import Poller, Times
from cxone_rollcall.live.seat import MOST_MISSED
from cxone_rollcall.live.tasks import ended
from cxone_rollcall.model.struct import replace

if TYPE_CHECKING:
    from nats.aio.msg import Msg

    from cxone_rollcall.client import Client

ANSWER = 0.3
"""Beats to wait for the holder of a ticket. A stopped process does not answer, and each beat counts."""
CONFIRM, AGAIN = 0.3, 0.1
"""Beats to wait for a confirmation, and then until the next try. Several must fit into what a lease has left."""
SUSPENDED = 0.05
"""Seconds between two looks at whether the tenant may be polled again."""
STOP, WHO = b"stop ", b"who "

Connect = Callable[[Callable[[], None]], "AbstractAsyncContextManager[Client]"]
"""Opens a client. The argument is called before each request, and prevents it by raising."""


class Lapsed(Exception):
    """The lease has run out. Nothing may be asked of the tenant."""


class Tenancy:
    """A tenant that a worker takes, holds and hands over. `reply` is where its ticket is acknowledged.

    `polled_at` is when the last poll ended, by `clock`; `whole_at` is when the last whole one did.
    `taken_at` is when the tenant was taken. `leaving` is set while a successor is wanted.
    """

    def __init__(
        self,
        tenant: FleetTenant,
        reply: str,
        engine: Engine,
        *,
        owner: str,
        zone: str,
        beat: float,
        connect: Connect,
        groups: Groups,
        complain: Callable[[str], None],
    ) -> None:
        self.tenant = tenant
        self.reply = reply
        self.leaving = False
        self.polled_at: float | None = None
        self.whole_at: float | None = None
        self.lease = Lease(beat, 0.0, 0.0)
        self.findings: tuple[str, ...] = ()
        self._engine = engine
        self._owner = owner
        self._stop = STOP + owner.encode()
        self._beat = beat
        self._connect = connect
        self._groups = groups
        self._complain = complain
        self._clock = engine.clock
        self._zone = zone
        self._stream = streams_of(zone)[1]
        self._subject = f"hist.{zone}.{tenant.id}"
        self._holder = f"holder.{zone}.{tenant.id}"
        self.log = Log(
            engine,
            zone,
            tenant.id,
            owner=owner,
            confirm=CONFIRM * beat,
            on_written=self._on_written,
            on_leaderless=self._on_leaderless,
        )
        self._renew, self._stopping = asyncio.Event(), asyncio.Event()
        self._stopper: Msg | None = None
        self.taken_at = engine.clock()
        self._maker = RecordMaker(owner)
        self._told_at: float | None = None
        """When the poller that runs now told of its last poll."""

    # Taking

    async def take(self) -> bool:
        """Become the holder, if nobody else is. Raises `NewerSchema`, and `Refused` if the engine does not answer."""
        token, sent = new_token(), 0.0
        for _ in range(MOST_TRIES):
            holder = await self._ask()
            if holder is Holder.MINE:
                return False
            last = await self._engine.last(self._stream, self._subject, within=self._beat)
            record = records.decode_record(last.data) if last else None
            after, number = (last.sequence, record.number) if last and record else (0, 0)
            if record is not None and record.token == token:
                sequence = after  # it was taken, and its confirmation was lost
            elif record is not None and not record.owner and not await self._has_ticket():
                return False  # it was removed while its ticket was on its way here
            else:
                await self.log.load(after)
                if record is not None and record.owner:
                    await self.log.confirm(record.owner)
                sent, until = self._clock(), self.log.floor.as_of
                take = records.encode(
                    Record(owner=self._owner, token=token, number=number, take=True, seen_until=until)
                )
                try:
                    sequence = await self._engine.publish(self._subject, take, after=after, within=self._beat)
                except Refused:
                    continue  # somebody wrote meanwhile, perhaps the holder, who is back
            self.lease = taken(sent, self._beat)
            self.log.begin(sequence, number)
            self._unlisten = await self._engine.listen(self._holder, self._answer)
            if holder is Holder.LEAVING:
                with suppress(Refused):  # who does not hear it is stopped by its next record
                    await self._engine.ask(self._holder, self._stop, within=self._beat)
            else:  # a holder who was too slow to answer
                await self._engine.send(self._holder, self._stop)
            return True
        raise Refused(Refusal.SILENT)

    async def _has_ticket(self) -> bool:
        subject = f"ticket.{self._zone}.{self.tenant.id}"
        return await self._engine.last(streams_of(self._zone)[0], subject, within=self._beat) is not None

    async def _ask(self) -> Holder:
        try:
            answer = await self._engine.ask(self._holder, WHO + self.reply.encode(), within=ANSWER * self._beat)
        except Refused:
            return Holder.SILENT
        return Holder.MINE if answer.data == b"mine" else Holder.LEAVING

    # Holding

    async def run(self) -> None:
        """Hold the tenant until it is given up or taken. Call `take` before."""
        tasks = [
            asyncio.create_task(work) for work in (self._stopping.wait(), self._keep(), self.log.write(), self._poll())
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            results = await ended(tasks)
            if self._stopper is not None:
                with suppress(Exception):  # it may not wait for an answer
                    await self._stopper.respond(b"stopped")
            await self._unlisten()
        for result in results:
            if isinstance(result, Ended):
                if not self.leaving:
                    self._complain(f"{self.tenant.id}: {result}")
                if result.give_back:
                    await self.give_back()
            elif isinstance(result, Exception):
                raise result

    def keep_time(self, beat: float) -> None:
        """Take another beat: the shortest interval of the zone is another one."""
        self._beat = beat
        self.lease = replace(self.lease, beat=beat)

    async def leave(self) -> None:
        """Look for a successor, and go on until it says stop. Everything is written first."""
        self.leaving = True
        self._mark()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._beat):
                await self.log.drained.wait()
        await self.log.snapshot()
        await self.give_back()

    def stay(self, reply: str) -> None:
        """Go on: nobody else wanted the ticket."""
        self.reply, self.leaving = reply, False

    async def give_back(self) -> None:
        """Ask the engine to deliver the ticket to somebody."""
        await self._engine.send(self.reply, b"-NAK")

    async def _answer(self, message: Msg) -> None:
        if message.data == self._stop:
            return  # our own
        if message.data.startswith(STOP):
            self._stopper = message
            self._stopping.set()
        else:
            # The engine takes a refusal of the last delivery alone, and that went to who asks.
            self.reply = message.data.removeprefix(WHO).decode() or self.reply
            free = self.leaving or self.lease.is_lapsed(self._clock())
            await message.respond(b"leaving" if free else b"mine")

    async def _keep(self) -> None:
        """Renew the ticket at each poll, and at least every beat. Without an answer, a record must prove it.

        While leaving, it is not renewed: so the engine gives it away even if it lost that we gave it back.
        """
        while True:
            self._renew.clear()
            sent = self._clock()
            pause = RENEWAL * self._beat
            if self.leaving:
                self._mark()
                await asyncio.sleep(self._beat / 2)
                continue
            try:
                await self._engine.ask(self.reply, b"+WPI", within=CONFIRM * self._beat)
                self.lease = self.lease.renewed(sent)
            except Refused:
                self._mark()
                pause = AGAIN * self._beat
                if await self._engine.answers(CONFIRM * self._beat):
                    self._on_leaderless()
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._renew.wait()

    def _on_written(self, sent: float) -> None:
        self.lease = self.lease.written(sent)

    def _on_leaderless(self) -> None:
        self.lease = self.lease.leaderless(self._clock())

    def _may_send(self) -> None:
        if self.lease.is_lapsed(self._clock()):
            raise Lapsed

    async def _allowed(self) -> None:
        """Wait until the tenant may be polled. A worker that wakes late writes first."""
        while self.lease.is_lapsed(self._clock()):
            self._mark()
            self._renew.set()
            await asyncio.sleep(SUSPENDED)
        self._renew.set()

    # Polling

    async def _poll(self) -> None:
        while True:
            await self._allowed()
            if self.last is not None:
                self._mark()  # until when all was seen
            await self.log.drained.wait()  # what the next board differs from is written
            try:
                async with self._connect(self._may_send) as client:
                    poller = Poller(
                        client,
                        run=new_token(),
                        times=Times(interval=self.tenant.interval),
                        groups=self._groups,
                        clock=self._clock,
                        wait=self._wait,
                    )
                    poller.restore(self.log.floor.seen())
                    self._told_at = None
                    async with aclosing(poller.events()) as events:
                        async for event in events:
                            self._take_event(poller, event)
            except Unopened as error:
                raise Ended(str(error), give_back=True) from None
            except Exception as error:  # noqa: BLE001  the other tenants go on
                self._maker.forget()
                if isinstance(error, Lapsed) or self.lease.is_lapsed(self._clock()):
                    continue
                why = str(error) if isinstance(error, RollcallError) else kind_and_place(error)
                self._complain(f"{self.tenant.id}: {why}; polling begins again in {self.tenant.interval:g} s")
                await asyncio.sleep(self.tenant.interval)

    async def _wait(self, seconds: float) -> None:
        """Wait for the next poll."""
        await asyncio.sleep(seconds)
        await self._allowed()
        if self.last is not None:
            self._end_if_suspended(self.last.interval)

    def _end_if_suspended(self, interval: float) -> None:
        """Raise `Lapsed` after some intervals without a poll.

        So the board begins anew, and there is a gap. Else each agent would be recorded as unknown, and again as known.
        The lease had run out, or the process was stopped, perhaps within a poll.
        """
        silent = 0.0 if self._told_at is None else self._clock() - self._told_at
        if silent >= MOST_MISSED * interval:
            raise Lapsed

    def _take_event(self, poller: Poller, event: Event) -> None:
        if isinstance(event, Polled):
            self._end_if_suspended(event.interval)
        now, log = self._clock(), self.log
        for record in self._maker.take(poller, event, log.floor.seats, log.number, now, always=self.leaving):
            log.append(record)
        if isinstance(event, Polled):
            self.polled_at = self._told_at = now
            self.findings = tuple(poller.troubles.now)
            self.whole_at = now if event.ok else self.whole_at

    def _mark(self) -> None:
        """Write that we hold the tenant, and until when all was seen. If more waits, that proves as much."""
        if not self.log.waiting:
            self.log.append(self._maker.mark(self.log.number))

    @property
    def last(self) -> Polled | None:
        """The last poll."""
        return self._maker.last

    def looked(self) -> Looked | None:
        """The last poll. None before the first one whose changes are on their way into the history."""
        return self._maker.looked(self.log.number)

    def status(self) -> dict[str, Any]:
        """What the worker tells of this tenant. Times are ages in seconds."""
        last, now = self.last, self._clock()
        return {
            "tenant": self.tenant.id,
            "interval": last.interval if last else self.tenant.interval,
            "age": None if self.polled_at is None else max(0.0, now - self.polled_at),
            "whole_age": None if self.whole_at is None else max(0.0, now - self.whole_at),
            "held": max(0.0, now - self.taken_at),
            "ok": last is not None and last.ok,
            "missed": last.missed if last else "the first poll has not ended",
            "counts": dict(last.counts) if last else {},
            "number": self.log.floor.number,
            "findings": list(self.findings),
            "buffered": self.log.waiting,
        }
