"""Rollcall as a process. It meets closed pipes, full disks, signals, and an emulator in a second process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.support.thorough import mostly_thorough

ROLLCALL = (sys.executable, "-m", "cxone_rollcall")


@contextmanager
def emulator(*arguments: str, lines: int = 4) -> Iterator[dict[str, str]]:
    """The environment that `rollcall emulate` on a free port prints first."""
    process = subprocess.Popen([*ROLLCALL, "emulate", "--port", "0", *arguments], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        said = [process.stdout.readline() for _ in range(lines)]
        exports = (line.removeprefix("export ").strip().split("=", 1) for line in said if line.startswith("export "))
        yield {**os.environ, **dict(exports)}
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
        process.stdout.close()


def test_check_against_emulate_on_another_port(tmp_path: Path) -> None:
    """The settings that `rollcall emulate` prints are all that `rollcall check` needs."""
    with emulator("--agents", "250") as environment:
        done = subprocess.run(
            [*ROLLCALL, "check", "--format", "json"], env=environment, cwd=tmp_path, capture_output=True, check=False
        )
    account = json.loads(done.stdout)
    assert done.returncode == 0
    assert done.stderr == b""
    assert account["counts"]["roster"] == 250


def test_a_fault_is_switched_on_while_it_runs(tmp_path: Path) -> None:
    """A fault that is switched on changes what the next check finds."""
    with emulator() as environment:
        request = urllib.request.Request(  # noqa: S310  our own emulator, on loopback
            f"{environment['CXONE_INSTANCE']}/_emulator/faults",
            data=b'{"faults": ["forbidden"]}',
            method="PUT",
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            assert answer.status == 200
        done = subprocess.run(
            [*ROLLCALL, "check"], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
        )
    assert done.returncode == 4
    assert "RC302" in done.stdout


@pytest.mark.thorough
def test_a_closed_pipe_is_no_error() -> None:
    """A closed pipe (`| head`) is no error: nothing on stderr, exit 0. `test_streams` tests each command."""
    process = subprocess.Popen([*ROLLCALL, "check", "--demo"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(20) == 0
    process.stderr.close()


@pytest.mark.thorough
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_reported() -> None:
    """Output that cannot be written ends with 2 and the reason. No traceback is printed."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*ROLLCALL, "check", "--demo"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 2
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "command",
    mostly_thorough(
        ["check --demo", "states --demo", "agents --demo", "explain", "explain RC301", "auth token --demo"], quick=1
    ),
)
def test_a_closed_stdout_is_reported(command: str) -> None:
    """Without stdout (`>&-`) a process ends with 2 before any request. A message says why."""
    done = without_stdout(command)
    assert (done.returncode, done.stderr) == (2, "rollcall: cannot write to stdout: it is closed\n")


def test_a_closed_stdout_is_not_missed_by_a_file(tmp_path: Path) -> None:
    """A process without stdout can write a file."""
    done = without_stdout(f"check --demo --format json -o {tmp_path / 'account.json'}")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads((tmp_path / "account.json").read_bytes())["verdict"] == "complete"


def without_stdout(command: str) -> subprocess.CompletedProcess[str]:
    """Run rollcall without stdout."""
    shell = f"exec {sys.executable} -m cxone_rollcall {command} >&-"
    return subprocess.run(["sh", "-c", shell], stderr=subprocess.PIPE, text=True, check=False)


@pytest.mark.parametrize("number", mostly_thorough([signal.SIGINT, signal.SIGTERM], quick=1))
def test_an_interrupted_check_prints_what_it_learned(number: signal.Signals, tmp_path: Path) -> None:
    """SIGINT and SIGTERM end the run with 130 and a partial account. Agents not requested are not absent."""
    with emulator("--fault", "hang=at=states") as environment:
        process = subprocess.Popen(
            [*ROLLCALL, "check", "--format", "json", "-v"],
            env=environment,
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        while "agents?page=2" not in process.stderr.readline():  # the roster is there, the states hang
            pass
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    account = json.loads(out)
    assert process.returncode == 130
    assert account["verdict"] == "interrupted"
    assert account["counts"]["unknown"] == account["counts"]["roster"] > 0
    assert "Traceback" not in err


def test_the_published_contract_is_emulated_too() -> None:
    """`rollcall emulate --contract incontact` serves discovery, and prints what a client needs."""
    with emulator("--contract", "incontact", "--reading", "shape=v23", lines=6) as environment:
        assert environment["CXONE_ACCESS_KEY_ID"]
        url = f"{environment['CXONE_INSTANCE']}/.well-known/openid-configuration"
        with urllib.request.urlopen(url) as answer:  # noqa: S310
            assert json.load(answer)["token_endpoint"].startswith(environment["CXONE_INSTANCE"])


@pytest.mark.parametrize(
    "arguments",
    mostly_thorough([["--contract", "soap"], ["--reading", "shape=round"], ["--reading", "nonsense"]], quick=1),
)
def test_what_cannot_be_emulated_is_a_usage_error(arguments: list[str]) -> None:
    """An unknown contract or reading ends with 2 and a message."""
    done = subprocess.run([*ROLLCALL, "emulate", *arguments], capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
