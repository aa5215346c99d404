"""`rollcall fleet apply`, `tail` and `worker` with an engine in memory."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from tests.fleet.memory import Memory
from tests.fleet.seats import polled, seat
from tests.fleet.test_operator import set_up

from cxone_rollcall.cli import terminal
from cxone_rollcall.cli.main import run
from cxone_rollcall.errors import SettingError
from cxone_rollcall.fleet import metrics, reading, records, sink, tickets, worker
from cxone_rollcall.fleet.engine import Stored
from cxone_rollcall.fleet.login_setup import Step
from cxone_rollcall.fleet.records import Changed, Record

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are sent as POSIX has them")

FILE = """nats = ["nats://n1:4222", "nats://n2:4222"]
zone = "eu"
[[tenant]]
id = "acme"
interval = "10s"
instance = "https://h.example"
contract = "v2"
client_id = "me"
client_secret = "env:ACME"
"""
MISSING = """TICKETS-eu: is missing, will be made
HIST-eu: is missing, will be made
SNAP-eu: is missing, will be made
TOKENS-eu: is missing, will be made
TICKETS-eu, consumer workers: is missing, will be made
tenant acme: is added
"""

Given = list[tuple[Any, ...]]


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> Callable[[Memory], Given]:
    """Connects all commands to this engine. Returns what each connection was given."""

    def connect(memory: Memory) -> Given:
        connected: Given = []

        @asynccontextmanager
        async def engine_of(given: dict[str, Any], name: str, **more: Any) -> AsyncIterator[Any]:
            connected.append((given["nats"], given["zone"], name, more))
            yield memory.engine

        for command in ("apply", "sink", "tail", "worker"):
            monkeypatch.setattr(import_module(f"cxone_rollcall.cli.fleet.{command}"), "engine_of", engine_of)
        return connected

    return connect


def test_apply_shows_what_differs_and_makes_it_so(
    connections: Callable[[Memory], Given], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A dry run shows what differs and changes nothing. Then it is made, and nothing differs any more."""
    memory = Memory()
    connected = connections(memory)
    file = tmp_path / "fleet.toml"
    file.write_text(FILE)
    assert run(["fleet", "apply", str(file), "--dry-run"]) == 0
    assert capsys.readouterr() == (MISSING, "")
    assert memory.configs == {}
    assert run(["fleet", "apply", str(file)]) == 0
    assert capsys.readouterr().out == (f"{MISSING}1 tenant in zone eu: rollcall fleet worker --zone eu\n")
    assert [tickets.decode(one.data).id for one in memory.kept["TICKETS-eu"]] == ["acme"]
    made = json.dumps(memory.configs)
    assert run(["fleet", "apply", str(file)]) == 0
    assert capsys.readouterr().out == "nothing differs\n"
    assert json.dumps(memory.configs) == made
    file.write_text(FILE.replace("acme", "globex"))
    assert run(["fleet", "apply", str(file)]) == 0
    assert capsys.readouterr().out.splitlines()[:2] == ["tenant acme: is removed", "tenant globex: is added"]
    assert [tickets.decode(one.data).id for one in memory.kept["TICKETS-eu"]] == ["globex"]
    assert connected == [("nats://n1:4222,nats://n2:4222", "eu", "apply", {})] * 4


def test_apply_moves_logins_before_tickets(
    connections: Callable[[Memory], Given],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Workers find the login of a ticket. One that is missing fails after all else is done."""
    memory, done = Memory(), list[Any]()
    connections(memory)
    found = {"acme": Step.MOVE, "globex": Step.NOTHING, "new": Step.MISSING}

    class Setup:
        async def look(self, *, exists: bool) -> tuple[dict[str, Step], list[str]]:
            done.append(exists)
            return found, ["old"]

        def line(self, tenant: str, step: Step) -> str:
            return f"tenant {tenant}: {step.name}"

        def failure(self, steps: object) -> SettingError:
            assert steps == found
            return SettingError("new has no login")

        async def carry_out(self, *given: object) -> None:
            done.append((given, memory.kept["TICKETS-eu"].copy()))

    monkeypatch.setattr(import_module("cxone_rollcall.cli.fleet.apply"), "_login_setup", lambda *given: Setup())
    file = tmp_path / "fleet.toml"
    file.write_text(FILE)
    for _ in range(2):
        assert run(["fleet", "apply", str(file)]) == 2
    printed = capsys.readouterr()
    logins = "tenant acme: MOVE\ntenant old: its login is deleted\n"
    ready = "1 tenant in zone eu: rollcall fleet worker --zone eu\n"
    assert printed.out == f"{MISSING}{logins}{ready}{logins}{ready}"
    assert printed.err == "rollcall: new has no login\n" * 2
    given = (found, ["old"])
    assert done == [False, (given, []), True, (given, memory.kept["TICKETS-eu"])]
    assert len(memory.kept["TICKETS-eu"]) == 1


@pytest.fixture
def zone() -> Memory:
    """An engine with the zone `eu`, without tenants."""
    return asyncio.run(set_up())


@pytest.mark.parametrize(("options", "start"), [([], 4), (["--from-start", "--tenant", "acme"], 1)])
def test_tail_prints_changes_until_a_signal(
    options: list[str],
    start: int,
    tmp_path: Path,
    zone: Memory,
    connections: Callable[[Memory], Given],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Changes are printed as they come: new ones, or all. A tenant that nobody polls is noted."""
    connected, followed, passed_on = connections(zone), list[Any](), list[str]()
    sent = tmp_path / "sent"
    zone._last["HIST-eu"] = 3  # noqa: SLF001  three records were stored
    record = Record(owner="w1", token="t", number=1, polled=polled(1.0), changes=(Changed("7", None, seat("7")),))
    stored = Stored(4, "hist.eu.acme", records.encode(record), 1.0)

    async def follow(engine: object, *given: object) -> AsyncIterator[list[Stored]]:
        followed.append(given)
        yield [stored, stored]
        passed_on.extend(sent.read_text().splitlines())
        yield [stored]
        signal.raise_signal(signal.SIGTERM)
        await asyncio.Event().wait()

    monkeypatch.setattr(reading, "follow", follow)
    with sent.open("w") as file:
        monkeypatch.setattr(sys, "stdout", file)
        assert run(["fleet", "tail", "--nats", "nats://n1", "--zone", "eu", *options]) == 0
    lines = [json.loads(line) for line in sent.read_text().splitlines()]
    assert lines == [lines[0]] * 3
    assert len(passed_on) == 2
    assert [lines[0][name] for name in ("tenant", "number", "owner", "agent_id")] == ["acme", 1, "w1", "7"]
    assert capsys.readouterr().err == ("zone eu has no tenant acme now: nobody polls it\n" if options else "")
    assert followed == [("eu", "acme" if options else None, start)]
    assert connected == [("nats://n1", "eu", "tail", {})]


def test_a_sink_stores_until_a_signal(
    tmp_path: Path,
    zone: Memory,
    connections: Callable[[Memory], Given],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The folder is made, for its owner alone. How many records were stored is noted."""
    connected, folder = connections(zone), tmp_path / "new" / "files"

    class Sink:
        stored = 2

        def __init__(self, *given: object) -> None:
            assert given == (zone.engine, "eu", folder, terminal.note)

        async def run(self) -> None:
            signal.raise_signal(signal.SIGTERM)
            await asyncio.Event().wait()

    monkeypatch.setattr(sink, "Sink", Sink)
    assert run(["fleet", "sink", "--nats", "nats://n1", "--zone", "eu", "--dir", str(folder)]) == 0
    assert folder.stat().st_mode & 0o777 == 0o700
    assert connected == [("nats://n1", "eu", "sink", {})]
    begins = f"storing the history of zone eu in {folder} (Ctrl-C ends)\n"
    assert capsys.readouterr().err == f"{begins}2 records stored\n"


@pytest.mark.parametrize("shows_metrics", [False, True])
def test_a_worker_polls_until_a_signal(
    shows_metrics: bool,
    zone: Memory,
    connections: Callable[[Memory], Given],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A worker gets its options and the zone's beat. Its steps are noted."""
    connected, made, served = connections(zone), list[Any](), list[Any]()

    class Worker:
        taken = 2

        def __init__(self, engine: object, **given: Any) -> None:
            assert engine is zone.engine
            made.append(given)

        async def run(self, stopped: asyncio.Event) -> None:
            signal.raise_signal(signal.SIGTERM)
            await stopped.wait()

    @asynccontextmanager
    async def serving(*given: object) -> AsyncIterator[str]:
        served.append(given[1:])
        yield "http://127.0.0.1:9464"

    monkeypatch.setattr(worker, "Worker", Worker)
    monkeypatch.setattr(worker, "worker_name", lambda host: f"w.{host}")
    monkeypatch.setattr(socket, "gethostname", lambda: "h")
    monkeypatch.setattr(metrics, "serving", serving)
    options = ["--metrics", "127.0.0.1:9464"] if shows_metrics else []
    assert run(["fleet", "worker", "--nats", "nats://n1", "--zone", "eu", "--capacity", "7", *options]) == 0
    (given,) = made
    assert given.pop("profiles").profiles == {}
    assert given == {
        "zone": "eu",
        "beat": 10.0,
        "capacity": 7,
        "name": "w.h",
        "environ": os.environ,
        "complain": terminal.note,
    }
    assert connected == [("nats://n1", "eu", "worker", {}), ("nats://n1", "eu", "w.h", {"beat": 10.0})]
    assert served == ([("127.0.0.1", 9464, 10.0)] if shows_metrics else [])
    assert capsys.readouterr().err == (
        "worker w.h polls tenants of zone eu, at most 7 (Ctrl-C ends)\n"
        + ("metrics at http://127.0.0.1:9464\n" if shows_metrics else "")
        + "worker w.h has ended: 2 tenants taken in all\n"
    )
