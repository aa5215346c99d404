"""The redirect address on loopback accepts one callback. Everything else has no effect."""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from cxone_rollcall.errors import SettingError
from cxone_rollcall.login.attempt import Attempt, LoginDenied, NoCode
from cxone_rollcall.login.callback_server import Listener
from cxone_rollcall.model.secret import Secret

ATTEMPT = Attempt("our-state", "our-nonce", Secret("our-verifier"))


@asynccontextmanager
async def listening(start: str = "at-random") -> AsyncIterator[tuple[Listener, aiohttp.ClientSession, str]]:
    """A listener on a free port, an HTTP client, and its root."""
    async with Listener(ATTEMPT, 0, start=start) as listener, aiohttp.ClientSession() as browser:
        yield listener, browser, f"http://127.0.0.1:{listener.port}"


async def test_a_callback_gives_its_code() -> None:
    """The callback's code is returned. The browser gets a page without cache or referrer."""
    async with listening() as (listener, browser, _):
        async with browser.get(f"{listener.redirect_uri}?code=the-code&state=our-state") as answer:
            text = await answer.text()
            assert answer.status == 200
            assert "close this window" in text
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert answer.headers["Server"] == "rollcall-login"
            assert "the-code" not in text + str(answer.headers)
        assert await listener.code() == "the-code"


async def test_only_one_callback_is_accepted() -> None:
    """A second callback gets the page "This login is finished"."""
    async with listening() as (listener, browser, _):
        for code, status in (("first-one", 200), ("second-one", 410)):
            async with browser.get(f"{listener.redirect_uri}?code={code}&state=our-state") as answer:
                assert answer.status == status
        assert await listener.code() == "first-one"


async def test_a_wrong_state_does_not_end_the_waiting() -> None:
    """A callback with another state gets 400 and is recorded. Ours is still accepted."""
    async with listening() as (listener, browser, _):
        for query in ("code=theirs&state=x", "error=access_denied"):
            async with browser.get(f"{listener.redirect_uri}?{query}") as answer:
                assert answer.status == 400
        assert "access_denied" in str(listener.stray)
        async with browser.get(f"{listener.redirect_uri}?code=the-code&state=our-state"):
            pass
        assert await listener.code() == "the-code"


@pytest.mark.parametrize(
    ("query", "kind"), [("error=access_denied&error_description=%3Cb%3Eno%3C/b%3E", LoginDenied), ("x=y", NoCode)]
)
async def test_a_refusal_ends_the_waiting_and_is_escaped(query: str, kind: type[Exception]) -> None:
    """The tenant's message is text on the page, not markup."""
    async with listening() as (listener, browser, _):
        async with browser.get(f"{listener.redirect_uri}?{query}&state=our-state") as answer:
            text = await answer.text()
        assert "not logged in" in text
        assert "<b>" not in text
        with pytest.raises(kind):
            await listener.code()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/favicon.ico", 404),
        ("GET", "/", 404),
        ("GET", "/start/", 404),
        ("HEAD", "/callback", 405),
        ("POST", "/callback", 405),
    ],
)
async def test_other_requests_are_nothing(method: str, path: str, status: int) -> None:
    """Other requests of a browser do not end the waiting."""
    async with listening() as (listener, browser, root):
        async with browser.request(method, f"{root}{path}?code=the-code&state=our-state") as answer:
            assert answer.status == status
            assert answer.headers["Server"] == "rollcall-login"
        waiting = asyncio.ensure_future(listener.code())
        await asyncio.sleep(0)
        assert not waiting.done()
        waiting.cancel()


async def test_noise_is_printed_nowhere(capfd: pytest.CaptureFixture[str]) -> None:
    """Bytes that are not HTTP do no harm, and print nothing."""
    async with listening() as (listener, browser, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(b"\x16\x03\x01\x00secret our-state\r\n\r\n")
        await writer.drain()
        await reader.read()
        writer.close()
        async with browser.get(f"{listener.redirect_uri}?code=the-code&state=our-state") as answer:
            assert answer.status == 200
    captured = capfd.readouterr()
    assert captured.out + captured.err == ""


async def test_the_start_address_works_once() -> None:
    """The start address reveals nothing of the attempt, and works once. A look at it does not count."""
    async with listening("unguessable") as (listener, browser, _):
        local = listener.lead_to("https://tenant.example/authorize?state=our-state")
        assert "our-state" not in local
        async with browser.head(local, allow_redirects=False) as answer:
            assert answer.status == 405
        async with browser.get(local, allow_redirects=False) as answer:
            assert answer.status == 302
            assert answer.headers["Location"] == "https://tenant.example/authorize?state=our-state"
        async with browser.get(local, allow_redirects=False) as answer:
            assert answer.status == 410
            assert "our-state" not in await answer.text()


async def test_a_port_of_another_login_is_recognized() -> None:
    """If another login has the port, the message says so."""
    async with listening() as (listener, _, _):
        with pytest.raises(SettingError, match="another rollcall auth login is waiting on port"):
            async with Listener(ATTEMPT, listener.port, start="at-random"):
                pass


@pytest.mark.parametrize("greeting", [b"SSH-2.0-OpenSSH\r\n", b"", b"HTTP/1.1 200 OK\r\nServer: other\r\n\r\n"])
async def test_a_port_of_another_program_is_recognized(greeting: bytes) -> None:
    """If another program has the port, the message says so. It names the option and the address to register."""

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(SettingError, match="taken by another program") as taken:
            async with Listener(ATTEMPT, port, start="at-random"):
                pass
    assert f"--port {port + 1}" in taken.value.example
    assert "register" in str(taken.value)


async def test_a_port_that_says_nothing_is_another_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program on the port that does not respond causes no wait."""
    monkeypatch.setattr("cxone_rollcall.login.callback_server.LONGEST_REQUEST", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(SettingError, match="another program"):
        async with Listener(ATTEMPT, silent.getsockname()[1], start="at-random"):
            pass


async def test_the_port_is_free_again_at_once() -> None:
    """A closed listener frees its port, also after use."""
    async with listening() as (listener, browser, _):
        port = listener.port
        async with browser.get(f"{listener.redirect_uri}?code=the-code&state=our-state"):
            pass
    async with Listener(ATTEMPT, port, start="at-random") as again:
        assert again.redirect_uri == f"http://127.0.0.1:{port}/callback"


async def test_a_refusal_that_nobody_awaits_is_not_logged() -> None:
    """asyncio logs no refusal that comes after an interrupted wait."""
    logged: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: logged.append(context))
    async with listening() as (listener, browser, _):
        await browser.get(f"{listener.redirect_uri}?error=access_denied&state=our-state")
    del listener
    gc.collect()
    assert logged == []
