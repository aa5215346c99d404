"""A recorder that may be killed, beside its own emulated world."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from cxone_rollcall.history.recording import Recording
from cxone_rollcall.history.store import writing
from cxone_rollcall.live.events import Polled
from cxone_rollcall.live.poller import Poller
from cxone_rollcall.live.seat import Seat
from cxone_rollcall.testing import emulated

STEP = 20.0
"""Seconds of the world from poll to poll. Some agents change in each, so that each poll writes."""


class Life(NamedTuple):
    """The task of one recorder. `begin` is in seconds since the epoch."""

    history: Path
    acknowledged: Path
    contract: str
    agents: int
    begin: float


class Acknowledged(NamedTuple):
    """A poll that the recorder called stored. `as_of` is in milliseconds, `shown` what each agent did at it."""

    run: str
    number: int
    as_of: int
    shown: dict[str, list[str | None]]


def live(life: Life) -> None:
    """Record until the process is killed. Each stored poll becomes a line in the file `acknowledged`."""
    asyncio.run(_live(life))


async def _live(life: Life) -> None:
    now = 0.0

    def clock() -> float:
        return now

    async def wait(seconds: float) -> None:
        nonlocal now
        now += seconds

    async def in_time(task: asyncio.Task[Any], _: float) -> bool:
        await asyncio.wait((task,))
        return True

    lines = os.open(life.acknowledged, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    settings: dict[str, Any] = {
        "clock": "manual",
        "moment": datetime.fromtimestamp(life.begin, UTC),
        "now": lambda: life.begin,
    }
    async with emulated(life.agents, life.contract, **settings) as world:
        with writing(life.history, tenant="killed") as store:
            run = os.urandom(8).hex()
            rng = Random(1)  # noqa: S311  no secret
            poller = Poller(world.client, run=run, clock=clock, wait=wait, in_time=in_time, rng=rng)
            recording = Recording(store, print)
            recording.begin(poller)
            async for event in poller.events():
                await recording.take(event)
                if isinstance(event, Polled) and event.as_of is not None and not recording.trouble:
                    seats = poller.board.seats.values()
                    stored = Acknowledged(run, event.poll, round(event.as_of * 1000), _shown(seats, event.as_of))
                    os.write(lines, json.dumps(stored).encode() + b"\n")
                    world.emulator.advance(STEP)


def _shown(seats: Iterable[Seat], as_of: float) -> dict[str, list[str | None]]:
    """Standing, state and sub-state of each agent. A state that the server dates later than the look is left out."""
    return {seat.agent.agent_id: _status(seat) for seat in seats if seat.since.latest <= as_of}


def _status(seat: Seat) -> list[str | None]:
    if seat.state is None:
        return [seat.shown.value, None, None]
    return [seat.shown.value, seat.state.state, seat.state.sub_state]


def read_acknowledged(path: Path) -> list[Acknowledged]:
    """What was acknowledged. A line that the kill cut short acknowledges nothing."""
    whole = path.read_bytes().rpartition(b"\n")[0] if path.exists() else b""
    return [Acknowledged(*json.loads(line)) for line in whole.splitlines()]
