"""Bearer tokens: which one a request carries, and when to stop renewing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.model.exchange import Request
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.struct import Record, replace
from cxone_rollcall.model.token import Token

if TYPE_CHECKING:
    from cxone_rollcall.client.token_cache import TokenCache

MOST_RENEWALS = 20
"""Renewals for one request. A token that is valid for a few requests may expire that often.

A request whose every sending ends the token makes its neighbours send again, too.
"""
TOKENS_IN_A_ROW = 20
"""Rejections in a row that end the renewals for an endpoint.

Each is of a newer token, and the endpoint has accepted tokens before.
"""
TOKENS_SPENT = 6
"""The same for an endpoint that never accepted a token.

Counted if other endpoints accepted each token before: tokens may expire after a few requests.
"""


class TokenHistory(Record):
    """Which tokens one endpoint accepted and rejected.

    Tokens have numbers, 0 for none. `rejected_in_a_row` counts rejections since the last accepted token,
    `spent_in_a_row` those of tokens that another endpoint had accepted before.
    """

    last_accepted: int = 0
    last_rejected: int = 0
    rejected_in_a_row: int = 0
    spent_in_a_row: int = 0

    def accepted(self, token: Token) -> None:
        """Note that the endpoint accepted this token."""
        self.last_accepted, self.rejected_in_a_row, self.spent_in_a_row = token.number, 0, 0

    def rejected(self, token: Token, *, spent: bool) -> bool:
        """Note a rejected token; False if that is no news.

        It is no news if the endpoint has rejected this or a newer token before. `spent` if another endpoint has
        accepted this token before.
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
    """Signs a request just before it is sent.

    The token may have been replaced while the request waited. `token` is the one sent last, `renewed` whether it is a
    renewal after a rejection.
    """

    def __init__(self, cache: TokenCache, token: Token, *, renewed: bool) -> None:
        self.token = token
        self.renewed = renewed
        self._cache = cache

    @property
    def available(self) -> bool:
        """Whether there is a token; none during a renewal after a rejection."""
        return self._cache.current is not None

    async def wait(self) -> None:
        """Wait until a token is available. A request that waited for one goes before the others."""
        if not self.available:
            self.token, self.renewed = await self._cache.token(), True

    def sign(self, request: Request) -> Request:
        """Return the request with the current token."""
        self.token = self._cache.current or self.token
        bearer = ("Authorization", Secret(f"Bearer {self.token.access_token.reveal()}"))
        return replace(request, headers=(*request.headers, bearer))
