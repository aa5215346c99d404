"""The help of each command."""

from __future__ import annotations

import importlib

import click
import pytest

from cxone_rollcall.cli.commands import COMMANDS
from cxone_rollcall.cli.main import run


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
