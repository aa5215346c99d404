"""Keeps the token: one for all requests, renewed before it expires, and by one request at a time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from cxone_rollcall.errors import RequestFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    from cxone_rollcall.model.token import Token

EARLY_SECONDS = 60.0
"""How long before its end a token is renewed; a short-lived one is renewed after nine tenths of its life."""
EARLY_SHARE = 0.1


class Mint(Protocol):
    """Asks for a token, or raises `RequestFailed`."""

    async def __call__(self, *, anew: bool) -> Token:
        """Ask; `anew` without the help of the last token."""


class TokenKeeper:
    """Hands out the current token. `mint` asks for a new one; `now` is the server's time, seconds since the epoch.

    `mint` is told by `anew` that the last token was refused, so that nothing that came with it is to be relied on.

    Once a token has been refused for good, everybody who asks gets that same refusal: a wrong secret is shown to
    the server once, not once a request.
    """

    def __init__(self, mint: Mint, *, now: Callable[[], float]) -> None:
        self._mint = mint
        self._now = now
        self._current: Token | None = None
        self._renewal_due = float("inf")
        self._refusal: RequestFailed | None = None
        self._one_at_a_time = asyncio.Lock()

    async def token(self) -> Token:
        """Return a token that is good by the server's clock; raise `RequestFailed` where none is to be had."""
        if self._current is not None and not self._is_due():
            return self._current
        async with self._one_at_a_time:
            if self._current is not None and not self._is_due():
                return self._current  # somebody else has renewed it, or tried to, while we waited
            return await self._fetch(anew=False)

    async def replace(self, old: Token) -> Token:
        """Return another token than `old`, which was refused: one fetched by somebody else meanwhile, or a new one."""
        async with self._one_at_a_time:
            if self._current is not None and self._current is not old:
                return self._current
            self._current = None
            return await self._fetch(anew=True)

    def forget(self) -> None:
        """Hold no token and remember no refusal: another contract is spoken from now on."""
        self._current, self._refusal = None, None

    @property
    def current(self) -> Token | None:
        """The token held at this moment, if any, due for renewal or not."""
        return self._current

    def _is_due(self) -> bool:
        return self._now() >= self._renewal_due

    async def _fetch(self, *, anew: bool) -> Token:
        """Ask for a token; an early renewal that fails is no loss while the old one is good, any other is for good."""
        if self._refusal is not None:
            raise self._refusal.with_traceback(None)
        old = self._current
        try:
            self._current = await self._mint(anew=anew)
        except RequestFailed as refusal:
            if old is not None and old.expires_at is not None and self._now() < old.expires_at:
                self._renewal_due = old.expires_at  # it was early: there is time to try again
                return old
            self._refusal = refusal
            raise
        self._renewal_due = renewal_due(self._current)
        return self._current


def renewal_due(token: Token) -> float:
    """Return the server's time at which a token is to be renewed; never, where its life is not known."""
    if token.expires_at is None:
        return float("inf")
    life = token.expires_at - token.granted_at
    return token.expires_at - min(EARLY_SECONDS, life * EARLY_SHARE)
