"""Who may look: hosts, tokens, sessions and origins. Pure but for the clock."""

from __future__ import annotations

import hmac
import re
import time
from collections.abc import Callable, Collection, Mapping
from hashlib import sha256
from ipaddress import ip_address

from cxone_rollcall.model.secret import Secret

COOKIE = "rollcall_session"
SESSION = 30 * 24 * 3600
"""Seconds until a browser must log in again. A television is not asked every day."""
SHORTEST_TOKEN = 16
_HOST = re.compile(r"(\[[^\]]*\]|[^:]*)(?::\d*)?", re.ASCII)
"""A name or an address, and perhaps a port."""


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the address."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.casefold() == "localhost"


class Access:
    """Decides who may look. Without a token everybody may who uses an address of ours.

    `names` are the host names that are ours. An IP address needs no entry: only a name can be pointed elsewhere (DNS
    rebinding). `clock` is in seconds since the epoch.
    """

    def __init__(
        self, token: Secret | None, *, names: Collection[str] = (), clock: Callable[[], float] = time.time
    ) -> None:
        self._token = token
        self._names = {"localhost", *(name.casefold() for name in names)}
        self._clock = clock

    @property
    def needs_token(self) -> bool:
        """Whether readers need a token."""
        return self._token is not None

    def knows_host(self, host: str) -> bool:
        """Whether a `Host` header names us."""
        name = _without_port(host)
        if name.casefold().rstrip(".") in self._names:
            return True
        try:
            address = ip_address(name.strip("[]"))
        except ValueError:
            return False
        return self.needs_token or address.is_loopback

    def takes_token(self, text: str) -> bool:
        """Whether this is the token."""
        return self._token is not None and _same(text, self._token.reveal())

    def takes_bearer(self, header: str) -> bool:
        """Whether an `Authorization` header has the token."""
        scheme, _, token = header.partition(" ")
        return scheme.casefold() == "bearer" and self.takes_token(token.strip())

    def new_session(self) -> str:
        """The value of a cookie for a browser that showed the token."""
        return self._sealed(int(self._clock()) + SESSION)

    def takes_session(self, cookie: str) -> bool:
        """Whether a cookie is ours and has not expired."""
        expiry = cookie.partition(".")[0]
        if not (expiry.isascii() and expiry.isdigit() and len(expiry) < 16):
            return False
        return _same(cookie, self._sealed(int(expiry))) and self._clock() < int(expiry)

    def _sealed(self, expiry: int) -> str:
        key = self._token.reveal().encode() if self._token is not None else b""
        return f"{expiry}.{hmac.new(key, f'rollcall session {expiry}'.encode(), sha256).hexdigest()}"


def same_origin(headers: Mapping[str, str], origin: str) -> bool:
    """Whether a write comes from a page of ours. `origin` is ours, as `https://host:port`."""
    sent = headers.get("Origin")
    if sent is not None:
        return sent.casefold() == origin.casefold()
    return headers.get("Sec-Fetch-Site") == "same-origin"


def _without_port(host: str) -> str:
    found = _HOST.fullmatch(host)
    return found[1] if found else ""


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))
