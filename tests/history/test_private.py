"""Files with people's names are for their owner."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.history.recorded import recorded

from cxone_rollcall.cli.main import run
from cxone_rollcall.history.private import make_private
from cxone_rollcall.history.saving import save

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")


def modes(folder: Path) -> dict[str, int]:
    """The mode of each file in a folder."""
    return {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()}


async def test_a_new_history_and_its_journal_are_private(tmp_path: Path) -> None:
    """Nobody else can read them, also while it is recorded."""
    async with recorded(tmp_path / "h.db", "v2") as world, world.recorder() as recorder:
        await recorder.polls(1)
        found = modes(tmp_path)
        assert {found[name] for name in ("h.db", "h.db-wal", "h.db-shm")} == {0o600}


def test_a_saved_history_is_private(path: Path, tmp_path: Path) -> None:
    """What is saved of a damaged file has the names, too."""
    save(path, tmp_path / "saved.db")
    assert modes(tmp_path)["saved.db"] == 0o600


def test_a_file_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    """The owner may have opened it to a group."""
    (tmp_path / "h.db").touch(0o640)
    (tmp_path / "h.db").chmod(0o640)
    make_private(tmp_path / "h.db")
    assert modes(tmp_path) == {"h.db": 0o640}


@pytest.mark.parametrize("format_", ["csv", "parquet"])
def test_exported_days_are_private(path: Path, tmp_path: Path, format_: str) -> None:
    """Each day file has names."""
    if format_ == "parquet":
        pytest.importorskip("duckdb")
    folder = tmp_path / "out"
    assert run(["history", "export", str(folder), "--history", str(path), "--format", format_]) == 0
    assert set(modes(folder).values()) == {0o600}
