"""What other people's clients run in does no more than it says."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from tests.conformance import environments
from tests.conformance.environments import NotInstalledError, environment
from tests.conformance.proxy import proxying


async def _said(url: str, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    writer.write(request)
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


async def test_every_tunnel_leads_to_one_port() -> None:
    """Every tunnel leads to one port, and the host is recorded."""

    async def shout(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write((await reader.readline()).upper())
        await writer.drain()
        writer.close()

    far = await asyncio.start_server(shout, "127.0.0.1", 0)
    async with far, proxying(far.sockets[0].getsockname()[1]) as proxy:
        answer = await _said(proxy.url, b"CONNECT far.invalid:443 HTTP/1.1\r\nHost: far.invalid\r\n\r\nhear me\n")
    assert answer == b"HTTP/1.1 200 Connection Established\r\n\r\nHEAR ME\n"
    assert (proxy.hosts, proxy.refused) == (["far.invalid:443"], [])


async def test_proxy_passes_nothing_else_on() -> None:
    """A request that is no CONNECT is answered 405 and goes nowhere."""
    async with proxying(9) as proxy:
        answer = await _said(proxy.url, b"GET http://far.invalid/ HTTP/1.1\r\nHost: far.invalid\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 405 ")
    assert (proxy.hosts, proxy.refused) == ([], ["GET http://far.invalid/ HTTP/1.1"])


async def test_the_proxy_closes_its_tunnels() -> None:
    """An open tunnel is closed when the proxy ends."""
    idle: list[asyncio.StreamWriter] = []
    async with await asyncio.start_server(lambda _, writer: idle.append(writer), "127.0.0.1", 0) as far:
        async with proxying(far.sockets[0].getsockname()[1]) as proxy:
            reader, writer = await asyncio.open_connection("127.0.0.1", int(proxy.url.rpartition(":")[2]))
            writer.write(b"CONNECT far.invalid:443 HTTP/1.1\r\n\r\n")
            await reader.readuntil(b"\r\n\r\n")
        assert await asyncio.wait_for(reader.read(), 20) == b""
        writer.close()
        for one in idle:
            one.close()


@pytest.mark.skipif(os.name != "posix", reason="what stands in for Python is a script of the shell")
def test_an_environment_that_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If no environment can be made, other workers do not retry."""
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho tried >> tries\necho 'Error: no ensurepip here'\nexit 3\n")
    python.chmod(0o700)
    monkeypatch.setattr("sys.executable", str(python))
    monkeypatch.chdir(tmp_path)
    lock = tmp_path / "nothing.txt"
    lock.touch()
    for run in ("one", "one", "two"):
        monkeypatch.setenv("PYTEST_XDIST_TESTRUNUID", run)
        with pytest.raises(NotInstalledError, match=r"no ensurepip here \(exit code 3\)"):
            environment("nothing", lock=lock, cache=tmp_path / "cache")
    assert (tmp_path / "tries").read_text() == "tried\n" * 2


@pytest.mark.thorough
def test_a_client_that_cannot_be_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a client cannot be installed, other workers do not retry."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("PYTEST_XDIST_TESTRUNUID", "one")
    lock = tmp_path / "nothing.txt"
    lock.write_text(f"no-such-client==1.0 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(NotInstalledError, match=r"No matching distribution found for no-such-client"):
        environment("nothing", lock=lock, cache=tmp_path / "cache")
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("sys.executable", "/nowhere")
    with pytest.raises(NotInstalledError, match=r"No matching distribution found for no-such-client"):
        environment("nothing", lock=lock, cache=tmp_path / "cache")


def test_installation_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation that takes too long is ended and reported."""
    monkeypatch.setattr(environments, "LONGEST", 0.01)
    lock = tmp_path / "nothing.txt"
    lock.touch()
    with pytest.raises(NotInstalledError, match=r"longer than 0.01 s"):
        environment("nothing", lock=lock, cache=tmp_path / "cache")
