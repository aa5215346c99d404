"""Ends tasks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

AGAIN = 0.2
"""Seconds until a task that goes on is cancelled again."""


async def ended(tasks: Iterable[asyncio.Task[Any]]) -> list[Any]:
    """Cancel tasks until they have ended. Returns their results and errors.

    Once is not enough: `wait_for` of Python 3.11 loses a cancellation if its result comes at the same moment, and the
    client of NATS waits with it.
    """
    tasks = list(tasks)
    while going_on := [task for task in tasks if not task.done()]:
        for task in going_on:
            task.cancel()
        await asyncio.wait(going_on, timeout=AGAIN)
    return await asyncio.gather(*tasks, return_exceptions=True)
