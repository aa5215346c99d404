"""`rollcall watch`, as a user runs it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import select
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tests.support.thorough import mostly_thorough

from cxone_rollcall.cli.main import run
from cxone_rollcall.testing import emulator_of

POSIX = pytest.mark.skipif(os.name != "posix", reason="terminals and signals as POSIX has them")
DEMO = ("watch", "--demo", "--interval", "1")
CONTRACTS = pytest.mark.parametrize("contract", ["v2", "incontact"])


def lines_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    """The exit code and the objects of a run."""
    code = run([*DEMO, *arguments])
    return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@CONTRACTS
def test_a_pipe_gets_a_board_then_polls(contract: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The first line is everybody, and each poll has its counts."""
    code, lines = lines_of(capsys, "--count", "2", "--contract", contract)
    board, polls = lines[0], [line for line in lines if line["type"] == "poll"]
    assert code == 0
    assert (board["type"], board["schema"], board["poll"]) == ("board", "rollcall/live/1", 1)
    assert [poll["poll"] for poll in polls] == [1, 2]
    standings = Counter(agent["standing"] for agent in board["agents"])
    assert board["counts"]["roster"] == len(board["agents"]) == sum(standings.values())
    assert all(poll["ok"] and poll["complete"] for poll in polls)


def test_what_a_filter_hides_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    """With a filter the board has those who pass. `hidden` counts the others."""
    _, lines = lines_of(capsys, "--count", "1", "--group", "available")
    board, poll = lines[0], lines[-1]
    assert {agent["group"] for agent in board["agents"]} == {"available"}
    assert board["hidden"] == poll["hidden"] == board["counts"]["roster"] - len(board["agents"])


async def test_groups_are_those_of_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A state is counted in the group that config.toml gives it."""
    config = tmp_path / "config.toml"
    config.write_text('[groups]\nAvailable = "after-contact"\n')
    monkeypatch.setenv("ROLLCALL_CONFIG", str(config))
    emulator = emulator_of(40)
    async with emulator.running() as address:
        for name, text in emulator.environment(address.url).items():
            monkeypatch.setenv(name, text)
        assert await asyncio.to_thread(run, ["watch", "--count", "1"]) == 0
    board = json.loads(capfd.readouterr().out.splitlines()[0])
    states = [one["state"] for one in board["agents"] if one["group"] == "after-contact"]
    assert "Available" in states
    assert not [one for one in board["agents"] if one["group"] == "available"]


@pytest.mark.parametrize(
    ("fault", "code"), [("client-refused", 4), ("server-error", 5), ("forbidden", 4), ("roster-empty", 3)]
)
def test_the_exit_code_is_that_of_check(fault: str, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    """If the last poll was not whole, watch ends as check does."""
    asked = ("--demo", "--fault", fault)
    by_check = run(["check", *asked])
    capsys.readouterr()
    ended, lines = lines_of(capsys, "--count", "1", "--fault", fault)
    assert ended == by_check == code
    assert lines[-1]["missed"]


@pytest.mark.parametrize(
    "given",
    [
        *(("--interval", value) for value in ("0", "-1", "nan", "inf", "1e9", "0.5", "soon", "")),
        ("--count", "0"),
        ("--count", "x"),
        ("--group", "lunching"),
        ("--sort", "age"),
        ("--state", " "),
        ("--agent", ""),
        ("--fault", "no-such-fault"),
        ("--format", "csv"),
        ("--format", "screen"),
    ],
    ids=" ".join,
)
def test_bad_options_end_with_2(given: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be watched is refused before anything is asked."""
    assert run([*DEMO, "--count", "1", *given]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err


def test_a_name_that_nobody_has_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    """A mistyped agent is asked back before there is a board."""
    assert run([*DEMO, "--agent", "Nobody Atall"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "no agent on the roster is called 'Nobody Atall'" in err


def started(*arguments: str, **given: Any) -> subprocess.Popen[bytes]:
    """The command as a process of its own."""
    command = [sys.executable, "-m", "cxone_rollcall", *arguments]
    return subprocess.Popen(command, **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **given})


@POSIX
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_with_the_last_poll(number: signal.Signals) -> None:
    """After a signal the lines are whole. The last poll decides the exit code."""
    process = started("watch", "--demo", "--interval", "60")
    assert process.stdout is not None
    head = [process.stdout.readline(), process.stdout.readline()]
    process.send_signal(number)
    rest, err = process.communicate()
    assert process.returncode == 0
    assert err == b""
    assert [json.loads(line)["type"] for line in (*head, *rest.splitlines())] == ["board", "poll"]


@POSIX
def test_a_reader_who_leaves_ends_it_quietly() -> None:
    """A broken pipe is no error."""
    process = started(*DEMO)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.wait() == 0
    assert process.stderr.read() == b""
    process.stderr.close()


class OnTerminal:
    """The command on a terminal of its own, 80x24."""

    def __init__(self, *arguments: str, **variables: str) -> None:
        import fcntl
        import pty
        import struct
        import termios

        self.terminal, inner = pty.openpty()
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.mode = termios.tcgetattr(inner)
        environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24", **variables}
        self.process = started(*arguments, stdin=inner, stdout=inner, stderr=inner, env=environment)
        self.inner = inner
        self.written = b""

    def until(self, text: bytes) -> None:
        """Read until the terminal shows a text."""
        while text not in self.written:
            assert self._read(), self.written[-2000:]

    def end(self) -> int:
        """The exit code; what is still written is read."""
        while self.process.poll() is None:
            self._read()
        while select.select([self.terminal], [], [], 0)[0] and self._read():
            pass
        return self.process.returncode

    def press(self, keys: bytes) -> None:
        """Type on the terminal."""
        os.write(self.terminal, keys)

    def _read(self) -> bool:
        if not select.select([self.terminal], [], [], 0.05)[0]:
            return self.process.poll() is None
        self.written += os.read(self.terminal, 65_536)
        return True

    def close(self) -> None:
        """Close the terminal and end what still runs."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.inner)
        os.close(self.terminal)


@POSIX
@pytest.mark.parametrize("leave", mostly_thorough(["q", "SIGTERM", "SIGINT", "SIGHUP"], quick=2))
def test_the_screen_gives_the_terminal_back(leave: str) -> None:
    """On every way out modes, cursor and first screen are back."""
    import termios

    seen = OnTerminal(*DEMO)
    try:
        seen.until(b"of 120 agents logged in")
        assert termios.tcgetattr(seen.inner) != seen.mode
        if leave == "q":
            seen.press(b"q")
        else:
            seen.process.send_signal(getattr(signal, leave))
        assert seen.end() == 0
        assert termios.tcgetattr(seen.inner) == seen.mode
        assert seen.written.rstrip().endswith((b"\x1b[?25h\x1b[?1049l", b"\x1b[?1049l\x1b[?25h"))
    finally:
        seen.close()


@POSIX
def test_two_signals_give_the_terminal_back() -> None:
    """A second signal ends it at once and leaves no broken terminal."""
    import termios

    seen = OnTerminal("watch", "--demo", "--fault", "hang", "--interval", "60")
    try:
        seen.until(b"calling the roll")
        seen.process.send_signal(signal.SIGINT)
        seen.process.send_signal(signal.SIGTERM)
        assert seen.end() == 130
        assert termios.tcgetattr(seen.inner) == seen.mode
        assert b"\x1b[?1049l" in seen.written
    finally:
        seen.close()


@POSIX
def test_keys_filter_and_find() -> None:
    """A key filters by group, a name finds a person. Both say what they hide."""
    seen = OnTerminal(*DEMO)
    try:
        seen.until(b"of 120 agents logged in")
        seen.press(b"g")
        seen.until(b"hidden by the filter (available)")
        seen.press(b"c/lee\r")
        seen.until(b"hidden by the filter (/lee)")
        seen.press(b"q")
        assert seen.end() == 0
    finally:
        seen.close()


@pytest.mark.parametrize(("state", "noted"), [("Availble", True), ("available", False), ("Lunch", False)])
def test_a_misspelt_state_is_noted(state: str, noted: bool, capsys: pytest.CaptureFixture[str]) -> None:
    """A state that resembles another is no silent filter."""
    assert run([*DEMO, "--count", "1", "--state", state]) == 0
    assert ("Did you mean Available?" in capsys.readouterr().err) == noted


@POSIX
@pytest.mark.parametrize("variables", [{}, {"NO_COLOR": "1"}, {"CLICOLOR": "0"}])
def test_the_screen_has_colours_unless_they_are_unwanted(variables: dict[str, str]) -> None:
    """NO_COLOR and CLICOLOR=0 turn the screen's colours off."""
    seen = OnTerminal(*DEMO, **{"NO_COLOR": "", "CLICOLOR": "1", **variables})
    try:
        seen.until(b"of 120 agents logged in")
        seen.press(b"q")
        assert seen.end() == 0
        assert (re.search(rb"\x1b\[(?:3|9)\dm", seen.written) is None) == bool(variables)
    finally:
        seen.close()


def test_the_screen_refuses_v() -> None:
    """-v and the screen would write over each other."""
    if os.name != "posix":
        pytest.skip("a terminal as POSIX has it")
    seen = OnTerminal(*DEMO, "-v")
    try:
        assert seen.end() == 2
        assert b"-v would write over the screen" in seen.written
    finally:
        seen.close()
