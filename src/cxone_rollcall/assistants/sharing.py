"""Limits how often the tenant is asked. Answers are shared, and kept for a minute."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from math import ceil
from typing import Generic, TypeVar

from cxone_rollcall.assistants.problem import NotAnswered
from cxone_rollcall.model.wording import counted

KEPT = 60.0
"""Seconds for which a roll call is kept. So there is at most one a minute."""
MOST_INQUIRIES = 4
"""Inquiries about single agents in a minute. Each reads the roster, and may send some twenty requests more."""

T = TypeVar("T")


class Shared(Generic[T]):
    """One answer that is fetched at most once in `KEPT` seconds.

    Who asks while it is fetched waits for the same one. If all of them stop waiting it is fetched to its end, because
    the next one to ask would otherwise have to fetch it again. `clock` counts seconds and never goes back.
    """

    def __init__(self, fetch: Callable[[], Awaitable[T]], clock: Callable[[], float]) -> None:
        self._fetch = fetch
        self._clock = clock
        self._task: asyncio.Future[T] | None = None
        self._began = 0.0

    @property
    def kept_for(self) -> float:
        """Seconds for which others get this answer. At least 1 while it is fetched."""
        if self._task is None:
            return 0.0
        left = KEPT - (self._clock() - self._began)
        return left if self._task.done() else max(left, 1.0)

    async def get(self) -> tuple[T, float]:
        """The answer, and its age in seconds since it was begun. Raises what the fetching raised."""
        if self._task is None or self.kept_for <= 0:
            self._began = self._clock()
            self._task = asyncio.ensure_future(self._fetch())
            self._task.add_done_callback(_seen)
        began = self._began
        return await asyncio.shield(self._task), self._clock() - began

    async def close(self) -> None:
        """Stop fetching."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task


class Inquiries(Generic[T]):
    """Inquiries about single agents, at most `MOST_INQUIRIES` in `KEPT` seconds.

    One about an agent who was asked about in that time is answered from it.
    """

    def __init__(self, ask: Callable[[str], Awaitable[T]], clock: Callable[[], float]) -> None:
        self._ask = ask
        self._clock = clock
        self._kept: dict[str, Shared[T]] = {}

    async def get(self, agent: str) -> tuple[T, float]:
        """What asking about this text gave, and its age in seconds. Raises `NotAnswered` if that is too soon."""
        key = agent.casefold()
        self._kept = {typed: one for typed, one in self._kept.items() if one.kept_for > 0}
        if key not in self._kept:
            if len(self._kept) >= MOST_INQUIRIES:
                wait = min(one.kept_for for one in self._kept.values())
                raise NotAnswered(
                    f"why_missing has asked the tenant about {MOST_INQUIRIES} agents in the last minute, which is the"
                    f" limit. Ask again in {counted(ceil(wait), 'second')}; until then check says what the last roll"
                    " call explains"
                )
            self._kept[key] = Shared(lambda: self._ask(agent), self._clock)
        return await self._kept[key].get()

    async def close(self) -> None:
        """Stop asking."""
        for one in self._kept.values():
            await one.close()


def _seen(task: asyncio.Future[T]) -> None:
    """Look at a task's error. Else asyncio would log it if nobody waits for the task."""
    if not task.cancelled():
        task.exception()
