"""The redirect address: a small loopback server that waits for one callback."""

from __future__ import annotations

import asyncio
import errno
import logging
from contextlib import suppress
from types import TracebackType

from aiohttp import web

from cxone_rollcall.errors import SettingError
from cxone_rollcall.login.attempt import Attempt, LoginFailed, WrongState, read_callback
from cxone_rollcall.login.page import HEADERS, page
from cxone_rollcall.model.login import REDIRECT_HOST, REDIRECT_PATH, REDIRECT_PORT, redirect_address

NAME = "rollcall-login"
"""The Server header of every response. A second login that finds the port taken recognizes the first by it."""
LONGEST_REQUEST = 2.0
"""Seconds that a browser may take to send its request."""


class Listener:
    """Serves the redirect address of one attempt while open. SettingError if its port is taken.

    `stray` is the last callback that was not for this attempt. It does not end the waiting, because any page in the
    browser could send one.
    """

    def __init__(self, attempt: Attempt, port: int = REDIRECT_PORT, *, start: str) -> None:
        """Prepare a server for `port`; `start` is an unguessable path.

        That path redirects once, to the address given to `lead_to`.
        """
        self.port = port
        self.stray: WrongState | None = None
        self._attempt = attempt
        self._start = f"/start/{start}"
        self._onward = ""
        self._outcome: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    @property
    def redirect_uri(self) -> str:
        """The address to which the tenant redirects the browser."""
        return redirect_address(self.port)

    def lead_to(self, address: str) -> str:
        """A local address that redirects the browser once to `address`.

        Other users of the machine can see the arguments of a browser process; this address reveals nothing to them.
        """
        self._onward = address
        return f"http://{REDIRECT_HOST}:{self.port}{self._start}"

    async def code(self) -> str:
        """Wait for the code. Raises LoginDenied or NoCode if the tenant sent something else."""
        return await asyncio.shield(self._outcome)

    async def __aenter__(self) -> Listener:
        application = web.Application()
        application.router.add_get(REDIRECT_PATH, self._callback, allow_head=False)
        application.router.add_get(self._start, self._lead, allow_head=False)
        application.on_response_prepare.append(_sign)
        quiet = logging.Logger(NAME)  # outside the logger tree: requests of other programs are not logged
        quiet.addHandler(logging.NullHandler())
        self._runner = web.AppRunner(application, access_log=None, logger=quiet, shutdown_timeout=1.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, REDIRECT_HOST, self.port).start()
        except OSError as error:
            raise await _unavailable(self.port, error) from None
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._runner.cleanup()
        self._outcome.cancel()  # also of one that has come: asyncio then logs nothing of it

    async def _lead(self, request: web.Request) -> web.StreamResponse:
        onward, self._onward = self._onward, ""
        if not onward:
            return _answer(410, "This address was used already", "It works once. Run rollcall auth login again.")
        return web.Response(status=302, headers={**HEADERS, "Location": onward})

    async def _callback(self, request: web.Request) -> web.StreamResponse:
        if self._outcome.done():
            return _answer(410, "This login is finished", "Go back to the terminal.")
        outcome: str | LoginFailed
        try:
            outcome = read_callback(request.rel_url.raw_query_string, self._attempt)
        except WrongState as stray:
            self.stray = stray
            return _answer(
                400,
                "This response belongs to another login",
                "rollcall ignored it and is still waiting. If several windows are open from earlier attempts, use the"
                " newest one.",
            )
        except LoginFailed as failed:
            outcome = failed
            response = _answer(200, "You are not logged in", f"{failed}. Go back to the terminal.")
        else:
            response = _answer(
                200,
                "rollcall received the response",
                "You may close this window. The terminal shows whether the login succeeded.",
            )
        await _send(response, request)
        if self._outcome.done():  # another callback was quicker
            return response
        if isinstance(outcome, str):
            self._outcome.set_result(outcome)
        else:
            self._outcome.set_exception(outcome)
        return response


async def _sign(request: web.Request, response: web.StreamResponse) -> None:
    response.headers["Server"] = NAME


def _answer(status: int, title: str, text: str) -> web.Response:
    response = web.Response(status=status, text=page(title, text), content_type="text/html", headers=HEADERS)
    response.force_close()
    return response


async def _send(response: web.Response, request: web.Request) -> None:
    """Send the whole response before the waiting ends. The server ends with it."""
    with suppress(ConnectionError):  # the login counts even if the browser is gone
        await response.prepare(request)
        await response.write_eof()


async def _unavailable(port: int, error: OSError) -> SettingError:
    other = f"rollcall auth login --port {port + 1 if port < 65535 else REDIRECT_PORT}"
    if error.errno in (errno.EACCES, errno.EPERM):
        return SettingError(f"this user may not use port {port}", example=other)
    if error.errno != errno.EADDRINUSE:
        return SettingError(f"port {port} of {REDIRECT_HOST} cannot be used: {error.strerror or error}", example=other)
    if await _is_ours(port):
        return SettingError(
            f"another rollcall auth login is waiting on port {port}: finish that one, or end it with Ctrl-C;"
            " then type this command again"
        )
    return SettingError(
        f"port {port} is taken by another program: choose another port, and register its redirect address"
        f" for the client exactly ({redirect_address(port)} becomes http://{REDIRECT_HOST}:PORT{REDIRECT_PATH})",
        example=other,
    )


async def _is_ours(port: int) -> bool:
    """Whether the port is used by another rollcall login."""
    with suppress(OSError, ValueError):
        async with asyncio.timeout(LONGEST_REQUEST):
            reader, writer = await asyncio.open_connection(REDIRECT_HOST, port)
            try:
                writer.write(f"GET / HTTP/1.1\r\nHost: {REDIRECT_HOST}:{port}\r\nConnection: close\r\n\r\n".encode())
                return f"server: {NAME}".encode() in (await reader.read(4096)).lower()
            finally:
                writer.close()
    return False
