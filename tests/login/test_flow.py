"""The steps of a login, with a fake client and browser."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from tests.login.played import TENANT, PlayedClient, arrive

from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.login.attempt import Attempt, LoginDenied, LoginFailed, LoginTimedOut, WrongNonce
from cxone_rollcall.login.flow import aside, log_in
from cxone_rollcall.model.secret import Secret

ATTEMPT = Attempt("our-state", "our-nonce", Secret("our-verifier"))


def the_address(said: list[str]) -> str:
    """The announced address."""
    return next(word for text in said for word in text.split() if word.startswith(TENANT))


class Browser:
    """Opens an address in a thread and calls back with `query`. So does `webbrowser`."""

    def __init__(self, client: PlayedClient, query: str) -> None:
        self.opened: list[str] = []
        self.led_to = ""
        self._client, self._query = client, query
        self._loop = asyncio.get_running_loop()
        self.thread = ""

    def __call__(self, address: str) -> bool:
        """Open the address."""
        self.opened.append(address)
        self.thread = threading.current_thread().name
        asyncio.run_coroutine_threadsafe(self._go(address), self._loop).result(10)
        return True

    async def _go(self, address: str) -> None:
        async with aiohttp.ClientSession() as session, session.get(address, allow_redirects=False) as answer:
            self.led_to = answer.headers["Location"]
        await arrive(self._client, self._query)


async def test_a_login_in_the_browser() -> None:
    """The browser goes to the tenant and back. The code is redeemed with our verifier and address."""
    client = PlayedClient()
    browser = Browser(client, "code=good-code&state=our-state")
    said: list[str] = []
    token = await log_in(client, ATTEMPT, open_browser=browser, paste=None, announce=said.append, port=0)
    assert token.access_token.reveal() == "access"
    assert client.redeemed == [("good-code", client.asked["redirect_uri"], "our-verifier")]
    assert client.asked["code_challenge"] == ATTEMPT.challenge
    assert parse_qs(urlsplit(browser.led_to).query)["state"] == ["our-state"]
    assert browser.thread != threading.current_thread().name


async def test_browser_and_output_hold_no_secret() -> None:
    """Neither the browser's argument nor the output has a secret. Secrets are state, nonce, verifier and code."""
    client = PlayedClient()
    browser = Browser(client, "code=good-code&state=our-state")
    said: list[str] = []
    await log_in(client, ATTEMPT, open_browser=browser, paste=None, announce=said.append, port=0)
    shown = " ".join([*said, *browser.opened])
    for secret in ("our-state", "our-nonce", "our-verifier", "good-code", ATTEMPT.challenge):
        assert secret not in shown


def _no_browser(address: str) -> bool:
    return False


def _broken_browser(address: str) -> bool:
    raise OSError("no display")


@pytest.mark.parametrize("open_browser", [None, _no_browser, _broken_browser])
async def test_where_no_browser_opens_the_address_is_printed(open_browser: Callable[[str], bool] | None) -> None:
    """Without a working browser the address is printed. Any browser can call back."""
    client = PlayedClient()
    said: list[str] = []
    login = asyncio.create_task(
        log_in(client, ATTEMPT, open_browser=open_browser, paste=None, announce=said.append, port=0)
    )
    assert await arrive(client, "code=good-code&state=our-state") == 200
    assert (await login).access_token.reveal() == "access"
    assert open_browser is not None or "state=our-state" in the_address(said)


@pytest.mark.parametrize("open_browser", [None, _no_browser, _broken_browser])
async def test_where_no_browser_opens_a_code_may_be_pasted(open_browser: Callable[[str], bool] | None) -> None:
    """The address is printed if a browser fails. Then a code may be pasted."""
    said: list[str] = []
    token = await log_in(
        PlayedClient(),
        ATTEMPT,
        open_browser=open_browser,
        paste=lambda: "good-code\n",
        announce=said.append,
        port=0,
        timeout=20,
    )
    assert token.access_token.reveal() == "access"
    assert "state=our-state" in the_address(said)
    assert ("No browser could be opened here." in said) == (open_browser is not None)


async def test_a_code_may_be_pasted() -> None:
    """A pasted address is accepted. A wrong paste is reported, and another line awaited."""
    client = PlayedClient()
    lines = iter(["\n", "what?\n", "http://127.0.0.1/callback?code=good-code&state=old\n", "good-code\n"])
    said: list[str] = []
    token = await log_in(client, ATTEMPT, open_browser=None, paste=lambda: next(lines), announce=said.append, port=0)
    assert token.access_token.reveal() == "access"
    assert any("neither a code" in text for text in said)
    assert any("its state differs" in text for text in said)


async def test_a_pasted_refusal_ends_the_login() -> None:
    """A pasted address with a refusal ends the waiting."""
    with pytest.raises(LoginDenied):
        await log_in(
            PlayedClient(),
            ATTEMPT,
            open_browser=None,
            paste=lambda: "http://127.0.0.1/callback?error=access_denied&state=our-state\n",
            announce=lambda _: None,
            port=0,
        )


async def test_the_callback_comes_while_a_line_is_waited_for() -> None:
    """Waiting for a paste does not block the callback. The login can end, too."""
    client = PlayedClient()
    never = threading.Event()

    def paste() -> str:
        never.wait()
        return ""

    login = asyncio.create_task(
        log_in(client, ATTEMPT, open_browser=None, paste=paste, announce=lambda _: None, port=0)
    )
    await arrive(client, "code=good-code&state=our-state")
    assert (await login).access_token.reveal() == "access"
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}  # nobody waits for the line any more
    never.set()


async def test_the_end_of_the_input_leaves_the_callback() -> None:
    """After the end of input, the login still waits for the callback."""
    client = PlayedClient()
    login = asyncio.create_task(
        log_in(client, ATTEMPT, open_browser=None, paste=lambda: "", announce=lambda _: None, port=0)
    )
    await arrive(client, "code=good-code&state=our-state")
    assert (await login).access_token.reveal() == "access"


async def test_no_callback_comes_in_time() -> None:
    """After a timeout the error names a callback that was ignored."""
    client = PlayedClient()
    login = asyncio.create_task(
        log_in(client, ATTEMPT, open_browser=None, paste=None, announce=lambda _: None, port=0, timeout=1.5)
    )
    assert await arrive(client, "code=good-code&state=theirs") == 400
    with pytest.raises(LoginTimedOut, match=r"within 1.5 s; the browser sent a response that does not belong"):
        await login
    assert client.redeemed == []


async def test_a_denied_login_redeems_nothing() -> None:
    """If the user cancels, no code is redeemed."""
    client = PlayedClient()
    login = asyncio.create_task(log_in(client, ATTEMPT, open_browser=None, paste=None, announce=lambda _: None, port=0))
    await arrive(client, "error=access_denied&state=our-state")
    with pytest.raises(LoginDenied):
        await login
    assert client.redeemed == []


async def test_a_token_of_another_attempt_is_refused() -> None:
    """An id token with another nonce makes the login fail."""
    client = PlayedClient(nonce="theirs")
    login = asyncio.create_task(
        log_in(client, ATTEMPT, open_browser=None, paste=lambda: "good-code\n", announce=lambda _: None, port=0)
    )
    with pytest.raises(WrongNonce):
        await login


async def test_a_code_that_is_refused_is_a_failed_request() -> None:
    """An error of the redemption reaches the caller unchanged."""
    with pytest.raises(RequestFailed):
        await log_in(
            PlayedClient(), ATTEMPT, open_browser=None, paste=lambda: "bad-code\n", announce=lambda _: None, port=0
        )


async def test_a_login_that_is_cancelled_gives_its_port_back() -> None:
    """A cancelled login leaves no task or socket."""
    client = PlayedClient()
    login = asyncio.create_task(log_in(client, ATTEMPT, open_browser=None, paste=None, announce=lambda _: None, port=0))
    await client.address.wait()
    login.cancel()
    with pytest.raises(asyncio.CancelledError):
        await login
    port = urlsplit(client.asked["redirect_uri"]).port
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", port)
    server.close()


async def test_an_error_in_the_thread_is_raised_where_it_is_awaited() -> None:
    """An error in the thread is raised where it is awaited."""

    def fail() -> None:
        raise LoginFailed("so")

    with pytest.raises(LoginFailed, match="so"):
        await aside(fail)
