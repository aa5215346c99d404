"""`rollcall help`: explains a command, a topic, a setting or a finding."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from io import StringIO

import click

from cxone_rollcall.cli import tab_key, terminal
from cxone_rollcall.cli.commands import COMMANDS
from cxone_rollcall.cli.topics import TOPICS, markdown
from cxone_rollcall.errors import SettingError

CELLS = 94
"""Most cells of a topic's lines. Longer ones are hard to read."""


@click.command()
@click.argument("topic", metavar="[TOPIC]...", nargs=-1, shell_complete=tab_key.completed_by(tab_key.topics))
def command(topic: tuple[str, ...]) -> int:
    """Explain a topic, or list all topics.

    TOPIC is a command (auth login), a topic (exit-codes), a setting (CXONE_INSTANCE) or a finding (RC406).
    """
    if not topic:
        terminal.say("\n".join(_overview()))
        return 0
    text = _of_command(topic) or _of_topic("-".join(topic))
    if text is None:
        from cxone_rollcall.model.closest_match import closest_match

        near = closest_match(" ".join(topic), (*COMMANDS, *TOPICS))
        hint = f"rollcall help {near}" if near else "rollcall help"
        raise SettingError(f"there is no help on {' '.join(topic)!r}", example=hint)
    terminal.say(text)
    return 0


def _overview() -> Iterator[str]:
    cells = max(map(len, (*COMMANDS, *TOPICS))) + 2
    yield "Usage: rollcall help [TOPIC]..."
    for title, lines in (("Commands", COMMANDS), ("Topics", TOPICS)):
        yield f"\n{title}:"
        yield from (f"  {name:{cells}}{about}" for name, about in lines.items())
    yield "\nAlso a setting, as in rollcall help CXONE_INSTANCE, and a finding: rollcall help RC406"


def _of_command(words: Sequence[str]) -> str | None:
    """The help of a command, as `--help` prints it. None if there is no such command."""
    context = click.get_current_context().find_root()
    for word in words:
        group = context.command
        found = group.get_command(context, word) if isinstance(group, click.Group) else None
        if found is None:
            return None
        context = found.make_context(word, [], parent=context, resilient_parsing=True)
    return context.command.get_help(context)


def _of_topic(word: str) -> str | None:
    """The text of a topic, a setting or a finding. Letter case does not matter."""
    from cxone_rollcall.config.definitions import BY_VARIABLE
    from cxone_rollcall.findings.catalogue import by_code
    from cxone_rollcall.findings.page import page_of, plain

    name = "settings" if word.upper() in BY_VARIABLE else word.casefold()
    if name in TOPICS:
        return shown(markdown(name), min(terminal.cells() or CELLS, CELLS))
    found = by_code(word)
    return plain(page_of(found)).rstrip() if found else None


def shown(text: str, cells: int) -> str:
    """Markdown as plain lines of at most this many cells. A link is only its words."""
    from rich.console import Console
    from rich.markdown import Markdown

    lines = StringIO()
    Console(file=lines, width=cells, color_system=None).print(Markdown(text))
    text = "\n".join(line.rstrip() for line in lines.getvalue().splitlines())
    return re.sub("\n{3,}", "\n\n", text).strip("\n")
