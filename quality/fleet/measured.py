"""`python -m quality.fleet.measured`: a real fleet, and one process with the same tenants.

It kills, stops, freezes and cuts off what there is, and prints for how long a tenant was not polled.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from tests.fleet.proxy import Cable, cables
from tests.fleet.stage import (
    SECRET,
    ZONE,
    Asked,
    Stage,
    longest_gaps,
    overlap,
    patiently,
    polls,
    rollcall,
    signal_node,
    staged,
)

from cxone_rollcall.fleet import status
from cxone_rollcall.fleet.engine import ApiError, streams_of
from cxone_rollcall.fleet.streams import CONSUMER
from quality.common.progress import say

TICKS = os.sysconf("SC_CLK_TCK")
SPEED = 20
"""Seconds of the tenants' world in a second. Much faster, it would become night before the last fault.

A poll of a tenant in which nobody is logged in has some 16 requests, one after the other. It takes more than a second,
and cannot be told from the next one.
"""
RESTART = 5.0
"""Seconds until systemd starts the board again, its `RestartSec`."""


def cpu(pid: int) -> float:
    """The seconds of CPU of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


class Measured:
    """A stage that is measured. `interval` is in seconds."""

    def __init__(self, stage: Stage, ways: list[Cable], interval: float) -> None:
        self.stage = stage
        self.ways = ways
        self.interval = interval
        self.apart = interval / 2
        """Seconds between the requests of two polls. On a busy machine those of one take up to a second."""

    async def rest(self) -> None:
        """Wait until all live workers share all tenants, and each is polled."""
        workers = sum(worker.process.poll() is None for worker in self.stage.workers)
        loads: list[int] = []
        for _ in range(200):
            found = await status.survey(self.stage.engine, ZONE)
            loads = [one["tenants"] for one in found["workers"]]
            even = len(loads) == workers and sum(loads) == len(self.stage.addresses)
            if even and max(loads) - min(loads) <= max(2, sum(loads) // 10):
                return
            await asyncio.sleep(self.interval / 2)
        raise AssertionError(f"the fleet does not come to rest: {loads}")

    async def watch(self, name: str, fault: Callable[[], object], seconds: float) -> None:
        """Cause something, watch, and print what it did."""
        async with self.watched(name):
            fault()
            await asyncio.sleep(seconds)

    @asynccontextmanager
    async def watched(self, name: str) -> AsyncIterator[None]:
        """Print what the body did."""
        began, before = time.time(), await leaders(self.stage)
        yield
        after = await leaders(self.stage)
        moved = [what for what, leader in before.items() if after.get(what) != leader]
        self.row(name, list(self.stage.asked(began - 1.5 * self.interval)), ", ".join(moved) or "no")

    def row(self, name: str, asked: Sequence[Asked], moved: str = "") -> None:
        """Print the longest waits, and what got another leader."""
        gaps = sorted(longest_gaps(asked, asked[-1].began, apart=self.apart).values())
        late = sum(gap > 1.1 * self.interval for gap in gaps)
        worst = gaps[-1]
        print(
            f"| {name} | {worst:.2f} s | {worst / self.interval:.2f} | {late} of {len(gaps)}"
            f" | {max(0.0, overlap(asked)):.2f} s | {moved} |",
            flush=True,
        )


async def leaders(stage: Stage) -> dict[str, str | None]:
    """The leader of each stream, and of the tickets' consumer."""
    found: dict[str, str | None] = (await patiently(lambda: status.health(stage.engine, ZONE)))["leaders"]
    try:
        info = await patiently(lambda: stage.engine.call(f"CONSUMER.INFO.{streams_of(ZONE)[0]}.{CONSUMER}"))
    except ApiError:  # it has none now
        info = {}
    return {**found, CONSUMER: info.get("cluster", {}).get("leader")}


async def _fleet(folder: Path, tenants: int, interval: int, workers: int) -> None:
    async with staged(folder, tenants=tenants) as stage, cables(stage.ports) as ways:
        here = Measured(stage, ways, interval)
        code, out, err = await rollcall("fleet", "apply", str(stage.write_file(f"{interval}s")))
        if code:
            raise SystemExit(out + err)
        for _ in range(workers):
            stage.start_worker()
        await here.rest()
        say("the fleet rests")
        print(
            "| fault | a tenant was not polled for | intervals | tenants over 1.1 | polled by two at once"
            " | another leader |"
        )
        print("| --- | --- | --- | --- | --- | --- |")
        await _calm(here)
        await here.watch("a worker joins", stage.start_worker, 8 * interval)
        await here.rest()
        await here.watch("SIGTERM of a worker", lambda: stage.workers[-1].signal(signal.SIGTERM), 5 * interval)
        await here.rest()
        await here.watch("kill -9 of a worker", lambda: stage.workers[0].signal(signal.SIGKILL), 5 * interval)
        stage.start_worker()
        await here.rest()
        async with here.watched("SIGSTOP of a worker for 20 s, then woken"):
            stage.workers[1].signal(signal.SIGSTOP)
            await asyncio.sleep(20)
            stage.workers[1].signal(signal.SIGCONT)
            await asyncio.sleep(2 * interval)
        await here.rest()
        await here.watch("kill -9 of a node", lambda: signal_node(stage.nodes[0], signal.SIGKILL), 15)
        stage.nodes[0].start()
        await stage.ready()
        for number in range(3):
            leader = (await status.health(stage.engine, ZONE))["leaders"][streams_of(ZONE)[number % 2]]
            (node,) = [one for one in stage.nodes if one.name == leader]
            freeze = lambda node=node: signal_node(node, signal.SIGSTOP)  # noqa: E731
            await here.watch(f"a leader's node frozen for 15 s ({number + 1} of 3)", freeze, 15)
            signal_node(node, signal.SIGCONT)
            await stage.ready()
        async with here.watched("all nodes restarted, one after the other"):
            for node in stage.nodes:
                await asyncio.to_thread(node.stop)
                await asyncio.to_thread(node.start)
                await stage.ready()
        await here.rest()
        stage.start_worker([way.url for way in ways])
        await here.rest()
        async with here.watched("a worker cut off for 20 s"):
            for way in ways:
                way.cut()
            await asyncio.sleep(20)
            for way in ways:
                way.mend()
            await asyncio.sleep(2 * interval)
        lost = doubled = changes = 0
        for some in (await stage.history()).values():
            number = 0
            for _, record in some:
                lost += max(0, record.number - len(record.changes) - number)
                doubled += max(0, number - record.number + len(record.changes))
                number = record.number
            changes += number
        print(f"\n{changes:,} changes in all: {lost} lost, {doubled} doubled.\n")


async def _calm(here: Measured) -> None:
    """Watch without a fault, and print what a poll costs."""
    nodes = [node.process.pid for node in here.stage.nodes if node.process is not None]
    workers = [worker.process.pid for worker in here.stage.workers]
    before = sum(map(cpu, nodes)), sum(map(cpu, workers))
    began = time.time()
    await here.watch("none", lambda: None, 20)
    number = sum(map(len, polls(list(here.stage.asked(began)), apart=here.apart).values()))
    engine, own = sum(map(cpu, nodes)) - before[0], sum(map(cpu, workers)) - before[1]
    say(f"{number} polls: {engine / number * 1000:.2f} ms of the engine, {own / number * 1000:.2f} ms of workers, each")


async def _alone(folder: Path, tenants: int, interval: int) -> None:
    """One process with many profiles, killed and started again as systemd does."""
    async with staged(folder, tenants=tenants, nodes=1) as stage:
        config = folder / "config.toml"
        config.write_text(
            "".join(
                f'[profiles.{name}]\ninstance = "{url}"\ncontract = "v2"\nclient_id = "emulated-client"\n'
                'client_secret = "emulated-secret"\n'
                for name, (url, _) in stage.addresses.items()
            )
        )
        config.chmod(0o600)
        profiles = [word for name in stage.addresses for word in ("--profile", name)]
        command = [sys.executable, "-m", "cxone_rollcall", "serve", "--listen", "127.0.0.1:0", *profiles]
        environ = {**os.environ, "ROLLCALL_CONFIG": str(config), SECRET: ""}

        def start() -> subprocess.Popen[bytes]:
            return subprocess.Popen([*command, "--interval", str(interval)], env=environ, stderr=subprocess.DEVNULL)

        here = Measured(stage, [], interval)
        process = await asyncio.to_thread(start)
        try:
            await asyncio.sleep(15)
            before = cpu(process.pid)
            began = time.time()
            await asyncio.sleep(20)
            asked = list(stage.asked(began - 1.5 * interval))
            here.row("one process, none", asked)
            since = [one for one in asked if one.began >= began]
            number = sum(map(len, polls(since, apart=here.apart).values()))
            say(f"one process, {number} polls: {(cpu(process.pid) - before) / number * 1000:.2f} ms each")
            began = time.time()
            process.kill()
            await asyncio.sleep(RESTART)
            process = await asyncio.to_thread(start)
            await asyncio.sleep(12)
            here.row("one process, kill -9", list(stage.asked(began - 1.5 * interval)))
        finally:
            process.kill()
            process.wait()


def main() -> None:
    """Measure both, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m quality.fleet.measured", description=__doc__)
    parser.add_argument("--tenants", type=int, default=60)
    parser.add_argument("--interval", type=int, default=2)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--latency", type=float, default=50.0, help="milliseconds of each response of a tenant")
    options = parser.parse_args()
    os.environ["FLEET_LATENCY"] = str(options.latency)  # for the process of the tenants
    os.environ["FLEET_SPEED"] = str(SPEED)
    with tempfile.TemporaryDirectory(prefix="rollcall-fleet-") as folder:
        asyncio.run(_fleet(Path(folder) / "fleet", options.tenants, options.interval, options.workers))
        asyncio.run(_alone(Path(folder) / "alone", options.tenants, options.interval))


if __name__ == "__main__":
    main()
