"""Commands that run something on this machine until a signal."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import pytest

from cxone_rollcall.cli import signals
from cxone_rollcall.cli.main import run
from cxone_rollcall.emulator import Address, Emulator
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
    """Its settings are printed as lines for a shell. They have the address behind a name."""
    assert (
        run(["emulate", "--host", "localhost", "--port", "0", "--agents", "3", "--seed", "9", "--client-id", "me too"])
        == 0
    )
    url = r"http://(127\.0\.0\.1|\[::1\]):\d+"
    first, *exports = capsys.readouterr().out.splitlines()
    assert re.fullmatch(rf"# 3 agents, seed 9; faults: {url}/_emulator/faults", first)
    assert re.fullmatch(rf"export CXONE_INSTANCE={url}", exports[0])
    assert "export CXONE_CLIENT_ID='me too'" in exports
    assert done == ["waits for a signal"]


def test_an_emulated_tenant_has_the_certificate_of_its_name(
    done: DONE, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With TLS the settings have the typed name and the certificate."""

    @asynccontextmanager
    async def running(emulator: Emulator, *given: object, tls: object) -> AsyncIterator[Address]:
        assert (given, tls) == (("emulated.example", 7), "context of c.pem and k.pem")
        yield Address("127.0.0.1", 7, "https")

    def context(certificate: str, key: str, *, example: str) -> str:
        return f"context of {certificate} and {key}"

    monkeypatch.setattr(import_module("cxone_rollcall.cli.emulate"), "tls_context", context)
    monkeypatch.setattr(Emulator, "running", running)
    options = ("--host", "emulated.example", "--port", "7", "--tls-cert", "c.pem", "--tls-key", "k.pem")
    assert run(["emulate", *options]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "export CXONE_INSTANCE=https://emulated.example:7" in lines
    assert lines[-1] == f"export CXONE_CA_BUNDLE={Path('c.pem').resolve()}"


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
