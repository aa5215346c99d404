"""Writes the man page `rollcall.1` from the help of the commands. `generate.py` calls it.

The language is man(7), of which only `.TH`, `.SH`, `.SS`, `.TP`, `.PP` and `.nf` are used: groff and mandoc know them.
"""

from __future__ import annotations

import importlib
import inspect
import re
import textwrap
from collections.abc import Iterable, Iterator

import click

from cxone_rollcall.cli import commands, topics
from cxone_rollcall.cli.main import cli
from cxone_rollcall.version import __version__

CHARACTERS = 78
"""Of a line of the source; mandoc wants no more than 80."""


def man_page() -> bytes:
    """The man page, with a section for each command and subcommand."""
    return ("\n".join(_lines()) + "\n").encode()


def _lines() -> Iterator[str]:
    yield '.\\" Written by docs/generate.py from the help of the commands; do not edit.'
    # Without a date: the same code gives the same page.
    yield f'.TH ROLLCALL 1 "" "rollcall {__version__}" "User Commands"'
    yield ".nh\n.ad l"  # what is hyphenated or stretched cannot be copied
    yield ".SH NAME"
    purpose = commands.PURPOSE.rstrip(".")
    yield "rollcall \\-\n" + _text(purpose[0].lower() + purpose[1:])
    yield ".SH SYNOPSIS"
    yield ".B rollcall\n.I COMMAND\n[OPTIONS]..."
    yield ".PP"
    yield ".B rollcall help\n[TOPIC]..."
    yield ".SH DESCRIPTION"
    yield _text("Each command is described below. To try one without an account: rollcall check --demo")
    yield ".SH COMMANDS"
    root = click.Context(cli, info_name="rollcall", **cli.context_settings)
    for name in commands.COMMANDS:
        command = importlib.import_module(f"cxone_rollcall.cli.{name}").command
        yield from _command(command, _context(command, name, root))
    for title, name in (("EXIT STATUS", "exit-codes"), ("ENVIRONMENT", "settings")):
        yield f".SH {title}"
        yield from _markdown(topics.markdown(name))
    yield ".SH FILES"
    yield from _entry(".env", "Settings of the working directory.")
    yield from _entry("~/.config/rollcall/config.toml", "Profiles; on macOS and Windows in the folder for settings.")


def _context(command: click.Command, name: str, parent: click.Context) -> click.Context:
    return command.make_context(name, [], parent=parent, resilient_parsing=True)


def _command(command: click.Command, context: click.Context) -> Iterator[str]:
    yield f".SS {_text(context.command_path)}"
    usage = " ".join(command.collect_usage_pieces(context))
    yield f".B {_text(context.command_path)}\n{_text(usage)}"
    for paragraph in inspect.cleandoc(command.help or "").split("\n\n"):
        yield ".PP"
        # click keeps the lines of a paragraph that begins with this mark.
        yield from _lines_kept(paragraph.splitlines()[1:]) if paragraph.startswith("\b") else [_text(paragraph)]
    for parameter in command.params:
        record = parameter.get_help_record(context)
        if record is not None and isinstance(parameter, click.Option):
            yield from _entry(*record)
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from _command(below, _context(below, name, context))


def _entry(name: str, about: str) -> Iterator[str]:
    yield f".TP\n.B {_text(name)}\n{_text(about)}"


def _lines_kept(lines: Iterable[str]) -> Iterator[str]:
    yield ".nf"
    yield from map(_text, lines)
    yield ".fi"


def _markdown(text: str) -> Iterator[str]:
    """A topic as troff. Of its tables remain the first and the last column."""
    for number, block in enumerate(text.strip().split("\n\n")):
        if number and not block.startswith("|"):
            yield ".PP"
        if block.startswith("|"):
            _, _, *rows = block.splitlines()
            for row in rows:
                name, *_, about = (cell.strip() for cell in row.strip("|").split(" | "))
                yield from _entry(_plain(name), _plain(about))
        elif re.match("1[.] |- ", block):
            yield from _lines_kept(_plain(block).splitlines())
        else:
            yield _text(_plain(block))


def _plain(markdown: str) -> str:
    """Text without code marks, bold marks and the targets of links."""
    return re.sub(r"[`]|\*\*", "", re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", markdown))


def _text(text: str) -> str:
    """Text as troff reads it literally, in short lines. A line with a leading dot or apostrophe would be a request."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    lines = textwrap.wrap(escaped, CHARACTERS, break_long_words=False, break_on_hyphens=False)
    return "\n".join(f"\\&{line}" if line.startswith((".", "'")) else line for line in lines)
