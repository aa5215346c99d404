"""The proxy between the command and the emulated tenant. It replaces struck responses."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator

from quality.strikes.messages import Answer, Asked, Server, read_asked, whole
from quality.strikes.strike import Strike, When

LONGEST_LINE = 1 << 20
SHUT_SECONDS = 0.03
"""Seconds without a listener if connections are refused once. That is one or two tries."""


class Link:
    """One connection from the command, for the kinds of strike."""

    def __init__(self, writer: asyncio.StreamWriter, proxy: Proxy) -> None:
        self.proxy = proxy
        self._writer = writer

    async def send(self, data: bytes) -> None:
        """Send bytes; ignores a closed connection."""
        with contextlib.suppress(ConnectionError):
            self._writer.write(data)
            await self._writer.drain()

    @property
    def is_closing(self) -> bool:
        """Whether the connection is closing."""
        return self._writer.is_closing()

    def close(self) -> None:
        """Close the connection with FIN."""
        self._writer.close()

    def reset(self) -> None:
        """Close the connection with RST, unless it is closing."""
        if self.is_closing:
            return
        link: socket.socket = self._writer.get_extra_info("socket")
        # With a linger time of zero the kernel sends RST instead of FIN.
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def stay(self, seconds: float | None = None) -> bool:
        """Wait for these seconds; return whether the run is over. Its end ends the wait."""
        with contextlib.suppress(TimeoutError):
            return await asyncio.wait_for(self.proxy.over.wait(), seconds)
        return False


class Proxy:
    """Relays requests to the server, and strikes at most one. The server is on port `behind`.

    `asked` are the requests in order, `shown` their Authorization headers. `dead` are invalidated tokens.
    `foreign_requests` are requests that reached another host. `struck` counts the replaced responses.
    """

    def __init__(self, behind: int, strike: Strike | None = None) -> None:
        self.asked: list[str] = []
        self.shown: set[str] = set()
        self.foreign_requests: list[Asked] = []
        self.dead: set[str] = set()
        self.struck = 0
        self.over = asyncio.Event()
        self.port = self.stranger_port = 0
        self._behind = Server(behind)
        self._strike = strike
        self._onwards = False
        self._server: asyncio.Server | None = None
        self._links: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def strikes_as(self) -> When | None:
        """How often it strikes, or None."""
        return None if self._strike is None else self._strike.when

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Listen, as proxy and as another host, during the block."""
        stranger = await asyncio.start_server(self._meet_stranger, "127.0.0.1", 0)
        self.stranger_port = stranger.sockets[0].getsockname()[1]
        await self._listen()
        try:
            yield
        finally:
            self.over.set()
            self.shut(for_good=True)
            stranger.close()
            for writer in self._links:
                writer.transport.abort()
            await asyncio.gather(*self._tasks)
            self.shut(for_good=True)  # again, because a task may have begun to listen meanwhile
            self._behind.close()

    def shut(self, *, for_good: bool) -> None:
        """Stop listening for a moment or for good. Connections are refused."""
        if self._server is not None:
            self._server.close()
            self._server = None
            if not for_good:
                self._tasks.add(asyncio.create_task(self._listen_again()))

    async def _listen_again(self) -> None:
        await asyncio.sleep(SHUT_SECONDS)
        if not self.over.is_set():
            await self._listen()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(
            self._accept, "127.0.0.1", self.port, limit=LONGEST_LINE, backlog=1024, reuse_address=True
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  asyncio runs this as one
        self._tasks.add(task)
        self._links.add(writer)
        link = Link(writer, self)
        try:
            while (asked := await read_asked(reader)) is not None and not writer.is_closing():
                await self._answer(link, asked)
        finally:
            writer.close()
            self._links.discard(writer)
            self._tasks.discard(task)

    async def _answer(self, link: Link, asked: Asked) -> None:
        self.shown.add(asked.authorization)
        first = asked.question not in self.asked
        self.asked.append(asked.question)
        if asked.authorization in self.dead:
            await link.send(whole(Answer(401, (("Content-Type", "application/json"),), b'{"error":"invalid_token"}')))
            return
        answer = await self._behind.fetch(asked)
        if self._strike is not None and self._is_struck(asked, first=first):
            self.struck += 1
            await self._strike.kind.send(link, asked, answer)
        else:
            await link.send(whole(answer))

    def _is_struck(self, asked: Asked, *, first: bool) -> bool:
        assert self._strike is not None  # noqa: S101  the caller has checked
        here = asked.question == self._strike.question
        self._onwards = self._onwards or (here and self._strike.when is When.ONWARDS)
        return self._onwards or (here and (first or self._strike.when is When.ALWAYS))

    async def _meet_stranger(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await read_asked(reader)
        if asked is not None:
            self.foreign_requests.append(asked)
            writer.write(whole(Answer(200, (("Content-Type", "application/json"),), b'{"entities":[],"agents":[]}')))
        writer.close()
