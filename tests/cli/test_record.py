"""`rollcall record`, as a user runs it."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from tests.support.thorough import mostly_thorough

from cxone_rollcall.cli.main import run
from cxone_rollcall.history.checking import check
from cxone_rollcall.history.reading import reading
from cxone_rollcall.history.store import writing
from cxone_rollcall.testing import emulator_of

POSIX = pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
CONTRACTS = pytest.mark.parametrize("contract", ["v2", "incontact"])


def record(path: Path, *arguments: str) -> int:
    """Record the emulated tenant in a file. Return the exit code."""
    return run(["record", "--history", str(path), "--demo", "--interval", "1", *arguments])


def polls_of(path: Path) -> int:
    """How many polls a file has."""
    with reading(path) as history:
        return history.polls


@CONTRACTS
def test_what_it_says_is_in_the_file(contract: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A line at the start and one at the end. The file has everybody."""
    path = tmp_path / "h.db"
    assert record(path, "--count", "2", "--contract", contract) == 0
    out, err = capsys.readouterr()
    assert out == ""
    begins, ends = err.splitlines()
    assert begins == f"recording Emulated tenant in {path} every 1 s (Ctrl-C ends)"
    assert ends.startswith("2 polls and ")
    with reading(path) as history:
        assert history.tenant == "Emulated tenant"
        assert len(history.agents()) == 120
        assert history.polls == 2


@pytest.mark.parametrize(
    ("fault", "code"), [("client-refused", 4), ("server-error", 5), ("forbidden", 4), ("roster-empty", 3)]
)
def test_the_exit_code_is_that_of_check(fault: str, code: int, tmp_path: Path) -> None:
    """If the last poll was not whole, recording ends as check does."""
    assert record(tmp_path / "h.db", "--count", "1", "--fault", fault) == code


def test_trouble_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line says that polls fail, one that this ended. On a terminal each poll is shown."""
    shown: list[str] = []

    @contextmanager
    def line(first: str, **given: bool) -> Iterator[Callable[[str], None]]:
        shown.append(f"{first} {given}")
        yield shown.append

    monkeypatch.setattr("cxone_rollcall.cli.terminal.status_line", line)
    assert record(tmp_path / "h.db", "--count", "3", "--fault", "server-error=times=8") == 0
    missed = "no agent could be asked for (RC105 server-trouble)"
    assert capsys.readouterr().err.splitlines()[1:] == [
        f"poll 1 is not whole: {missed}",
        "poll 3 is whole again",
        "1 poll and 120 changes are stored",
    ]
    assert shown == [
        "the first poll {'shown': True}",
        *(f"poll {n}   0 agents, 0 present, 0 unknown   0 changes stored   not whole: {missed}" for n in (1, 2)),
        "poll 3   120 agents, 81 present, 0 unknown   120 changes stored",
    ]


async def test_groups_are_those_of_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A state is kept in the group that config.toml gives it."""
    config, path = tmp_path / "config.toml", tmp_path / "h.db"
    config.write_text('[groups]\nAvailable = "after-contact"\n')
    monkeypatch.setenv("ROLLCALL_CONFIG", str(config))
    emulator = emulator_of(40)
    async with emulator.running() as address:
        for name, text in emulator.environment(address.url).items():
            monkeypatch.setenv(name, text)
        assert await asyncio.to_thread(run, ["record", "--history", str(path), "--count", "1"]) == 0
    with closing(sqlite3.connect(path)) as db:
        groups = dict(db.execute("SELECT state, \"group\" FROM statuses WHERE standing = 'present'"))
    assert groups["Available"] == "after-contact"
    assert "available" not in groups.values()


def test_another_tenant_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file of another tenant ends with 2. Nothing is written in it."""
    path = tmp_path / "h.db"
    assert record(path, "--count", "1") == 0
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE meta SET value = 'another' WHERE name = 'tenant_id'")
    capsys.readouterr()
    assert record(path, "--count", "1") == 2
    assert "each tenant needs a file of its own" in capsys.readouterr().err
    assert polls_of(path) == 1


@pytest.mark.parametrize("contract", ["v2", "incontact"])
def test_backfill_runs_beside(contract: str, tmp_path: Path) -> None:
    """With --backfill it records as without."""
    assert record(tmp_path / "h.db", "--count", "2", "--backfill", "--contract", contract) == 0
    assert polls_of(tmp_path / "h.db") == 2


@pytest.mark.parametrize(
    "given",
    [("--interval", "0"), ("--count", "0"), ("--fault", "no-such-fault"), ("--history", "")],
    ids=" ".join,
)
def test_bad_options_end_with_2(given: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be recorded is refused before anything is asked."""
    assert record(tmp_path / "h.db", "--count", "1", *given) == 2
    assert capsys.readouterr().err
    assert not (tmp_path / "h.db").exists()


def started(path: Path, *arguments: str) -> subprocess.Popen[str]:
    """The recorder as a process of its own. Its first line is read."""
    command = [sys.executable, "-m", "cxone_rollcall", "record", "--history", str(path), *arguments]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    process.stderr.readline()
    return process


@POSIX
@pytest.mark.parametrize("number", mostly_thorough([signal.SIGTERM, signal.SIGINT, signal.SIGHUP], quick=1))
def test_a_signal_ends_it_with_what_is_known(number: signal.Signals, tmp_path: Path) -> None:
    """After a signal the polls that ended are in the file."""
    process = started(tmp_path / "h.db", "--demo", "--interval", "60")
    while not (tmp_path / "h.db").exists() or not polls_of(tmp_path / "h.db"):
        assert process.poll() is None
    process.send_signal(number)
    _, err = process.communicate()
    assert process.returncode == 0
    assert err == "1 poll and 120 changes are stored\n"
    assert polls_of(tmp_path / "h.db") == 1


@POSIX
def test_a_second_recorder_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One process records at a time. The other is told which, also after a crash of an earlier one."""
    path = tmp_path / "h.db"
    process = started(path, "--demo", "--interval", "60")
    assert record(path, "--count", "1") == 2
    assert f"is being recorded by process {process.pid} on " in capsys.readouterr().err
    process.kill()
    process.communicate()
    assert (tmp_path / "h.db.holder").exists()  # the crash left it
    assert record(path, "--count", "1") == 0


def test_check_proves_what_was_recorded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A recorded file is sound, and a changed one ends with 1."""
    path = tmp_path / "h.db"
    assert record(path, "--count", "1") == 0
    capsys.readouterr()
    assert run(["history", "check", "--history", str(path)]) == 0
    assert capsys.readouterr().out.startswith(f"{path} is sound: 120 agents, 0 intervals, 1 poll, ")
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DELETE FROM current WHERE agent = 1")
    assert run(["history", "check", "--history", str(path)]) == 1
    assert "is on the roster, but not in what is open now" in capsys.readouterr().out
    assert run(["history", "check", "--history", str(tmp_path / "other.db")]) == 2


@POSIX
def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    """While there is no room polls wait. When there is, all of them are in the file."""
    import resource

    path = tmp_path / "h.db"
    process = started(path, "--demo", "--interval", "1")
    assert process.stderr is not None
    while not path.exists() or not polls_of(path):
        assert process.poll() is None
    unlimited = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
    room = max(file.stat().st_size for file in tmp_path.iterdir())
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (room, unlimited[1]))
    assert "cannot be written: " in process.stderr.readline()
    stored = polls_of(path)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, unlimited)
    assert "can be written again" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 0
    assert "could not be written" not in err
    assert check(path).breach == ""
    with closing(sqlite3.connect(path)) as db:
        numbers = [number for (number,) in db.execute("SELECT number FROM polls ORDER BY number")]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) > stored


@POSIX
def test_what_waits_at_the_end_is_counted(tmp_path: Path) -> None:
    """Without room at the end, recording fails. The last line counts lost polls."""
    import resource

    path = tmp_path / "h.db"
    process = started(path, "--demo", "--interval", "1")
    assert process.stderr is not None
    while not path.exists() or not polls_of(path):
        assert process.poll() is None
    room = max(file.stat().st_size for file in tmp_path.iterdir())
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
    assert "cannot be written: " in process.stderr.readline()
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate()
    assert "could not be written: " in err
    assert process.returncode == 2
    assert check(path).breach == ""


@POSIX
@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_rights_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder without rights ends with 2. Nothing is asked."""
    folder = tmp_path / "mine"
    folder.mkdir(mode=0o500)
    assert record(folder / "h.db", "--count", "1") == 2
    assert "cannot be recorded in: Permission denied" in capsys.readouterr().err


@pytest.mark.parametrize(
    "content", [b"agent_id,name\n", b"SQLite format 3\0" + b"\xff" * 5000], ids=["text", "damaged"]
)
def test_a_file_that_is_none_is_refused(content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is no history is refused and stays as it is."""
    path = tmp_path / "h.db"
    path.write_bytes(content)
    assert record(path, "--count", "1") == 2
    assert "cannot be recorded in" in capsys.readouterr().err
    assert path.read_bytes() == content


def test_a_missing_folder_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that does not exist is named, and nothing is made."""
    assert record(tmp_path / "none" / "h.db", "--count", "1") == 2
    assert "mkdir -p " in capsys.readouterr().err


@pytest.mark.parametrize("keep", ["400", "0d", "-1d", "d", "1.5d", "99999999d", ""])
def test_keep_is_a_number_of_days(keep: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Anything but a number of days is refused with an example."""
    assert record(tmp_path / "h.db", "--count", "1", "--keep", keep) == 2
    assert "--keep 400d" in capsys.readouterr().err
    assert record(tmp_path / "h.db", "--count", "1", "--keep", "400d") == 0


def test_a_person_is_forgotten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By user name, and only while nothing records. A second time there is nobody."""
    path = tmp_path / "h.db"
    assert record(path, "--count", "1") == 0
    forget = ["history", "forget", "sho.suzuki", "--history", str(path)]
    with writing(path):
        assert run(forget) == 2
        assert "is being recorded by process" in capsys.readouterr().err
    assert run(forget) == 0
    assert "has nothing of" in capsys.readouterr().out
    assert b"sho.suzuki" not in path.read_bytes()
    assert run(forget) == 2
    assert run(["history", "forget", "x", "--history", str(tmp_path / "none.db")]) == 2
    assert not (tmp_path / "none.db").exists()
