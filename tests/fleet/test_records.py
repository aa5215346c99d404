"""What the history of a fleet holds."""

from __future__ import annotations

import zlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fleet.seats import polled, seat
from tests.fleet.test_sealing import LOGIN

from cxone_rollcall.errors import EngineError
from cxone_rollcall.fleet import records, tickets
from cxone_rollcall.fleet.engine import Stored
from cxone_rollcall.fleet.reading import record_of
from cxone_rollcall.fleet.records import Changed, Floor, Looked, NewerSchema, Note, Record
from cxone_rollcall.fleet.sealing import Held
from cxone_rollcall.live.events import Change
from cxone_rollcall.model.struct import replace


def _record(number: int = 0, changes: tuple[Changed, ...] = (), **fields: object) -> Record:
    return Record(owner="a", token="t", number=number, changes=changes, polled=polled(**fields))  # type: ignore[arg-type]


def test_a_record_is_read_as_it_was_written() -> None:
    """A record survives being stored, with the seats before and after."""
    record = _record(2, (Changed("1", None, seat("1")), Changed("2", seat("2"), None, ("RC601",), "RC105")))
    assert records.decode_record(records.encode(record)) == record


def test_a_newer_record_is_refused() -> None:
    """A worker does not guess what a newer record means."""
    newer = zlib.compress(msgspec.msgpack.encode({"schema": records.SCHEMA + 1, "value": 7}))
    with pytest.raises(NewerSchema):
        records.decode_record(newer)
    with pytest.raises(NewerSchema):
        records.decode_snapshot(newer)
    with pytest.raises(NewerSchema):
        tickets.decode(b'{"schema": 2}')


def test_what_an_older_record_lacks_is_not_claimed() -> None:
    """A missing field says nothing. Only a poll was asked for, unless it says otherwise."""
    values: list[msgspec.Struct] = [
        *(_record(), Changed("1", None, seat("1")), Note("RC105", True, "PROVEN", "x")),
        *(polled(), seat("1"), Floor(), Held(LOGIN), *records.snapshots(Floor(), "a")),
    ]
    claimed: dict[str, object] = {}
    for value in values:
        fields = msgspec.structs.fields(type(value))
        older = type(value)(**{one.name: getattr(value, one.name) for one in fields if one.required})
        optional = {one.name: getattr(older, one.name) for one in fields if not one.required}
        claimed |= {f"{type(value).__name__}.{name}": default for name, default in optional.items() if default}
    assert claimed == {"Polled.asked": True}


@pytest.mark.parametrize("data", [b"", b"{}", b"x" * 100, zlib.compress(b"x"), zlib.compress(b"\x81\xa6schema\x01")])
def test_damaged_bytes_are_no_record(data: bytes) -> None:
    """What is no record is a ValueError, which a worker can report."""
    with pytest.raises(ValueError):
        records.decode_record(data)


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"7", b'{"schema": 1}', b'{"schema": "x"}'])
def test_damaged_bytes_are_no_ticket(data: bytes) -> None:
    """What is no ticket is a ValueError."""
    with pytest.raises(ValueError):
        tickets.decode(data)


def test_many_changes_are_split_and_numbered_without_a_gap() -> None:
    """A poll with many changes is written in parts."""
    changes = [Changed(str(one), None, seat(str(one))) for one in range(records.MOST_CHANGES * 2 + 1)]
    parts = records.split(_record(), changes, 10)
    assert [len(part.changes) for part in parts] == [records.MOST_CHANGES, records.MOST_CHANGES, 1]
    assert [part.number for part in parts] == [2010, 4010, 4011]
    assert [part.more for part in parts] == [True, True, False]
    assert len({part.token for part in parts}) == 3


def test_a_poll_without_changes_is_one_record() -> None:
    """A mark has the number of the change before it."""
    (mark,) = records.split(_record(), [], 10)
    assert (mark.number, mark.more) == (10, False)


STATES = st.sampled_from(["Available", "Busy", "Break", None])
BOARDS = st.lists(st.dictionaries(st.sampled_from("123456"), STATES), min_size=1, max_size=6)


@given(BOARDS)
def test_applying_differences_gives_the_board(boards: list[dict[str, str | None]]) -> None:
    """All changes of a tenant, applied in order, give its board."""
    floor = Floor()
    for poll, board in enumerate(boards, 1):
        seats = [seat(agent_id, state) for agent_id, state in board.items()]
        differ = records.differences(floor.seats, seats, poll=poll)
        changes = [Changed(one.agent_id, one.before, one.after) for one in differ]
        for part in records.split(_record(), changes, floor.number):
            floor.apply(part, poll)
        assert floor.seats == {one.agent.agent_id: one for one in seats}


def test_equal_boards_have_no_differences() -> None:
    """A successor that sees what was seen before writes no change."""
    before = {"1": seat("1")}
    assert list(records.differences(before, [seat("1", as_of=100.0)], poll=1)) == []
    (left,) = records.differences(before, [], poll=1)
    assert left == Change(poll=1, agent_id="1", before=before["1"], after=None)


def test_a_snapshot_is_the_floor() -> None:
    """The parts of a snapshot are the floor, if all are there."""
    seats = {str(one): seat(str(one)) for one in range(records.MOST_SEATS + 1)}
    floor = Floor(7, 9, 100.0, seats=seats)
    parts = [records.decode_snapshot(records.encode(one)) for one in records.snapshots(floor, "a")]
    assert len(parts) == 2
    again = records.assemble(parts)
    assert again is not None
    assert (again.sequence, again.number, again.as_of, again.seats) == (7, 9, 100.0, seats)
    older = records.snapshots(Floor(6, 9, 100.0, seats=seats), "a")
    assert records.assemble([parts[0], older[1]]) is None
    assert records.assemble(parts[:1]) is None


def test_a_seat_is_as_of_the_last_whole_poll() -> None:
    """A whole poll confirms all except those whom it missed."""
    floor = Floor(seats={"1": seat("1"), "2": seat("2", missed=2)})
    floor.apply(_record(as_of=200.0), 1)
    floor.apply(_record(as_of=300.0, ok=False), 2)
    assert {one.agent.agent_id: one.as_of for one in floor.seen()} == {"1": 200.0, "2": 100.0}


def test_what_was_seen_counts_if_no_change_is_missing() -> None:
    """A dead worker's polls count, unless it did not write its changes."""
    floor = Floor(number=3, as_of=100.0)
    floor.confirm(Looked(4, "r", polled(200.0)))
    floor.confirm(Looked(3, "r", polled(200.0, ok=False)))
    floor.confirm(None)
    assert floor.as_of == 100.0
    floor.confirm(Looked(3, "r", polled(150.0)))
    floor.confirm(Looked(3, "r", polled(120.0)))
    assert floor.as_of == 150.0
    told = records.Seen({"acme": Looked(3, "r", polled(150.0))})
    assert records.decode_seen(records.encode(told)) == told


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (zlib.compress(msgspec.msgpack.encode({"schema": 99, "value": {}})), "update this one"),
        (b"x", "none of ours"),
        (zlib.compress(b"x"), "none of ours"),
    ],
)
def test_a_record_that_cannot_be_read_is_named(data: bytes, why: str) -> None:
    """The error names the record, its tenant and the cause."""
    with pytest.raises(EngineError, match=f"record 7 of acme cannot be read: .*{why}"):
        record_of(Stored(7, "hist.eu.acme", data))


def test_half_of_a_surrogate_pair_is_stored() -> None:
    """A name that UTF-8 lacks is stored as its escape. It stops no worker."""
    name = "Ann \udc00"
    agent = replace(seat("1").agent, name=name)
    record = Record(owner="a", token="t", number=1, changes=(Changed("1", None, replace(seat("1"), agent=agent)),))
    (found,) = records.decode_record(records.encode(record)).changes
    assert found.after is not None
    assert found.after.agent.name == "Ann \\udc00"
    assert replace(found.after, agent=agent) == replace(seat("1"), agent=agent)


def test_what_an_older_version_leaves_out_is_nothing() -> None:
    """A record is read without its younger members."""
    body = {"owner": "a", "token": "t", "number": 7}
    found = records.decode_record(zlib.compress(msgspec.msgpack.encode({"schema": 1, "value": body})))
    nothing = {"take": False, "resumed": False, "more": False, "run": "", "polled": None, "seen_until": None}
    lists = dict.fromkeys(("changes", "notes", "judged", "doubted", "settled"), ())
    assert msgspec.to_builtins(found) == {**body, **nothing, **lists}


def test_an_agent_whose_first_record_is_gone_leaves() -> None:
    """A tenant whose first records are too old goes on."""
    floor = Floor()
    floor.apply(_record(1, (Changed("9", seat("9"), None),)), 1)
    assert (floor.seats, floor.number, floor.interval) == ({}, 1, 10.0)
