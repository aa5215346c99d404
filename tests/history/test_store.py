"""A history file open for writing: name, lock, failures."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from cxone_rollcall.errors import HistoryError
from cxone_rollcall.history.reading import reading
from cxone_rollcall.history.store import writing
from cxone_rollcall.model.identity import TenantIdentity


def test_a_history_takes_the_name_that_is_given_last(tmp_path: Path) -> None:
    """Without a name it keeps its own."""
    path = tmp_path / "h.db"
    for given, kept in (("acme", "acme"), (None, "acme"), ("acme west", "acme west")):
        with writing(path, tenant=given) as store:
            store.identify(TenantIdentity(account="an account"))
        with reading(path) as history:
            assert history.tenant == kept


def test_a_locked_file_says_so(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that fails has its own error. Nothing is written, and the next write succeeds."""
    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, timeout=0.0))
    with writing(path) as store, closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError, match="database is locked"):
            store.remember("number", 1)
        other.execute("ROLLBACK")
        assert store.remembered("number") is None
        store.remember("number", 2)
        assert store.remembered("number") == 2


def test_a_link_to_a_history_has_its_lock(path: Path) -> None:
    """One process writes, whatever it calls the file. Afterwards nobody holds it."""
    link = path.with_name("link.db")
    link.symlink_to(path)
    with writing(path), pytest.raises(HistoryError, match="is being recorded by process"), writing(link):
        pass
    assert not [one for one in path.parent.iterdir() if one.suffix == ".holder"]


def test_a_file_of_another_program_is_left_alone(tmp_path: Path) -> None:
    """Not a byte of it changes."""
    path = tmp_path / "notes.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE notes (text)")
    before = path.read_bytes()
    with pytest.raises(HistoryError, match="no history of rollcall"), writing(path):
        pass
    assert path.read_bytes() == before


def test_a_file_is_whole_when_its_writer_ends(path: Path) -> None:
    """Nothing is left in its journal, even if somebody has it open."""
    with closing(sqlite3.connect(path)) as reader:
        reader.execute("SELECT count(*) FROM polls").fetchone()
        with writing(path) as store:
            store.remember("number", 1)
        assert Path(f"{path}-wal").stat().st_size == 0


def test_what_is_written_is_on_the_disk(path: Path, built_with: Callable[[str], None]) -> None:
    """A loss of power loses no poll. An SQLite may be built to wait for no disk."""
    built_with("synchronous = OFF")
    with writing(path) as store:
        assert store._db.execute("PRAGMA synchronous").fetchone() == (2,)  # noqa: SLF001  FULL
