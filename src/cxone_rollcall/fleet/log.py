"""One tenant's records, written in order and fenced.

Nobody can write after a successor has."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

from cxone_rollcall.fleet import records
from cxone_rollcall.fleet.engine import Engine, Refused, Stored, streams_of
from cxone_rollcall.fleet.lease import LONGEST_BUFFER, Refusal
from cxone_rollcall.fleet.records import Floor, Record

SNAPSHOT = 200
"""Records between two snapshots. A successor reads as many, at once."""
RETRY = 0.05
"""Seconds between two tries."""
REPLICA, MOST_TRIES = 0.5, 6
"""Seconds to wait for a replica, and how many times. Each may be a frozen one."""


class Ended(Exception):
    """The tenant is no longer ours. The text says why. `give_back` is set if its ticket still is."""

    def __init__(self, why: str, *, give_back: bool = False) -> None:
        super().__init__(why)
        self.give_back = give_back


class Log:
    """What a holder writes of one tenant. `floor` is the tenant as written so far.

    Each record is written only if the one before it is the last of the tenant. `on_written` is called with the moment
    at which a record was sent that was taken, `on_leaderless` if the engine has no leader that could take one.
    `drained` is set while nothing waits. `confirm` is how many seconds to wait for a confirmation.
    """

    def __init__(
        self,
        engine: Engine,
        zone: str,
        tenant: str,
        *,
        owner: str,
        confirm: float,
        on_written: Callable[[float], None],
        on_leaderless: Callable[[], None],
    ) -> None:
        self.floor = Floor()
        self.drained = asyncio.Event()
        self.drained.set()
        self._engine = engine
        self._zone, self._tenant = zone, tenant
        self._stream, self._snapshots = streams_of(zone)[1:]
        self._subject = f"hist.{zone}.{tenant}"
        self._snapshot_subject = f"snap.{zone}.{tenant}"
        self._owner = owner
        self._confirm = confirm
        self._clock = engine.clock
        self._on_written = on_written
        self._on_leaderless = on_leaderless
        self._queue: deque[tuple[float, Record]] = deque()
        self._wake = asyncio.Event()
        self._since_snapshot = 0

    @property
    def waiting(self) -> int:
        """Records that wait to be written."""
        return len(self._queue)

    @property
    def number(self) -> int:
        """The number of the last change that is written or waits."""
        return self._queue[-1][1].number if self._queue else self.floor.number

    async def load(self, until: int) -> None:
        """Read what was written until a sequence. Raises `Refused` if the engine does not answer."""
        if not self.floor.sequence:
            self.floor = await read_snapshot(self._engine, self._snapshots, self._snapshot_subject, until) or Floor()
        async for stored in read_until(self._engine, self._stream, self._subject, self.floor.sequence + 1, until):
            self.floor.apply(records.decode_record(stored.data), stored.sequence)
            self._since_snapshot += 1

    async def confirm(self, owner: str) -> None:
        """Read until when the last holder saw everybody. It may be gone, and its last records with it."""
        with suppress(Refused, records.NewerSchema):
            stored = await self._engine.last(self._snapshots, f"seen.{self._zone}.{owner}", within=self._confirm)
            if stored is not None:
                self.floor.confirm(records.decode_seen(stored.data).polls.get(self._tenant))

    def begin(self, take: int, number: int) -> None:
        """Go on after our take record, whose sequence it is. What was written before it must be loaded."""
        self.floor.sequence, self.floor.number = take, number

    def append(self, record: Record) -> None:
        """Write this record after those that wait."""
        self._queue.append((self._clock(), record))
        self.drained.clear()
        self._wake.set()

    async def write(self) -> None:
        """Write what is appended, until cancelled. Raises `Ended` if another worker has written."""
        while True:
            while not self._queue:
                self._wake.clear()
                self.drained.set()
                if self._since_snapshot >= SNAPSHOT:
                    await self.snapshot()
                if not self._queue:
                    await self._wake.wait()
            queued, record = self._queue[0]
            sequence = await self._write_one(record, queued)
            self.floor.apply(record, sequence)
            self._since_snapshot += SNAPSHOT if record.resumed else 1
            self._queue.popleft()

    async def _write_one(self, record: Record, queued: float) -> int:
        """The sequence of a record, as soon as it is written. Each is tried: a process may have been stopped."""
        data = records.encode(record)
        while True:
            sent = self._clock()
            try:
                sequence = await self._engine.publish(
                    self._subject, data, after=self.floor.sequence, within=self._confirm
                )
            except Refused as refused:
                found = await self._after(refused.why, record)
                if found is not None:
                    return found
                if sent - queued > LONGEST_BUFFER:
                    why = f" ({refused.text})" if refused.text else ""
                    raise Ended(
                        f"the engine took nothing for too long{why}: the ticket is given back", give_back=True
                    ) from None
                await asyncio.sleep(RETRY)
            else:
                self._on_written(sent)
                return sequence

    async def _after(self, why: Refusal, record: Record) -> int | None:
        """The sequence of a record if it was written after all."""
        if why is Refusal.LEADERLESS:
            self._on_leaderless()
        if why is not Refusal.MISMATCH:
            return None
        try:
            last = await self._engine.last(self._stream, self._subject, within=self._confirm)
        except Refused:
            return None
        if last is None:
            self.floor.sequence = 0  # all records of the tenant were older than the history
            return None
        found = records.decode_record(last.data)
        if found.owner != self._owner:
            raise Ended(f"{found.owner or 'an operator'} has taken it")
        if found.token == record.token:  # its confirmation was lost
            return last.sequence
        self.floor.sequence = last.sequence
        return None

    async def snapshot(self) -> None:
        """Keep the board for a successor. It may fail: a successor then reads more records."""
        self._since_snapshot = 0
        for one in records.snapshots(self.floor, self._owner):
            with suppress(Refused):
                await self._engine.publish(
                    f"{self._snapshot_subject}.{one.part}", records.encode(one), after=None, within=self._confirm
                )


async def read_until(engine: Engine, stream: str, subject: str, start: int, until: int) -> AsyncIterator[Stored]:
    """The messages of a subject from one sequence to another.

    A replica may be behind, or not answer: another one is asked then. Raises `Refused` if that does not help.
    """
    tries = 0
    while start <= until:
        found: list[Stored] = []
        with suppress(Refused):
            found = await engine.read(stream, subject, start, within=REPLICA)
        tries = 0 if found else tries + 1
        if tries == MOST_TRIES:
            raise Refused(Refusal.SILENT)
        if not found:
            await asyncio.sleep(RETRY)
        for stored in found:
            start = stored.sequence + 1
            if stored.sequence <= until:
                yield stored


async def read_snapshot(engine: Engine, stream: str, subject: str, until: int) -> Floor | None:
    """The last snapshot that is not younger than a sequence. None without a whole one."""
    parts: list[records.Snapshot] = []
    while not parts or len(parts) < parts[0].parts:
        stored = await engine.last(stream, f"{subject}.{len(parts)}", within=2.0)
        if stored is None:
            return None
        parts.append(records.decode_snapshot(stored.data))
    floor = records.assemble(parts)
    return floor if floor is not None and floor.sequence <= until else None


def new_token() -> str:
    """A token that no other record has."""
    return os.urandom(8).hex()
