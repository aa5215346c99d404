"""The keys of what a terminal sends."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from cxone_rollcall.cli import signals
from cxone_rollcall.cli.keys import keys, reading_keys


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("gq", ["g", "q"]),
        ("\x1b[A\x1b[B\x1bOA", ["up", "down", "up"]),
        ("\x1bOB\x1b[H\x1b[F", ["down", "home", "end"]),
        ("\x1b[1~\x1b[4~\n\x08", ["home", "end", "enter", "backspace"]),
        ("\x1b[5~\x1b[6~", ["pgup", "pgdn"]),
        ("\x1b", ["esc"]),
        ("/é\r\x7f", ["/", "é", "enter", "backspace"]),
        ("\x1b[1;5Cq", ["q"]),
        ("\x1b[200~a\x1b[201~", ["a"]),
        ("", []),
    ],
)
def test_keys(sent: str, meant: list[str]) -> None:
    """Sequences have names, others are dropped whole, all else is a character."""
    assert list(keys(sent)) == meant


@pytest.mark.skipif(sys.platform == "win32", reason="it has no pseudo-terminals")
async def test_a_terminal_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys are read until the terminal has gone. Then it is left alone."""
    terminal, ours = os.openpty()
    loop = asyncio.get_running_loop()
    pressed, gone, remove_reader = asyncio.Queue[str](), asyncio.Event(), loop.remove_reader

    def removed(descriptor: int) -> bool:
        gone.set()
        return remove_reader(descriptor)

    monkeypatch.setattr(loop, "remove_reader", removed)
    with os.fdopen(ours) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        with reading_keys(pressed.put_nowait):
            os.write(terminal, b"g\x1b[A")
            assert [await pressed.get(), await pressed.get()] == ["g", "up"]
            assert not gone.is_set()
            os.close(terminal)
            await gone.wait()


@pytest.mark.skipif(sys.platform == "win32", reason="it has no pseudo-terminals")
async def test_a_terminal_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """If reading fails, the terminal is left alone. No key is pressed."""
    terminal, ours = os.openpty()
    loop = asyncio.get_running_loop()
    seen, remove_reader = asyncio.Queue[str](), loop.remove_reader

    def removed(descriptor: int) -> bool:
        seen.put_nowait("left alone")
        return remove_reader(descriptor)

    monkeypatch.setattr(loop, "remove_reader", removed)
    with os.fdopen(terminal), os.fdopen(ours), open(os.ttyname(ours), "w") as stdin:  # noqa: PTH123, ASYNC230
        monkeypatch.setattr(sys, "stdin", stdin)
        with reading_keys(seen.put_nowait):
            os.write(terminal, b"g")
            assert await seen.get() == "left alone"


@pytest.mark.skipif(sys.platform == "win32", reason="it has no pseudo-terminals")
async def test_the_terminal_is_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    """While keys are read they come at once, unseen. The terminal is restored after it, or if the process ends."""
    import termios

    terminal, ours = os.openpty()
    farewells: list[Callable[[], object]] = []

    @contextmanager
    def at_the_end(callback: Callable[[], object]) -> Iterator[None]:
        farewells.append(callback)
        yield

    monkeypatch.setattr(signals, "at_the_end", at_the_end)
    with os.fdopen(terminal), os.fdopen(ours) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        before = termios.tcgetattr(ours)
        with reading_keys(print):
            during = termios.tcgetattr(ours)
            farewells[0]()
            assert termios.tcgetattr(ours) == before
            termios.tcsetattr(ours, termios.TCSANOW, during)
        assert termios.tcgetattr(ours) == before
        assert not asyncio.get_running_loop().remove_reader(ours)
    assert during[3] & (termios.ICANON | termios.ECHO | termios.ISIG) == termios.ISIG
    assert during[6][termios.VSUSP] == b"\x00"
    assert during[6][termios.VINTR] == before[6][termios.VINTR]
