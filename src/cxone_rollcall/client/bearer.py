"""Bearer tokens: which one a request carries, and when an endpoint has rejected too many to fetch another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.model.exchange import Request
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.struct import Record, replace
from cxone_rollcall.model.token import Token

if TYPE_CHECKING:
    from cxone_rollcall.client.token_cache import TokenCache

MOST_RENEWALS = 30
"""Renewals for one request: a token that is valid for a few requests may expire that often."""
TOKENS_IN_A_ROW = 20
"""Rejections in a row, each of a newer token, before giving up on an endpoint that has accepted tokens before."""
TOKENS_SPENT = 6
"""Rejections in a row before giving up on an endpoint that never accepted a token, if other endpoints accepted each
of them before (they may expire after a few requests)."""


class TokenHistory(Record):
    """Which tokens one endpoint has accepted and rejected; they are known by their numbers, 0 for none.

    `rejected_in_a_row` counts rejections since the last accepted token, `spent_in_a_row` those of tokens that another
    endpoint had accepted before.
    """

    last_accepted: int = 0
    last_rejected: int = 0
    rejected_in_a_row: int = 0
    spent_in_a_row: int = 0

    def accepted(self, token: Token) -> None:
        """Note that the endpoint accepted this token."""
        self.last_accepted, self.rejected_in_a_row, self.spent_in_a_row = token.number, 0, 0

    def rejected(self, token: Token, *, spent: bool) -> bool:
        """Note that the endpoint rejected this token; False if it has rejected this or a newer one before.

        `spent` if another endpoint has accepted this token before.
        """
        if token.number <= self.last_rejected:
            return False
        self.last_rejected, self.rejected_in_a_row = token.number, self.rejected_in_a_row + 1
        self.spent_in_a_row += spent
        return True

    def begin_log(self) -> None:
        """Forget the rejections: another run tries again."""
        self.rejected_in_a_row = self.spent_in_a_row = 0

    @property
    def hopeless(self) -> bool:
        """Whether another token is pointless."""
        if self.last_accepted:
            return self.rejected_in_a_row >= TOKENS_IN_A_ROW
        return self.rejected_in_a_row - self.spent_in_a_row >= 2 or self.rejected_in_a_row >= TOKENS_SPENT


class Bearer:
    """Signs a request just before it is sent: the token may have been replaced while the request waited.

    `token` is the one that was sent last, `renewed` whether it is a renewal after a rejection.
    """

    def __init__(self, cache: TokenCache, token: Token, *, renewed: bool) -> None:
        self.token = token
        self.renewed = renewed
        self._cache = cache

    @property
    def available(self) -> bool:
        """Whether there is a token; there is none while another one is fetched after a rejection."""
        return self._cache.current is not None

    async def wait(self) -> None:
        """Wait until a token is available; a request that waited for one goes before the others."""
        if not self.available:
            self.token, self.renewed = await self._cache.token(), True

    def sign(self, request: Request) -> Request:
        """Return the request with the current token."""
        self.token = self._cache.current or self.token
        bearer = ("Authorization", Secret(f"Bearer {self.token.access_token.reveal()}"))
        return replace(request, headers=(*request.headers, bearer))
