"""`rollcall history`: check, forget and export."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cxone_rollcall.cli import terminal
from cxone_rollcall.cli.options import history_option

if TYPE_CHECKING:
    from cxone_rollcall.history.checking import Checked


@click.group()
def command() -> None:
    """Check a history file, delete a person from it, or export it."""


@command.command(short_help="Prove that a history file is sound.")
@history_option
def check(history: Path) -> int:
    """Check that nothing is damaged, and that every moment has its interval.

    Each moment of each agent on the roster must lie in exactly one interval, gaps included. Works also while the file
    is recorded.

    Exit codes: 0 if all is well; 1 if a promise is broken, with the first one; 2 if FILE is no history.
    """
    from cxone_rollcall.history.checking import check as checked_file

    with terminal.status_line("checking the pages of the file") as show:
        checked = checked_file(history, lambda done, of: show(f"checking hour {done:,} of {of:,}"))
    terminal.say(f"{history} is sound: {_contents(checked)}" if not checked.breach else f"{history}: {checked.breach}")
    return 1 if checked.breach else 0


def _contents(checked: Checked) -> str:
    counts = f"{checked.agents:,} agents, {checked.intervals:,} intervals, {checked.polls:,} polls"
    if not checked.polls:
        return counts
    first, last = (datetime.fromtimestamp(at / 1000, UTC) for at in (checked.first, checked.last))
    return f"{counts}, {first:%Y-%m-%d %H:%M:%S} to {last:%Y-%m-%d %H:%M:%S} UTC"
