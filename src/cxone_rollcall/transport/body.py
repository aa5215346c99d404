"""Reads a response body: whole, decompressed, and no larger than a limit."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator

from cxone_rollcall.model.failure import UNDECODABLE

LARGE = 250_000
"""Bytes up to which bodies are read side by side. A page of 100 agents has some 30 kB; larger bodies are read one
by one."""
STEP = 1_000_000
"""Most bytes to decompress before other tasks get their turn. The time limit is checked then, too."""
_PLAIN = frozenset({"", "identity"})
_GZIP = frozenset({"gzip", "x-gzip"})
_ANY_WINDOW = zlib.MAX_WBITS + 32
"""Makes zlib detect whether the header is that of gzip or zlib."""
_GZIP_BEGINS = b"\x1f\x8b"


class UndecodableBodyError(Exception):
    """A body that is compressed in a way that cannot be undone. Uncompressed, the next one may be readable."""


class BodyTooLargeError(Exception):
    """A body of more bytes than the limit."""


async def read_body(chunks: AsyncIterator[bytes], encoding: str, *, most: int, large: asyncio.Lock) -> bytes:
    """Return the whole body, decompressed; `encoding` is its Content-Encoding.

    A body that gets larger than `LARGE` is read on while no other is: it takes `large`. Raises UndecodableBodyError,
    and BodyTooLargeError if there are more than `most` bytes.
    """
    encoding = encoding.strip().lower()
    if encoding not in _PLAIN | _GZIP | {"deflate"}:
        raise UndecodableBodyError(f"{UNDECODABLE} is encoded as {encoding}, which was not asked for")
    body, waited = bytearray(), False
    try:
        async for part in chunks if encoding in _PLAIN else _inflated(chunks, encoding):
            if len(body) + len(part) > most:
                raise BodyTooLargeError(f"the body is larger than {most >> 20} MiB, the most that is read of one")
            if len(body) + len(part) > LARGE and not waited:
                await large.acquire()
                waited = True
            body += part
    finally:
        if waited:
            large.release()
    if body.startswith(_GZIP_BEGINS):
        raise UndecodableBodyError(f"{UNDECODABLE} is compressed twice, or without saying so")
    return bytes(body)


async def _inflated(chunks: AsyncIterator[bytes], encoding: str) -> AsyncIterator[bytes]:
    """Yield the decompressed body in parts of at most `STEP` bytes."""
    inflate, waiting = None, b""
    async for chunk in chunks:
        waiting += chunk
        if inflate is None:
            if len(waiting) < 2:
                continue
            inflate = zlib.decompressobj(_window(encoding, waiting))
        more = True
        while more:
            try:
                part = inflate.decompress(waiting, STEP)
            except zlib.error as error:
                raise UndecodableBodyError(f"{UNDECODABLE} cannot be decompressed") from error
            if inflate.unused_data:
                raise UndecodableBodyError(f"{UNDECODABLE} does not end where it should")
            waiting = inflate.unconsumed_tail
            more = len(part) == STEP
            yield part
            if more:
                await asyncio.sleep(0)
    if waiting or (inflate is not None and not inflate.eof):
        raise UndecodableBodyError(f"{UNDECODABLE} does not end where it should")


def _window(encoding: str, begin: bytes) -> int:
    """The window bits that zlib needs for this body.

    Some servers send raw deflate as "deflate", without the header of zlib (RFC 9110, section 8.4.1.2).
    """
    has_header = begin[0] & 0x0F == zlib.DEFLATED and int.from_bytes(begin[:2]) % 31 == 0
    return -zlib.MAX_WBITS if encoding == "deflate" and not has_header and begin[:2] != _GZIP_BEGINS else _ANY_WINDOW
