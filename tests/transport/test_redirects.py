"""A redirect is followed within the host, and no secret ever leaves it."""

from __future__ import annotations

import asyncio

import pytest
from tests.transport.raw import listening, saying, sent

from rollcall.model.exchange import Request
from rollcall.model.secret import Secret
from rollcall.transport.base import TransportFault
from rollcall.transport.http import MOST_REDIRECTS

BEARER = ("Authorization", Secret("Bearer t0ken-of-a-test"))
GET = Request(method="GET", target="/start?page=1", purpose="a test", headers=(BEARER,))
POST = Request(method="POST", target="/oauth/token", purpose="a test", form=(("client_secret", Secret("s3cret")),))


class Redirecting:
    """Redirects to where `to` says until the path is `/end`, and remembers what it was asked."""

    def __init__(self, to: str, status: int = 302) -> None:
        self.to, self.status = to, status
        self.asked: list[bytes] = []

    async def __call__(self, head: bytes, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        self.asked.append(head)
        if head.startswith(b"GET /end"):
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nend")
        else:
            head_line = f"HTTP/1.1 {self.status} Found\r\nLocation: {self.to}\r\n"
            writer.write(head_line.encode() + b"Content-Length: 0\r\n\r\n")
        await writer.drain()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("to", ["/end?page=1", "{url}/end?page=1"])
async def test_within_the_host(to: str, status: int) -> None:
    """A GET is sent on within its host, with its token."""
    server = Redirecting(to, status)
    async with listening(server) as url:
        server.to = to.format(url=url)
        response = await sent(url, GET)
    assert (response.status, response.body) == (200, b"end")
    assert all(b"Bearer t0ken-of-a-test" in head for head in server.asked)


@pytest.mark.parametrize(
    "to", ["{other}/end", "//{host}/end", "{url}0/end", "{url}.example.com/end", "{url}@{host}/end"]
)
async def test_to_another_host(to: str) -> None:
    """A redirect to another host is handed back as it is: the other host never sees a request, let alone the token."""
    there = Redirecting("/end")
    server = Redirecting("")
    async with listening(there) as other, listening(server) as url:
        server.to = to.format(url=url, other=other, host=other.removeprefix("http://"))
        response = await sent(url, GET)
    assert (response.status, response.headers["location"]) == (302, server.to)
    assert there.asked == []
    assert len(server.asked) == 1


@pytest.mark.parametrize("to", ["", "end", "?page=2", "#x", "mailto:a@example.com", "http://", "/ü", "https://["])
async def test_to_nowhere(to: str) -> None:
    """A redirect that leads nowhere is handed back, and breaks nothing."""
    server = Redirecting(to)
    async with listening(server) as url:
        response = await sent(url, GET)
    assert response.status == 302


async def test_a_target_that_cannot_be_sent() -> None:
    """A redirect to a target that no request can have is a fault, not an error of ours."""
    async with listening(Redirecting("/\x01")) as url:
        with pytest.raises(TransportFault):
            await sent(url, GET)


async def test_a_loop() -> None:
    """A redirect in a circle ends after a few rounds as the redirect that it is."""
    server = Redirecting("/start?page=1")
    async with listening(server) as url:
        assert (await sent(url, GET)).status == 302
    assert len(server.asked) == MOST_REDIRECTS + 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_of_a_post(status: int) -> None:
    """A POST is never sent on: it carries the secret."""
    server = Redirecting("/end", status)
    async with listening(server) as url:
        assert (await sent(url, POST)).status == status
    assert len(server.asked) == 1


async def test_no_cookies() -> None:
    """A cookie that a server sets is not sent back."""
    seen: list[bytes] = []

    async def handle(head: bytes, writer: asyncio.StreamWriter) -> None:
        seen.append(head)
        if b"/end" in head:
            await saying(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")(head, writer)
        else:
            location = b"Location: /end\r\nContent-Length: 0\r\n\r\n"
            await saying(b"HTTP/1.1 302 Found\r\nSet-Cookie: session=1; Path=/\r\n", location)(head, writer)

    async with listening(handle) as url:
        await sent(url, GET)
    assert len(seen) == 2
    assert not any(b"ookie" in head for head in seen)
