"""`rollcall history`: check, forget and export."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cxone_rollcall.cli import terminal
from cxone_rollcall.cli.options import history_option, not_blank
from cxone_rollcall.errors import HistoryError, OutputError, SettingError
from cxone_rollcall.model.wording import counted

if TYPE_CHECKING:
    from cxone_rollcall.history.checking import Checked


@click.group()
def command() -> None:
    """Check a history file, delete a person from it, or export it."""


@command.command(short_help="Prove that a history file is sound.")
@history_option
@click.option(
    "--save-to",
    "other",
    metavar="OTHER",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Save what can be read of a damaged file to this new file.",
)
def check(history: Path, other: Path | None) -> int:
    """Check that nothing is damaged, and that every moment has its interval.

    Each moment of each agent on the roster must lie in exactly one interval, gaps included. Works also while the file
    is recorded.

    Exit codes: 0 if all is well; 1 if a promise is broken, with the first one; 2 if FILE is no history.
    """
    if other is not None and other.exists():
        raise SettingError(f"{other} exists already: name a new file", example="--save-to saved.db")
    checked = _checked(history)
    if not checked.breach:
        terminal.say(f"{history} is sound: {_contents(checked)}")
        return 0
    terminal.say(f"{history}: {checked.breach}")
    if other is not None:
        _save(history, other)
    else:
        from cxone_rollcall.model.shell import command_line

        words = ("rollcall", "history", "check", "--history", str(history), "--save-to", "saved.db")
        terminal.note(f"what can be read of it can be saved: {command_line(words)}")
    return 1


def _checked(file: Path) -> Checked:
    from cxone_rollcall.history.checking import check as checked_file

    with terminal.status_line("checking the pages of the file") as show:
        return checked_file(file, lambda done, of: show(f"checking hour {done:,} of {of:,}"))


def _contents(checked: Checked) -> str:
    numbers = (checked.agents, "agent"), (checked.intervals, "interval"), (checked.polls, "poll")
    counts = ", ".join(counted(*one) for one in numbers)
    if not checked.polls:
        return counts
    first, last = (datetime.fromtimestamp(at / 1000, UTC) for at in (checked.first, checked.last))
    return f"{counts}, {first:%Y-%m-%d %H:%M:%S} to {last:%Y-%m-%d %H:%M:%S} UTC"


def _save(file: Path, other: Path) -> None:
    import sqlite3

    from cxone_rollcall.history.saving import save

    try:
        with terminal.status_line("saving what can be read"):
            saved = save(file, other)
    except (sqlite3.Error, OSError, HistoryError) as error:
        other.unlink(missing_ok=True)
        if isinstance(error, HistoryError):
            raise
        raise OutputError(f"cannot write to {other}: {error}") from error
    breach = _checked(other).breach
    terminal.say(
        f"{other} has {counted(saved.intervals, 'interval')} as they were, and {counted(saved.gaps, 'gap')} for what"
        " could not be read" + (f"; it is not sound: {breach}" if breach else "; it is sound")
    )


@command.command(short_help="Delete a person from a history file.")
@click.argument("agent", callback=not_blank)
@history_option
def forget(agent: str, history: Path) -> int:
    """Delete AGENT and all that was recorded of it, for good.

    AGENT is an id, user name, e-mail or name. The file is written anew, so that no free page keeps anything; it needs
    room for a second copy meanwhile. A file that is being recorded cannot be changed.
    """
    from cxone_rollcall.history.people import find_agent
    from cxone_rollcall.history.reading import reading
    from cxone_rollcall.history.store import writing

    with reading(history):
        pass  # a file that is no history must not become one
    with writing(history) as store:
        with reading(history) as read:
            number, known = find_agent(read, agent)
        with terminal.status_line("writing the file anew"):
            store.forget(number)
    terminal.say(f"{history} has nothing of {known.name or known.user_name or 'the agent'} ({known.agent_id}) any more")
    return 0


@command.command(short_help="Write a history as Parquet or CSV, a file a day.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@history_option
@click.option("--format", "format_", type=click.Choice(("parquet", "csv")), default="parquet", show_default=True)
def export(folder: Path, history: Path, format_: str) -> int:
    """Write the intervals to DIR, one file for each day.

    A file is named after its day, UTC, and replaces an older one. An interval over midnight is cut. Gaps are rows with
    the standing unknown and their cause, so the seconds of an agent's day sum up to 86,400 if it was recorded and on
    the roster all day.
    """
    from cxone_rollcall.cli.history_files import write_day
    from cxone_rollcall.history.export import days
    from cxone_rollcall.history.parquet import need_duckdb
    from cxone_rollcall.history.reading import reading

    if format_ == "parquet":
        need_duckdb()
    with reading(history) as read, terminal.status_line("exporting") as show:
        written = 0
        for day, window in days(read):
            show(f"exporting {day}")
            write_day(read, window, folder / f"{day}.{format_}")
            written += 1
    terminal.say(f"{counted(written, 'day')} written to {folder}")
    return 0
