"""Commands that run something on this machine until a signal."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import pytest

from cxone_rollcall.cli import signals
from cxone_rollcall.cli.main import run
from cxone_rollcall.fleet import embedded

DONE = list[str]


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> DONE:
    """What is done. A signal comes when it is waited for."""
    done: DONE = []

    class Stopped(asyncio.Event):
        async def wait(self) -> Literal[True]:
            done.append("waits for a signal")
            return True

    @contextmanager
    def stopping() -> Iterator[Stopped]:
        yield Stopped()

    monkeypatch.setattr(signals, "stopping", stopping)
    return done


def test_an_emulated_tenant_runs_until_a_signal(done: DONE, capsys: pytest.CaptureFixture[str]) -> None:
    """Its settings are printed as lines for a shell."""
    assert run(["emulate", "--port", "0", "--agents", "3", "--seed", "9", "--client-id", "me too"]) == 0
    url = r"http://127\.0\.0\.1:\d+"
    first, *exports = capsys.readouterr().out.splitlines()
    assert re.fullmatch(rf"# 3 agents, seed 9; faults: {url}/_emulator/faults", first)
    assert re.fullmatch(rf"export CXONE_INSTANCE={url}", exports[0])
    assert "export CXONE_CLIENT_ID='me too'" in exports
    assert done == ["waits for a signal"]


def test_an_engine_runs_until_a_signal(
    done: DONE, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The address of each node is a line."""

    @asynccontextmanager
    async def running(folder: Path, nodes: int) -> AsyncIterator[list[Any]]:
        assert folder == tmp_path
        yield [SimpleNamespace(url=f"nats://127.0.0.1:{number}") for number in range(nodes)]
        done.append("ends its nodes")

    monkeypatch.setattr(embedded, "running", running)
    assert run(["fleet", "up", "--dir", str(tmp_path), "--nodes", "3"]) == 0
    assert capsys.readouterr().out == "nats://127.0.0.1:0\nnats://127.0.0.1:1\nnats://127.0.0.1:2\n"
    assert done == ["waits for a signal", "ends its nodes"]
