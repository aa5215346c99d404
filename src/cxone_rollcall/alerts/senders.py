"""Sends messages: as signed webhooks, or with apprise."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any
from urllib.request import getproxies, proxy_bypass

import aiohttp
from yarl import URL

from cxone_rollcall.alerts.message import plain
from cxone_rollcall.alerts.secrets import Address, key_bytes
from cxone_rollcall.errors import RollcallError, SettingError
from cxone_rollcall.model.host import is_loopback
from cxone_rollcall.model.shell import pip_install
from cxone_rollcall.version import __version__

AT_ONCE = 4
"""Messages to one place at once."""

Send = Callable[[str, bytes], Awaitable[None]]
"""Sends one body under an id. Raises `NotSent`."""


class NotSent(RollcallError):
    """A message was not taken. The reason names neither URL nor secret; `after` is Retry-After, in seconds."""

    def __init__(self, why: str, *, after: float = 0.0) -> None:
        super().__init__(why)
        self.after = after


def sender_of(address: Address, clock: Callable[[], float]) -> Send:
    """The sender for an address. `clock` gives seconds since the epoch. SettingError if its library is missing."""
    return _apprise(address) if address.place.kind == "apprise" else _webhook(address, clock)


def few_at_once(send: Send) -> Send:
    """The same sender, which sends few messages at once. The others wait: thousands of tenants may go blind at once."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def sending(message_id: str, body: bytes) -> None:
        async with turn:
            await send(message_id, body)

    return sending


def signature(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`.

    Source: the Standard Webhooks specification, *Signature scheme* (v1: HMAC-SHA256 of `id.timestamp.body`).
    """
    signed = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode('ascii')}"


def _webhook(address: Address, clock: Callable[[], float]) -> Send:
    key = None if address.key is None else key_bytes(address.key, address.place)
    url = URL(address.url.reveal())
    timeout = aiohttp.ClientTimeout(total=address.place.timeout)

    async def send(message_id: str, body: bytes) -> None:
        timestamp = int(clock())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"rollcall/{__version__}",
            "webhook-id": message_id,
            "webhook-timestamp": str(timestamp),
        }
        if key is not None:
            headers["webhook-signature"] = signature(key, message_id, timestamp, body)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                # A redirect is never followed: its target could be anybody's.
                session.post(url, data=body, headers=headers, allow_redirects=False, proxy=_proxy(url)) as answer,
            ):
                status, after = answer.status, answer.headers.get("Retry-After", "")
        except TimeoutError:
            raise NotSent(f"no answer within {address.place.timeout:g} s") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise NotSent(f"not reached ({type(error).__name__})") from None
        if status // 100 == 3:
            raise NotSent(f"HTTP {status}: it redirects elsewhere, which is not followed")
        if status // 100 != 2:
            raise NotSent(f"HTTP {status}", after=float(after) if after.isascii() and after.isdecimal() else 0.0)

    return send


def _proxy(url: URL) -> str | None:
    """The proxy that the environment names for a URL. `.netrc` is not read."""
    host = url.host or ""
    return None if is_loopback(host) or proxy_bypass(host) else getproxies().get(url.scheme)


def _apprise(address: Address) -> Send:
    try:
        apprise: Any = import_module("apprise")
    except ImportError:
        raise SettingError(
            f"{address.place.name} needs the library apprise, which is not installed",
            example=pip_install("apprise"),
        ) from None
    service: Any = apprise.Apprise()
    if not service.add(address.url.reveal()):
        raise SettingError(f"apprise does not know the URL of {address.place.name} (in {address.place.url})")

    async def send(message_id: str, body: bytes) -> None:
        message = json.loads(body)
        call = service.async_notify(title="rollcall", body=_text(message["data"]), body_format="text")
        try:
            async with asyncio.timeout(address.place.timeout):
                taken = await call
        except TimeoutError:
            raise NotSent(f"no answer within {address.place.timeout:g} s") from None
        except Exception as error:  # noqa: BLE001  each service raises its own library's errors, which may quote a URL
            raise NotSent(f"apprise failed ({type(error).__name__})") from None
        if not taken:
            raise NotSent("the service did not take it")

    return send


def _text(data: dict[str, Any]) -> str:
    """What a chat is sent. It names the tenant, but for a trial."""
    return f"{plain(data['tenant'])}: {data['text']}" if "tenant" in data else str(data["text"])
