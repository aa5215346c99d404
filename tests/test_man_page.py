"""The man page has every command and option, and mandoc accepts it."""

from __future__ import annotations

import importlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from cxone_rollcall.cli.commands import COMMANDS
from cxone_rollcall.config.definitions import SETTINGS

PAGE = Path(__file__).parents[1] / "docs" / "rollcall.1"


def read() -> str:
    """The page as troff reads it, without escapes of dashes."""
    return PAGE.read_text(encoding="utf-8").replace("\\-", "-")


def commands() -> Iterator[tuple[str, click.Command]]:
    """Each command and subcommand with the words that run it."""
    for name in COMMANDS:
        command = importlib.import_module(f"cxone_rollcall.cli.{name}").command
        yield f"rollcall {name}", command
        if isinstance(command, click.Group):
            yield from ((f"rollcall {name} {below}", one) for below, one in command.commands.items())


def test_each_command_and_option_is_on_the_page() -> None:
    """Each command has a section with all its options."""
    sections = read().split("\n.SS ")
    found = {section.partition("\n")[0]: section for section in sections[1:]}
    assert list(found) == [path for path, _ in commands()]
    for path, command in commands():
        options = [one for one in command.params if isinstance(one, click.Option)]
        assert [one.opts[-1] for one in options if one.opts[-1] not in found[path]] == []


def test_each_setting_is_on_the_page() -> None:
    """The section ENVIRONMENT has each setting."""
    environment = read().partition("\n.SH ENVIRONMENT\n")[2]
    assert [one.variable for one in SETTINGS if f".TP\n.B {one.variable}\n" not in environment] == []


@pytest.mark.parametrize(
    ("reader", "options", "accepted"),
    [("mandoc", ["-Tlint"], 'missing date, using "": TH'), ("man", ["--warnings", "-l"], None)],
)
def test_readers_find_no_fault(reader: str, options: list[str], accepted: str | None) -> None:
    """Mandoc and groff accept the page. It has no date, because the same code gives the same page."""
    if shutil.which(reader) is None:
        pytest.skip(f"{reader} is not installed")
    done = subprocess.run([reader, *options, str(PAGE)], capture_output=True, text=True, check=False)
    complaints = (done.stdout if reader == "mandoc" else done.stderr).splitlines()
    assert [one for one in complaints if accepted is None or accepted not in one] == []
