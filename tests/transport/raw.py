"""Raw TCP servers: read a request, and do what a test wants."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from ssl import SSLContext

from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.transport.http import HttpTransport

Handle = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]
GET = Request(method="GET", target="/api/v2/agents", purpose="a test")


@contextlib.asynccontextmanager
async def listening(handle: Handle, *, tls: SSLContext | None = None, until: bytes = b"\r\n\r\n") -> AsyncIterator[str]:
    """Listen on loopback; yields a URL.

    `handle` gets the bytes that came `until` then, and the writer to the client.
    """
    connections: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = await reader.readuntil(until)
            await handle(head, writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    scheme = "https" if tls else "http"
    try:
        yield f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)


def saying(*pieces: bytes) -> Handle:
    """Return what answers these bytes and hangs up."""

    async def handle(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"".join(pieces))
        await writer.drain()

    return handle


async def hanging(head: bytes, writer: asyncio.StreamWriter) -> None:
    """Never answer."""
    await asyncio.Event().wait()


def reset(writer: asyncio.StreamWriter) -> None:
    """End the connection with a reset in place of an orderly end."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


async def sent(url: str, request: Request = GET, *, limit: float = 20.0) -> Response:
    """Send one request to this URL."""
    async with HttpTransport(url, timeout=limit, clock=lambda: 0.0) as transport:
        return await transport.send(request)
