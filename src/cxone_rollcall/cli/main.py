"""Runs a command and returns its exit code. Only this place catches and prints errors."""

from __future__ import annotations

import errno
import importlib
import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from cxone_rollcall.cli import signals
from cxone_rollcall.cli.commands import COMMANDS, PURPOSE, help_text, version_text
from cxone_rollcall.errors import (
    TOO_MANY_FILES,
    EngineError,
    HistoryError,
    OutputError,
    RollcallError,
    SettingError,
    kind_and_place,
)
from cxone_rollcall.version import __version__

if TYPE_CHECKING:
    from cxone_rollcall.config.definitions import Setting

USAGE = 2
"""The exit code of a wrong option or setting; see `EXIT_CODES`."""


class LazyGroup(click.Group):
    """Imports a command's file when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order in which a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, imported now, or None."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"cxone_rollcall.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command. A misspelt one is an error with a suggestion."""
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            from cxone_rollcall.model.closest_match import closest_match

            near = closest_match(args[0], COMMANDS)
            hint = f"did you mean: rollcall {near}" if near else f"the commands are: {', '.join(COMMANDS)}"
            raise click.UsageError(f"there is no command {args[0]!r}; {hint}", ctx)
        return super().resolve_command(ctx, args)

    def get_help(self, ctx: click.Context) -> str:
        """The help that `entry` prints too, without importing any command."""
        return help_text()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]}, help=PURPOSE)
@click.version_option(__version__, message=version_text())
def cli() -> None:
    """Find and run the command; its help is `commands.help_text`."""


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit code. Every error is printed here, on stderr."""
    try:
        result = cli.main(list(arguments), prog_name="rollcall", standalone_mode=False)
        if sys.stdout is not None:  # None if the process was started without one
            sys.stdout.flush()
    except click.exceptions.Exit as done:
        return done.exit_code
    except SystemExit:  # click raises it when the reader of our output is gone
        return _reader_has_gone()
    except (click.Abort, KeyboardInterrupt):
        return _report(KeyboardInterrupt())
    except Exception as error:  # noqa: BLE001  no traceback reaches a user
        return _report(error)
    return result if isinstance(result, int) else 0


def _report(error: BaseException) -> int:
    """Print what went wrong, and return its exit code."""
    from cxone_rollcall.findings.account import EXIT_CODES, Verdict

    while isinstance(error, BaseExceptionGroup):  # raised by tasks that ran together
        error = error.exceptions[0]
    match error:
        case KeyboardInterrupt():
            _print("interrupted")
            _forget_stdout()
            return signals.INTERRUPTED
        case click.NoSuchOption() if (setting := _secret_setting(error.option_name)) is not None:
            _print(
                f"{error.option_name} does not exist: no option takes a secret, because other users of this machine can"
                f" see the arguments of a command. Set {setting.variable} in the file .env or in the environment.",
                after=setting.line,
            )
            return USAGE
        case click.ClickException():
            with suppress(OSError):
                error.show()
            return USAGE
        case BrokenPipeError():
            return _reader_has_gone()
        case SettingError() | HistoryError():
            _print(str(error), after=error.example)
            return USAGE
        case EngineError():
            _print(str(error), after=error.example)
            return error.exit_code
        case OutputError():
            _print(str(error))
            _forget_stdout()
            return USAGE
        case OSError():
            _print(_cause(error))
            _forget_stdout()
            return USAGE
        case RollcallError():
            _print(str(error))
            return EXIT_CODES[Verdict.CANNOT_TELL]
    if os.environ.get("ROLLCALL_TRACEBACK"):
        raise error
    _print(
        f"internal error: {kind_and_place(error)}",
        after="please report it; ROLLCALL_TRACEBACK=1 shows the traceback, which may hold a secret",
    )
    return EXIT_CODES[Verdict.CANNOT_TELL]


def _secret_setting(option: str) -> Setting | None:
    """The setting that an option without a flag would set, or None."""
    from cxone_rollcall.config.definitions import SETTINGS

    return next((setting for setting in SETTINGS if setting.secret and setting.flag == option), None)


def _cause(error: OSError) -> str:
    """Say what the operating system refused."""
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return TOO_MANY_FILES
    if isinstance(error, FileNotFoundError) and not _has_folder():
        return "the working folder does not exist any more: change to another one (cd)"
    if error.filename is not None:
        return f"{error.filename} cannot be used: {error.strerror}"
    return f"the output could not be written: {error.strerror or error}"


def _has_folder() -> bool:
    try:
        os.getcwd()  # noqa: PTH109  pathlib need not be loaded for this
    except FileNotFoundError:
        return False
    return True


def _print(message: str, *, after: str = "") -> None:
    with suppress(OSError):  # the terminal is gone too
        lines = (*f"rollcall: {message}".split("\n"), *(f"  {line}" for line in after.split("\n") if line))
        click.echo("\n".join(map(_printable, lines)), err=True)


def _printable(line: str) -> str:
    """A line that is safe on a terminal. An error may quote text from a server or file."""
    if line.isascii() and line.isprintable():
        return line
    from cxone_rollcall.views.text import printable

    return printable(line)


def _reader_has_gone() -> int:
    """End quietly: the reader of our output has read enough (`| head`)."""
    _forget_stdout()
    return 0


def _forget_stdout() -> None:
    """Keep the interpreter from flushing stdout at exit. That would print a second error."""
    if sys.stdout is None:
        return
    with suppress(io.UnsupportedOperation):  # a replaced stdout, such as StringIO
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
