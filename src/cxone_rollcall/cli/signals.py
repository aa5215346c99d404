"""SIGINT, SIGTERM and SIGHUP: exit code 130, no half-written files.

While an event loop runs (`run`), the first signal cancels the work, so that what was learned is still printed. A
signal within `SAME_SIGNAL` seconds of it is the same one; any other signal ends the process at once, or at the end of
what is `unbroken`.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")

INTERRUPTED = 130
LONGEST_FAREWELL = 1.0
"""Seconds for threads to finish at the end. Enough to write a file, too short for a DNS lookup that hangs."""
_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]

_farewells: list[Callable[[], object]] = []
unfinished: set[str] = set()
"""Temporary files being written, to be removed at the end."""
SAME_SIGNAL = 0.5
"""Seconds in which a second signal counts as the first. `timeout` of GNU signals us and then our group."""
_callbacks: list[Callable[[], object]] = []
_clock = time.monotonic
_first_at: float | None = None
"""When the first signal reached a callback, by `_clock`."""
_unbroken = 0
_put_off: list[float] = []
"""Times of signals that wait until nothing is `unbroken`. Then they end the process."""


def take() -> dict[int, Any]:
    """Handle signals from now on; return the previous handlers. Does nothing outside the main thread."""
    before: dict[int, Any] = {}
    with suppress(ValueError):  # raised outside the main thread
        for number in _SIGNALS:
            known = signal.getsignal(number)
            if known is _on_signal or (known is signal.SIG_IGN and number not in (signal.SIGINT, signal.SIGTERM)):
                continue  # under nohup a hang-up stays ignored
            before[number] = signal.signal(number, _on_signal)
    return before


@contextmanager
def on_first(callback: Callable[[], object]) -> Iterator[None]:
    """Call `callback` for the first signal in this block.

    It runs inside the signal handler, and the process goes on.
    """
    _callbacks.append(callback)
    try:
        yield
    finally:
        with suppress(ValueError):
            _callbacks.remove(callback)


@contextmanager
def stopping() -> Iterator[asyncio.Event]:
    """An event that the first signal in this block sets. Needs a running loop."""
    import asyncio

    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    with on_first(lambda: loop.call_soon_threadsafe(stopped.set)):
        yield stopped


async def until(stopped: asyncio.Event, work: Coroutine[Any, Any, None]) -> None:
    """Do some work until it ends, or until `stopped`. Raises what it raises."""
    import asyncio

    from cxone_rollcall.live.tasks import ended

    working, waiting = asyncio.create_task(work), asyncio.create_task(stopped.wait())
    try:
        await asyncio.wait((working, waiting), return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            working.result()
    finally:
        await ended((working, waiting))


@contextmanager
def at_the_end(callback: Callable[[], object]) -> Iterator[None]:
    """Call `callback` if the process ends within this block, without the interpreter."""
    _farewells.append(callback)
    try:
        yield
    finally:
        _farewells.remove(callback)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` in an event loop. Raises KeyboardInterrupt if a signal cancelled it."""
    import asyncio
    import logging
    from concurrent.futures import ThreadPoolExecutor

    if not logging.getLogger().handlers and not os.environ.get("ROLLCALL_TRACEBACK"):
        # asyncio and aiohttp log tracebacks and values that may hold a secret.
        logging.getLogger().addHandler(logging.NullHandler())

    class Threads(ThreadPoolExecutor):
        """Threads that are not awaited at the end. A DNS lookup may take half a minute."""

        def shutdown(self, *_: Any, **__: Any) -> None:
            super().shutdown(wait=False, cancel_futures=True)

    interrupted = False

    async def cancellable() -> T:
        loop, task = asyncio.get_running_loop(), asyncio.ensure_future(work)
        loop.set_default_executor(Threads())

        def interrupt() -> None:
            nonlocal interrupted
            interrupted = True
            loop.call_soon_threadsafe(task.cancel)

        with on_first(interrupt):
            return await task

    before = take()
    try:
        result = asyncio.run(cancellable())
    except BaseException:
        if interrupted:
            raise KeyboardInterrupt from None
        raise
    finally:
        for number, known in before.items():
            signal.signal(number, known)
    if interrupted:  # the work was done before it could be cancelled
        raise KeyboardInterrupt
    return result


def leave(code: int) -> NoReturn:
    """End the process with this exit code; threads get `LONGEST_FAREWELL` to finish."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # closed, or None from the start
            stream.flush()
    _end(code)


@contextmanager
def unbroken() -> Iterator[None]:
    """Let signals wait until this block has ended. What is done here must be done completely."""
    global _unbroken  # noqa: PLW0603  of the process, as its signal handlers are
    _unbroken += 1
    try:
        yield
    finally:
        _unbroken -= 1
        if not _unbroken and _put_off:
            _interrupted()


def _on_signal(*_: object) -> None:
    global _first_at  # noqa: PLW0603
    now = _clock()
    if _callbacks:
        _first_at = now
        callback = _callbacks[-1]
        _callbacks.clear()
        callback()
    elif _first_at is not None and now - _first_at < SAME_SIGNAL:
        return
    elif _unbroken:
        _put_off.append(now)
    else:
        _interrupted()


def _interrupted() -> NoReturn:
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    with suppress(OSError):  # the terminal may be gone
        os.write(2, b"rollcall: interrupted\n")
    _end(INTERRUPTED)


def _end(code: int) -> NoReturn:
    """End the process without the interpreter, which would wait for every thread."""
    if "threading" in sys.modules:
        import threading

        until = time.monotonic() + LONGEST_FAREWELL
        for thread in threading.enumerate():
            if thread is not threading.main_thread() and not thread.daemon:
                thread.join(max(until - time.monotonic(), 0.0))
    for callback in tuple(_farewells):
        callback()
    for path in tuple(unfinished):
        with suppress(OSError):
            os.unlink(path)  # noqa: PTH108  pathlib need not be loaded for this
    os._exit(code)
