"""What `--output` does to an existing path."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from cxone_rollcall.cli import terminal
from cxone_rollcall.cli.signals import unfinished
from cxone_rollcall.errors import OutputError


def written(path: Path, data: bytes = b"the account") -> None:
    """Write to a path as a command does."""
    with terminal.Output(path) as output:
        output.write(data)


def test_a_file_is_replaced(tmp_path: Path) -> None:
    """An existing file is replaced completely, and no other file is left.

    Until then a signal deletes the new one.
    """
    path = tmp_path / "account.json"
    path.write_bytes(b"the account of yesterday, which was longer")
    before = unfinished.copy()  # files of other tests that could not be made
    with terminal.Output(path) as output:
        (beside,) = unfinished - before
        assert Path(beside).exists()
        output.write(b"the account")
    assert unfinished == before
    assert path.read_bytes() == b"the account"
    assert os.listdir(tmp_path) == ["account.json"]  # noqa: PTH208


def test_a_file_stays_when_the_run_fails(tmp_path: Path) -> None:
    """A failing run leaves the file unchanged."""
    path = tmp_path / "account.json"
    path.write_bytes(b"of yesterday")
    with pytest.raises(ZeroDivisionError), terminal.Output(path) as output:
        output.write(b"half")
        raise ZeroDivisionError
    assert path.read_bytes() == b"of yesterday"


@pytest.mark.skipif(os.name != "posix", reason="needs named pipes")
def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    """A pipe or device is written to, and stays what it is."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(path.read_bytes()))
    reader.start()
    written(path)
    reader.join()
    assert read == [b"the account"]
    assert path.is_fifo()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
def test_a_small_output_finds_the_disk_full() -> None:
    """What is written at the end fails then, with the reason. An earlier error is reported instead."""
    with pytest.raises(OutputError, match=r"^cannot write to /dev/full: No space left on device$"):
        written(Path("/dev/full"))
    with pytest.raises(ZeroDivisionError), terminal.Output(Path("/dev/full")) as output:
        output.write(b"half")
        raise ZeroDivisionError


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """A symbolic link stays, and its target has the new content."""
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_bytes(b"old")
    link.symlink_to(file)
    written(link)
    assert link.is_symlink()
    assert file.read_bytes() == b"the account"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """A path in a missing folder is a clear error."""
    with pytest.raises(OutputError, match="cannot write to"):
        written(tmp_path / "no" / "account.json")
