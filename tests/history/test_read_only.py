"""Histories on a read-only disk, which root may mount, or locked."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from cxone_rollcall.errors import HistoryError
from cxone_rollcall.history.checking import check
from cxone_rollcall.history.reading import reading
from cxone_rollcall.history.store import writing


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[[], Path]]:
    """A disk in memory with a folder. Its call makes it read-only and returns the folder again."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if shutil.which("mount") is None or _run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)):
        pytest.skip("only root may mount a disk")

    def read_only() -> Path:
        assert _run("mount", "-o", "remount,ro", str(folder)) == 0
        return folder

    yield read_only
    _run("umount", str(folder))


def _run(*command: str) -> int:
    return subprocess.run(command, capture_output=True, check=False).returncode


def test_a_closed_file_is_read(disk: Callable[[], Path], sound: bytes, tmp_path: Path) -> None:
    """A file whose recorder ended is read and checked. Recording in it is refused."""
    (tmp_path / "disk" / "h.db").write_bytes(sound)
    path = disk() / "h.db"
    assert check(path).breach == ""
    with reading(path) as history:
        assert history.polls == 124
    with pytest.raises(HistoryError, match="Read-only file system"), writing(path):
        pass


def test_newest_polls_are_not_left_out(disk: Callable[[], Path], sound: bytes, tmp_path: Path) -> None:
    """Polls that are only in the journal are not left out."""
    (tmp_path / "disk" / "h.db").write_bytes(sound)
    (tmp_path / "disk" / "h.db-wal").write_bytes(b"a journal without its index")
    path = disk() / "h.db"
    with pytest.raises(HistoryError, match="its newest polls are still in"):
        check(path)


def test_a_locked_file_is_not_read_without_its_lock(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that another program locks is refused. It is not called damaged."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, timeout=0.0))
        with pytest.raises(HistoryError, match="locked by another program"):
            check(path)
    assert check(path).breach == ""
