"""Output without a reader: closed pipes and full disks. Every command and format is tried."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from tests.cli.forking import Forking
from tests.support.thorough import mostly_thorough

from cxone_rollcall.cli.main import run

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="sizes pipes as Linux does, and needs /dev/full")

OLD = b"what was there before"
SMALL = 4096
"""Bytes that a pipe and a file may hold; outputs are larger."""

NETWORK = (
    *(f"check --demo --format {format_}" for format_ in ("account", "json", "csv", "junit", "html")),
    *(f"why 30000000001 --demo --format {format_}" for format_ in ("account", "json", "junit", "html")),
    *(f"states --demo --format {format_}" for format_ in ("table", "json", "ndjson", "csv")),
    *(f"agents --demo --format {format_}" for format_ in ("table", "json", "ndjson", "csv")),
)
OFFLINE = (
    *(f"case judge case.json --format {format_}" for format_ in ("account", "json", "csv", "junit", "html")),
    *("case show case.json", "case show case.json 2 3", "case show case.json --format json"),
)
WORDS = ("auth status --demo", "auth token --demo", "explain", "explain RC301", "--help", "--version", "check --help")
COMMANDS = (*NETWORK, *OFFLINE, *WORDS)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a saved case."""
    path = tmp_path_factory.mktemp("case") / "case.json"
    assert run(["check", "--demo", "--format", "csv", "--save", str(path)]) == 0
    return path.read_bytes()


@pytest.fixture
def folder(tmp_path: Path, case: bytes) -> Path:
    """Return a folder with a case and nothing else."""
    (tmp_path / "case.json").write_bytes(case)
    return tmp_path


def there(folder: Path) -> list[str]:
    """Return the names of the files in a folder."""
    return sorted(path.name for path in folder.iterdir())


def small_pipe() -> tuple[int, int]:
    """Return a pipe that holds no more than a page."""
    import fcntl

    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, SMALL)
    return reader, writer


@pytest.mark.parametrize("command", mostly_thorough(COMMANDS, quick=2))
def test_a_reader_who_never_reads(command: str, forking: Forking, folder: Path) -> None:
    """A pipe closed before any output is no error. The exit code is 0, and stderr is empty."""
    reader, writer = small_pipe()
    os.close(reader)
    assert forking.run(command, writer, folder) == (0, "")
    assert there(folder) == ["case.json"]


@pytest.mark.parametrize("command", mostly_thorough(COMMANDS, quick=2))
def test_a_reader_who_reads_a_line(command: str, forking: Forking, folder: Path) -> None:
    """A pipe that is closed after the first line is no error."""
    reader, writer = small_pipe()
    read = bytearray()

    def a_line() -> None:
        while b"\n" not in read and (piece := os.read(reader, 1)):
            read.extend(piece)
        os.close(reader)

    assert forking.run(command, writer, folder, meanwhile=a_line) == (0, "")
    assert read.endswith(b"\n")


@pytest.mark.parametrize("command", mostly_thorough(COMMANDS, quick=2))
def test_a_full_disk_behind_stdout(command: str, forking: Forking, folder: Path) -> None:
    """If stdout cannot be written, the command ends with 2. It prints one message."""
    ended = forking.run(command, os.open("/dev/full", os.O_WRONLY), folder)
    assert ended.code == 2
    assert ended.err.count("No space left on device") == 1
    assert ended.err.count("\n") == 1, ended.err
    assert there(folder) == ["case.json"]


WRITING = (
    *(f"{command} -o out" for command in (*NETWORK[:5], *NETWORK[9:13])),
    *("why 30000000001 --demo -o out", "agents --demo --format ndjson -o out", "case judge case.json -o out"),
    *("check --demo --save out", "check --demo --save out.gz --anonymize", "why 30000000001 --demo --save out"),
)


def nowhere() -> int:
    """A stdout that accepts everything."""
    return os.open(os.devnull, os.O_WRONLY)


@pytest.mark.parametrize("command", mostly_thorough(WRITING, quick=1))
def test_a_disk_that_fills_up(command: str, forking: Forking, folder: Path) -> None:
    """A file that cannot be written completely ends with 2. A message says why, and the old file stays."""
    name = "out.gz" if "out.gz" in command else "out"
    (folder / name).write_bytes(OLD)
    ended = forking.run(command, nowhere(), folder, largest=400)
    assert (ended.code, ended.err) == (2, f"rollcall: cannot write to {folder.resolve() / name}: File too large\n")
    assert (folder / name).read_bytes() == OLD
    assert there(folder) == ["case.json", name]


@pytest.mark.parametrize("command", mostly_thorough(WRITING, quick=1))
def test_a_device_that_is_full(command: str, forking: Forking, folder: Path) -> None:
    """The same holds for a full device, which stays what it is."""
    (folder / "out").symlink_to("/dev/full")
    (folder / "out.gz").symlink_to("/dev/full")
    ended = forking.run(command, nowhere(), folder)
    assert (ended.code, ended.err) == (2, "rollcall: cannot write to /dev/full: No space left on device\n")
    assert Path("/dev/full").is_char_device()
    assert there(folder) == ["case.json", "out", "out.gz"]
