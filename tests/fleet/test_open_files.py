"""Which files a sink keeps open, and how often it asks. With plain records."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.fleet.seats import polled
from tests.fleet.test_sink import Kept, Written, stored_of, sunk

from cxone_rollcall.fleet import sink
from cxone_rollcall.fleet.engine import Refused, Stored
from cxone_rollcall.fleet.lease import Refusal
from cxone_rollcall.fleet.records import Note, Record
from cxone_rollcall.model.struct import replace


def _open_files(folder: Path) -> set[str]:
    return {path.name.partition(".")[0] for path in folder.glob("*-wal")}


async def test_few_files_are_open_however_many_tenants_are_blind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Polls of an unseen tenant wait for the first board. Its file need not be open so long."""
    monkeypatch.setattr(sink, "MOST_OPEN", 2)
    stored: list[Stored] = []
    names = [f"t{number}" for number in range(5)]
    begins = Note("RC208", True, "PROVEN", "x")
    for number, name in enumerate(names):
        unseen, seen = (
            Record(owner="a", token="1", number=0, run="a", polled=polled(None, ok=False), notes=(begins,)),
            Written(),
        )
        seen.poll("a", 2, 10, {"1": "Available"}, resumed=True)
        ((_, first),) = seen.said
        stored += stored_of(
            name, [(number + 1, unseen), (number + 11, replace(first, notes=(begins,) if number else ()))]
        )
    stored.sort()
    numbers: list[int] = []

    class Counted(Kept):
        async def read(self, stream: str, subject: str, start: int, *, within: float = 2.0) -> list[Stored]:
            numbers.append(len(_open_files(tmp_path)))
            return await super().read(stream, subject, start, within=within)

    assert (await sunk(Counted(*stored[:7]), tmp_path))[0] == []  # it is ended while some tenants are blind
    assert (await sunk(Counted(*stored), tmp_path))[0] == []
    assert max(numbers) == 2
    for name in names:
        with closing(sqlite3.connect(tmp_path / f"{name}.db")) as db:
            assert db.execute("SELECT count(*) FROM polls").fetchone() == (1,)
            assert {code for (code,) in db.execute("SELECT code FROM troubles")} == {"RC208"}


async def test_the_file_that_was_used_last_stays_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tenants with many changes are not closed for those with few."""
    monkeypatch.setattr(sink, "MOST_OPEN", 2)
    histories = {name: Written() for name in "abc"}
    stored, found = list[Stored](), set[str]()
    for number, name in enumerate("abac", 1):
        histories[name].poll("w", number, 10 * number, {"1": "Available"}, resumed=number < 3)
        stored += stored_of(name, [(number, histories[name].said[-1][1])])

    class Watched(Kept):
        async def read(self, stream: str, subject: str, start: int, *, within: float = 2.0) -> list[Stored]:
            found.clear()
            found.update(_open_files(tmp_path))
            return (await super().read(stream, subject, start, within=within))[:1]

    assert (await sunk(Watched(*stored), tmp_path))[1] == 4
    assert found == {"a", "c"}


async def test_an_engine_without_an_answer_is_asked_sometimes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two tries the sink waits."""
    monkeypatch.setattr(sink, "PAUSE", 0.05)
    written, asked = Written(), list[float]()
    for number in range(1, 4):
        written.poll("a", number, 10 * number, {"1": "Available" if number % 2 else "Lunch"})
    loop = asyncio.get_running_loop()

    class Silent(Kept):
        async def last(self, stream: str, subject: str, *, within: float) -> Stored | None:
            asked.append(loop.time())
            if loop.time() < asked[0] + 0.15:
                raise Refused(Refusal.SILENT)
            return None

    assert (await sunk(Silent(*stored_of("acme", written.said[:1] + written.said[2:])), tmp_path))[1] == 2
    assert 2 <= len(asked) <= 5
