"""Clocks that jump by an hour: a worker's, a reader's, a node's."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from tests.fleet.stage import ZONE, Stage, longest_gaps, now, overlap, polls, rollcall, staged

from cxone_rollcall.fleet import status
from cxone_rollcall.fleet.boards import Boards
from cxone_rollcall.fleet.connection import connected
from cxone_rollcall.fleet.engine import Engine, Stored
from cxone_rollcall.fleet.view import View
from cxone_rollcall.live.events import Event, Polled
from cxone_rollcall.live.tasks import ended
from cxone_rollcall.model.timestamp import parse_timestamp

LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
"""Debian's package `libfaketime`. It fakes what a process asks of the C library, so not the clock of nats-server."""
pytestmark = [
    pytest.mark.thorough,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(LIBRARY is None, reason="needs the package faketime"),
]

TENANTS, INTERVAL = 6, 1.0
HOUR = 3600.0
JUMPS = {"+1h": HOUR, "-1h": -HOUR, "+0": 0.0}


class Clock:
    """A process's time of day. A file says how wrong it is."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self.jump("+0")
        self.environ = {
            "LD_PRELOAD": str(LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def jump(self, offset: str) -> None:
        """Set how wrong it is from now on."""
        new = self._file.with_suffix(".new")
        new.write_text(offset)
        new.replace(self._file)

    def wrong(self) -> float:
        """How wrong a new process finds it, in seconds."""
        command = [sys.executable, "-c", "import time; print(time.time())"]
        return float(subprocess.check_output(command, env={**os.environ, **self.environ})) - now()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def fleet(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Stage, Clock]]:
    """Two workers that share all tenants, and the first one's clock."""
    folder = tmp_path_factory.mktemp("clock")
    clock = Clock(folder)
    async with staged(folder / "stage", tenants=TENANTS, nodes=1) as stage:
        await stage.apply()
        stage.start_worker(environ=clock.environ)
        stage.start_worker()
        await _shared(stage)
        yield stage, clock


async def _status(stage: Stage, environ: dict[str, str]) -> tuple[int, list[dict[str, Any]]]:
    arguments = ("--nats", ",".join(stage.urls), "--zone", ZONE, "--format", "json")
    code, out, err = await rollcall("fleet", "status", *arguments, environ=environ)
    assert not err
    return code, json.loads(out)["tenants"]


async def _shared(stage: Stage) -> dict[str, str]:
    """The worker of each tenant, as soon as two share them all."""
    loads: list[int] = []
    for _ in range(300):
        found = await stage.survey()
        loads = [one["tenants"] for one in found["workers"]]
        if loads == [TENANTS // 2, TENANTS // 2] and status.exit_code(found) == 0:
            return {one["tenant"]: one["worker"] for one in found["tenants"]}
        await asyncio.sleep(0.1)
    raise AssertionError(f"the workers do not share all tenants: {loads}")


class Jumping(Engine):
    """An engine whose nodes' clocks are ahead of ours by `ahead` seconds."""

    ahead = 0.0

    async def time_of(self, stream: str) -> float:
        """The wrong time."""
        return await super().time_of(stream) + self.ahead

    async def last(self, stream: str, subject: str, *, within: float) -> Stored | None:
        """The last message with a wrong time."""
        found = await super().last(stream, subject, within=within)
        return found and found._replace(at=found.at + self.ahead)

    async def read(self, stream: str, subject: str, start: int, *, within: float = 2.0) -> list[Stored]:
        """Messages with wrong times."""
        found = await super().read(stream, subject, start, within=within)
        return [one._replace(at=one.at + self.ahead) for one in found]


class _Missed:
    """Readers of the boards, who keep the polls that no worker did."""

    def __init__(self) -> None:
        self.polls = 0
        self.missed: list[str] = []

    async def join(self, tenant: str, view: View) -> None:
        """Nothing is kept of the tenant."""

    async def leave(self, tenant: str) -> None:
        """Nothing was kept."""

    def take(self, tenant: str, event: Event) -> None:
        """Count a poll, or keep why it is missed."""
        if isinstance(event, Polled):
            self.polls += event.ok
            if "no worker" in event.missed:
                self.missed.append(event.missed)


async def test_a_workers_clock_may_jump(fleet: tuple[Stage, Clock]) -> None:
    """A jump moves no ticket, and makes no poll late or old."""
    stage, clock = fleet
    before = await _shared(stage)
    began = now()
    for offset, seconds in JUMPS.items():
        clock.jump(offset)
        assert abs(clock.wrong() - seconds) < HOUR / 2
        await asyncio.sleep(3 * INTERVAL)
        found = await stage.survey()
        assert {one["tenant"]: one["worker"] for one in found["tenants"]} == before
        assert all(0 <= one["age"] < 3 * INTERVAL and not one["missed"] for one in found["tenants"])
        assert status.exit_code(found) == 0
    asked = list(stage.asked(began - INTERVAL))
    gaps = longest_gaps(asked, asked[-1].began)
    times = {tenant: len(some) for tenant, some in polls(asked).items()}
    wrong = {one for one, worker in before.items() if f"-{stage.workers[0].process.pid}-" in worker}
    right = before.keys() - wrong
    assert max(gaps[one] for one in wrong) < 1.1 * max(gaps[one] for one in right) + 0.5 * INTERVAL
    assert max(times[one] for one in wrong) <= max(times[one] for one in right) + 2
    assert overlap(asked) <= 0.0


async def test_clocks_of_nodes_may_be_wrong_and_jump(fleet: tuple[Stage, Clock]) -> None:
    """Boards count by the clock that dated what is stored."""
    stage, _ = fleet
    async with connected(stage.urls, name="test") as plain:
        engine, readers = Jumping(plain.nats), _Missed()
        following = asyncio.create_task(Boards(engine, ZONE, INTERVAL, readers).run())
        try:
            for ahead in JUMPS.values():
                engine.ahead, before = ahead, readers.polls
                await asyncio.sleep(3 * INTERVAL)
                assert readers.polls > before
        finally:
            await ended([following])
        assert readers.missed == []


async def test_a_readers_clock_may_be_wrong(fleet: tuple[Stage, Clock]) -> None:
    """The status asks the workers how old polls are, or the engine."""
    stage, clock = fleet
    for is_held in (True, False):
        for offset in JUMPS:
            clock.jump(offset)
            code, tenants = await _status(stage, clock.environ)
            assert code == (0 if is_held else 3)
            assert {one["late"] for one in tenants} == ({False} if is_held else {None})
            assert all(abs(now() - (parse_timestamp(one["last_poll_at"]) or 0)) < HOUR / 2 for one in tenants)
            assert all(one["age"] < HOUR / 2 for one in tenants)
        for worker in stage.workers:
            worker.end()
