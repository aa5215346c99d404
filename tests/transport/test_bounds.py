"""What a body may become is bounded.

Bounds are for decompressed bytes, bytes after its end, and bodies read at once.
"""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Callable

import pytest
from tests.transport.raw import GET, listening, saying, sent
from tests.transport.test_compression import raw_deflate

from cxone_rollcall.model.exchange import LARGEST_BODY, Response
from cxone_rollcall.model.failure import UNDECODABLE, FailureKind
from cxone_rollcall.model.struct import replace
from cxone_rollcall.transport.base import TransportFault
from cxone_rollcall.transport.body import LARGE, STEP, BodyTooLargeError, UndecodableBodyError, read_body

FORMS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "raw deflate": raw_deflate,
}
MOST = 1 << 20
LIST = replace(GET, largest_body=MOST)


def answer(form: str, size: int, status: int = 200) -> bytes:
    """Return a response whose body has this size when decompressed."""
    packed = FORMS[form](b"x" * size)
    encoding = f"Content-Encoding: {form.removeprefix('raw ')}\r\n" if form else ""
    return f"HTTP/1.1 {status} X\r\n{encoding}Content-Length: {len(packed)}\r\n\r\n".encode() + packed


async def asked(answer: bytes) -> Response:
    """Return what a server answers with these bytes."""
    async with listening(saying(answer)) as url:
        return await sent(url, LIST)


async def pieces(body: bytes, size: int = 1 << 16) -> AsyncIterator[bytes]:
    """Yield a body in pieces."""
    for at in range(0, len(body), size):
        yield body[at : at + size]


@pytest.mark.parametrize("form", FORMS)
async def test_decompressed_bytes_count(form: str) -> None:
    """A body of the most bytes is read, a larger one refused. Compression makes no difference."""
    assert len((await asked(answer(form, MOST))).body) == MOST
    with pytest.raises(TransportFault) as raised:
        await asked(answer(form, MOST + 1))
    assert raised.value.kind is FailureKind.TOO_MUCH
    assert raised.value.detail == "the body is larger than 1 MiB, the most that is read of one"


@pytest.mark.parametrize("form", FORMS)
async def test_the_status_of_an_error_counts(form: str) -> None:
    """A refusal with too large a page is still a refusal. It has the reason why its body is missing."""
    large, small = await asked(answer(form, LARGEST_BODY + 1, 403)), await asked(answer(form, 1000, 403))
    assert (large.status, large.body) == (403, b"")
    assert large.unread == "the body is larger than 4 MiB, the most that is read of one"
    assert (small.status, small.unread) == (403, "")
    assert len(small.body) == 1000


async def test_bytes_after_the_end_of_a_body() -> None:
    """Bytes after the end of a compressed body are refused at once. They may never end."""
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        yield gzip.compress(b"{}")
        while True:
            taken += 1
            yield b"x" * 1000

    with pytest.raises(UndecodableBodyError):
        await read_body(endless(), "gzip", most=MOST, large=asyncio.Lock())
    assert taken == 1
    assert await read_body(pieces(gzip.compress(b"{}"), 1), "gzip", most=MOST, large=asyncio.Lock()) == b"{}"


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        (gzip.compress(b"{}")[:-3], "does not end where it should"),
        (gzip.compress(b"{}") + b"x", "does not end where it should"),
        (gzip.compress(b"{}")[:10] + b"\xff" * 9, "cannot be decompressed"),
        (gzip.compress(gzip.compress(b"{}")), "is compressed twice, or without saying so"),
    ],
)
async def test_what_is_wrong_with_a_compressed_body(body: bytes, wrong: str) -> None:
    """An error says what is wrong with the body, however it arrives."""
    for size in (1, len(body)):
        with pytest.raises(UndecodableBodyError) as raised:
            await read_body(pieces(body, size), "gzip", most=MOST, large=asyncio.Lock())
        assert str(raised.value) == f"{UNDECODABLE} {wrong}"


@pytest.mark.parametrize("form", ["gzip", "deflate", "raw deflate"])
async def test_decompression_in_steps(form: str) -> None:
    """Other tasks have their turn while a small body is decompressed. It becomes a large one."""
    turns, packed = 0, FORMS[form](bytes(20 * STEP))

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(other())
    body = await read_body(pieces(packed), form.removeprefix("raw "), most=20 * STEP, large=asyncio.Lock())
    beside.cancel()
    assert body == bytes(20 * STEP)
    assert turns >= 19


async def test_one_large_body_at_a_time() -> None:
    """While a large body is read, other large ones wait. Small ones do not."""
    large = asyncio.Lock()
    await large.acquire()
    assert len(await read_body(pieces(bytes(LARGE)), "", most=MOST, large=large)) == LARGE
    reading = asyncio.create_task(read_body(pieces(bytes(LARGE + 1)), "", most=MOST, large=large))
    for _ in range(100):
        await asyncio.sleep(0)
    assert not reading.done()
    large.release()
    assert len(await reading) == LARGE + 1
    assert not large.locked()


@pytest.mark.parametrize("size", [MOST + 1, 4 * MOST])
async def test_the_next_large_body_is_read(size: int) -> None:
    """After a refused body or a cancelled reader, the next is read. All are large."""
    large = asyncio.Lock()
    with pytest.raises(BodyTooLargeError):
        await read_body(pieces(bytes(size)), "", most=MOST, large=large)

    async def hanging() -> AsyncIterator[bytes]:
        yield bytes(LARGE + 1)
        await asyncio.Event().wait()

    reading = asyncio.create_task(read_body(hanging(), "", most=MOST, large=large))
    await asyncio.sleep(0)
    assert large.locked()
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    assert len(await read_body(pieces(bytes(MOST)), "", most=MOST, large=large)) == MOST
