"""HTTP/1.1 messages as bytes, independent of the client's and the emulator's library."""

from __future__ import annotations

import asyncio
import re
from typing import NamedTuple

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")

Headers = tuple[tuple[str, str], ...]


class Asked(NamedTuple):
    """A request as received."""

    method: str
    target: str
    headers: Headers
    body: bytes

    @property
    def question(self) -> str:
        """Method and target, without timestamps: the same for each repetition."""
        return f"{self.method} {_MOMENT.sub('MOMENT', self.target)}"

    @property
    def authorization(self) -> str:
        """The Authorization header, or ""."""
        return header(self.headers, "authorization")


class Answer(NamedTuple):
    """A response."""

    status: int
    headers: Headers
    body: bytes

    def with_body(self, body: bytes, content_type: str | None = None) -> Answer:
        """Return the response with another body."""
        return (
            self
            if content_type is None and body == self.body
            else self._replace(
                body=body,
                headers=self.headers if content_type is None else replaced(self.headers, "Content-Type", content_type),
            )
        )


def header(headers: Headers, name: str) -> str:
    """Return the value of a header, or ""."""
    return next((value for one, value in headers if one.lower() == name), "")


def replaced(headers: Headers, name: str, value: str) -> Headers:
    """Return the headers with this value instead of others of its name."""
    return (*((one, said) for one, said in headers if one.lower() != name.lower()), (name, value))


def head(answer: Answer, length: int | None) -> bytes:
    """Status line and headers as bytes, with this Content-Length. None omits it."""
    kept = [(name, value) for name, value in answer.headers if name.lower() not in {"content-length", "connection"}]
    if length is not None:
        kept.append(("Content-Length", str(length)))
    lines = [f"HTTP/1.1 {answer.status} Answer", *(f"{name}: {value}" for name, value in kept), "", ""]
    return "\r\n".join(lines).encode("latin-1")


def whole(answer: Answer) -> bytes:
    """Return the response as bytes; a 204 has neither body nor length."""
    return head(answer, None) if answer.status == 204 else head(answer, len(answer.body)) + answer.body


async def read_asked(reader: asyncio.StreamReader) -> Asked | None:
    """Read a request; None if the client has closed the connection."""
    try:
        first, headers = await _read_head(reader)
        length = int(header(headers, "content-length") or 0)
        body = await reader.readexactly(length)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    method, target, _ = first.split(" ", 2)
    return Asked(method, target, headers, body)


class Server:
    """The server behind the proxy, on a port of loopback. Idle connections are used again."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def fetch(self, asked: Asked) -> Answer:
        """Return the response to a request; it must have a Content-Length."""
        reader, writer = self._free.pop() if self._free else await asyncio.open_connection("127.0.0.1", self._port)
        lines = [
            f"{asked.method} {asked.target} HTTP/1.1",
            # "Connection" is between two neighbours: our own connection to the server stays open.
            *(f"{name}: {said}" for name, said in asked.headers if name.lower() != "connection"),
            "",
            "",
        ]
        writer.write("\r\n".join(lines).encode("latin-1") + asked.body)
        first, headers = await _read_head(reader)
        body = await reader.readexactly(int(header(headers, "content-length") or 0))
        self._free.append((reader, writer))
        return Answer(int(first.split(" ", 2)[1]), headers, body)

    def close(self) -> None:
        """Close every connection."""
        for _, writer in self._free:
            writer.close()
        self._free.clear()


async def _read_head(reader: asyncio.StreamReader) -> tuple[str, Headers]:
    raw = await reader.readuntil(b"\r\n\r\n")
    first, *lines = raw.decode("latin-1").split("\r\n")[:-2]
    pairs = (line.partition(":") for line in lines)
    return first, tuple((name.strip(), value.strip()) for name, _, value in pairs)
