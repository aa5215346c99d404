"""`rollcall fleet demo`: a fleet on this machine, to kill parts of."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from cxone_rollcall.cli import signals, terminal
from cxone_rollcall.cli.fleet.options import need_nats
from cxone_rollcall.cli.fleet.status import table
from cxone_rollcall.model.wording import counted

if TYPE_CHECKING:
    from cxone_rollcall.config.fleet import FleetFile
    from cxone_rollcall.fleet.embedded import Node
    from cxone_rollcall.fleet.engine import Engine

ZONE, SECRET = "demo", "ROLLCALL_DEMO_SECRET"
AGENTS, INTERVAL = 30, 2.0
LOOK = 2.0
"""Seconds between two looks at the fleet."""
BACK = 10.0
"""Seconds until what was killed is started again."""


@click.command()
@click.option("--tenants", type=click.IntRange(1, 200), default=20, show_default=True, help="Emulated tenants.")
@click.option("--workers", type=click.IntRange(1, 20), default=3, show_default=True, help="Worker processes.")
def demo(tenants: int, workers: int) -> int:
    """Run a fleet on this machine until Ctrl-C, and show its status.

    Emulated tenants, an engine of three nodes and workers, each a process: kill what you like. What is killed comes
    back after ten seconds. No account is needed.
    """
    need_nats()
    signals.run(_run(tenants, workers))
    return 0


async def _run(tenants: int, workers: int) -> None:
    from cxone_rollcall.fleet import operator, streams
    from cxone_rollcall.fleet.connection import connected
    from cxone_rollcall.fleet.embedded import running

    with signals.stopping() as stopped:
        async with AsyncExitStack() as stack:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="rollcall-fleet-")))
            file, secret = await _emulate(stack, tenants)
            terminal.note(
                f"starting {counted(tenants, 'emulated tenant')}, 3 nodes and {counted(workers, 'worker')} in {folder}"
            )
            nodes = await stack.enter_async_context(running(folder, 3))
            urls = [node.url for node in nodes]
            engine = await stack.enter_async_context(connected(urls, name="rollcall-demo"))
            await streams.make_so(engine, await streams.look(engine, ZONE, beat=INTERVAL), INTERVAL)
            await operator.carry_out(engine, file, operator.plan(file.tenants, {}), {})
            crew = [Crew(urls, folder, secret) for _ in range(workers)]
            try:
                await signals.until(stopped, _show(engine, nodes, crew))
            finally:
                await asyncio.gather(*(asyncio.to_thread(one.end) for one in crew))


async def _emulate(stack: AsyncExitStack, tenants: int) -> tuple[FleetFile, str]:
    """Emulated tenants, as long as the stack lives, and their secret."""
    from cxone_rollcall.config.fleet import FleetFile, FleetTenant
    from cxone_rollcall.emulator import Emulator, EmulatorSettings

    made, secret = [], ""
    for number in range(1, tenants + 1):
        emulator = Emulator(EmulatorSettings(agents=AGENTS, seed=number, clock="running"))
        address = await stack.enter_async_context(emulator.running())
        theirs = emulator.credentials
        secret = theirs.client_secret
        settings = {"instance": address.url, "contract": "v2", "client_id": theirs.client_id}
        made.append(FleetTenant(f"tenant{number:03}", INTERVAL, {**settings, "client_secret": f"env:{SECRET}"}))
    return FleetFile((), ZONE, tuple(made)), secret


class Crew:
    """A worker process, and its successors."""

    def __init__(self, urls: list[str], folder: Path, secret: str) -> None:
        self._command = [sys.executable, "-m", "cxone_rollcall", "fleet", "worker", "--nats", ",".join(urls)]
        self._log = folder / "workers.log"
        self._environ = {**os.environ, SECRET: secret}
        self.start()

    def start(self) -> None:
        """Start it, also again."""
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self._command, "--zone", ZONE], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self._environ
            )

    def end(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()


async def _show(engine: Engine, nodes: list[Node], crew: list[Crew]) -> None:
    """Show the fleet, and start again what was killed."""
    from cxone_rollcall.errors import EngineError
    from cxone_rollcall.fleet import status
    from cxone_rollcall.live.tasks import ended

    numbers: dict[str, int] = {}
    wrong = [0]
    counting = asyncio.create_task(_count(engine, numbers, wrong))
    dead: dict[int, float] = {}
    try:
        while True:
            if counting.done():
                counting.result()  # without it the count would stand still, and look right
            try:
                shown = table(await status.survey(engine, ZONE))
            except EngineError as error:
                shown = str(error)
            lines = [
                shown,
                f"changes: {sum(numbers.values())} numbered without a gap, {wrong[0]} lost or doubled",
                "kill -9 or kill -STOP:  "
                + "  ".join(f"{node.name} {node.process.pid}" for node in nodes if node.process is not None),
                "  ".join(f"worker {one.process.pid}" for one in crew) + "   (kill -CONT wakes what was stopped)",
                f"its board:  rollcall serve --fleet {','.join(node.url for node in nodes)} --zone {ZONE}",
            ]
            if sys.stdout.isatty():
                click.clear()
            click.echo("\n".join(lines) + "\n")
            for part in (*nodes, *crew):
                _revive(part, dead)
            await asyncio.sleep(LOOK)
    finally:
        await ended([counting])


def _revive(part: Any, dead: dict[int, float]) -> None:
    """Start a node or worker that has been dead for a while."""
    if part.process.poll() is None:
        dead.pop(id(part), None)
    elif time.monotonic() - dead.setdefault(id(part), time.monotonic()) >= BACK:
        part.start()


async def _count(engine: Engine, numbers: dict[str, int], wrong: list[int]) -> None:
    """Follow the history, and count numbers that do not follow the last."""
    from cxone_rollcall.fleet.reading import follow, record_of

    async for found in follow(engine, ZONE, None, 1):
        for one in found:
            tenant, record = one.subject.rpartition(".")[2], record_of(one)
            wrong[0] += record.number - len(record.changes) != numbers.get(tenant, 0)
            numbers[tenant] = record.number
