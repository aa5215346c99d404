"""SIGINT, SIGTERM and SIGHUP: whenever one comes, the command ends with 130, in words, and leaves no half a file.

Outside an event loop the first signal raises KeyboardInterrupt. Inside one (`run`) it calls what `told` has put in
place, or else cancels the command, so that all that is open is closed in order. Any later one ends the process there
and then, and so does the first where the loop does not come to it (it may be waiting for whoever reads our output): an
exception raised amid the steps of an event loop may leave it waiting for ever.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from types import FrameType

T = TypeVar("T")

INTERRUPTED = 130
LONGEST_WAIT = 5.0
"""Seconds in which the event loop must have come to the first signal."""
LONGEST_FAREWELL = 1.0
"""Seconds that are left to threads in the end: one that writes a file is done, one that looks up a name is not."""
_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
_ALWAYS = (signal.SIGINT, signal.SIGTERM)

unfinished: set[str] = set()
"""Files that are being written beside the ones they will replace: none of them outlives the process."""
_told: list[Callable[[], None]] = []
_came: list[int] = []
"""What has raised KeyboardInterrupt."""
_inside: list[int] = []
"""What came while an event loop ran, and was told to it."""


def came() -> bool:
    """Tell whether a signal has raised KeyboardInterrupt, whatever that was turned into on its way."""
    return bool(_came)


def take() -> dict[int, Any]:
    """Take the signals from now on, and return what was in their place; none, save in the main thread.

    A hang-up that whoever started us has put off (`nohup`) stays put off.
    """
    before: dict[int, Any] = {}
    with suppress(ValueError):  # only the main thread takes signals
        for number in _SIGNALS:
            known = signal.getsignal(number)
            if known is not _on_signal and not (known is signal.SIG_IGN and number not in _ALWAYS):
                before[number] = signal.signal(number, _on_signal)
    return before


@contextmanager
def taken() -> Iterator[None]:
    """Take the signals as long as this lasts."""
    before = take()
    try:
        yield
    finally:
        for number, known in before.items():
            signal.signal(number, known)


@contextmanager
def told(of_it: Callable[[], None]) -> Iterator[None]:
    """Call `of_it` at the first signal that comes meanwhile, between two steps of the event loop."""
    import asyncio

    loop = asyncio.get_running_loop()
    waiting: list[asyncio.Handle] = []

    def come_to_it() -> None:
        waiting.clear()
        _set_alarm(0)
        of_it()

    def tell() -> None:
        _set_alarm(LONGEST_WAIT)
        waiting.append(loop.call_soon_threadsafe(come_to_it))

    _told.append(tell)
    try:
        yield
    finally:
        with suppress(ValueError):
            _told.remove(tell)
        for handle in tuple(waiting):  # it came in the very step that was the last
            handle.cancel()
            come_to_it()


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to its end in an event loop of its own, which waits for no thread; a signal ends in KeyboardInterrupt."""
    import asyncio
    import logging
    from concurrent.futures import ThreadPoolExecutor

    if not logging.getLogger().handlers and not os.environ.get("ROLLCALL_TRACEBACK"):
        # What asyncio and aiohttp log is tracebacks, and objects that may hold anything: nobody is shown that.
        logging.getLogger().addHandler(logging.NullHandler())

    class Threads(ThreadPoolExecutor):
        """Waits for no thread in the end: one that looks up a name may take half a minute."""

        def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
            super().shutdown(wait=False, cancel_futures=True)

    interrupted: list[bool] = []

    async def whole() -> T:
        asyncio.get_running_loop().set_default_executor(Threads(thread_name_prefix="rollcall"))
        task = asyncio.ensure_future(work)

        def end() -> None:
            interrupted.append(True)
            task.cancel()

        with told(end):
            done = await task
        if interrupted:  # it was through before it could be cancelled
            raise asyncio.CancelledError
        return done

    with taken():
        try:
            return asyncio.run(whole())
        except asyncio.CancelledError:
            if not interrupted:
                raise
            raise KeyboardInterrupt from None
        finally:
            _inside.clear()


def leave(code: int) -> NoReturn:
    """End the process with this code, whatever still comes, is written or waits."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # closed, gone, or never there
            stream.flush()
    if _threads_remain():
        _take_away_unfinished()
        os._exit(code)
    _take_away_unfinished()
    gc.freeze()  # all is written, and the rest goes with the process: it need not be looked through for cycles
    sys.exit(code)


def _threads_remain() -> bool:
    """Tell whether a thread would keep the process alive, after a moment in which it may end."""
    if "threading" not in sys.modules:
        return False
    import threading

    until = time.monotonic() + LONGEST_FAREWELL
    others = [one for one in threading.enumerate() if one is not threading.main_thread() and not one.daemon]
    for thread in others:
        thread.join(max(until - time.monotonic(), 0.0))
    return any(thread.is_alive() for thread in others)


def _take_away_unfinished() -> None:
    for path in tuple(unfinished):
        with suppress(OSError):
            os.unlink(path)  # noqa: PTH108  pathlib need not be loaded for this
    unfinished.clear()


def _set_alarm(seconds: float) -> None:
    """Raise KeyboardInterrupt after so many seconds, never with 0; Windows has no such alarm."""
    if hasattr(signal, "setitimer"):
        if seconds:
            signal.signal(signal.SIGALRM, _on_signal)
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _on_signal(number: int, frame: FrameType | None) -> None:
    if _told:
        tell = _told[-1]
        _told.clear()
        _inside.append(number)
        tell()
    elif _came or _inside:
        _end_now()
    else:
        _came.append(number)
        raise KeyboardInterrupt


def _end_now() -> NoReturn:
    """End the process where it stands: it waits for nobody, and nothing is written but that it was interrupted."""
    for one in _SIGNALS:
        signal.signal(one, signal.SIG_IGN)
    with suppress(OSError):  # the terminal may have gone
        os.write(2, b"rollcall: interrupted\n")
    _threads_remain()
    _take_away_unfinished()
    os._exit(INTERRUPTED)


def lost(unraisable: Any) -> None:
    """Take the place of `sys.unraisablehook`, which shows a traceback of what nobody could be told.

    A KeyboardInterrupt that Python had to drop so is raised again.
    """
    if issubclass(unraisable.exc_type, KeyboardInterrupt):
        import threading

        again = threading.Timer(0.01, signal.raise_signal, [signal.SIGINT])
        again.daemon = True
        again.start()
    elif os.environ.get("ROLLCALL_TRACEBACK"):
        sys.__unraisablehook__(unraisable)
