"""The history of a served tenant. It is recorded beside the board, and read for its readers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from cxone_rollcall.history.reading import History, reading
from cxone_rollcall.history.recording import Recording

THREADS = 2
"""Threads that read. They are apart from those that write, so that no reader delays the recording."""
MOST_WAITING = 100
"""Readers that may wait. They wait some milliseconds each; more are asked to come back."""


class Busy(Exception):
    """Too many readers wait."""


class Archive:
    """A history file that is recorded and read. `close` ends its threads.

    `backfill` is whether gaps are filled from the server's state history.
    """

    def __init__(self, path: Path, recording: Recording, *, backfill: bool = False) -> None:
        self.recording: Final = recording
        self.backfill: Final = backfill
        self._path = path
        self._threads = ThreadPoolExecutor(THREADS, "history")
        self._waiting = 0

    @property
    def is_ours(self) -> bool:
        """Whether the file is known to have the history of this tenant. The first poll that is stored shows it."""
        return self.recording.polls > 0

    async def read(self, ask: Callable[[History], Any]) -> Any:
        """What `ask` returns of the file as it is now. It runs in a thread.

        Raises `HistoryError` if the file cannot be read, and `Busy`.
        """
        if self._waiting >= MOST_WAITING:
            raise Busy
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._read, ask)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """End the threads after what they read now."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _read(self, ask: Callable[[History], Any]) -> Any:
        with reading(self._path) as history:
            return ask(history)
