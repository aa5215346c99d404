"""`rollcall states` and `rollcall agents`: rows on stdout, notes on stderr."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import shlex
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from cxone_rollcall.cli.main import run
from cxone_rollcall.client import Client
from cxone_rollcall.model.struct import replace
from cxone_rollcall.roll import Ledger, call_roll


def test_states_lists_each_agent_in_every_format(capsys: pytest.CaptureFixture[str]) -> None:
    """All formats list the same agents, each once. If all is well, stderr is empty."""
    assert run(["states", "--demo", "--format", "json"]) == 0
    captured = capsys.readouterr()
    agents = json.loads(captured.out)
    assert captured.err == ""
    assert len(agents) == len({agent["agent_id"] for agent in agents}) == 120
    assert run(["states", "--demo", "--format", "ndjson"]) == 0
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == agents
    assert run(["states", "--demo", "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["agent_id"] for row in rows] == [agent["agent_id"] for agent in agents]
    assert run(["states", "--demo"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == [agent["agent_id"] for agent in agents]


def test_states_have_the_fields_of_the_design(capsys: pytest.CaptureFixture[str]) -> None:
    """A row of states has the account's fields, without findings."""
    run(["check", "--demo", "--format", "json"])
    fields = set(json.loads(capsys.readouterr().out)["agents"][0])
    run(["states", "--demo", "--format", "ndjson"])
    assert set(json.loads(capsys.readouterr().out.splitlines()[0])) == fields - {"findings"}


def test_states_can_be_narrowed(capsys: pytest.CaptureFixture[str]) -> None:
    """`--logged-in` omits agents without a state; `--state` shows one, in any case."""
    run(["states", "--demo", "--format", "json", "--logged-in"])
    logged_in = json.loads(capsys.readouterr().out)
    assert len(logged_in) == 81
    assert all(agent["logged_in"] for agent in logged_in)
    run(["states", "--demo", "--format", "json", "--state", "BREAK"])
    assert {agent["state"] for agent in json.loads(capsys.readouterr().out)} == {"Break"}


def test_states_report_unknown_agents_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    """If state requests fail, the other rows are listed. Stderr has the reason; the exit code is that of check."""
    assert run(["states", "--demo", "--format", "json", "--fault", "forbidden"]) == 4
    captured = capsys.readouterr()
    assert {agent["standing"] for agent in json.loads(captured.out)} == {"unknown"}
    assert "RC302" in captured.err


def test_agents_lists_the_roster_without_states(capsys: pytest.CaptureFixture[str]) -> None:
    """`agents` lists every agent, and requests no states."""
    assert run(["agents", "--demo", "--format", "json", "-v"]) == 0
    captured = capsys.readouterr()
    agents = json.loads(captured.out)
    assert len(agents) == 120
    assert set(agents[0]) == {"agent_id", "name", "user_name", "email", "team", "active"}
    assert "/agents/states" not in captured.err


def test_half_a_roster_is_never_passed_off_as_whole(capsys: pytest.CaptureFixture[str]) -> None:
    """If a page fails, the agents read so far are listed. Stderr and exit code report that more exist."""
    assert run(["agents", "--demo", "--format", "ndjson", "--fault", "server-error=at=agents,skip=1"]) == 3
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == 100
    assert "The roster is incomplete" in captured.err
    assert "RC105" in captured.err


def test_no_roster_is_no_empty_list(capsys: pytest.CaptureFixture[str]) -> None:
    """A refused roster is an exit code, not an empty list."""
    assert run(["agents", "--demo", "--format", "json", "--fault", "scope-missing=scope=agent:read"]) == 4
    captured = capsys.readouterr()
    assert json.loads(captured.out) == []
    assert "RC301" in captured.err


@pytest.mark.parametrize("at", ["roster", "states"])
@pytest.mark.parametrize("format_", ["table", "ndjson"])
def test_an_interrupted_table_counts_what_was_not_answered(
    at: str, format_: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After Ctrl-C the table omits agents without an answer. A line counts them."""

    async def interrupted(client: Client, ledger: Ledger, *arguments: Any, **more: Any) -> None:
        await call_roll(client, ledger, *arguments, **more)
        assert ledger.roster is not None
        for agent_id in tuple(ledger.agents)[20:]:
            ledger.mark_unconfirmed((agent_id,))
            ledger.retract(agent_id)
            if at == "roster":
                ledger.withdraw(agent_id)
        if at == "roster":
            ledger.roster = replace(ledger.roster, agents=20, total=5000, settled=False)
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.Event().wait()

    monkeypatch.setattr("cxone_rollcall.cli.session.call_roll", interrupted)
    assert run(["states", "--demo", "--format", format_]) == 130
    captured = capsys.readouterr()
    assert ("agents without an answer: not listed" in captured.err) is (format_ == "table" and at == "states")
    assert ("4980 more on the roster not read" in captured.err) is (at == "roster")
    if format_ == "table":
        assert "  unknown  " not in captured.out


@pytest.mark.skipif(os.name != "posix", reason="Windows has no pseudo-terminal")
@pytest.mark.parametrize(
    ("command", "reader", "shows"),
    [("check", "", True), ("check", " | cat", False), ("states", "", False), ("states", " | cat", False)],
)
def test_progress_never_garbles_what_is_read(command: str, reader: str, *, shows: bool, tmp_path: Path) -> None:
    """Progress is drawn only if the terminal has nothing else to show."""
    ours, theirs = os.openpty()
    line = f"{shlex.quote(sys.executable)} -m cxone_rollcall {command} --demo{reader}"
    with subprocess.Popen(["sh", "-c", line], stdin=theirs, stdout=theirs, stderr=theirs, cwd=tmp_path):
        os.close(theirs)
        shown = b""
        with suppress(OSError):  # how Linux says that the other end is closed
            while piece := os.read(ours, 65_536):
                shown += piece
    os.close(ours)
    assert (b"requesting a token" in shown or b"roster " in shown.partition(b"agents logged in")[0]) is shows


@pytest.mark.parametrize("command", ["states", "agents"])
def test_hostile_names_are_shown_safely_and_kept_exactly(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Escapes and bidi marks in names never reach the terminal. JSON keeps every name; CSV has no formula."""
    fault = ["--demo", "--fault", "hostile-names"]
    run([command, *fault])
    table = capsys.readouterr().out
    assert all(character == "\n" or character.isprintable() for character in table)
    run([command, *fault, "--format", "json"])
    names = {agent["name"] for agent in json.loads(capsys.readouterr().out)}
    assert any("\x1b" in name for name in names)
    assert any("\u202e" in name for name in names)
    run([command, *fault, "--format", "csv"])
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out, newline="")))
    assert {row["name"].removeprefix("'") for row in rows} == {name.removeprefix("'") for name in names}
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


SEEN = "Break, Available, Not Ready, Busy"


@pytest.mark.parametrize(
    ("state", "code", "said"),
    [
        ("Availible", 2, "did you mean Available?\n  rollcall states --state Available\n"),
        ("available", 0, ""),
        ("LoggedIn", 0, f"No agent is in state 'LoggedIn'. States seen: {SEEN}.\n"),
        ("Gone Fishing", 0, f"No agent is in state 'Gone Fishing'. States seen: {SEEN}.\n"),
    ],
)
def test_a_misspelt_state_is_an_error(state: str, code: int, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt state ends with 2 and the right one. A state that no agent is in is no error."""
    assert run(["states", "--demo", "--state", state]) == code
    captured = capsys.readouterr()
    assert said in captured.err
    assert bool(captured.out.count("\n") > 1) is (state == "available")


@pytest.mark.parametrize("command", [["states", "--state"], ["states", "--agent"], ["agents", "--team"]])
def test_an_empty_name_selects_no_agent(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """An empty option, as from an unset shell variable, ends with 2."""
    assert run([*command, "", "--demo"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert f"{command[-1]} is empty" in captured.err
