"""`rollcall record`, as a user runs it."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from cxone_rollcall.cli.main import run
from cxone_rollcall.history.reading import reading

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
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_with_what_is_known(number: signal.Signals, tmp_path: Path) -> None:
    """After a signal the polls that ended are in the file."""
    process = started(tmp_path / "h.db", "--demo", "--interval", "60")
    while not (tmp_path / "h.db").exists() or not polls_of(tmp_path / "h.db"):
        assert process.poll() is None
    process.send_signal(number)
    _, err = process.communicate()
    assert process.returncode == 0
    assert err == "1 polls and 120 changes are stored\n"
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
    assert capsys.readouterr().out.startswith(f"{path} is sound: 120 agents, 0 intervals, 1 polls, ")
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DELETE FROM current WHERE agent = 1")
    assert run(["history", "check", "--history", str(path)]) == 1
    assert "is on the roster, but not in what is open now" in capsys.readouterr().out
    assert run(["history", "check", "--history", str(tmp_path / "other.db")]) == 2
