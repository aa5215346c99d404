"""A fleet on this machine, and what is seen of it."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from tests.fleet.tenants import ADDRESSES, LOG
from tests.fleet.user import CLIENT

from cxone_rollcall.errors import EngineError
from cxone_rollcall.fleet import operator, records, status
from cxone_rollcall.fleet.connection import connected
from cxone_rollcall.fleet.embedded import Node, ready, running
from cxone_rollcall.fleet.engine import Engine, Refused, Stored, streams_of
from cxone_rollcall.fleet.records import Record

T = TypeVar("T")
ZONE = "eu"
HISTORY = streams_of(ZONE)[1], f"hist.{ZONE}.*"
ROOT = Path(__file__).parents[2]
SECRET = "FLEET_TEST_SECRET"
NO_LEADER = 3
"""The exit code of a command that the engine cannot answer now."""


class Asked(NamedTuple):
    """A request: begin, end, the tenant, whose token, the path."""

    began: float
    ended: float
    tenant: str
    who: str
    path: str


class Worker:
    """A worker process."""

    def __init__(
        self, number: int, urls: Sequence[str], folder: Path, *, capacity: int = 250, environ: Mapping[str, str]
    ) -> None:
        self.number = number
        self.log = folder / f"worker{number}.log"
        command = [sys.executable, "-m", "cxone_rollcall", "fleet", "worker", "--nats", ",".join(urls)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--zone", ZONE, "--capacity", str(capacity)],
                stderr=log,
                stdout=log,
                env={**os.environ, SECRET: "emulated-secret", "ROLLCALL_CONFIG": "", **environ},
                cwd=folder,
            )

    def signal(self, number: int) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    def end(self) -> None:
        """Kill it, if it lives."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
        self.process.wait()


class Stage:
    """Everything that runs. `user` is the tenant that is polled with a user's login, "" if none is."""

    def __init__(self, folder: Path, nodes: list[Node], engine: Engine, tenants: subprocess.Popen[str]) -> None:
        self.folder = folder
        self.nodes = nodes
        self.engine = engine
        self.tenants = tenants
        self.workers: list[Worker] = []
        self.user = ""
        self.addresses: dict[str, tuple[str, float]] = json.loads((folder / ADDRESSES).read_text())

    @property
    def urls(self) -> list[str]:
        """The addresses of all nodes."""
        return [node.url for node in self.nodes]

    @property
    def ports(self) -> list[int]:
        """The ports of all nodes."""
        return [int(url.rpartition(":")[2]) for url in self.urls]

    async def ready(self) -> None:
        """Wait until each node stores and is up to date."""
        await ready(self.nodes)
        found: dict[str, Any] = {}
        for _ in range(600):  # an empty node on a busy machine may take half a minute
            found = await status.health(self.engine, ZONE)
            if is_led(found) and all(one["current"] for one in found["nodes"]):
                return
            await asyncio.sleep(0.1)
        raise AssertionError(f"the nodes are not up to date: {found}")

    async def survey(self) -> dict[str, Any]:
        """How the fleet is."""
        return await patiently(lambda: status.survey(self.engine, ZONE))

    async def last_sequence(self) -> int:
        """The sequence of the last record."""
        return await patiently(lambda: operator.last_sequence(self.engine, ZONE))

    async def apply(self, *names: str) -> str:
        """Apply a fleet.toml with some tenants, by default all. Returns what that says."""
        path, said = self.write_file("1s", names), ""
        for _ in range(20):  # after a fault, a stream may have no leader for a moment
            code, out, err = await rollcall("fleet", "apply", str(path))
            said += out
            if code != NO_LEADER:
                assert (code, err) == (0, ""), said + err
                return said
        raise AssertionError(f"the engine has no leader: {said}")

    def start_worker(
        self, urls: Sequence[str] = (), *, capacity: int = 250, environ: Mapping[str, str] | None = None
    ) -> Worker:
        """Start a worker."""
        worker = Worker(len(self.workers), urls or self.urls, self.folder, capacity=capacity, environ=environ or {})
        self.workers.append(worker)
        return worker

    def write_file(self, interval: str = "1s", names: Sequence[str] = ()) -> Path:
        """Write a fleet.toml with some tenants, by default all."""
        lines = [f"nats = {json.dumps(self.urls)}", f'zone = "{ZONE}"']
        for name in names or self.addresses:
            lines += [
                "[[tenant]]",
                f'id = "{name}"',
                f'interval = "{interval}"',
                f'instance = "{self.addresses[name][0]}"',
                'contract = "v2"',
                f'client_id = "{CLIENT}"',
                'grant_type = "authorization_code"' if name == self.user else f'client_secret = "env:{SECRET}"',
            ]
        path = self.folder / "fleet.toml"
        path.write_text("\n".join(lines) + "\n")
        return path

    def switch(self, tenant: str, *faults: str) -> None:
        """Switch the faults of a tenant."""
        assert self.tenants.stdin is not None
        self.tenants.stdin.write(" ".join((tenant, *faults)) + "\n")
        self.tenants.stdin.flush()

    def asked(self, since: float = 0.0) -> Iterator[Asked]:
        """The requests since a time."""
        for line in (self.folder / LOG).read_text().splitlines():
            parts = line.split()
            if len(parts) == 5 and float(parts[0]) >= since:
                yield Asked(float(parts[0]), float(parts[1]), parts[2], parts[3], parts[4])

    async def history(self) -> dict[str, list[tuple[int, Record]]]:
        """All records by tenant, with their sequences."""
        found: dict[str, list[tuple[int, Record]]] = defaultdict(list)
        for one in await self.stored(1):
            found[one.subject.rpartition(".")[2]].append((one.sequence, records.decode_record(one.data)))
        return found

    async def stored(self, start: int) -> list[Stored]:
        """All messages of the history from a sequence on.

        A replica may be behind, and after a node has ended, a leader may be missing for a moment.
        """
        found: list[Stored] = []
        for _ in range(100):
            with suppress(Refused):
                until = await self.last_sequence()
                while start <= until and (some := await self.engine.read(*HISTORY, start)):
                    found += some
                    start = some[-1].sequence + 1
                if start > until:
                    return found
            await asyncio.sleep(0.1)
        raise AssertionError(f"nobody gives the history from {start} on")

    async def run_and_kill(self, *arguments: str, seconds: float) -> None:
        """Run a command, and kill it after some seconds."""
        process = await rollcall_process(*arguments)
        await asyncio.sleep(seconds)
        assert process.returncode is None, (await process.communicate())[1].decode()
        process.kill()
        await process.communicate()

    async def run_until(self, done: Callable[[], bool], *arguments: str) -> None:
        """Run a command until something is true, then end it. It must end well."""
        process = await rollcall_process(*arguments)
        try:
            assert process.stderr is not None
            await process.stderr.readline()  # it has begun, and takes signals
            for _ in range(300):
                if done() or process.returncode is not None:
                    break
                await asyncio.sleep(0.1)
            is_done = done()
        finally:
            if process.returncode is None:
                process.terminate()
            _, err = await process.communicate()
        assert is_done, err
        assert process.returncode == 0, err

    async def tail(self, number: int) -> list[dict[str, Any]]:
        """So many lines from the start, and one more if it comes."""
        process = await rollcall_process("fleet", "tail", "--from-start", "--nats", ",".join(self.urls), "--zone", ZONE)
        assert process.stdout is not None
        lines: list[dict[str, Any]] = []
        try:
            while len(lines) < number:
                lines.append(json.loads(await asyncio.wait_for(process.stdout.readline(), 20)))
            with suppress(TimeoutError):
                lines.append(json.loads(await asyncio.wait_for(process.stdout.readline(), 1)))
        finally:
            process.terminate()
            await process.communicate()
        return lines


async def patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """What the engine answers. After a fault, a stream may have no leader for a moment."""
    for _ in range(100):
        with suppress(Refused, EngineError):
            return await ask()
        await asyncio.sleep(0.1)
    return await ask()


def is_led(found: Mapping[str, Any]) -> bool:
    """Whether each stream has a leader."""
    return not found["unasked"] and None not in found["leaders"].values()


def signal_node(node: Node, number: int) -> None:
    """Send a signal to a node. One that is killed is gone afterwards."""
    assert node.process is not None
    node.process.send_signal(number)
    if number == signal.SIGKILL:
        node.process.wait()


async def rollcall_process(
    *arguments: str, environ: Mapping[str, str] | None = None, silent: bool = False
) -> asyncio.subprocess.Process:
    """Start a command. What a silent one says is not kept."""
    output = subprocess.DEVNULL if silent else subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cxone_rollcall", *arguments),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        env={**os.environ, **(environ or {})},
    )


async def worker_process(url: str, zone: str, environ: Mapping[str, str] | None = None) -> asyncio.subprocess.Process:
    """Start a worker of a zone."""
    return await rollcall_process("fleet", "worker", "--nats", url, "--zone", zone, environ=environ)


async def listening(node: Node) -> None:
    """Wait until a node listens."""
    port = int(node.url.rpartition(":")[2])
    for _ in range(600):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return
    raise AssertionError(f"{node.name} does not listen")


async def rollcall(*arguments: str, environ: Mapping[str, str] | None = None) -> tuple[int, str, str]:
    """Run a command. Returns its exit code, stdout and stderr."""
    process = await rollcall_process(*arguments, environ=environ)
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


@asynccontextmanager
async def staged(folder: Path, *, tenants: int, nodes: int = 3) -> AsyncIterator[Stage]:
    """Run an engine and emulated tenants until the block ends."""
    emulated = await asyncio.to_thread(_emulate, folder, tenants)
    try:
        async with (
            running(folder / "engine", nodes) as made,
            connected([one.url for one in made], name="test") as engine,
        ):
            stage = Stage(folder, made, engine, emulated)
            try:
                yield stage
            finally:
                for worker in stage.workers:
                    worker.end()
    finally:
        emulated.terminate()
        emulated.communicate()


def _emulate(folder: Path, tenants: int) -> subprocess.Popen[str]:
    folder.mkdir(parents=True, exist_ok=True)
    emulated = subprocess.Popen(
        [sys.executable, "-m", "tests.fleet.tenants", str(tenants), str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert emulated.stdout is not None
    assert emulated.stdout.readline() == "ready\n"
    return emulated


def polls(asked: Sequence[Asked], *, apart: float = 0.3) -> dict[str, list[float]]:
    """When each tenant's polls began. Requests closer than `apart` seconds, with one token, are of the same poll."""
    found: dict[str, list[float]] = defaultdict(list)
    last: dict[str, tuple[float, str]] = {}
    for one in sorted(asked):
        if one.who == "-":
            continue  # the request for the token
        began, who = last.get(one.tenant, (0.0, one.who))
        if one.began - began > apart or one.who != who:
            found[one.tenant].append(one.began)
        last[one.tenant] = one.began, one.who
    return found


def longest_gaps(asked: Sequence[Asked], until: float, *, apart: float = 0.3) -> dict[str, float]:
    """The longest time between the begins of two polls, by tenant."""
    gaps = {}
    for tenant, times in polls(asked, apart=apart).items():
        gaps[tenant] = max(later - one for one, later in zip(times, [*times[1:], until], strict=True))
    return gaps


def overlap(asked: Sequence[Asked]) -> float:
    """The longest time for which two tokens' requests to a tenant overlapped."""
    spans: dict[tuple[str, str], tuple[float, float]] = {}
    for one in asked:
        if one.who != "-":
            begin, end = spans.get((one.tenant, one.who), (one.began, one.ended))
            spans[one.tenant, one.who] = min(begin, one.began), max(end, one.ended)
    longest = 0.0
    by_tenant: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for (tenant, _), span in spans.items():
        by_tenant[tenant].append(span)
    for some in by_tenant.values():
        some.sort()
        for (_, ended), (began, _) in itertools.pairwise(some):
            longest = max(longest, ended - began)
    return longest


def now() -> float:
    """The time in seconds since the epoch."""
    return time.time()


def kept_polls(path: Path) -> set[tuple[str, int]]:
    """The polls in a history file, as run and number. Empty while it is being made."""
    with suppress(sqlite3.OperationalError), closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        return set(db.execute("SELECT name, number FROM polls JOIN runs USING (run)"))
    return set()
