"""The events of commands that poll, and how they end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from types import SimpleNamespace
from typing import Any

import pytest
from tests.fleet.seats import polled

from cxone_rollcall.cli.polling import events_until
from cxone_rollcall.live.events import Polled


@pytest.mark.parametrize(
    ("ends", "number"), [("counted", 2), ("stopped", 3), ("left", 1)], ids=["counted", "stopped", "left"]
)
async def test_nothing_goes_on_after_the_last_event(ends: str, number: int) -> None:
    """A count, a signal or a lost reader ends the polling."""
    stopped, ended, seen = asyncio.Event(), list[str](), list[Polled]()

    async def events() -> AsyncGenerator[Polled, None]:
        try:
            for number in (1, 2, 3):
                yield polled(1.0, poll=number)
            stopped.set()
            await asyncio.Event().wait()
        finally:
            ended.append("polling")

    before = asyncio.all_tasks()
    poller: Any = SimpleNamespace(events=events)
    coming = events_until(stopped, poller, 2 if ends == "counted" else None)
    async for event in coming:
        assert isinstance(event, Polled)
        seen.append(event)
        if ends == "left":
            break
    await coming.aclose()
    await asyncio.sleep(0)
    assert [one.poll for one in seen] == list(range(1, number + 1))
    assert ended == ["polling"]
    assert asyncio.all_tasks() == before
