"""Records and snapshots, and how they are written. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from cxone_rollcall.live.events import Change, FindingChanged, Polled
from cxone_rollcall.live.seat import Seat
from cxone_rollcall.model.struct import Record as Mutable
from cxone_rollcall.model.struct import Value, field, replace
from cxone_rollcall.views.json import without_surrogates

SCHEMA = 1
"""The version of records and snapshots. A worker that meets a newer one gives the ticket back."""
MOST_CHANGES = 2000
"""Changes in a record. They have about 100 kB; the engine takes a megabyte by default."""
MOST_SEATS = 5000
"""Seats in a part of a snapshot. They have about 200 kB."""


class NewerSchema(Exception):
    """A newer version wrote this."""


class Changed(Value, frozen=True):
    """One agent before and after. None for one who is not on the roster.

    `codes` are those of the findings that explain the agent. `cause` is why the agent is unknown, "" if not.
    """

    agent_id: str
    before: Seat | None
    after: Seat | None
    codes: tuple[str, ...] = ()
    cause: str = ""


class Note(Value, frozen=True):
    """A finding that begins or ends. `explains_all` is as of `Finding`."""

    code: str
    begins: bool
    strength: str
    message: str
    explains_all: bool = False


class Record(Value, frozen=True, kw_only=True):
    """What a worker writes after a poll that brought changes.

    It is also a mark, if none did for long.

    `token` is its own. `number` is that of its last change: the changes of a tenant are numbered from 1 without a gap.
    A `take` record says that `owner` holds the tenant from now on; one without an owner, that nobody does. `seen_until`
    is until when the owner before had seen everybody. `resumed` is set in an owner's first poll: its changes are those
    since the last record before. `more` records of the same poll follow. `polled` is how the poll of this `run` ended,
    in a `take` record that of the last one. Times are seconds since the epoch, by the tenant's server.

    `judged` are codes whose check has run, `doubted` agents whose absence says nothing, and `settled` those that are no
    longer so. All are since the owner resumed, and no record before has them.
    """

    owner: str
    token: str
    number: int
    take: bool = False
    resumed: bool = False
    more: bool = False
    run: str = ""
    polled: Polled | None = None
    seen_until: float | None = None
    changes: tuple[Changed, ...] = ()
    notes: tuple[Note, ...] = ()
    judged: tuple[str, ...] = ()
    doubted: tuple[str, ...] = ()
    settled: tuple[str, ...] = ()


class Snapshot(Value, frozen=True, kw_only=True):
    """A part of a tenant's board after the record `sequence`. `parts` is how many there are."""

    owner: str
    sequence: int
    number: int
    as_of: float | None
    part: int
    parts: int
    seats: tuple[Seat, ...]
    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    judged: tuple[str, ...] = ()
    doubted: tuple[str, ...] = ()


class Looked(Value, frozen=True):
    """The last poll of a tenant, whether it changed anything or not. `number` is that of the last change."""

    number: int
    run: str
    polled: Polled


class Seen(Value, frozen=True):
    """What a worker last saw of its tenants."""

    polls: Mapping[str, Looked]


class Floor(Mutable):
    """A tenant as its records up to one tell.

    `codes` are those of the findings that explain each agent, `notes` the findings that hold, by code. `judged` are the
    codes whose check has run, `doubted` the agents whose absence says nothing.
    """

    sequence: int = 0
    number: int = 0
    as_of: float | None = None
    interval: float = 0.0
    seats: dict[str, Seat] = field(default_factory=dict)
    codes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    notes: dict[str, Note] = field(default_factory=dict)
    judged: frozenset[str] = frozenset()
    doubted: frozenset[str] = frozenset()

    def apply(self, record: Record, sequence: int) -> None:
        """Take the next record."""
        self.sequence, self.number = sequence, record.number
        for one in record.changes:
            self.codes.pop(one.agent_id, None)
            if one.after is None:
                self.seats.pop(one.agent_id, None)
            else:
                self.seats[one.agent_id] = one.after
                if one.codes:
                    self.codes[one.agent_id] = one.codes
        if record.resumed and not record.more:
            self.notes.clear()  # the findings that this owner knows begin anew
            self.judged = self.doubted = frozenset()
        self.judged |= frozenset(record.judged)
        self.doubted = (self.doubted | frozenset(record.doubted)) - frozenset(record.settled)
        for note in record.notes:
            self.notes.pop(note.code, None)
            if note.begins:
                self.notes[note.code] = note
        if record.polled is not None:
            self.interval = record.polled.interval
        self.see(record.seen_until if record.polled is None or record.more else seen_until(record.polled))

    def confirm(self, looked: Looked | None) -> None:
        """Take what the last holder saw without writing it. It counts if no change of it is missing here."""
        if looked is not None and looked.number == self.number:
            self.see(seen_until(looked.polled))

    def see(self, until: float | None) -> None:
        """Take until when everybody was seen, if that is known."""
        if until is not None:
            self.as_of = max(self.as_of or 0.0, until)

    def seen(self) -> tuple[Seat, ...]:
        """The seats, each as of the last poll that confirmed it."""
        as_of = self.as_of or 0.0
        return tuple(
            replace(seat, as_of=as_of) if not seat.missed and seat.as_of < as_of else seat
            for seat in self.seats.values()
        )


_Kind = Record | Snapshot | Seen


class _Head(Value, frozen=True):
    schema: int


class _Body(Value, frozen=True):
    schema: int
    value: msgspec.Raw


_encoder = msgspec.msgpack.Encoder()
_head = msgspec.msgpack.Decoder(_Head)
_body = msgspec.msgpack.Decoder(_Body)
_record = msgspec.msgpack.Decoder(Record)
_snapshot = msgspec.msgpack.Decoder(Snapshot)
_seen = msgspec.msgpack.Decoder(Seen)


def encode(value: _Kind) -> bytes:
    """A record or snapshot as it is stored. Half of a surrogate pair in a name becomes its escape."""
    try:
        data = _encoder.encode({"schema": SCHEMA, "value": value})
    except UnicodeEncodeError:
        data = _encoder.encode({"schema": SCHEMA, "value": without_surrogates(msgspec.to_builtins(value))})
    return zlib.compress(data, 1)


def decode_record(data: bytes) -> Record:
    """The record in these bytes. NewerSchema if a newer version wrote it, ValueError if it is none."""
    return _record.decode(_value(data))


def decode_snapshot(data: bytes) -> Snapshot:
    """The part of a snapshot in these bytes; errors as for records."""
    return _snapshot.decode(_value(data))


def decode_seen(data: bytes) -> Seen:
    """What a worker last saw; errors as for records."""
    return _seen.decode(_value(data))


def _value(data: bytes) -> msgspec.Raw:
    try:
        plain = zlib.decompress(data)
    except zlib.error as error:
        raise ValueError(f"it is not compressed as ours: {error}") from None
    if _head.decode(plain).schema > SCHEMA:
        raise NewerSchema
    return _body.decode(plain).value


def seen_until(polled: Polled) -> float | None:
    """Until when a poll has seen everybody. None if it has not."""
    return polled.as_of if polled.ok else None


def note(event: FindingChanged) -> Note:
    """A finding of the poller as it is recorded."""
    finding = event.finding
    return Note(finding.code, event.begins, finding.strength.value, finding.text, finding.explains_all)


def differences(before: Mapping[str, Seat], after: Iterable[Seat], *, poll: int) -> Iterator[Change]:
    """The changes between what was recorded last and a board."""
    left = dict(before)
    for seat in after:
        old = left.pop(seat.agent.agent_id, None)
        if old is None or not old.looks_like(seat):
            yield Change(poll=poll, agent_id=seat.agent.agent_id, before=old, after=seat)
    for agent_id, old in left.items():
        yield Change(poll=poll, agent_id=agent_id, before=old, after=None)


_NOTHING_TOLD: Mapping[str, tuple[()]] = dict.fromkeys(("notes", "judged", "doubted", "settled"), ())


def split(record: Record, changes: Sequence[Changed], number: int) -> list[Record]:
    """The records of one poll, in parts that the engine takes.

    Its changes are numbered from the one after `number`."""
    parts = [tuple(changes[at : at + MOST_CHANGES]) for at in range(0, len(changes), MOST_CHANGES)] or [()]
    made = []
    for index, part in enumerate(parts):
        number += len(part)
        last = index == len(parts) - 1
        made.append(
            replace(
                record,
                token=f"{record.token}.{index}",
                number=number,
                changes=part,
                more=not last,
                **({} if last else _NOTHING_TOLD),
            )
        )
    return made


def snapshots(floor: Floor, owner: str) -> list[Snapshot]:
    """The parts of a snapshot of a floor."""
    seats = floor.seen()
    cut = [seats[at : at + MOST_SEATS] for at in range(0, len(seats), MOST_SEATS)] or [()]
    return [
        Snapshot(
            owner=owner,
            sequence=floor.sequence,
            number=floor.number,
            as_of=floor.as_of,
            part=part,
            parts=len(cut),
            seats=some,
            codes={one: floor.codes[one] for seat in some if (one := seat.agent.agent_id) in floor.codes},
            doubted=tuple(one for seat in some if (one := seat.agent.agent_id) in floor.doubted),
            notes=() if part else tuple(floor.notes.values()),
            judged=() if part else tuple(sorted(floor.judged)),
        )
        for part, some in enumerate(cut)
    ]


def assemble(parts: Sequence[Snapshot]) -> Floor | None:
    """The floor of all parts of a snapshot. None if one is missing or from another time."""
    if not parts or len(parts) != parts[0].parts or {one.sequence for one in parts} != {parts[0].sequence}:
        return None
    seats = {seat.agent.agent_id: seat for one in parts for seat in one.seats}
    return Floor(
        parts[0].sequence,
        parts[0].number,
        parts[0].as_of,
        seats=seats,
        codes={agent_id: codes for one in parts for agent_id, codes in one.codes.items()},
        notes={note.code: note for one in parts for note in one.notes},
        judged=frozenset(parts[0].judged),
        doubted=frozenset(agent_id for one in parts for agent_id in one.doubted),
    )
