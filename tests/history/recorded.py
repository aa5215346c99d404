"""A recording of an emulated tenant whose clock only the test moves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

from tests.live.clockwork import Clockwork

from cxone_rollcall.emulator import parse_fault
from cxone_rollcall.history.recording import Recording
from cxone_rollcall.history.store import Store, writing
from cxone_rollcall.live.events import Polled
from cxone_rollcall.live.poller import Poller
from cxone_rollcall.live.seat import Seat
from cxone_rollcall.testing import Emulated, emulated

INTERVAL = 10


class Recorded:
    """A tenant, and the file that its recorders write in."""

    def __init__(self, world: Emulated, path: Path) -> None:
        self.world = world
        self.path = path
        self.complaints: list[str] = []
        self.boards: list[tuple[int, dict[str, Seat]]] = []
        """The time in milliseconds and the board of each whole poll."""
        self._runs = 0

    @asynccontextmanager
    async def recorder(self, *, keep: int | None = None) -> AsyncIterator[Running]:
        """A recorder from its start until it stops."""
        self._runs += 1
        with writing(self.path, tenant="emulated") as store:
            clockwork = Clockwork()
            poller = Poller(
                self.world.client,
                run=f"run-{id(self)}-{self._runs}",
                clock=clockwork.clock,
                wait=clockwork.wait,
                in_time=clockwork.in_time,
                rng=Random(1),
            )
            running = Running(self, poller, store, keep=keep)
            try:
                yield running
            finally:
                await running.close()

    def pass_time(self, seconds: float) -> None:
        """Let time pass for the tenant while nothing records."""
        self.world.emulator.advance(seconds)

    def break_by(self, *faults: str) -> None:
        """Switch these faults on, and all others off."""
        self.world.emulator.switch_on([parse_fault(fault) for fault in faults])


class Running:
    """A recorder that runs."""

    def __init__(self, of: Recorded, poller: Poller, store: Store, *, keep: int | None = None) -> None:
        self.of = of
        self.poller = poller
        self.store = store
        self.recording = Recording(store, of.complaints.append, keep=keep)
        self.recording.begin(poller)
        self._events = poller.events()

    async def polls(self, number: int) -> Polled:
        """Let some polls happen, one each interval. Return the last."""
        last: Polled | None = None
        for _ in range(number):
            self.of.pass_time(INTERVAL)
            async for event in self._events:
                await self.recording.take(event)
                if isinstance(event, Polled):
                    last = event
                    break
            assert last is not None
            if last.ok and last.as_of is not None:
                self.of.boards.append((round(last.as_of * 1000), dict(self.poller.board.seats)))
        assert last is not None
        return last

    async def close(self) -> None:
        """End the polling."""
        await self._events.aclose()


@asynccontextmanager
async def recorded(
    path: Path, contract: str, *, agents: int = 40, faults: Iterable[str] = (), **settings: Any
) -> AsyncIterator[Recorded]:
    """An emulated tenant to record."""
    async with emulated(agents, contract, faults, clock="manual", **settings) as world:
        yield Recorded(world, path)
