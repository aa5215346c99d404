"""Compressed bodies are read in each usual form. One that cannot be read is requested uncompressed."""

from __future__ import annotations

import asyncio
import gzip
import zlib

import pytest
from tests.transport.raw import GET, listening

from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.transport.base import TransportFault
from cxone_rollcall.transport.http import HttpTransport

BODY = b'{"entities": []}'


def raw_deflate(body: bytes) -> bytes:
    """Return a body as "deflate" without the header of zlib."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


UNREADABLE = {
    "plain, called gzip": ("gzip", BODY),
    "plain, called deflate": ("deflate", BODY),
    "gzip without its trailer": ("gzip", gzip.compress(BODY)[:-8]),
    "gzip with a wrong checksum": ("gzip", gzip.compress(BODY)[:-8] + bytes(8)),
    "gzip and more": ("gzip", gzip.compress(BODY) + b"more"),
    "one byte": ("gzip", b"\x1f"),
    "gzip twice": ("gzip", gzip.compress(gzip.compress(BODY))),
    "gzip, called nothing": ("", gzip.compress(BODY)),
    "raw deflate, truncated": ("deflate", raw_deflate(BODY)[:-4]),
    "an encoding that nobody asked for": ("br", b"\x00\x01\x02\x03"),
}


async def ask(transport: HttpTransport) -> bytes | str:
    """Return the body, or the words of the fault."""
    try:
        return (await transport.send(GET)).body
    except TransportFault as fault:
        assert fault.kind is FailureKind.DAMAGED
        return fault.detail


async def answers(encoding: str, packed: bytes, *, times: int) -> list[bytes | str]:
    """Ask this server several times; return its answers.

    It sends this body, unless it is asked for an uncompressed one.
    """

    async def handle(head: bytes, writer: asyncio.StreamWriter) -> None:
        plain = b"accept-encoding: identity" in head.lower()
        named, body = ("identity", BODY) if plain else (encoding, packed)
        label = f"Content-Encoding: {named}\r\n" if named else ""
        writer.write(f"HTTP/1.1 200 OK\r\n{label}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()

    async with listening(handle) as url, HttpTransport(url, timeout=20, clock=lambda: 0.0) as transport:
        return [await ask(transport) for _ in range(times)]


@pytest.mark.parametrize(("encoding", "packed"), UNREADABLE.values(), ids=UNREADABLE)
async def test_unreadable_is_requested_uncompressed(encoding: str, packed: bytes) -> None:
    """An unreadable compressed body is a fault once. The next request asks for an uncompressed one."""
    first, *later = await answers(encoding, packed, times=3)
    assert isinstance(first, str)
    assert later == [BODY, BODY]


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [("gzip", gzip.compress(BODY)), ("deflate", zlib.compress(BODY)), ("deflate", raw_deflate(BODY))],
    ids=["gzip", "zlib", "raw deflate"],
)
async def test_every_usual_form_is_read(encoding: str, packed: bytes) -> None:
    """Gzip, zlib and raw deflate are read. Compressed bodies are requested again."""
    assert await answers(encoding, packed, times=2) == [BODY, BODY]


async def test_one_byte_at_a_time() -> None:
    """A body is read in whatever pieces it comes."""

    async def handle(head: bytes, writer: asyncio.StreamWriter) -> None:
        packed = raw_deflate(BODY)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\nTransfer-Encoding: chunked\r\n\r\n")
        for at in range(len(packed)):
            writer.write(b"1\r\n" + packed[at : at + 1] + b"\r\n")
            await writer.drain()
        writer.write(b"0\r\n\r\n")
        await writer.drain()

    async with listening(handle) as url, HttpTransport(url, timeout=20, clock=lambda: 0.0) as transport:
        assert await ask(transport) == BODY
