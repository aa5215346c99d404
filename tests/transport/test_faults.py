"""Each network error becomes a TransportFault of its kind."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import socket
import zlib
from collections.abc import AsyncIterator

import pytest
from tests.transport.raw import GET, free_port, hanging, listening, reset, saying, sent

from cxone_rollcall.model.failure import HANDSHAKE_FAILED, NO_TLS, FailureKind
from cxone_rollcall.transport import http
from cxone_rollcall.transport.base import TransportFault
from cxone_rollcall.transport.http import HttpTransport

OK = b"HTTP/1.1 200 OK\r\n"
TEN = OK + b"Content-Length: 10\r\n\r\n"


async def fault(url: str, *, limit: float = 20.0) -> TransportFault:
    """The fault of a request to this URL."""
    with pytest.raises(TransportFault) as raised:
        await sent(url, limit=limit)
    return raised.value


async def test_a_port_without_a_server() -> None:
    """A port on which nothing listens is unreachable."""
    raised = await fault(f"http://127.0.0.1:{free_port()}")
    assert (raised.kind, raised.detail, raised.proxy) == (FailureKind.UNREACHABLE, "connection refused", "")


async def test_no_such_host() -> None:
    """An unknown name is a host not found, named in the message."""
    raised = await fault("http://no-such-host.invalid")
    assert raised.kind is FailureKind.HOST_NOT_FOUND
    assert "no-such-host.invalid" in raised.detail


async def test_reset_before_an_answer() -> None:
    """A connection that is reset before any answer is unreachable."""

    async def handle(head: bytes, writer: asyncio.StreamWriter) -> None:
        reset(writer)

    async with listening(handle) as url:
        assert (await fault(url)).kind is FailureKind.UNREACHABLE


async def test_closed_before_an_answer() -> None:
    """A connection that is closed without a word is unreachable."""
    async with listening(saying()) as url:
        raised = await fault(url)
    assert (raised.kind, raised.detail) == (FailureKind.UNREACHABLE, "the connection was closed without an answer")


async def test_reset_in_the_body() -> None:
    """A connection reset within a body is a damaged answer."""

    async def handle(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(TEN + b"12345")
        await writer.drain()
        reset(writer)

    async with listening(handle) as url:
        assert (await fault(url)).kind in {FailureKind.DAMAGED, FailureKind.UNREACHABLE}


async def test_a_body_that_ends_early() -> None:
    """A connection that is closed within a body is named as that."""
    async with listening(saying(TEN, b"12345")) as url:
        raised = await fault(url)
    assert raised.detail == "the connection ended in the middle of the body"


async def test_a_server_that_takes_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server whose queue is full is unreachable. It is not waited for as long as for an answer."""
    monkeypatch.setattr(http, "LONGEST_CONNECT", 0.05)
    with socket.socket() as server, contextlib.ExitStack() as stack:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        raised = await fault(f"http://127.0.0.1:{server.getsockname()[1]}")
    assert (raised.kind, raised.detail) == (FailureKind.UNREACHABLE, "the connection was not taken in time")


async def test_a_server_that_never_answers() -> None:
    """A server that never answers has timed out."""
    async with listening(hanging) as url:
        raised = await fault(url, limit=0.05)
    assert (raised.kind, raised.detail) == (FailureKind.TIMED_OUT, "no whole answer within 0.05 s")


async def test_hang_in_the_body() -> None:
    """An unfinished answer times out: the limit is for all of it."""

    async def handle(head: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(TEN + b"12345")
        await writer.drain()
        await hanging(head, writer)

    async with listening(handle) as url:
        assert (await fault(url, limit=0.05)).kind is FailureKind.TIMED_OUT


@pytest.mark.parametrize(
    "pieces",
    [
        (TEN, b"12345"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"5\r\n12345\r\n"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"5\r\n123"),
        (OK + b"Content-Encoding: gzip\r\nContent-Length: 9\r\n\r\n", b"not gzip!"),
        (OK + b"Content-Encoding: gzip\r\nContent-Length: 12\r\n\r\n", gzip.compress(b"x" * 500, mtime=0)[:12]),
        (OK + b"Content-Encoding: deflate\r\nContent-Length: 8\r\n\r\n", zlib.compress(b"x" * 500)[:8]),
        (OK + b"Content-Encoding: gzip\r\nConnection: close\r\n\r\n", gzip.compress(b"x" * 500, mtime=0)[:-8]),
        (OK + b"Content-Encoding: gzip\r\nConnection: close\r\n\r\n", gzip.compress(b"x" * 500, mtime=0) + b"more"),
        (OK + b"Content-Encoding: br\r\nContent-Length: 4\r\n\r\n", b"\x00\x01\x02\x03"),
    ],
)
async def test_bodies_cut_or_spoilt(pieces: tuple[bytes, ...]) -> None:
    """A truncated or undecompressable body is a fault."""
    async with listening(saying(*pieces)) as url:
        raised = await fault(url)
    assert (raised.kind, raised.proxy) == (FailureKind.DAMAGED, "")


@pytest.mark.parametrize(
    "said",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"\x15\x03\x01\x00\x02\x02\x46",
        b"220 mail.example.com ESMTP\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n",
    ],
)
async def test_not_http(said: bytes) -> None:
    """A server of another protocol is not the API."""
    async with listening(saying(said)) as url:
        raised = await fault(url)
    assert (raised.kind, raised.detail) == (
        FailureKind.NOT_THE_API,
        "what answers is not HTTP: ClientResponseError",
    )


async def test_a_whole_answer() -> None:
    """An answer has status, lower-case headers and decompressed body."""
    body = gzip.compress(b'{"entities": []}')
    head = f"HTTP/1.1 207 X\r\nX-Mixed: Case\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n"
    async with listening(saying(head.encode(), body)) as url:
        response = await sent(url)
    assert (response.status, response.headers["x-mixed"], response.body) == (207, "Case", b'{"entities": []}')


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip", "deflate", "identity", ""])
@pytest.mark.parametrize("body", [b"", b"x" * 300_000])
async def test_encodings(encoding: str, body: bytes) -> None:
    """Each requested encoding is read, also of an empty body."""
    packed = {"gzip": gzip.compress(body), "deflate": zlib.compress(body)}.get(
        encoding.lower().removeprefix("x-"), body
    )
    for sized in (packed, b"") if not body else (packed,):
        head = f"Content-Encoding: {encoding}\r\nContent-Length: {len(sized)}\r\n\r\n".encode()
        async with listening(saying(OK, head, sized)) as url:
            assert (await sent(url)).body == body


async def test_a_body_without_a_length() -> None:
    """A body that ends with its connection is complete."""
    async with listening(saying(OK + b"\r\n", b"until the end")) as url:
        assert (await sent(url)).body == b"until the end"


async def test_a_transport_must_be_opened() -> None:
    """A transport that was not opened raises an error."""
    with pytest.raises(RuntimeError, match="async with"):
        await HttpTransport("http://127.0.0.1", timeout=1, clock=lambda: 0.0).send(GET)


@contextlib.asynccontextmanager
async def first_bytes(data: bytes, *, at_once: bool) -> AsyncIterator[str]:
    """Listen where https is expected, and say these bytes. They come `at_once`, or after the client's hello."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not at_once:
            await reader.read(1)
        writer.write(data)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize(
    ("data", "at_once"),
    [
        (b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", False),
        (b"SSH-2.0-OpenSSH_9.9\r\n", True),
        (b"220 mail.example.com ESMTP\r\n", True),
        (bytes(40), False),
    ],
    ids=["plain http", "ssh", "smtp", "zeros"],
)
async def test_no_tls(data: bytes, at_once: bool) -> None:
    """A port without TLS shows no certificate that could be untrusted. It speaks another protocol."""
    async with first_bytes(data, at_once=at_once) as url:
        raised = await fault(url)
    assert raised.kind is FailureKind.CERTIFICATE
    assert raised.detail.startswith(NO_TLS)


async def test_a_refused_handshake() -> None:
    """A refused handshake is not called an untrusted certificate. The server refuses it."""
    async with first_bytes(bytes([21, 3, 3, 0, 2, 2, 40]), at_once=False) as url:
        raised = await fault(url)
    said = raised.detail.removeprefix(f"{HANDSHAKE_FAILED}: ")
    assert (said, "handshake failure" in said) == (raised.detail.partition(": ")[2].lower(), True)


async def test_a_handshake_without_an_end() -> None:
    """A connection closed amid the handshake is reported as such."""
    async with first_bytes(b"", at_once=False) as url:
        raised = await fault(url)
    assert raised.kind is FailureKind.UNREACHABLE
    assert raised.detail
