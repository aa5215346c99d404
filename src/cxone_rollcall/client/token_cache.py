"""The current token: shared by all requests, renewed before it expires."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from cxone_rollcall.errors import RollcallError
from cxone_rollcall.model.struct import replace
from cxone_rollcall.model.token import Token

EARLY_SECONDS = 60.0
"""Seconds before its expiry at which a token is renewed."""
EARLY_SHARE = 0.1
"""Share of its life, for tokens that live under ten minutes."""


class TokenSource(Protocol):
    """Fetches a token, or raises `RequestFailed`."""

    async def __call__(self, *, anew: bool) -> Token:
        """Fetch a token. `anew`: without the refresh token of the last one, which was rejected."""


class TokenCache:
    """Hands out the current token, and fetches another when it is due.

    `now` returns the server's time in seconds since the epoch. If a token is refused, every request gets that same
    refusal: a wrong secret is sent once in a run, not once for each request.
    """

    def __init__(self, source: TokenSource, *, now: Callable[[], float]) -> None:
        self._source = source
        self._now = now
        self._current: Token | None = None
        self._fetched = 0
        self._renewal_due = float("inf")
        self._refusal: RollcallError | None = None
        self._one_at_a_time = asyncio.Lock()

    async def token(self) -> Token:
        """Return a token that is valid by the server's clock. Raises `RequestFailed` if there is none."""
        if self._current is not None and not self._is_due():
            return self._current
        async with self._one_at_a_time:
            if self._current is not None and not self._is_due():
                return self._current  # another request has renewed it, or tried to, while we waited
            return await self._fetch(anew=False)

    async def replace(self, old: Token) -> Token:
        """Return another token than `old`, which was rejected. The one fetched meanwhile, or a new one."""
        async with self._one_at_a_time:
            if self._current is not None and self._current.number != old.number:
                return self._current
            self._current = None
            return await self._fetch(anew=True)

    def clear(self) -> None:
        """Forget token and refusal, because another contract is used from now on."""
        self._current, self._refusal = None, None

    def begin_log(self) -> None:
        """Keep the token, but no exchange or refusal of the last run."""
        self._refusal = None
        if self._current is not None:
            self._current = replace(self._current, exchange=0)

    @property
    def current(self) -> Token | None:
        """The current token, even if due; None while another is fetched."""
        return self._current

    def _is_due(self) -> bool:
        return self._now() >= self._renewal_due

    async def _fetch(self, *, anew: bool) -> Token:
        """Fetch a token. A renewal that fails is tried again when the old token expires; any other failure is final."""
        if self._refusal is not None:
            raise self._refusal.with_traceback(None)
        old = self._current
        try:
            token = await self._source(anew=anew)
        except RollcallError as refusal:  # the store of a login may fail, too
            if old is not None and old.expires_at is not None and self._now() < old.expires_at:
                self._renewal_due = old.expires_at
                return old
            self._refusal = refusal
            raise
        self._fetched += 1
        self._current = replace(token, number=self._fetched)
        self._renewal_due = renewal_due(self._current)
        return self._current


def renewal_due(token: Token) -> float:
    """Return the server's time at which to renew a token. Infinity if its life is unknown."""
    if token.expires_at is None:
        return float("inf")
    life = token.expires_at - token.granted_at
    return token.expires_at - min(EARLY_SECONDS, life * EARLY_SHARE)
