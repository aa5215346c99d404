"""A CONNECT proxy that leads every tunnel to one address."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

_LONGEST = 60
"""Seconds that a tunnel may last, longer than any test needs."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """A running proxy: its address, and the requested hosts in order."""

    url: str
    hosts: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """The first lines of requests that were no CONNECT, not passed on."""


@contextlib.asynccontextmanager
async def proxying(to_port: int) -> AsyncIterator[Proxy]:
    """Listen on loopback until the block ends. Every tunnel leads to this port of loopback."""
    tunnels: set[asyncio.Task[None]] = set()
    hosts: list[str] = []
    refused: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tunnels.add(task)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, TimeoutError):
                async with asyncio.timeout(_LONGEST):
                    await _tunnel(reader, writer, to_port, hosts, refused)
        finally:
            tunnels.discard(task)
            await _close(writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield Proxy(f"http://127.0.0.1:{port}", hosts, refused)
    finally:
        server.close()
        for tunnel in tuple(tunnels):
            tunnel.cancel()
        await asyncio.gather(*tunnels, return_exceptions=True)
        await server.wait_closed()


async def _tunnel(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int, hosts: list[str], refused: list[str]
) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    first = head.partition(b"\r\n")[0].decode("ascii", "replace")
    method, _, rest = first.partition(" ")
    if method != "CONNECT":
        refused.append(first)
        writer.write(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        return
    hosts.append(rest.partition(" ")[0])
    far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(b"HTTP/1.1 200 Connection Established\r\n\r\n")
        there = asyncio.create_task(_pump(reader, far_writer))
        back = asyncio.create_task(_pump(far_reader, writer))
        try:
            # The first side that hangs up ends the tunnel: HTTP needs no half-open one.
            await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            there.cancel()
            back.cancel()
            await asyncio.gather(there, back, return_exceptions=True)
    finally:
        await _close(far_writer)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
