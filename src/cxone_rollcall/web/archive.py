"""The history of a served tenant. It is recorded beside the board, or elsewhere, and read for its readers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any, Final

from cxone_rollcall.history.reading import History
from cxone_rollcall.history.recording import Recording

THREADS = 2
"""Threads that read. They are apart from those that write, so that no reader delays the recording."""
MOST_WAITING = 100
"""Readers that may wait. They wait some milliseconds each; more are asked to come back."""


class Busy(Exception):
    """Too many readers wait."""


class Threads:
    """The threads in which histories are read. `close` ends them."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, "history")
        self._waiting = 0

    async def run(self, work: Callable[[], Any]) -> Any:
        """What `work` returns. Raises what it raises, and `Busy`."""
        if self._waiting >= MOST_WAITING:
            raise Busy
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """End the threads after what they read now."""
        self._pool.shutdown(wait=True, cancel_futures=True)


class Archive:
    """A tenant's history. `opened` opens it for reading.

    `recording` records it, None if another process does. Then its last poll may be `lag` seconds older than that of the
    board. `backfill` is whether gaps are filled from the server's state history.
    """

    def __init__(
        self,
        opened: Callable[[], AbstractContextManager[History]],
        threads: Threads,
        recording: Recording | None = None,
        *,
        backfill: bool = False,
        lag: float = 0.0,
    ) -> None:
        self.recording: Final = recording
        self.backfill: Final = backfill
        self.lag: Final = lag
        self._opened = opened
        self._threads = threads

    @property
    def is_ours(self) -> bool:
        """Whether it is known to be of this tenant. The first poll that is recorded shows it."""
        return self.recording is None or self.recording.polls > 0

    async def read(self, ask: Callable[[History], Any]) -> Any:
        """What `ask` returns of the history as it is now. It runs in a thread.

        Raises `HistoryError` if it cannot be read, and `Busy`.
        """
        return await self._threads.run(lambda: self._read(ask))

    def _read(self, ask: Callable[[History], Any]) -> Any:
        with self._opened() as history:
            return ask(history)
