"""A fleet to which things happen, and one process beside it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from tests.fleet.proxy import Cable
from tests.fleet.stage import (
    HISTORY,
    ZONE,
    Asked,
    Stage,
    Worker,
    is_led,
    longest_gaps,
    now,
    patiently,
    rollcall_process,
)
from tests.fleet.user import CLIENT

from cxone_rollcall.fleet import status
from cxone_rollcall.fleet.embedded import Node
from cxone_rollcall.fleet.engine import Stored, tokens_of
from cxone_rollcall.fleet.sealing import Held, Keys
from cxone_rollcall.model.login import Login

TENANTS = 16
CONTROL = f"t{TENANTS}"
"""The tenant that one process polls, without a fleet."""
INTERVAL = 1.0
FLEET_KEY = "dGVzdC10ZXN0LXRlc3QtdGVzdC10ZXN0LXRlc3QtdGU="
"""Seals the login of the last tenant, whose refresh tokens work once."""
LONGEST = 45.0
"""Seconds until a fleet must have come to rest. Less than a test may take, so that the failure says why."""


class Played:
    """The stage, the cables to it, and what was republished."""

    def __init__(self, stage: Stage, ways: list[Cable], login: Login) -> None:
        self.stage = stage
        self.login = login
        self.ways = ways
        self.live: list[Stored] = []

    @property
    def alive(self) -> list[Worker]:
        """The workers that have not ended."""
        return [worker for worker in self.stage.workers if worker.process.poll() is None]

    async def watch(self, fault: Callable[[], object], passed: Callable[[], Awaitable[object]]) -> list[Asked]:
        """Cause something, wait until it passes. Returns the requests around it."""
        began = now()
        fault()
        await passed()
        await asyncio.sleep(2 * INTERVAL)
        return list(self.stage.asked(began - 1.5 * INTERVAL))

    async def end_workers(self) -> None:
        """End all workers, so that nothing is written any more."""
        for worker in self.alive:
            worker.signal(signal.SIGTERM)
        for worker in self.stage.workers:
            await asyncio.to_thread(worker.process.wait)

    def cut(self) -> None:
        """Cut the cables."""
        for way in self.ways:
            way.cut()

    def mend(self) -> None:
        """Mend the cables."""
        for way in self.ways:
            way.mend()

    async def rest(self, *, less: int = 0) -> None:
        """Wait until live workers share all tenants, and none renews a login. `less` of them do not answer.

        A token that works once is lost with a worker that is killed while it renews it.
        """
        loads: list[int] = []
        end = now() + LONGEST
        while now() < end:
            await asyncio.sleep(0.3)
            found = await self.stage.survey()
            loads = [one["tenants"] for one in found["workers"]]
            shared = len(loads) == len(self.alive) - less and sum(loads) == TENANTS and max(loads) - min(loads) <= 2
            if shared and not (await self.login_now()).renewing:
                return
        logs = "\n".join(worker.log.read_text() for worker in self.stage.workers)
        raise AssertionError(f"the fleet does not come to rest: {loads}\n{logs}")

    async def login_now(self) -> Held:
        """The login that the engine keeps."""
        engine, user = self.stage.engine, self.stage.user
        stored = await patiently(lambda: engine.last(tokens_of(ZONE), f"token.{ZONE}.{user}", within=2.0))
        assert stored is not None
        return Keys([FLEET_KEY]).open(stored.data, ZONE, user, self.login.key)

    async def calm(self) -> None:
        """Wait until each stream has a leader, and each tenant is seen."""
        end = now() + LONGEST
        while status.exit_code(found := await self.stage.survey()):
            assert now() < end, found
            await asyncio.sleep(0.3)

    async def leader(self) -> Node:
        """The node that leads the history."""
        name = (await self.led())[HISTORY[0]]
        (node,) = [one for one in self.stage.nodes if one.name == name]
        return node

    async def led(self, *, without: Node | None = None) -> dict[str, str]:
        """The leaders of the streams. Waits until each has one, and not this node."""
        leaders: dict[str, str] = {}
        end = now() + LONGEST
        while now() < end:
            found = await status.health(self.stage.engine, ZONE)
            leaders = found["leaders"]
            if is_led(found) and (without is None or without.name not in leaders.values()):
                return leaders
            await asyncio.sleep(0.3)
        raise AssertionError(f"no other node leads: {leaders}")

    async def heard(self, since: int) -> list[Stored]:
        """Some records that were republished after a sequence."""
        end = now() + LONGEST
        while now() < end:
            await asyncio.sleep(0.1)
            found = [one for one in self.live if one.sequence > since]
            if len(found) >= TENANTS:
                return found
        raise AssertionError("nothing is republished")


@asynccontextmanager
async def alone(stage: Stage) -> AsyncIterator[None]:
    """Poll the control in one process, without a fleet."""
    keys = {"CXONE_CLIENT_ID": CLIENT, "CXONE_CLIENT_SECRET": "emulated-secret", "CXONE_CONTRACT": "v2"}
    options = ("--interval", str(INTERVAL), "--instance", stage.addresses[CONTROL][0])
    process = await rollcall_process("watch", *options, environ=keys, silent=True)
    try:
        yield
    finally:
        process.kill()
        await process.wait()


async def begin(made: Played) -> None:
    """Apply fleet.toml, and start three workers."""
    stage = made.stage

    async def hear(message: object) -> None:
        headers = message.headers  # type: ignore[attr-defined]
        made.live.append(Stored(int(headers["Nats-Sequence"]), headers["Nats-Subject"], message.data))  # type: ignore[attr-defined]

    await stage.engine.listen(f"live.{ZONE}.>", hear)
    await stage.apply(*fleet_of(stage))
    for _ in range(3):
        stage.start_worker()
    await made.rest()


def fleet_of(stage: Stage) -> list[str]:
    """The tenants of the fleet."""
    return [name for name in stage.addresses if name != CONTROL]


def worst(asked: list[Asked]) -> float:
    """The longest wait of a tenant, in intervals. An interval is as long as the process beside the fleet needed."""
    gaps = longest_gaps(asked, asked[-1].began)
    interval = max(INTERVAL, gaps.pop(CONTROL))
    assert len(gaps) == TENANTS
    return max(gaps.values()) / interval
