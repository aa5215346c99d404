"""Emulated tenants in one process, which logs who asked what when. `python -m tests.fleet.tenants 20 FOLDER`."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import signal
import sys
import time
from contextlib import AsyncExitStack
from functools import cache
from pathlib import Path
from typing import Any, TextIO

from aiohttp import web

from cxone_rollcall.emulator import Emulator, EmulatorSettings, Readings, parse_fault
from cxone_rollcall.emulator.world import World

AGENTS = 12
SPEED = int(os.environ.get("FLEET_SPEED", "120"))
"""Seconds of the emulated world in a second. So there are changes in each poll."""
LATENCY = float(os.environ.get("FLEET_LATENCY", "0"))
"""Milliseconds of each response."""
LOG, ADDRESSES = "requests.log", "tenants.json"


def seed_of(name: str) -> int:
    """The seed of a tenant's world."""
    return int(name.removeprefix("t")) + 1


@cache
def _world(name: str) -> World:
    return World(AGENTS, seed_of(name))


def states_between(name: str, agent_id: str, began: float, begin: float, end: float) -> set[str | None]:
    """All states of a tenant's agent from `begin` to `end`. Times are in seconds; `began` is the tenant's first."""
    world = _world(name)
    index = world.index(agent_id)
    assert index is not None
    first, last = (int(EmulatorSettings().moment.timestamp() + (one - began) * SPEED) for one in (begin, end))
    return {one.state for one in world.stances(index, first, last + 1)}


class Logged(Emulator):
    """An emulated tenant whose world is fast, and whose requests are logged."""

    def __init__(self, name: str, log: TextIO) -> None:
        once = Readings(refresh_rotates=True)
        super().__init__(
            EmulatorSettings(agents=AGENTS, seed=seed_of(name), clock="running", latency_ms=LATENCY, readings=once)
        )
        self.name = name
        self._log = log
        self.tenant.moment = self._moment  # type: ignore[method-assign]

    def _moment(self) -> int:
        return int(self.settings.moment.timestamp() + (self.tenant.now() - self.tenant.began) * SPEED)

    async def _handle(self, stopping: asyncio.Event, request: web.BaseRequest) -> web.StreamResponse:
        began = time.time()
        token = request.headers.get("Authorization", "")
        who = hashlib.sha256(token.encode()).hexdigest()[:12] if token.startswith("Bearer") else "-"
        try:
            return await super()._handle(stopping, request)
        finally:
            self._log.write(f"{began:.6f} {time.time():.6f} {self.name} {who} {request.path}\n")


async def main(number: int, folder: Path) -> None:
    """Run until SIGTERM. A line of stdin switches faults: NAME FAULT..."""
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    async with AsyncExitStack() as stack:
        log = stack.enter_context((folder / LOG).open("w", buffering=1))
        running: dict[str, Logged] = {f"t{one}": Logged(f"t{one}", log) for one in range(number)}
        addresses: dict[str, Any] = {}
        for name, emulator in running.items():
            address = await stack.enter_async_context(emulator.running())
            addresses[name] = [address.url, emulator.tenant.began]
        (folder / ADDRESSES).write_text(json.dumps(addresses))
        sys.stdout.write("ready\n")
        sys.stdout.flush()

        def switch() -> None:
            words = sys.stdin.readline().split()
            if words:
                running[words[0]].switch_on(parse_fault(one) for one in words[1:])
            else:
                asyncio.get_running_loop().remove_reader(sys.stdin)

        asyncio.get_running_loop().add_reader(sys.stdin, switch)
        await stopped.wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2])))
