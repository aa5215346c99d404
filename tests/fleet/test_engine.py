"""Requests to the engine. Without one."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, cast

import pytest

from cxone_rollcall.fleet.engine import Engine, Refused


class Lost:
    """A client of NATS that looks for a node. `waiting` is what it would send when it has found one."""

    is_connected = is_closed = False

    def __init__(self) -> None:
        self.waiting: list[str] = []

    def new_inbox(self) -> str:
        """Where answers would come."""
        return "inbox"

    async def subscribe(self, subject: str) -> Lost:
        """Ask for answers."""
        self.waiting.append(subject)
        return self

    async def publish(self, subject: str, data: bytes, **more: object) -> None:
        """Send something."""
        self.waiting.append(subject)

    async def unsubscribe(self) -> None:
        """Take no more answers."""

    async def next_msg(self, **given: float) -> Any:
        """No answer comes."""
        raise TimeoutError


async def test_nothing_waits_in_a_lost_connection() -> None:
    """Else all would be sent at once, hours later."""
    nats = Lost()
    engine = Engine(cast(Any, nats))
    for asked in (
        engine.read("HIST-eu", "hist.eu.*", 1, within=0.01),
        engine.gather("fleet.eu.status", within=0.01, quiet=0.01),
        engine.ask("holder.eu.acme", within=0.01),
        engine.publish("hist.eu.acme", b"", after=0, within=0.01),
    ):
        with pytest.raises(Refused):
            await asked
    await engine.send("fleet.eu.load", b"{}")
    assert nats.waiting == []


class Closed(Lost):
    """A client whose connection is closed while somebody waits. It hides that he is to end."""

    is_connected = True

    async def next_msg(self, **given: float) -> Any:
        """Wait."""
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            raise ConnectionError from None


async def test_whoever_is_to_end_ends_without_a_connection() -> None:
    """A task that is cancelled once ends, though it waits for answers."""
    engine = Engine(cast(Any, Closed()))
    for asked in (
        engine.read("HIST-eu", "hist.eu.*", 1, within=60),
        engine.gather("fleet.eu.status", within=60, quiet=60),
    ):
        asking = asyncio.create_task(cast(Coroutine[Any, Any, Any], asked))
        await asyncio.sleep(0.01)
        asking.cancel()
        await asyncio.wait((asking,))
        assert asking.cancelled()
