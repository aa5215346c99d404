"""Keys of the terminal, one at a time. The terminal is restored on every way out."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from cxone_rollcall.cli import signals

_NAMES = {
    "\x1b[A": "up",
    "\x1b[B": "down",
    "\x1bOA": "up",
    "\x1bOB": "down",
    "\x1b[5~": "pgup",
    "\x1b[6~": "pgdn",
    "\x1b[H": "home",
    "\x1b[F": "end",
    "\x1b[1~": "home",
    "\x1b[4~": "end",
    "\r": "enter",
    "\n": "enter",
    "\x7f": "backspace",
    "\x08": "backspace",
    "\x1b": "esc",
}
"""What terminals send for keys with names (xterm, *PC-Style Function Keys*)."""
_MOST = 1024
"""Bytes that are read at once."""


def keys(text: str) -> Iterator[str]:
    """The keys that a terminal sent. Names as in `_NAMES`, else single characters; unknown sequences are dropped."""
    while text:
        name = next((one for one in sorted(_NAMES, key=len, reverse=True) if text.startswith(one)), text[0])
        if name == "\x1b" and text[1:2] in ("[", "O"):
            rest = text[2:].lstrip("0123456789;?")
            text = rest[1:]
            continue
        yield _NAMES.get(name, name)
        text = text[len(name) :]


@contextmanager
def reading_keys(on_key: Callable[[str], object]) -> Iterator[None]:
    """Call `on_key` with each key during this block. It runs in an event loop.

    Without a terminal on stdin, or on Windows, there are no keys. Ctrl-C stays a signal; Ctrl-Z is off, because it
    would leave the screen to the shell.
    """
    stdin: TextIO | None = sys.stdin  # None if the process was started without one
    if sys.platform == "win32" or stdin is None or not stdin.isatty():
        yield
        return
    import termios
    import tty

    descriptor = stdin.fileno()
    before = termios.tcgetattr(descriptor)

    def restore() -> None:
        with suppress(termios.error):  # the terminal is gone
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)

    def read() -> None:
        try:
            data = os.read(descriptor, _MOST)
        except OSError:
            data = b""
        if not data:
            loop.remove_reader(descriptor)  # the terminal is gone
        for key in keys(data.decode("utf-8", "replace")):
            on_key(key)

    loop = asyncio.get_running_loop()
    with signals.at_the_end(restore):
        tty.setcbreak(descriptor, termios.TCSADRAIN)
        mode = termios.tcgetattr(descriptor)
        mode[6][termios.VSUSP] = b"\x00"
        termios.tcsetattr(descriptor, termios.TCSADRAIN, mode)
        loop.add_reader(descriptor, read)
        try:
            yield
        finally:
            loop.remove_reader(descriptor)
            restore()
