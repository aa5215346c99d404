"""Terminal or pipe: where data, progress and the log of requests go."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TextIO

import click

from cxone_rollcall.cli.signals import unfinished
from cxone_rollcall.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cxone_rollcall.model.exchange import Exchange


_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
LONGEST_TARGET = 120
"""Cells of an address, or of what came instead of an answer, that `-v` shows; `-vv` shows all of it.

A question for a hundred ids is ten times as long.
"""


class Output:
    """Writes bytes to stdout, or to a file that appears whole or not at all.

    What is there and is no file, such as a device or a pipe, is written to as it stands: replacing it would destroy it.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._stream = _stdout().buffer if path is None else None
        self._beside: Path | None = None

    def __enter__(self) -> Output:
        if self._path is not None:
            try:
                self._path = self._path.resolve()  # a link stays one: what it leads to is replaced
                if self._path.exists() and not self._path.is_file():
                    self._file = self._path.open("wb")
                else:
                    self._beside = self._path.with_name(f".{self._path.name}.{os.urandom(8).hex()}")
                    unfinished.add(str(self._beside))  # before it is there: a signal may come at any moment
                    self._file = os.fdopen(os.open(self._beside, _NEW, 0o600), "wb")
            except OSError as error:
                raise OutputError(f"cannot write to {self._path}: {error.strerror}") from error
            self._stream = self._file
        return self

    def write(self, data: bytes) -> None:
        """Write, and raise `OutputError` where the disk is full or the file cannot be written."""
        if self._stream is None:
            raise RuntimeError("Output is used inside 'with'")
        try:
            self._stream.write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(f"cannot write to {self._path or 'stdout'}: {error.strerror}") from error

    def flush(self) -> None:
        """Let a reader see what has been written so far."""
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
            if kind is None:  # else what has ended the writing is what is told
                raise OutputError(f"cannot write to {self._path}: {error.strerror}") from error
        finally:
            if self._beside is not None:
                with suppress(OSError):
                    self._beside.unlink()
                unfinished.discard(str(self._beside))


def say(text: str, *, end: str = "\n") -> None:
    """Print to stdout; raises `OutputError` where there is none."""
    need_stdout()
    click.echo(f"{text}{end}", nl=False)


def need_stdout() -> None:
    """Raise `OutputError` where stdout was closed from the start (`>&-`), before anything is asked in vain."""
    _stdout()


def _stdout() -> TextIO:
    stdout: TextIO | None = sys.stdout  # None where the process was started without it
    if stdout is None:
        raise OutputError("cannot write to stdout: it is closed")
    return stdout


def cells() -> int | None:
    """Return how many columns the terminal has; None where stdout is none, so that a pipe gets whole lines."""
    if not sys.stdout.isatty():
        return None
    from shutil import get_terminal_size

    return get_terminal_size().columns


def shown() -> Callable[[str], str]:
    """Return what becomes of each text of a CSV on stdout: a terminal is shown escapes, a pipe gets it as it is."""
    from cxone_rollcall.views.text import printable

    stdout: TextIO | None = sys.stdout
    return printable if stdout is not None and stdout.isatty() else str


def strong(text: str) -> str:
    """Mark what should catch the eye, on a terminal that may be coloured: NO_COLOR is honoured."""
    return click.style(text, bold=True) if sys.stdout.isatty() and not os.environ.get("NO_COLOR") else text


def note(text: str) -> None:
    """Print a hint or a log line to stderr."""
    click.echo(text, err=True)


def watcher(verbosity: int) -> Callable[[Exchange], None] | None:
    """Return what prints each exchange: a line with `-v`, headers and bodies too with `-vv`, nothing without."""
    if not verbosity:
        return None
    from cxone_rollcall.views.text import brief, printable

    def show(exchange: Exchange) -> None:
        outcome = str(exchange.status) if exchange.status is not None else f"- {exchange.fault}"
        texts = (exchange.method, exchange.target, outcome)
        shown = (printable(text) if verbosity > 1 else brief(text, LONGEST_TARGET) for text in texts)
        note(f"#{exchange.number} {' '.join(shown)} {exchange.milliseconds:.0f} ms")
        if verbosity > 1:
            show_content(">", exchange.request_headers, exchange.request_body)
            show_content("<", exchange.response_headers, exchange.response_body)

    def show_content(mark: str, headers: tuple[tuple[str, str], ...], body: str) -> None:
        for name, value in headers:
            note(f"  {mark} {printable(name)}: {printable(value)}")
        for line in body.splitlines():
            note(f"  {mark} {printable(line)}")

    return show


@contextmanager
def progress(counts: Callable[[], tuple[int, int | None, int]], *, shown: bool) -> Iterator[Callable[[], None]]:
    """Show on stderr how far the roll has been called, where that is a terminal; yields what to call at each step.

    `counts` gives (agents read, agents in all or None, agents asked).
    """
    stderr: TextIO | None = sys.stderr  # None where the process was started without it
    if not shown or stderr is None or not stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.status import Status

    with Status("asking for a token", console=Console(stderr=True)) as status:

        def step() -> None:
            read, total, asked = counts()
            of = f" of {total}" if total else ""
            status.update(f"roster {read}{of}   states {asked}")

        yield step
