"""Formats by a file's name, suggestions, versions, styles."""

from __future__ import annotations

import platform
import shlex
import sys
from importlib import metadata
from pathlib import Path

import pytest

from cxone_rollcall.cli import terminal
from cxone_rollcall.cli.entry import entry
from cxone_rollcall.cli.main import run
from cxone_rollcall.model.shell import command_line, pip_install, quoted
from cxone_rollcall.version import __version__


@pytest.mark.parametrize(
    ("command", "name", "begins"),
    [
        ("check", "out.html", "<!DOCTYPE html>"),
        ("check", "out.CSV", "\ufeffagent_id,"),
        ("check", "out.txt", "81 of 120"),
        ("states", "out.ndjson", '{"agent_id"'),
        ("agents", "out.json", "["),
    ],
)
def test_the_format_follows_the_name_of_the_file(command: str, name: str, begins: str, tmp_path: Path) -> None:
    """`-o` chooses the format by the end of the file's name. CSV files begin with a mark for Excel."""
    path = tmp_path / name
    assert run([command, "--demo", "-o", str(path)]) == 0
    assert path.read_bytes().decode("utf-8").startswith(begins)


def test_a_name_of_a_format_that_the_command_lacks_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file name that asks for another command's format is an error. Nothing is written."""
    path = tmp_path / "it's.html"
    assert run(["states", "--demo", "-o", str(path)]) == 2
    err = capsys.readouterr().err
    assert "asks for html, which rollcall states does not have: table, json, ndjson, csv" in err
    assert shlex.split(err.splitlines()[-1]) == ["--format", "table", "-o", str(path)]
    assert not path.exists()


def test_csv_in_a_pipe_has_no_mark(capsys: pytest.CaptureFixture[str]) -> None:
    """The mark is for files only. A pipe has none."""
    assert run(["states", "--demo", "--format", "csv"]) == 0
    assert capsys.readouterr().out.startswith("agent_id,")


@pytest.mark.parametrize(
    ("typed", "said"),
    [("chekc", "did you mean: rollcall check"), ("whyy", "did you mean: rollcall why"), ("zzz", "the commands are: ")],
)
def test_a_misspelt_command_gets_a_suggestion(typed: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown command ends with 2. The most similar one, or all, are named."""
    assert run([typed]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--client-secret", "--client-secret=hunter2", "--access-key-secret"])
def test_a_secret_as_an_option_names_its_variable(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    """No option takes a secret. The message names the variable, and repeats no value."""
    assert run(["check", option]) == 2
    err = capsys.readouterr().err
    variable = "CXONE_" + option.partition("=")[0].strip("-").replace("-", "_").upper()
    assert f"Set {variable} in the file .env or in the environment" in err
    assert "--client-id" not in err
    assert "hunter2" not in err


REQUIRED = (
    "aiohttp>=3.12",
    "msgspec<0.22,>=0.21",
    "rich",
    "no-such-library~=1.0",
    "click[x]==8; sys_platform == 'win32'",
    'duckdb>=1.4; extra == "parquet"',
)


@pytest.mark.parametrize("arguments", ["--version -v", "-v --version", "--version --verbose"])
def test_the_version_names_python_platform_and_libraries(
    arguments: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--version -v` prints what a report of a fault needs. Extras are left out."""
    monkeypatch.setattr(metadata, "requires", lambda name: list(REQUIRED) if name == "cxone-rollcall" else None)
    monkeypatch.setattr(sys, "argv", ["rollcall", *arguments.split()])
    entry()
    assert capsys.readouterr().out.splitlines() == [
        f"rollcall {__version__}",
        f"Python {platform.python_version()} ({platform.python_implementation()})",
        platform.platform(),
        *(f"{name} {metadata.version(name)}" for name in ("aiohttp", "msgspec", "rich")),
        "no-such-library is not installed",
        f"click {metadata.version('click')}",
    ]


@pytest.mark.parametrize(
    ("environ", "terminal_", "pipe"),
    [
        ({}, True, False),
        ({"TERM": "xterm"}, True, False),
        ({"NO_COLOR": ""}, True, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"CLICOLOR_FORCE": "1", "TERM": "dumb"}, True, True),
        ({"FORCE_COLOR": "0"}, True, False),
        ({"FORCE_COLOR": "", "CLICOLOR_FORCE": ""}, True, False),
        ({"CLICOLOR": "0"}, False, False),
        ({"CLICOLOR": "1"}, True, False),
        ({"TERM": "dumb"}, False, False),
    ],
)
def test_the_usual_variables_decide_about_bold_text(environ: dict[str, str], *, terminal_: bool, pipe: bool) -> None:
    """NO_COLOR, FORCE_COLOR, CLICOLOR and TERM=dumb are honoured."""
    assert terminal.is_styled(environ, on_terminal=True) is terminal_
    assert terminal.is_styled(environ, on_terminal=False) is pipe


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("30000000001", "30000000001"),
        ("Ann Lee", "'Ann Lee'"),
        ("Miles O'Neill", '"Miles O\'Neill"'),
        ("", "''"),
        ("O'$(id)", "'O'\"'\"'$(id)'"),
        ("it's `id`", "'it'\"'\"'s `id`'"),
    ],
)
def test_words_to_paste_are_safe_and_readable(text: str, shown: str) -> None:
    """A shell reads a quoted word back and runs nothing. An apostrophe stays readable."""
    assert quoted(text) == shown
    assert shlex.split(command_line(["rollcall", "why", text])) == ["rollcall", "why", text]


@pytest.mark.parametrize("command", ["check", "states", "agents"])
def test_a_misspelt_team_lists_the_teams(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown team is named. So are the most similar one and all teams."""
    assert run([command, "--demo", "--team", "Biling", "--team", "Claims"]) == 1
    captured = capsys.readouterr()
    said = captured.out + captured.err
    assert 'no agent is in team "Biling"; did you mean "Billing"?' in said
    assert "the teams of this roster: Billing, Bookings, Claims" in said


def test_a_refused_request_shows_the_scopes_that_were_granted(capsys: pytest.CaptureFixture[str]) -> None:
    """-vv shows the scopes of a token response, and hides its token."""
    assert run(["check", "--demo", "-vv"]) == 0
    (line,) = [line for line in capsys.readouterr().err.splitlines() if '"scope"' in line]
    assert '"scope": "agent:read presence:read"' in line
    assert '"access_token": "***"' in line


@pytest.mark.parametrize(
    ("contract", "fault"),
    [
        ("incontact", "own-user-only"),
        ("v2", "roster-empty"),
        ("incontact", "hidden-agents"),
        ("incontact", "skip-ignored"),
    ],
)
def test_what_confirms_a_cause_is_not_its_fix(contract: str, fault: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The lines "confirm" and "fix" of a finding say two things."""
    run(["check", "--demo", "--contract", contract, "--fault", fault])
    lines = [line.split(None, 1) for line in capsys.readouterr().out.splitlines() if line.startswith(" " * 8)]
    said = {label: set(text.split()) for label, text in lines if label in ("confirm", "fix")}
    assert len(said["confirm"] & said["fix"]) < len(said["confirm"]) * 2 / 3


@pytest.mark.parametrize(
    ("command", "hint"),
    [
        (["check"], "rollcall states --demo --fault batch-cut"),
        (["why", "30000000001"], "rollcall why 30000000001 --expect-logged-in --demo --fault batch-cut"),
    ],
)
def test_a_command_to_type_is_for_the_same_tenant(
    command: list[str], hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A hint keeps the options that chose the tenant."""
    assert run([*command, "--demo", "--fault", "batch-cut", "--client-id", "me"]) == 0
    out = capsys.readouterr().out
    assert hint in " ".join(out.split())
    assert "--client-id" not in out


def test_a_library_is_installed_for_this_python() -> None:
    """The command names the Python that runs rollcall."""
    assert shlex.split(pip_install("mcp>=2.3")) == [sys.executable, "-m", "pip", "install", "mcp>=2.3"]
