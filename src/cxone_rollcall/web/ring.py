"""The last polls, each encoded once for all readers."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

MOST_POLLS = 360
"""Polls that a reader may have missed. An hour of them at 10 s."""
MOST_BYTES = 8 * 1024 * 1024
"""Bytes of all polls that are kept."""


class Ring:
    """Blocks of bytes with rising numbers. The oldest are dropped. Readers only keep a number."""

    def __init__(self) -> None:
        self._blocks: deque[tuple[int, bytes]] = deque()
        self._bytes = 0
        self._news: asyncio.Future[None] | None = None
        self.last: int | None = None
        self.begun = 0
        """How often it was cleared. Numbers from before say nothing of the blocks after it."""
        self.closed: Final = asyncio.Event()

    def append(self, number: int, block: bytes) -> None:
        """Add the block of a poll, and wake all readers."""
        self._blocks.append((number, block))
        self._bytes += len(block)
        self.last = number
        while len(self._blocks) > MOST_POLLS or (self._bytes > MOST_BYTES and len(self._blocks) > 1):
            self._bytes -= len(self._blocks.popleft()[1])
        self._wake()

    def clear(self) -> None:
        """Forget all blocks: what follows does not continue them."""
        self._blocks.clear()
        self._bytes, self.last = 0, None
        self.begun += 1

    def close(self) -> None:
        """End all readers."""
        self.closed.set()
        self._wake()

    def after(self, number: int) -> tuple[bytes, int] | None:
        """The block that follows this number, and its own number. None if it is not here (any more)."""
        if not self._blocks or not self._blocks[0][0] <= number + 1 <= self._blocks[-1][0]:
            return None
        return self._blocks[number + 1 - self._blocks[0][0]][1], number + 1

    async def wait(self) -> None:
        """Wait for the next block, or for the end."""
        if self.closed.is_set():
            return
        if self._news is None or self._news.done():
            self._news = asyncio.get_running_loop().create_future()
        await asyncio.shield(self._news)

    def _wake(self) -> None:
        if self._news is not None and not self._news.done():
            self._news.set_result(None)
