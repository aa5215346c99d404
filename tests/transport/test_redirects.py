"""A redirect that repeats the request on the same host is followed. No secret ever leaves the host."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from tests.support.scripted_client import CREDENTIALS
from tests.transport.raw import listening, saying, sent

from cxone_rollcall.client import MOST_REDIRECTS, Client
from cxone_rollcall.contracts.v2 import V2
from cxone_rollcall.model.exchange import Request
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.transport.http import HttpTransport
from cxone_rollcall.transport.recorder import Recorder

BEARER = ("Authorization", Secret("Bearer t0ken-of-a-test"))
GET = Request(method="GET", target="/start?page=1", purpose="a test", headers=(BEARER,))
POST = Request(method="POST", target="/oauth/token", purpose="a test", form=(("client_secret", Secret("s3cret")),))


@asynccontextmanager
async def _asking(url: str, recorder: Recorder) -> AsyncIterator[Client]:
    async with HttpTransport(url, timeout=20, clock=time.monotonic) as transport:
        yield Client(V2(), transport, CREDENTIALS, recorder=recorder)


def client_at(url: str) -> tuple[AbstractAsyncContextManager[Client], Recorder]:
    """Return a client of a server, and what it records."""
    recorder = Recorder()
    return _asking(url, recorder), recorder


class Redirecting:
    """Redirects to `to` until the path is `/end`, and remembers the requests."""

    def __init__(self, to: str, status: int = 302) -> None:
        self.to, self.status = to, status
        self.asked: list[bytes] = []

    async def __call__(self, head: bytes, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        self.asked.append(head)
        if head.startswith(b"GET /end"):
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]")
        else:
            head_line = f"HTTP/1.1 {self.status} Found\r\nLocation: {self.to}\r\n"
            writer.write(head_line.encode() + b"Content-Length: 0\r\n\r\n")
        await writer.drain()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("to", ["/end?page=1", "{url}/end?page=1"])
async def test_a_redirect_within_the_host(to: str, status: int) -> None:
    """A GET's redirect within the host, query unchanged, is followed."""
    server = Redirecting(to, status)
    async with listening(server) as url:
        server.to = to.format(url=url)
        assert (await sent(url, GET)).onward == "/end?page=1"


@pytest.mark.parametrize(
    ("to", "onward"),
    [
        ("/gate/end?page=1", "/end?page=1"),
        ("{url}/gate/end?page=1", "/end?page=1"),
        ("/end?page=1", "/end?page=1"),
        ("/gates/end?page=1", "/gates/end?page=1"),
        ("/gate//end?page=1", None),
    ],
)
async def test_a_redirect_behind_a_gateway(to: str, onward: str | None) -> None:
    """A path that a gateway puts in front is not repeated."""
    server = Redirecting("")
    async with listening(server) as url:
        server.to = to.format(url=url)
        assert (await sent(f"{url}/gate", GET)).onward == onward


@pytest.mark.parametrize("to", ["/end", "/end?page=2", "/end?", "/sign-in?next=/start?page=1"])
async def test_a_redirect_that_changes_the_query(to: str) -> None:
    """A redirect that drops or changes the query is not followed. Its answer would be that of another question."""
    async with listening(Redirecting(to)) as url:
        assert (await sent(url, GET)).onward is None


@pytest.mark.parametrize(
    "to", ["{other}/end", "//{host}/end", "{url}0/end", "{url}.example.com/end", "{url}@{host}/end"]
)
async def test_a_redirect_to_another_host(to: str) -> None:
    """A redirect to another host is returned. The other host gets no request and no token."""
    there = Redirecting("/end")
    server = Redirecting("")
    async with listening(there) as other, listening(server) as url:
        server.to = to.format(url=url, other=other, host=other.removeprefix("http://"))
        response = await sent(url, GET)
    assert (response.status, response.headers["location"], response.onward) == (302, server.to, None)
    assert there.asked == []
    assert len(server.asked) == 1


@pytest.mark.parametrize("to", ["", "end", "?page=2", "#x", "mailto:a@example.com", "http://", "/ü", "https://["])
async def test_a_useless_target(to: str) -> None:
    """A redirect with a useless target is returned as it is."""
    server = Redirecting(to)
    async with listening(server) as url:
        response = await sent(url, GET)
    assert (response.status, response.onward) == (302, None)


async def test_each_hop_is_an_exchange() -> None:
    """Each hop has the token, and its own exchange. One follows the other."""
    server = Redirecting("{url}/end?page=1")
    async with listening(server) as url:
        server.to = "/end?page=1"
        client, recorder = client_at(url)
        async with client as asking:
            answered = await asking.status_of(GET)
    assert answered.value == 200
    assert [(one.number, one.target, one.status) for one in recorder.exchanges] == [
        (1, "/start?page=1", 302),
        (2, "/end?page=1", 200),
    ]
    first, second = recorder.exchanges
    assert first.milliseconds <= second.began * 1000
    assert all(b"Bearer t0ken-of-a-test" in head for head in server.asked)


@pytest.mark.parametrize(("to", "requests"), [("/start?page=1", 1), ("/elsewhere?page=1", 2)])
async def test_a_loop(to: str, requests: int) -> None:
    """A circle of redirects ends where it began. The redirect is returned."""
    server = Redirecting(to)
    async with listening(server) as url:
        client, _ = client_at(url)
        async with client as asking:
            assert (await asking.status_of(GET)).value == 302
    assert len(server.asked) == requests


async def test_a_chain_without_end() -> None:
    """An endless chain of redirects ends as a redirect."""

    class Onward(Redirecting):
        async def __call__(self, head: bytes, writer: asyncio.StreamWriter) -> None:
            self.to = f"/{len(self.asked)}?page=1"
            await super().__call__(head, writer)

    server = Onward("")
    async with listening(server) as url:
        client, _ = client_at(url)
        async with client as asking:
            assert (await asking.status_of(GET)).value == 302
    assert len(server.asked) == MOST_REDIRECTS + 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_post_is_not_redirected(status: int) -> None:
    """A POST is never sent on: it carries the secret."""
    server = Redirecting("/end", status)
    async with listening(server) as url:
        response = await sent(url, POST)
    assert (response.status, response.onward) == (status, None)
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [200, 299, 400])
async def test_a_location_of_no_redirect(status: int) -> None:
    """Only a redirect names where to go on."""
    async with listening(Redirecting("/end?page=1", status)) as url:
        assert (await sent(url, GET)).onward is None


async def test_no_cookies() -> None:
    """A cookie that a server sets is not sent back."""
    seen: list[bytes] = []

    async def handle(head: bytes, writer: asyncio.StreamWriter) -> None:
        seen.append(head)
        await saying(b"HTTP/1.1 200 OK\r\nSet-Cookie: session=1; Path=/\r\nContent-Length: 0\r\n\r\n")(head, writer)

    async with listening(handle) as url:
        client, _ = client_at(url)
        async with client as asking:
            await asking.status_of(GET)
            await asking.status_of(GET)
    assert len(seen) == 2
    assert not any(b"ookie" in head for head in seen)
