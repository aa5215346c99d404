"""`rollcall fleet demo`: what it starts, shows and starts again. Its processes are fakes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cxone_rollcall.cli import signals
from cxone_rollcall.cli.main import run
from cxone_rollcall.errors import EngineError
from cxone_rollcall.fleet import connection, embedded, operator, reading, status, streams

demo: Any = import_module("cxone_rollcall.cli.fleet.demo")  # the package has the command under this name
LOOKS = 3
SLEEP = asyncio.sleep


class Process:
    """A process that is not there."""

    started: list[Process] = []  # noqa: RUF012  of the test

    def __init__(self, command: list[str], *, env: dict[str, str], **more: Any) -> None:
        self.command, self.env, self.pid = command, env, 4_000_000 + len(self.started)
        self.code: int | None = None
        self.started.append(self)

    def poll(self) -> int | None:
        """Its exit code."""
        return self.code

    def kill(self) -> None:
        """End it."""
        self.code = -9

    def wait(self) -> None:
        """It has ended."""
        assert self.code is not None


class Played:
    """A fleet of nothing but its tenants. `looks` counts the pictures."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.looks = 0
        self.pauses = 0
        self.stopped = asyncio.Event()
        self.carried: list[Any] = []
        self.node = SimpleNamespace(
            name="n1", url="nats://127.0.0.1:7", process=SimpleNamespace(pid=7, poll=lambda: None)
        )
        monkeypatch.setattr(Process, "started", [])
        for where, name in (
            (embedded, "running"),
            (connection, "connected"),
            (streams, "look"),
            (streams, "make_so"),
            (operator, "carry_out"),
            (status, "survey"),
            (reading, "follow"),
        ):
            monkeypatch.setattr(where, name, getattr(self, name))
        monkeypatch.setattr(reading, "record_of", lambda stored: stored.record)
        monkeypatch.setattr(demo.subprocess, "Popen", Process)
        monkeypatch.setattr(demo, "table", lambda found: f"look {found}")
        monkeypatch.setattr(demo.asyncio, "sleep", self.sleep)
        monkeypatch.setattr(signals, "stopping", self.stopping)

    @contextmanager
    def stopping(self) -> Iterator[asyncio.Event]:
        """What a signal sets."""
        yield self.stopped

    @asynccontextmanager
    async def running(self, folder: object, nodes: int) -> AsyncIterator[list[Any]]:
        """Three nodes were asked for."""
        assert nodes == 3
        yield [self.node]

    @asynccontextmanager
    async def connected(self, urls: list[str], *, name: str) -> AsyncIterator[str]:
        """An engine at the node's address."""
        assert (urls, name) == ([self.node.url], "rollcall-demo")
        yield "engine"

    async def look(self, engine: str, zone: str, *, beat: float) -> str:
        """What is there."""
        return f"{engine} of {zone}, each {beat:g} s"

    async def make_so(self, engine: str, layout: str, beat: float) -> None:
        """Make what is not."""
        assert (engine, layout, beat) == ("engine", "engine of demo, each 2 s", 2.0)

    async def carry_out(self, engine: str, file: Any, change: Any, found: dict[str, Any]) -> None:
        """Add the tenants."""
        self.carried = [file, change.lines(), found]

    async def survey(self, engine: str, zone: str) -> int:
        """Look. The second look fails, the last one is the end."""
        await asyncio.sleep(0)
        self.looks += 1
        if self.looks == 1:
            Process.started[0].code = -9
        if self.looks == 2:
            raise EngineError("the engine has no leader")
        assert self.pauses == self.looks - 1
        if self.looks == LOOKS:
            self.stopped.set()
        return self.looks

    async def sleep(self, seconds: float) -> None:
        """Let others go on, and count the pauses between looks."""
        self.pauses += seconds == demo.LOOK
        await SLEEP(0)

    async def follow(self, engine: str, zone: str, tenant: None, start: int) -> AsyncIterator[list[Any]]:
        """Six changes of one tenant, one of another. One was lost."""
        assert (zone, tenant, start) == ("demo", None, 1)
        told = [("a", 3, 3), ("a", 5, 2), ("b", 1, 1), ("a", 7, 1)]
        yield [
            SimpleNamespace(subject=f"hist.demo.{name}", record=SimpleNamespace(number=number, changes=[0] * changes))
            for name, number, changes in told
        ]
        await asyncio.Event().wait()


@pytest.mark.parametrize(("back", "again"), [(0.0, 1), (3600.0, 0)])
def test_a_fleet_to_kill_parts_of(
    back: float, again: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Tenants and workers are started. Each look shows the fleet; what is dead comes back after a while."""
    monkeypatch.setattr(demo, "BACK", back)
    played = Played(monkeypatch)
    assert run(["fleet", "demo", "--tenants", "2", "--workers", "2"]) == 0
    printed = capsys.readouterr()
    assert printed.err.startswith("starting 2 emulated tenants, 3 nodes and 2 workers in ")
    assert "/rollcall-fleet-" in Path(printed.err.partition(" in ")[2]).as_posix()
    file, lines, found = played.carried
    assert (file.zone, lines, found) == ("demo", ["tenant tenant001: is added", "tenant tenant002: is added"], {})
    assert len({one.settings["instance"] for one in file.tenants}) == 2
    assert {(one.interval, one.settings["client_secret"]) for one in file.tenants} == {(2.0, f"env:{demo.SECRET}")}
    assert len(Process.started) == 2 + again
    assert all(one.code == -9 for one in Process.started)
    for worker in Process.started:
        assert worker.command[1:] == [
            "-m",
            "cxone_rollcall",
            *("fleet", "worker", "--nats", "nats://127.0.0.1:7", "--zone", "demo"),
        ]
        assert worker.env[demo.SECRET] == "emulated-secret"
    pictures = printed.out.split("\n\n")
    assert [picture.partition("\n")[0] for picture in pictures[:LOOKS]][1:] == ["the engine has no leader", "look 3"]
    first = 4_000_002 if again else 4_000_000
    assert pictures[LOOKS - 1].splitlines() == [
        "look 3",
        "changes: 8 numbered without a gap, 1 lost or doubled",
        "kill -9 or kill -STOP:  n1 7",
        f"worker {first}  worker 4000001   (kill -CONT wakes what was stopped)",
        "its board:  rollcall serve --fleet nats://127.0.0.1:7 --zone demo",
    ]


def test_a_count_that_fails_ends_it(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """If the changes cannot be followed, the demo ends with the reason. Its workers end, too."""
    played = Played(monkeypatch)

    async def follow(*arguments: object) -> AsyncIterator[list[Any]]:
        raise EngineError("a newer rollcall wrote it", exit_code=2)
        yield []

    async def survey(engine: str, zone: str) -> int:
        await asyncio.sleep(0)
        return 1

    monkeypatch.setattr(reading, "follow", follow)
    monkeypatch.setattr(status, "survey", survey)
    assert run(["fleet", "demo", "--tenants", "1", "--workers", "1"]) == 2
    assert "rollcall: a newer rollcall wrote it\n" in capsys.readouterr().err
    assert [one.code for one in Process.started] == [-9]
    assert not played.looks


def test_what_comes_back_in_time_is_dead_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten seconds after its last death a part is started. Being awake in between counts."""
    now, codes, started = [0.0], iter((-9, -9, None, -9, -9, -9)), list[float]()
    part = SimpleNamespace(process=SimpleNamespace(poll=lambda: next(codes)), start=lambda: started.append(now[0]))
    monkeypatch.setattr(demo, "time", SimpleNamespace(monotonic=lambda: now[0]))
    dead: dict[int, float] = {}
    for moment in (0.0, 9.9, 10.0, 12.0, 21.9, 22.0):
        now[0] = moment
        demo._revive(part, dead)  # noqa: SLF001
    assert started == [22.0]
