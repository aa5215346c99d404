"""Saving what can be read of a damaged file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.thorough import examples

from cxone_rollcall.errors import HistoryError
from cxone_rollcall.history.checking import check
from cxone_rollcall.history.interval import Interval
from cxone_rollcall.history.reading import History, Window, reading
from cxone_rollcall.history.saving import DAMAGED, save
from cxone_rollcall.model.roll import Standing

PAGE = 4096
EVER = Window(0, 1 << 50)


def day(history: History) -> dict[str, list[Interval | Window]]:
    """What the file says of each agent, by id."""
    ids = {number: agent_id for agent_id, number in history.agents().items()}
    window = Window(history.recorded.first, history.recorded.last)
    return {ids[number]: history.filled(rows, window) for number, rows in history.rows(window).items()}


def test_a_sound_file_is_saved_as_it_is(path: Path, tmp_path: Path) -> None:
    """Without damage nothing becomes a gap, and all intervals are the same."""
    saved = save(path, tmp_path / "saved.db")
    assert saved.gaps == 0
    assert check(tmp_path / "saved.db") == check(path)
    with reading(path) as before, reading(tmp_path / "saved.db") as after:
        assert after.rows(EVER) == before.rows(EVER)
        assert after.people() == before.people()
        assert after.tenant == before.tenant


@given(st.integers(0, 10_000), st.integers(1, 3))
@examples(60)
def test_what_is_saved_is_sound_and_true(
    sound: bytes, tmp_path_factory: pytest.TempPathFactory, seed: int, number: int
) -> None:
    """Whatever pages are damaged, the saved file is sound and true."""
    folder = tmp_path_factory.mktemp("damaged")
    rng, pages = Random(seed), len(sound) // PAGE
    damaged = bytearray(sound)
    for page in rng.sample(range(1, pages), number):
        damaged[page * PAGE : (page + 1) * PAGE] = bytes(PAGE) if rng.random() < 0.5 else rng.randbytes(PAGE)
    (folder / "sound.db").write_bytes(sound)
    (folder / "damaged.db").write_bytes(damaged)
    try:
        saved = save(folder / "damaged.db", folder / "saved.db")
    except HistoryError as error:
        assert "nothing of" in str(error)
        return
    assert check(folder / "saved.db").breach == ""
    assert saved.intervals >= 0
    with reading(folder / "sound.db") as first, reading(folder / "saved.db") as second:
        before = day(first)
        for agent_id, intervals in day(second).items():
            for one in intervals:
                if isinstance(one, Interval) and one.status.standing is not Standing.UNKNOWN:
                    assert any(
                        isinstance(was, Interval)
                        and was.begin <= one.begin
                        and one.end <= was.end
                        and was.status == one.status
                        for was in before[agent_id]
                    )


def gaps_in(saved: Path) -> int:
    """The number of intervals that are unknown because of damage."""
    with reading(saved) as history:
        damaged = [number for number, status in history.statuses.items() if status.cause == DAMAGED]
    marks = ", ".join("?" * len(damaged))
    with closing(sqlite3.connect(saved)) as db:
        counts = [
            db.execute(f"SELECT count(*) FROM {table} WHERE status IN ({marks})", damaged).fetchone()[0]  # noqa: S608
            for table in ("intervals", "long_intervals", "current")
        ]
    return sum(counts)


@pytest.mark.parametrize("table", ["intervals", "current"])
def test_lost_intervals_become_gaps(path: Path, tmp_path: Path, table: str) -> None:
    """Time whose rows are lost is unknown, with its cause. Each gap is counted."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        root = db.execute("SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' LIMIT 1", [table])
        page = root.fetchone()[0]
    content = bytearray(path.read_bytes())
    content[(page - 1) * PAGE : page * PAGE] = b"\xff" * PAGE
    path.write_bytes(content)
    assert check(path).is_damaged
    saved = save(path, tmp_path / "saved.db")
    assert saved.gaps == gaps_in(tmp_path / "saved.db") > 1
    assert check(tmp_path / "saved.db").breach == ""


@pytest.mark.parametrize("share", [0.5, 0.8, 0.95])
def test_a_file_without_its_end_is_saved(path: Path, sound: bytes, tmp_path: Path, share: float) -> None:
    """What a broken copy has is saved as a sound file."""
    path.write_bytes(sound[: int(len(sound) * share)])
    assert check(path).is_damaged
    save(path, tmp_path / "saved.db")
    assert check(tmp_path / "saved.db").breach == ""
    with reading(tmp_path / "saved.db") as history:
        assert history.agents()


def test_a_file_without_its_head_is_refused(path: Path, tmp_path: Path) -> None:
    """If the list of tables is lost, nothing can be read."""
    content = path.read_bytes()
    path.write_bytes(content[:100] + b"\xff" * (PAGE - 100) + content[PAGE:])
    with pytest.raises(HistoryError, match="nothing of"):
        save(path, tmp_path / "saved.db")
