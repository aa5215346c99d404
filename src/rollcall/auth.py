"""Keeps the token: one for all requests, renewed before it expires, and by one request at a time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from rollcall.errors import RequestFailed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from rollcall.model.token import Token

EARLY_SECONDS = 60.0
"""How long before its end a token is renewed; a short-lived one is renewed after nine tenths of its life."""
EARLY_SHARE = 0.1


class TokenKeeper:
    """Hands out the current token. `mint` asks for a new one; `now` is the server's time, seconds since the epoch.

    Once a token has been refused for good, everybody who asks gets that same refusal: a wrong secret is shown to
    the server once, not once a request.
    """

    def __init__(self, mint: Callable[[], Awaitable[Token]], *, now: Callable[[], float]) -> None:
        self._mint = mint
        self._now = now
        self._current: Token | None = None
        self._renewal_due = float("inf")
        self._refusal: RequestFailed | None = None
        self._one_at_a_time = asyncio.Lock()

    async def token(self) -> Token:
        """Return a token that is good by the server's clock; raise `RequestFailed` where none is to be had."""
        current = self._current
        if current is None or self._now() >= self._renewal_due:
            return await self.replace(current)
        return current

    async def replace(self, old: Token | None) -> Token:
        """Return another token than `old`: the one that somebody else has fetched meanwhile, or a new one."""
        async with self._one_at_a_time:
            if self._refusal is not None:
                raise self._refusal
            if self._current is None or self._current is old:
                self._current = await self._fetch(old)
            return self._current

    async def _fetch(self, old: Token | None) -> Token:
        try:
            new = await self._mint()
        except RequestFailed as refusal:
            still_good = old is not None and old.expires_at is not None and self._now() < old.expires_at
            if old is not None and still_good and self._now() >= self._renewal_due:
                self._renewal_due = old.expires_at or self._renewal_due  # it was early: there is time to try again
                return old
            self._refusal = refusal
            raise
        self._renewal_due = renewal_due(new)
        return new


def renewal_due(token: Token) -> float:
    """Return the server's time at which a token is to be renewed; never, where its life is not known."""
    if token.expires_at is None:
        return float("inf")
    life = token.expires_at - token.granted_at
    return token.expires_at - min(EARLY_SECONDS, life * EARLY_SHARE)
