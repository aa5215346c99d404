"""Reads a response body: whole, decompressed, and no larger than a limit."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator

LARGEST_BODY = 64 * 1024 * 1024
"""Bytes of one answer, decompressed. A page of 100 agents has some 30 kB."""
_PLAIN = frozenset({"", "identity"})
_GZIP = frozenset({"gzip", "x-gzip"})
_ANY_WINDOW = zlib.MAX_WBITS + 32
"""Makes zlib detect whether the header is that of gzip or zlib."""
_GZIP_BEGINS = b"\x1f\x8b"


class UndecodableBodyError(Exception):
    """A body that is compressed in a way that cannot be undone. Uncompressed, the next one may be readable."""


class BodyTooLargeError(Exception):
    """A body of more than `LARGEST_BODY` bytes."""


async def read_body(chunks: AsyncIterator[bytes], encoding: str) -> bytes:
    """Return the whole body, decompressed; `encoding` is its Content-Encoding.

    Raises UndecodableBodyError and BodyTooLargeError.
    """
    encoding = encoding.strip().lower()
    if encoding not in _PLAIN | _GZIP | {"deflate"}:
        raise UndecodableBodyError(f"the body is encoded as {encoding}, which was not asked for")
    inflate, waiting = None, b""
    parts: list[bytes] = []
    size = 0
    async for chunk in chunks:
        if encoding in _PLAIN:
            part = chunk
        else:
            waiting += chunk
            if inflate is None:
                if len(waiting) < 2:
                    continue
                inflate = zlib.decompressobj(_window(encoding, waiting))
            try:
                part, waiting = inflate.decompress(waiting, LARGEST_BODY + 1 - size), b""
            except zlib.error as error:
                raise UndecodableBodyError("the compressed body cannot be decompressed") from error
        size += len(part)
        if size > LARGEST_BODY:
            raise BodyTooLargeError(f"the body is larger than {LARGEST_BODY >> 20} MiB")
        parts.append(part)
    if waiting or (inflate is not None and (not inflate.eof or inflate.unused_data)):
        raise UndecodableBodyError("the compressed body does not end where it should")
    body = parts[0] if len(parts) == 1 else b"".join(parts)
    if body.startswith(_GZIP_BEGINS):
        raise UndecodableBodyError("the body is compressed twice, or without saying so")
    return body


def _window(encoding: str, begin: bytes) -> int:
    """The window bits that zlib needs for this body.

    Some servers send raw deflate as "deflate", without the header of zlib (RFC 9110, section 8.4.1.2).
    """
    has_header = begin[0] & 0x0F == zlib.DEFLATED and int.from_bytes(begin[:2]) % 31 == 0
    return -zlib.MAX_WBITS if encoding == "deflate" and not has_header and begin[:2] != _GZIP_BEGINS else _ANY_WINDOW
