"""Data to stdout or a file. Progress, notes and the request log go to stderr."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from cxone_rollcall.cli.signals import unfinished
from cxone_rollcall.errors import OutputError

if TYPE_CHECKING:
    from cxone_rollcall.model.exchange import Exchange


_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
LONGEST_TARGET = 120
"""Cells of a path or an error in `-v`. A request for a hundred ids has ten times as many; `-vv` shows all."""


class Output:
    """Writes bytes to stdout, or to a file. The file appears completely or not at all.

    A device or pipe is written to directly, because replacing it would destroy it.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._stream = _stdout().buffer if path is None else None
        self._beside: Path | None = None

    def __enter__(self) -> Output:
        if self._path is not None:
            try:
                self._path = self._path.resolve()  # keeps a symbolic link, and replaces its target
                if self._path.exists() and not self._path.is_file():
                    self._file = self._path.open("wb")
                else:
                    self._beside = self._path.with_name(f".{self._path.name}.{os.urandom(8).hex()}")
                    unfinished.add(str(self._beside))  # before it exists: a signal may come at any time
                    self._file = os.fdopen(os.open(self._beside, _NEW, 0o600), "wb")
            except OSError as error:
                raise OutputError(f"cannot write to {self._path}: {error.strerror}") from error
            self._stream = self._file
        return self

    def write(self, data: bytes) -> None:
        """Write these bytes. Raises `OutputError` if the disk is full or the file cannot be written."""
        if self._stream is None:
            raise RuntimeError("Output is used inside 'with'")
        try:
            self._stream.write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(f"cannot write to {self._path or 'stdout'}: {error.strerror}") from error

    def flush(self) -> None:
        """Pass on what has been written so far."""
        if self._stream is not None:
            self._stream.flush()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._path is None:
            if kind is None:
                self.flush()
            return
        try:
            self._file.close()
            if kind is None and self._beside is not None:
                self._beside.replace(self._path)
        except BrokenPipeError:
            raise
        except OSError as error:
            if kind is None:  # otherwise the first error is reported
                raise OutputError(f"cannot write to {self._path}: {error.strerror}") from error
        finally:
            if self._beside is not None:
                with suppress(OSError):
                    self._beside.unlink()
                unfinished.discard(str(self._beside))


def say(text: str, *, end: str = "\n") -> None:
    """Print to stdout; raises `OutputError` if it is closed."""
    need_stdout()
    click.echo(f"{text}{end}", nl=False)


def need_stdout() -> None:
    """Raise `OutputError` if stdout was closed from the start (`>&-`). Called before any request is sent."""
    _stdout()


def _stdout() -> TextIO:
    stdout: TextIO | None = sys.stdout  # None if the process was started without one
    if stdout is None:
        raise OutputError("cannot write to stdout: it is closed")
    return stdout


def cells() -> int | None:
    """The terminal's columns, or None if stdout is no terminal. A pipe gets unwrapped lines."""
    stdout: TextIO | None = sys.stdout
    if stdout is None or not stdout.isatty():
        return None
    from shutil import get_terminal_size

    return get_terminal_size().columns


def shown() -> Callable[[str], str]:
    """How a CSV shows a text on stdout. It is escaped on a terminal, unchanged in a pipe."""
    from cxone_rollcall.views.text import printable

    stdout: TextIO | None = sys.stdout
    return printable if stdout is not None and stdout.isatty() else str


def strong(text: str) -> str:
    """Bold text, where `is_styled` says so."""
    return click.style(text, bold=True) if is_styled(os.environ, on_terminal=sys.stdout.isatty()) else text


def is_styled(environ: Mapping[str, str], *, on_terminal: bool) -> bool:
    """Whether to style text. Reports have bold text; `watch` and the progress have colours.

    A terminal gets it unless NO_COLOR is set, CLICOLOR is 0 or TERM is dumb; FORCE_COLOR and CLICOLOR_FORCE style
    pipes too (https://no-color.org, https://force-color.org, https://bixense.com/clicolors).
    """
    if environ.get("NO_COLOR"):
        return False
    if any(environ.get(name, "0") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return on_terminal and environ.get("CLICOLOR") != "0" and environ.get("TERM") != "dumb"


def note(text: str) -> None:
    """Print a note to stderr, wrapped between words on a terminal.

    If stderr fails the note is dropped: the report matters more.
    """
    with suppress(OSError, ValueError):  # ValueError: it is closed
        click.echo(_wrapped(text), err=True)


def _wrapped(text: str) -> str:
    stderr: TextIO | None = sys.stderr
    if stderr is None or not stderr.isatty():
        return text
    from cxone_rollcall.views.evidence import hanging

    columns = None
    with suppress(OSError):  # the terminal does not say; some say 0
        columns = os.get_terminal_size(stderr.fileno()).columns or None
    return "\n".join(hanging(line, columns) for line in text.split("\n"))


def watcher(verbosity: int) -> Callable[[Exchange], None] | None:
    """A function that prints each exchange; None without `-v`. One line with `-v`, headers and bodies with `-vv`."""
    if not verbosity:
        return None
    from cxone_rollcall.views.text import brief, contents, printable

    def show(exchange: Exchange) -> None:
        outcome = str(exchange.status) if exchange.status is not None else f"- {exchange.fault}"
        texts = (exchange.method, exchange.target, outcome)
        shown = (printable(text) if verbosity > 1 else brief(text, LONGEST_TARGET) for text in texts)
        note(f"#{exchange.number} {' '.join(shown)} {exchange.milliseconds:.0f} ms")
        for line in contents(exchange) if verbosity > 1 else ():
            note(line)

    return show


def _stdout_leaves_the_terminal() -> bool:
    """Whether stdout is a terminal or a file. What reads a pipe (`less`) may draw on the same terminal."""
    stdout: TextIO | None = sys.stdout
    try:
        return stdout is None or stdout.isatty() or stat.S_ISREG(os.fstat(stdout.fileno()).st_mode)
    except (OSError, ValueError):  # closed, or replaced
        return False


@contextmanager
def status_line(first: str, *, shown: bool = True) -> Iterator[Callable[[str], None]]:
    """One line on stderr that changes, if stderr is a terminal. Yields a function that writes another text in it."""
    stderr: TextIO | None = sys.stderr  # None if the process was started without one
    if not shown or stderr is None or not stderr.isatty() or not _stdout_leaves_the_terminal():
        yield lambda text: None
        return
    from rich.console import Console
    from rich.status import Status

    plain = not is_styled(os.environ, on_terminal=True)
    with Status(first, console=Console(stderr=True, no_color=plain)) as status:

        def show(text: str) -> None:
            with suppress(OSError):  # the terminal is gone
                status.update(text)

        yield show


@contextmanager
def progress(counts: Callable[[], tuple[int, int | None, int]], *, shown: bool) -> Iterator[Callable[[], None]]:
    """Show progress on stderr if it is a terminal.

    Yields a function to call after each step. `counts` returns (agents read, roster size or None, agents with a
    response).
    """
    with status_line("requesting a token", shown=shown) as show:

        def step() -> None:
            read, total, asked = counts()
            of = f" of {total}" if total else ""
            show(f"roster {read}{of}   states {asked}")

        yield step
