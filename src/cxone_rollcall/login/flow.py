"""The steps of a login: address, browser, code, token, check."""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol, TypeVar

from cxone_rollcall.login.attempt import Attempt, LoginTimedOut, NoCode, WrongState, check_nonce, read_pasted
from cxone_rollcall.login.callback_server import Listener
from cxone_rollcall.model.login import LOGIN_SECONDS, REDIRECT_PORT
from cxone_rollcall.model.token import Token

T = TypeVar("T")


class LoginClient(Protocol):
    """What a login needs from the client; both methods raise RequestFailed."""

    async def authorize_url(self, *, redirect_uri: str, state: str, nonce: str, challenge: str) -> str:
        """The address at which the user signs in."""

    async def redeem(self, code: str, *, redirect_uri: str, verifier: str) -> Token:
        """Exchange the code for a token."""


async def log_in(
    client: LoginClient,
    attempt: Attempt,
    *,
    open_browser: Callable[[str], bool] | None,
    paste: Callable[[], str] | None,
    announce: Callable[[str], None],
    port: int = REDIRECT_PORT,
    timeout: float = LOGIN_SECONDS,  # noqa: ASYNC109  limits only the sign-in, and has its own error
) -> Token:
    """Log a user in and return the token.

    The id token must have been issued for this attempt. `open_browser` opens an address and returns whether it could;
    None leaves that to the user. `paste` waits for a pasted line, and returns "" at the end of input; None if nobody
    can paste. Both may block: each runs in a daemon thread. `announce` shows a line to the user.

    Raises LoginFailed, RequestFailed, and SettingError if the port is not available.
    """
    async with Listener(attempt, port, start=secrets.token_urlsafe(16)) as listener:
        redirect_uri = listener.redirect_uri
        address = await client.authorize_url(
            redirect_uri=redirect_uri, state=attempt.state, nonce=attempt.nonce, challenge=attempt.challenge
        )
        try:
            async with asyncio.timeout(timeout):
                code = await _code(listener, address, attempt, open_browser, paste, announce, timeout)
        except TimeoutError:
            stray = f"; {listener.stray}" if listener.stray else ""
            raise LoginTimedOut(f"the browser did not call back within {timeout:g} s{stray}") from None
    token = await client.redeem(code, redirect_uri=redirect_uri, verifier=attempt.verifier.reveal())
    check_nonce(token.id_claims, attempt)
    return token


async def _code(
    listener: Listener,
    address: str,
    attempt: Attempt,
    open_browser: Callable[[str], bool] | None,
    paste: Callable[[], str] | None,
    announce: Callable[[str], None],
    timeout: float,  # noqa: ASYNC109  only for a message
) -> str:
    """Send the user to the address and return the first code. It comes from the callback, or is pasted."""
    waiting = [asyncio.ensure_future(listener.code())]
    opened = False
    try:
        if open_browser is not None:
            announce(
                f"The browser opens the tenant's sign-in; rollcall waits for at most {timeout:g} s."
                "\nNo browser? Press Ctrl-C and type: rollcall auth login --no-browser"
            )
            opening = aside(lambda: _opens(open_browser, listener.lead_to(address)))
            await asyncio.wait((waiting[0], opening), return_when=asyncio.FIRST_COMPLETED)
            opened = waiting[0].done() or opening.result()
            if not opened:
                announce("No browser could be opened here.")
        if not opened:
            announce(f"Open this address in a browser and sign in:\n\n{address}\n")
            if paste is not None:
                announce(
                    "A browser on this machine returns automatically. On another machine it ends at an address that it"
                    f"\ncannot open ({listener.redirect_uri}?...): paste that address, or its code, here."
                )
                waiting.append(asyncio.ensure_future(_pasted(attempt, paste, announce)))
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        return done.pop().result()
    finally:
        for task in waiting:
            task.cancel()


def _opens(open_browser: Callable[[str], bool], address: str) -> bool:
    try:
        return open_browser(address)
    except Exception:  # noqa: BLE001  for any error: the user can open a browser
        return False


async def _pasted(attempt: Attempt, paste: Callable[[], str], announce: Callable[[str], None]) -> str:
    """The first pasted code. Anything else is reported, and another line awaited."""
    while text := await aside(paste):
        if not text.strip():
            continue
        try:
            return read_pasted(text, attempt)
        except (WrongState, NoCode) as mistaken:
            announce(f"{mistaken}.")
    never: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    return await never  # the callback may still come


def aside(work: Callable[[], T]) -> asyncio.Future[T]:
    """Run blocking work in a daemon thread. It delays the end of neither loop nor process."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(set_outcome: Callable[[Any], None], outcome: object) -> None:
        if not future.done():
            set_outcome(outcome)

    def run() -> None:
        outcome: tuple[Callable[[Any], None], object]
        try:
            outcome = future.set_result, work()
        except Exception as failed:  # noqa: BLE001  raised where it is awaited
            outcome = future.set_exception, failed
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(settle, *outcome)

    threading.Thread(target=run, daemon=True).start()
    return future
