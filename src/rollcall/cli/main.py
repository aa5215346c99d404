"""The entry: commands loaded when they are used, exit codes, and the one place that catches and prints errors."""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING

import click

from rollcall.errors import OutputError, RollcallError, SettingError
from rollcall.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

USAGE = 2
CANNOT_TELL = 3
INTERRUPTED = 130

COMMANDS = {
    "check": "Call the roll: account for every agent, and prove why one is missing.",
    "states": "Who is in which state.",
    "agents": "The roster.",
    "auth": "Which identity, scopes and life the token has.",
    "explain": "The page of a finding, or the catalogue.",
    "emulate": "Run an emulated tenant.",
}
"""Each command is `command` in the file of its name; the text here lets `--help` read none of them."""


class LazyGroup(click.Group):
    """Imports a command's file when that command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order in which a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command, None where there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"rollcall.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Without an account: rollcall check --demo",
)
@click.version_option(__version__, message="rollcall %(version)s")
def cli() -> None:
    """Every CXone agent accounted for: who is logged in, in which state, and why one is missing."""


def entry() -> None:
    """Run the command line as a process: its exit code is the process's."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit code; every error is printed here, in words, on stderr."""
    try:
        result = cli.main(list(arguments), prog_name="rollcall", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as done:
        return done.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001  no traceback reaches a user
        return _report(error)
    return result if isinstance(result, int) else 0


def _report(error: BaseException) -> int:
    """Say in words what went wrong, and return the exit code that goes with it."""
    while isinstance(error, BaseExceptionGroup):  # raised by one of several tasks: the first one tells
        error = error.exceptions[0]
    match error:
        case click.ClickException():
            error.show()
            return USAGE
        case BrokenPipeError():  # whoever read our output has read enough (`| head`)
            _forget_stdout()
            return 0
        case SettingError():
            _print(str(error), after=error.example)
            return USAGE
        case OutputError():
            _print(str(error))
            return USAGE
        case OSError():
            _print(f"the output could not be written: {error.strerror or error}")
            _forget_stdout()
            return USAGE
        case RollcallError():
            _print(str(error))
            return CANNOT_TELL
    if os.environ.get("ROLLCALL_TRACEBACK"):
        raise error
    _print(
        f"this is a mistake of rollcall's own: {type(error).__name__}: {error}",
        after="ROLLCALL_TRACEBACK=1 shows where; please report it with that",
    )
    return CANNOT_TELL


def _print(message: str, *, after: str = "") -> None:
    click.echo(f"rollcall: {message}", err=True)
    for line in after.splitlines():
        click.echo(f"  {line}", err=True)


def _forget_stdout() -> None:
    """Keep the interpreter from flushing what cannot be written, which would print an error after our own."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
