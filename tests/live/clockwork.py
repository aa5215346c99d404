"""A poller beside an emulated tenant. Its intervals pass when the test says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from random import Random
from typing import Any

from cxone_rollcall.emulator import parse_fault
from cxone_rollcall.live.events import Change, Event, FindingChanged, Polled
from cxone_rollcall.live.poller import Poller, Times
from cxone_rollcall.roll import Selection
from cxone_rollcall.testing import Emulated, emulated
from cxone_rollcall.views import live as documents


class Clockwork:
    """Time for a poller: intervals pass at once, on this clock alone.

    If it is `patient`, a look may take as long as it needs. Else the interval passes while the look is under way. The
    next wait is `stopped` seconds longer, as if the process had been.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self.patient = True
        self.stopped = 0.0

    def clock(self) -> float:
        """Seconds since the beginning."""
        return self.now

    async def wait(self, seconds: float) -> None:
        """Let the time between two polls pass."""
        self.now += seconds + self.stopped
        self.stopped = 0.0

    async def in_time(self, task: asyncio.Task[Any], seconds: float) -> bool:
        """Wait for a look, or let the interval pass."""
        if self.patient:
            await asyncio.wait((task,))
            return True
        await asyncio.sleep(0)
        self.now += seconds
        return task.done()


def noon() -> float:
    """Today's noon. A tenant whose clock begins then sees no midnight in a test."""
    return datetime.now(UTC).replace(hour=12, minute=0, second=0).timestamp()


def sped_up(fault: str, contract: str) -> str:
    """The fault, shortened: one request a second would take half a minute."""
    return "rate-limit=5" if (fault, contract) == ("rate-limit", "v2") else fault


class Watched:
    """A poller beside its emulated tenant, and a reader of its events."""

    def __init__(self, world: Emulated, poller: Poller, clockwork: Clockwork) -> None:
        self.world = world
        self.poller = poller
        self.clockwork = clockwork
        self.agents: dict[str, dict[str, Any]] = {}
        self.polls: list[Polled] = []
        self._events = poller.events()

    async def poll(self) -> list[Event]:
        """Let one poll happen. Return its events, after the reader has applied them."""
        events: list[Event] = []
        async for event in self._events:
            events.append(event)
            self._read(event)
            if isinstance(event, Polled):
                self.polls.append(event)
                break
        return events

    async def polls_of(self, number: int) -> list[Event]:
        """Let some polls happen; return all their events."""
        return [event for _ in range(number) for event in await self.poll()]

    def break_by(self, *faults: str) -> None:
        """Switch these faults on, and all others off."""
        self.world.emulator.switch_on([parse_fault(fault) for fault in faults])

    def _read(self, event: Event) -> None:
        """Apply an event as a reader of the JSON does."""
        document = documents.document(event, self.poller.codes)
        if document["type"] == "board":
            self.agents = {agent["agent_id"]: agent for agent in document["agents"]}
        elif document["type"] == "change":
            if document["after"] is None:
                del self.agents[document["agent_id"]]
            else:
                self.agents[document["agent_id"]] = document["after"]

    async def close(self) -> None:
        """End the polling."""
        await self._events.aclose()


@asynccontextmanager
async def watched(
    agents: int = 40,
    contract: str = "v2",
    faults: Iterable[str] = (),
    *,
    times: Times | None = None,
    selection: Selection | None = None,
    **settings: Any,
) -> AsyncIterator[Watched]:
    """Poll an emulated tenant whose clock only the test moves."""
    clockwork = Clockwork()
    async with emulated(agents, contract, faults, **{"clock": "manual", **settings}) as world:
        poller = Poller(
            world.client,
            run="test",
            times=times,
            selection=selection,
            clock=clockwork.clock,
            wait=clockwork.wait,
            in_time=clockwork.in_time,
            rng=Random(1),
        )
        watching = Watched(world, poller, clockwork)
        try:
            yield watching
        finally:
            await watching.close()


def changes(events: Iterable[Event]) -> list[Change]:
    """The changes among these events."""
    return [event for event in events if isinstance(event, Change)]


def findings(events: Iterable[Event]) -> list[tuple[str, bool]]:
    """The codes among these events that begin (True) or end."""
    return [(event.finding.code, event.begins) for event in events if isinstance(event, FindingChanged)]
