"""The help of each command, and of each topic."""

from __future__ import annotations

import importlib

import click
import pytest

from cxone_rollcall.cli.commands import COMMANDS
from cxone_rollcall.cli.help import CELLS, shown
from cxone_rollcall.cli.main import run
from cxone_rollcall.cli.topics import TOPICS, markdown
from cxone_rollcall.config.definitions import SETTINGS
from cxone_rollcall.findings.account import EXIT_CODES


def subcommands() -> list[tuple[str, ...]]:
    """Each command and each of its subcommands, as words."""
    found: list[tuple[str, ...]] = []
    for name in COMMANDS:
        found.append((name,))
        command = importlib.import_module(f"cxone_rollcall.cli.{name}").command
        if isinstance(command, click.Group):
            found.extend((name, below) for below in command.commands)
    return found


@pytest.mark.parametrize("words", subcommands(), ids=" ".join)
def test_each_command_has_help(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """--help and -h print the same page, with the usage."""
    pages = []
    for option in ("--help", "-h"):
        assert run([*words, option]) == 0
        out, err = capsys.readouterr()
        assert err == ""
        pages.append(out)
    assert pages[0] == pages[1]
    assert pages[0].startswith(f"Usage: rollcall {' '.join(words)} ")


def test_the_overview_names_each_command(capsys: pytest.CaptureFixture[str]) -> None:
    """`rollcall --help` lists all commands with a line of text each."""
    assert run(["--help"]) == 0
    listed = {
        line.split()[0]: line.split(maxsplit=1)[1]
        for line in capsys.readouterr().out.splitlines()
        if line[:2] == "  " and line.split()[0] in COMMANDS
    }
    assert listed == COMMANDS


@pytest.mark.parametrize("words", subcommands(), ids=" ".join)
def test_help_on_a_command(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """`rollcall help COMMAND` prints what `rollcall COMMAND --help` prints."""
    assert run([*words, "--help"]) == 0
    page = capsys.readouterr().out
    assert run(["help", *words]) == 0
    assert capsys.readouterr().out == page


def test_help_lists_what_it_explains(capsys: pytest.CaptureFixture[str]) -> None:
    """`rollcall help` names each command and each topic."""
    assert run(["help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert {line.split()[0] for line in lines if line.startswith("  ")} == {*COMMANDS, *TOPICS}
    assert [line for line in lines if line.endswith(":")] == ["Commands:", "Topics:"]
    assert COMMANDS.keys().isdisjoint(TOPICS)


@pytest.mark.parametrize("topic", TOPICS)
def test_help_on_a_topic(topic: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A topic is plain text without Markdown, in lines that fit."""
    assert run(["help", topic.upper()]) == 0
    out = capsys.readouterr().out
    assert out == shown(markdown(topic), CELLS) + "\n"
    assert out.splitlines()[0]
    assert run(["help", *topic.split("-")]) == 0
    assert capsys.readouterr().out == out
    assert max(map(len, out.splitlines())) <= CELLS
    assert not any(mark in out for mark in ("**", "](", "| ---", "```", "\n\n\n"))
    narrow = shown(markdown(topic), 60)
    assert max(map(len, narrow.splitlines())) <= 60


def test_every_exit_code_is_explained() -> None:
    """The topic exit-codes has a row for each verdict, with its code."""
    rows = [
        line.split()[:2] for line in shown(markdown("exit-codes"), CELLS).splitlines() if line.strip()[:1].isdigit()
    ]
    assert {(str(code), str(verdict)) for verdict, code in EXIT_CODES.items()} < {tuple(row) for row in rows}


def test_every_setting_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    """A setting leads to the topic settings, which has them all."""
    assert run(["help", "cxone_instance"]) == 0
    out = capsys.readouterr().out
    assert [setting.variable for setting in SETTINGS if f" {setting.variable} " not in out] == []


def test_help_on_a_finding(capsys: pytest.CaptureFixture[str]) -> None:
    """A finding leads to its page, by code or name."""
    assert run(["explain", "RC406"]) == 0
    page = capsys.readouterr().out
    for word in ("rc406", "state-filter-hides"):
        assert run(["help", word]) == 0
        assert capsys.readouterr().out == page


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["exit-code"], "rollcall help exit-codes"),
        (["chekc"], "rollcall help check"),
        (["auth", "logn"], "rollcall help auth"),
        (["check", "extra"], "rollcall help check"),
        ([""], "rollcall help"),
    ],
)
def test_unknown_topics(words: list[str], hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A topic that does not exist is refused with a suggestion."""
    assert run(["help", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == f"rollcall: there is no help on {' '.join(words)!r}\n  {hint}\n"
