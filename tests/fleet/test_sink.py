"""Records of a fleet in a history file. With plain records."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from tests.fleet.seats import polled, seat

from cxone_rollcall.cli.main import run
from cxone_rollcall.errors import EngineError, HistoryError
from cxone_rollcall.findings.internal import Unexplained
from cxone_rollcall.fleet import records
from cxone_rollcall.fleet.engine import Engine, Refused, Stored
from cxone_rollcall.fleet.lease import Refusal
from cxone_rollcall.fleet.records import Changed, Floor, Note, Record
from cxone_rollcall.fleet.sink import FleetFile, Sink, path_of, reading_of
from cxone_rollcall.history.checking import check
from cxone_rollcall.history.store import writing
from cxone_rollcall.live.seat import MOST_MISSED
from cxone_rollcall.model.shell import quoted
from cxone_rollcall.model.struct import replace

START = 1_772_447_400.0
INTERVAL = 10.0


class Written:
    """What workers write of one tenant."""

    def __init__(self) -> None:
        self.floor = Floor()
        self.said: list[tuple[int, Record]] = []

    def poll(self, owner: str, number: int, at: float, states: dict[str, str | None], **fields: object) -> None:
        """Add a poll that sees these states."""
        moment = START + at
        seats = [seat(agent_id, state, as_of=moment) for agent_id, state in states.items()]
        kept = [self.floor.seats.get(one.agent.agent_id) for one in seats]
        seats = [
            old if old and old.same_as(one.standing, one.state) else one for old, one in zip(kept, seats, strict=True)
        ]
        changes = tuple(
            Changed(one.agent_id, one.before, one.after)
            for one in records.differences(self.floor.seats, seats, poll=number)
        )
        given: dict[str, object] = {"resumed": number == 1, **fields}
        record = Record(
            owner=owner,
            token=f"{owner}{number}",
            run=owner,
            number=self.floor.number + len(changes),
            polled=polled(moment, poll=number, interval=INTERVAL),
            changes=changes,
            **given,  # type: ignore[arg-type]
        )
        self.floor.apply(record, len(self.said) + 1)
        self.said.append((len(self.said) + 1, record))


@contextmanager
def _file(path: Path, stream: int = 7) -> Iterator[FleetFile]:
    with writing(path, tenant="acme") as store:
        yield FleetFile(store, stream)


def _gaps(path: Path) -> list[tuple[str, float]]:
    """The gaps of the file: cause and seconds."""
    with closing(sqlite3.connect(path)) as db:
        return [
            (cause, round(length / 1000))
            for cause, length in db.execute(
                "SELECT cause, length FROM intervals JOIN statuses USING (status)"
                " WHERE standing = 'unknown' ORDER BY 1, 2"
            )
        ]


@pytest.mark.parametrize(("at", "gaps"), [(39.999, []), (40.0, [("recorder-down", 30)] * 2)])
def test_a_handover_in_time_is_no_gap(at: float, gaps: list[tuple[str, float]], tmp_path: Path) -> None:
    """A successor that polls within three intervals goes on with the history."""
    written, path = Written(), tmp_path / "acme.db"
    written.poll("a", 1, 0, {"1": "Available", "2": None})
    written.poll("a", 2, 10, {"1": "Busy", "2": None})
    written.poll("b", 1, at, {"1": "Busy", "2": "Available"})
    with _file(path) as file:
        assert [file.take(record, sequence) for sequence, record in written.said] == [True, True, True]
    assert _gaps(path) == gaps
    assert run(["history", "check", "--history", str(path)]) == 0


def test_time_in_which_nobody_polled_is_a_gap_with_its_cause(tmp_path: Path) -> None:
    """Rule 9: time without polls is a gap, and has its cause."""
    written, path = Written(), tmp_path / "acme.db"
    written.poll("a", 1, 0, {"1": "Available", "2": None})
    written.poll("b", 1, 60, {"1": "Available", "2": None})
    written.poll("b", 2, 70, {"1": "Busy", "2": "Available"})
    with _file(path) as file:
        for sequence, record in written.said:
            file.take(record, sequence)
    assert _gaps(path) == [("recorder-down", 60), ("recorder-down", 60)]
    assert run(["history", "check", "--history", str(path)]) == 0


@pytest.mark.parametrize(
    ("codes", "notes", "cause"),
    [
        (("RC301",), (), "RC301"),
        ((), (Note("RC105", True, "PROVEN", "x"), Note("RC208", True, "PROVEN", "x", explains_all=True)), "RC208"),
        ((), (Note("RC105", True, "PROVEN", "x"),), Unexplained.code),
    ],
)
def test_who_stays_unknown_after_a_gap_has_a_cause(
    codes: tuple[str, ...], notes: tuple[Note, ...], cause: str, tmp_path: Path
) -> None:
    """A successor does not tell again why an agent is unknown. Its findings do."""
    path, seen = tmp_path / "acme.db", seat("1", as_of=START)
    lost = replace(seen, missed=MOST_MISSED)
    said = [
        _said("a", 0, Changed("1", None, seen), ok=True, resumed=True, number=1),
        _said("a", 30, Changed("1", seen, lost, codes, "RC201"), number=2),
        _said("b", 90, resumed=True, number=2, notes=notes),
        _said("b", 100, Changed("1", lost, replace(seen, as_of=START + 100)), ok=True, number=3),
    ]
    with _file(path) as file:
        for sequence, record in enumerate(said, 1):
            file.take(record, sequence)
    assert {found for found, _ in _gaps(path)} == {"RC201", "recorder-down", cause}
    assert check(path).breach == ""


def _said(owner: str, at: int, *changes: Changed, ok: bool = False, **fields: Any) -> Record:
    end = polled(START + at, poll=at, ok=ok, interval=INTERVAL)
    return Record(owner=owner, token=f"{owner}{at}", run=owner, polled=end, changes=changes, **fields)


def test_a_take_record_says_until_when_all_was_seen(tmp_path: Path) -> None:
    """What the last holder saw without writing it shortens the gap."""
    written, path = Written(), tmp_path / "acme.db"
    written.poll("a", 1, 0, {"1": "Available"})
    seen = Record(owner="b", token="t", number=1, take=True, seen_until=START + 50)
    with _file(path) as file:
        file.take(written.said[0][1], 1)
        file.take(seen, 2)
        written.poll("b", 1, 60, {"1": "Available"})
        file.take(written.said[1][1], 3)
    assert _gaps(path) == []


def test_a_record_is_stored_once(tmp_path: Path) -> None:
    """A sink that begins again passes over what the file has."""
    written, path = Written(), tmp_path / "acme.db"
    for poll, state in enumerate(("Available", "Busy", "Break"), 1):
        written.poll("a", poll, 10.0 * poll, {"1": state})
    stored: list[bool] = []
    for _ in range(3):
        with _file(path) as file:
            stored = [file.take(record, sequence) for sequence, record in written.said[:2]]
    assert stored == [False, False]
    with _file(path) as file:
        assert [file.take(record, sequence) for sequence, record in written.said] == [False, False, True]
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT count(*), count(DISTINCT run) FROM polls").fetchone() == (3, 1)
    assert run(["history", "check", "--history", str(path)]) == 0


def test_parts_of_a_poll_wait_for_the_last_one(tmp_path: Path) -> None:
    """A poll in several records is stored whole."""
    written, path = Written(), tmp_path / "acme.db"
    written.poll("a", 1, 0, {str(one): "Available" for one in range(records.MOST_CHANGES + 1)})
    whole = written.said[0][1]
    parts = records.split(whole, whole.changes, 0)
    with _file(path) as file:
        file.take(parts[0], 1)
        assert file.waits_from == 1
    with _file(path) as file:
        file.take(parts[0], 1)
        file.take(parts[1], 2)
        assert file.waits_from is None
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT count(*) FROM current").fetchone() == (records.MOST_CHANGES + 1,)


def test_findings_begin_and_end(tmp_path: Path) -> None:
    """A finding ends, also if a new holder no longer finds it."""
    written, path = Written(), tmp_path / "acme.db"
    begins = (Note("RC105", True, "PROVEN", "x"), Note("RC301", True, "PROVEN", "y"))
    written.poll("a", 1, 0, {"1": "Available"}, notes=begins)
    written.poll("a", 2, 10, {"1": "Available"}, notes=(Note("RC105", False, "PROVEN", "x"),))
    written.poll("b", 1, 20, {"1": "Available"})
    with _file(path) as file:
        for sequence, record in written.said:
            file.take(record, sequence)
    with closing(sqlite3.connect(path)) as db:
        found = db.execute("SELECT code, (end - begin) / 1000 FROM troubles ORDER BY code").fetchall()
    assert found == [("RC105", 10), ("RC301", 20)]


def test_lost_records_are_noticed(tmp_path: Path) -> None:
    """Lost records are noticed, and a snapshot goes on after a gap."""
    written, path = Written(), tmp_path / "acme.db"
    for poll, state in enumerate(("Available", "Busy", "Break", "Busy"), 1):
        written.poll("a", poll, 10.0 * poll, {"1": state})
    with _file(path) as file:
        assert not file.lacks(written.said[0][1])
        file.take(written.said[0][1], 1)
        assert file.lacks(written.said[2][1])
        file.jump(Floor(3, 3, START + 30, INTERVAL, {"1": seat("1", "Break", as_of=START + 30)}))
        assert not file.take(written.said[2][1], 3)
        assert not file.lacks(written.said[3][1])
        file.take(written.said[3][1], 4)
    assert _gaps(path) == [("recorder-down", 30)]
    assert run(["history", "check", "--history", str(path)]) == 0


def test_another_engine_counts_anew(tmp_path: Path) -> None:
    """After a move to another engine the same file goes on."""
    old, new, path = Written(), Written(), tmp_path / "acme.db"
    old.poll("a", 1, 0, {"1": "Available"})
    old.poll("a", 2, 10, {"1": "Busy"})
    new.poll("b", 1, 100, {"1": "Busy"})
    with _file(path, 7) as file:
        assert [file.take(record, sequence) for sequence, record in old.said] == [True, True]
    with _file(path, 8) as file:
        assert not file.lacks(new.said[0][1])
        assert [file.take(record, sequence) for sequence, record in new.said] == [True]
    assert _gaps(path) == [("recorder-down", 90)]
    assert run(["history", "check", "--history", str(path)]) == 0


class _Read(Exception):
    """Everything was read."""


class Kept:
    """An engine that keeps these records, up to `last_sequence`.

    `fails` times it gives nothing when asked for a snapshot. Then it has that of `floor`.
    """

    def __init__(self, *some: Stored, fails: int = 0, floor: Floor | None = None, last_sequence: int = 99) -> None:
        self._some = some
        self._fails = fails
        self._floor = floor
        self._last_sequence = last_sequence

    async def call(self, name: str) -> dict[str, Any]:
        """What it has."""
        return {"created": "2026-03-02T10:00:00Z", "state": {"last_seq": self._last_sequence}}

    async def listen(self, subject: str, take: object) -> Callable[[], Awaitable[None]]:
        """Nothing is announced."""

        async def end() -> None:
            """Nothing was begun."""

        return end

    async def read(self, stream: str, subject: str, start: int, *, within: float = 2.0) -> list[Stored]:
        """The next records, at most two. Then it raises `_Read`."""
        found = [one for one in self._some if one.sequence >= start and subject in (one.subject, "hist.eu.*")]
        if not found:
            raise _Read
        return found[:2]

    async def last(self, stream: str, subject: str, *, within: float) -> Stored | None:
        """The snapshot."""
        assert (stream, subject) == ("SNAP-eu", "snap.eu.acme.0")
        self._fails -= 1
        if self._fails >= 0:
            raise Refused(Refusal.SILENT)
        if self._floor is None:
            return None
        (only,) = records.snapshots(self._floor, "a")
        return Stored(1, subject, records.encode(only))


def stored_of(tenant: str, some: list[tuple[int, Record]]) -> list[Stored]:
    """Records of a tenant as the engine keeps them."""
    return [Stored(at, f"hist.eu.{tenant}", records.encode(record)) for at, record in some]


async def sunk(engine: Kept, folder: Path) -> tuple[list[str], int]:
    """Store everything. Returns what the sink says, and how many records it has stored."""
    said: list[str] = []
    made = Sink(cast(Engine, engine), "eu", folder, said.append)
    with pytest.raises(_Read):
        await made.run()
    return said, made.stored


async def test_records_that_are_gone_are_told(tmp_path: Path) -> None:
    """Without a snapshot the file goes on, and the sink tells it. It waits for an engine that does not answer."""
    written = Written()
    for number in range(1, 4):
        written.poll("a", number, number * INTERVAL, {"1": "Available" if number % 2 else "Lunch"})
    for some, lost in ((written.said, 0), (written.said[:1] + written.said[2:], 1)):
        folder = tmp_path / str(lost)
        folder.mkdir()
        said, stored = await sunk(Kept(*stored_of("acme", some), fails=2), folder)
        assert stored == 3 - lost
        assert sum("no snapshot replaces them" in one for one in said) == len(said) == lost
        with closing(sqlite3.connect(folder / "acme.db")) as db:
            assert db.execute("SELECT count(*) FROM polls").fetchone() == (3 - lost,)


async def test_a_snapshot_replaces_records_that_are_gone(tmp_path: Path) -> None:
    """The file goes on after it. An older one replaces nothing."""
    written = Written()
    for number in range(1, 6):
        written.poll("a", number, number * INTERVAL, {"1": "Available" if number % 2 else "Lunch"})
    left = written.said[:1] + written.said[2:]
    seats = {"1": seat("1", "Lunch", as_of=START + 40)}
    gap = "acme: records before 3 are gone: a gap until its last snapshot"
    for sequence, polls, told in ((4, 2, gap), (3, 3, gap), (2, 4, "acme: records before 3 are gone, and no snapshot")):
        folder = tmp_path / str(sequence)
        folder.mkdir()
        floor = Floor(sequence, sequence, START + 10.0 * sequence, INTERVAL, seats)
        (said,), stored = await sunk(Kept(*stored_of("acme", left), floor=floor), folder)
        assert (stored, said[: len(told)]) == (polls, told)


async def test_an_engine_that_was_restored_needs_a_new_folder(tmp_path: Path) -> None:
    """Its next records would look like those that are stored. One that has nothing new yet goes on."""
    written = Written()
    written.poll("a", 1, 0, {"1": "Available"})
    some = [(9, written.said[0][1])]
    await sunk(Kept(*stored_of("acme", some), last_sequence=9), tmp_path)
    await sunk(Kept(last_sequence=9), tmp_path)
    with pytest.raises(EngineError, match=r"ends at record 8, and .* has 9: .* older copy") as refused:
        await Sink(cast(Engine, Kept(last_sequence=8)), "eu", tmp_path, print).run()
    assert (refused.value.exit_code, refused.value.example) == (
        2,
        f"rollcall fleet sink --zone eu --dir {tmp_path}-restored",
    )


def test_a_file_is_read_beside_its_writer(tmp_path: Path) -> None:
    """Readers see each poll as soon as it is stored. Without a file, or with another fleet's, they are told why."""
    written = Written()
    written.poll("a", 1, 0, {"1": "Available"})
    written.poll("a", 2, 10, {"1": "Busy"})
    with (
        pytest.raises(HistoryError, match=r"there is no .*acme\.db: no rollcall fleet sink") as missing,
        reading_of(tmp_path, "acme", 7, "eu"),
    ):
        raise AssertionError
    with _file(path_of(tmp_path, "acme")) as file:
        for number, (sequence, record) in enumerate(written.said, 1):
            file.take(record, sequence)
            with reading_of(tmp_path, "acme", 7, "eu") as history:
                assert (history.polls, history.tenant) == (number, "acme")
        with (
            pytest.raises(HistoryError, match="another fleet or zone") as other,
            reading_of(tmp_path, "acme", 8, "eu"),
        ):
            raise AssertionError
    example = f"rollcall fleet sink --zone eu --dir {quoted(str(tmp_path))}"
    assert (missing.value.example, other.value.example) == (example, example)
