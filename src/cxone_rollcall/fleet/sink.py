"""Moves a fleet's history into history files, each record exactly once."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from cxone_rollcall.errors import EngineError, HistoryError
from cxone_rollcall.fleet.engine import Engine, Refused, Stored, streams_of
from cxone_rollcall.fleet.log import read_snapshot, read_until
from cxone_rollcall.fleet.operator import last_sequence, made_at
from cxone_rollcall.fleet.reading import PAUSE, follow, record_of
from cxone_rollcall.fleet.record_maker import MARK
from cxone_rollcall.fleet.records import Changed, Floor, Note, Record
from cxone_rollcall.history.interval import RECORDER_DOWN, Trouble
from cxone_rollcall.history.reading import History, reading
from cxone_rollcall.history.recorder import Recorder
from cxone_rollcall.history.recording import first_cause, seats_of
from cxone_rollcall.history.store import Store, writing
from cxone_rollcall.live.events import BoardShown, Change, Polled
from cxone_rollcall.live.seat import MOST_MISSED
from cxone_rollcall.model.shell import quoted

STREAM, SEQUENCE, NUMBER = "fleet stream", "fleet sequence", "fleet number"
"""What a history file remembers: stream, last record, last number.

A stream is known by when it was made: that of another engine counts anew."""
MOST_OPEN = 200
"""Files that are open at once."""
POSITION = "position"
"""The file with the sequence from which to read again. Every file has all records before it."""


LAG = MARK + 5.0
"""Seconds by which a file may be behind its tenant.

That is the time between two records, and until they are stored."""


class FleetFile:
    """The history file of one tenant. `stream` is when the engine's history was made, in microseconds.

    `waits_from` is the sequence of the first record that is not stored yet: it waits for the rest of its poll, or for
    the first board. None if all are stored.
    """

    def __init__(self, store: Store, stream: int) -> None:
        self._store = store
        self._stream = stream
        ours = store.remembered(STREAM) == stream
        self.sequence = (store.remembered(SEQUENCE) or 0) if ours else 0
        stopped = store.stopped()
        number = (store.remembered(NUMBER) or 0) if ours else 0
        self.floor = Floor(self.sequence, number, stopped.until / 1000 or None)
        self.floor.seats = {seat.agent.agent_id: seat for seat in seats_of(stopped)}
        self.waits_from: int | None = None
        self._recorder: Recorder | None = None
        self._anew = not ours or not stopped.until
        self._changes: list[Changed] = []
        self._notes: list[Note] = []

    def lacks(self, record: Record) -> bool:
        """Whether records before this one are missing.

        They were older than the engine keeps them."""
        return record.number - len(record.changes) != self.floor.number

    def jump(self, floor: Floor) -> None:
        """Go on from a snapshot. Until then nothing is known."""
        self.floor, self.sequence, self._anew = floor, floor.sequence, True
        self._changes, self._notes, self.waits_from = [], [], None

    def take(self, record: Record, sequence: int) -> bool:
        """Store a record, whole and durably. Returns False for one that is stored already."""
        if sequence <= self.sequence:
            return False
        known = self.floor.as_of
        self.floor.apply(record, sequence)
        self._changes += record.changes
        self._notes += record.notes
        if record.take:
            return True
        if record.polled is None or record.polled.as_of is None or record.more:
            self.waits_from = self.waits_from or sequence
        else:
            self._store_poll(record, record.polled, record.polled.as_of, sequence, known)
        return True

    def _store_poll(self, record: Record, polled: Polled, as_of: float, sequence: int, known: float | None) -> None:
        anew = self._anew or known is None or (record.resumed and as_of - known >= MOST_MISSED * polled.interval)
        recorder = self._recorder
        if recorder is None or anew:
            stopped = self._store.stopped()
            recorder = self._recorder = Recorder(
                record.run,
                opened=stopped.opened,
                people=stopped.people,
                until=stopped.until,
                polled_at=stopped.polled_at,
                down=RECORDER_DOWN,
            )
        recorder.run = record.run
        causes = {one.agent_id: one.cause for one in self._changes}

        def cause(agent_id: str) -> str:
            return causes.get(agent_id) or self._lasting_cause(agent_id)

        for event in [self._board(record.run, polled, as_of)] if anew else _changes(polled, self._changes):
            recorder.take(event, self.floor.seats, cause)
        batch = recorder.take(polled, self.floor.seats, cause)
        if batch is None:
            return
        if record.resumed and batch.resumes is None:
            batch.resumes = batch.poll.at  # the findings that this owner knows begin anew
        batch.troubles += [_trouble(note, batch.poll.at) for note in self._notes]
        self._store.write(batch, remember={STREAM: self._stream, SEQUENCE: sequence, NUMBER: record.number})
        self.sequence, self._anew, self.waits_from = sequence, False, None
        self._changes, self._notes = [], []

    def _lasting_cause(self, agent_id: str) -> str:
        """Why an agent is still unknown. No record tells that again."""
        blinding = (code for code, note in self.floor.notes.items() if note.explains_all)
        return first_cause(self.floor.codes.get(agent_id, ()), blinding)

    def _board(self, run: str, polled: Polled, as_of: float) -> BoardShown:
        return BoardShown(
            run=run,
            poll=polled.poll,
            as_of=as_of,
            received_at=polled.received_at or as_of,
            complete=polled.complete,
            counts=polled.counts,
            seats=tuple(self.floor.seats.values()),
        )


def _changes(polled: Polled, changes: list[Changed]) -> list[Change | BoardShown]:
    return [Change(poll=polled.poll, agent_id=one.agent_id, before=one.before, after=one.after) for one in changes]


def _trouble(note: Note, at: int) -> Trouble:
    return Trouble(at, note.code, note.begins, note.strength, note.message)


def path_of(folder: Path, tenant: str) -> Path:
    """The history file of a tenant."""
    return folder / f"{tenant}.db"


@contextmanager
def reading_of(folder: Path, tenant: str, stream: int, zone: str) -> Iterator[History]:
    """Open a tenant's history to read it, also while a sink writes.

    `stream` is when the engine's history was made, in microseconds. HistoryError if there is no file, or if it is not
    from this engine's zone.
    """
    path = path_of(folder, tenant)
    example = f"rollcall fleet sink --zone {zone} --dir {quoted(str(folder))}"
    if not path.exists():
        raise HistoryError(f"there is no {path}: no rollcall fleet sink has stored this tenant", example=example)
    with reading(path) as history:
        if history.remembered(STREAM) != stream:
            raise HistoryError(f"{path} is from another fleet or zone, not from this engine's {zone}", example=example)
        yield history


class Sink:
    """Follows a zone's history into the files of a folder."""

    def __init__(self, engine: Engine, zone: str, folder: Path, complain: Callable[[str], None]) -> None:
        self._engine = engine
        self._zone = zone
        self._folder = folder
        self._complain = complain
        self._open: OrderedDict[str, tuple[ExitStack, FleetFile]] = OrderedDict()
        self._lacks: dict[str, int] = {}
        """The first record that a tenant's file lacks, though it was read."""
        self.stored = 0
        self._stream = 0

    async def run(self) -> None:
        """Follow until cancelled. HistoryError if a file cannot be written, EngineError for an older history."""
        self._stream = await made_at(self._engine, self._zone)
        start, last = await asyncio.to_thread(self._position), await last_sequence(self._engine, self._zone)
        if start > last + 1:  # its next records would look like those that are stored
            raise EngineError(
                f"the engine's history ends at record {last}, and {self._folder} has {start - 1}: the engine was"
                " restored from an older copy, so its history needs a new folder",
                example=f"rollcall fleet sink --zone {self._zone} --dir {self._folder}-restored",
                exit_code=2,
            )
        try:
            async for found in follow(self._engine, self._zone, None, start):
                by_tenant: dict[str, list[Stored]] = {}
                for one in found:
                    by_tenant.setdefault(one.subject.rpartition(".")[2], []).append(one)
                for tenant, some in by_tenant.items():
                    await self._take(tenant, some)
                waits = {tenant: file.waits_from for tenant, (_, file) in self._open.items()}
                first = [sequence for sequence in (*waits.values(), *self._lacks.values()) if sequence is not None]
                await asyncio.to_thread(self._keep_position, min((*first, found[-1].sequence + 1)))
        finally:
            for tenant in list(self._open):
                self._close(tenant)

    async def _take(self, tenant: str, some: list[Stored]) -> None:
        """Store records. It goes on until the engine answers, if it must be asked for more."""
        while True:
            try:
                file = await asyncio.to_thread(self._file, tenant)
                if tenant not in self._lacks:
                    for one in some:
                        await self._store(tenant, file, one)
                else:
                    stream, last = streams_of(self._zone)[1], some[-1].sequence
                    subject, start = f"hist.{self._zone}.{tenant}", max(self._lacks[tenant], file.sequence + 1)
                    async for one in read_until(self._engine, stream, subject, start, last):
                        await self._store(tenant, file, one)
                    del self._lacks[tenant]
            except Refused:
                self._close(tenant)
                await asyncio.sleep(PAUSE)
            else:
                return

    async def _store(self, tenant: str, file: FleetFile, one: Stored) -> None:
        record = record_of(one)
        if one.sequence > file.sequence and record.changes and file.lacks(record):
            floor = await read_snapshot(
                self._engine, streams_of(self._zone)[2], f"snap.{self._zone}.{tenant}", sys.maxsize
            )
            if floor is not None and floor.sequence >= one.sequence:
                self._complain(f"{tenant}: records before {one.sequence} are gone: a gap until its last snapshot")
                file.jump(floor)
            else:
                self._complain(
                    f"{tenant}: records before {one.sequence} are gone, and no snapshot replaces them: an agent's"
                    " state in its file may be an old one until the next change"
                )
        try:
            self.stored += await asyncio.to_thread(file.take, record, one.sequence)
        except sqlite3.Error as error:
            raise HistoryError(f"{path_of(self._folder, tenant)} cannot be written: {error}") from None

    def _file(self, tenant: str) -> FleetFile:
        if tenant not in self._open:
            for name in list(self._open)[: max(0, len(self._open) + 1 - MOST_OPEN)]:
                self._close(name)
            stack = ExitStack()
            store = stack.enter_context(writing(path_of(self._folder, tenant), tenant=tenant))
            self._open[tenant] = stack, FleetFile(store, self._stream)
        self._open.move_to_end(tenant)
        return self._open[tenant][1]

    def _close(self, tenant: str) -> None:
        stack, file = self._open.pop(tenant)
        stack.close()
        if file.waits_from is not None:
            self._lacks[tenant] = file.waits_from

    def _position(self) -> int:
        path = self._folder / POSITION
        try:
            stream, sequence = map(int, path.read_text().split())
        except (OSError, ValueError):
            return 1
        return sequence if stream == self._stream else 1

    def _keep_position(self, sequence: int) -> None:
        path = self._folder / POSITION
        new = path.with_suffix(".new")
        new.write_text(f"{self._stream} {sequence}\n")
        new.replace(path)
