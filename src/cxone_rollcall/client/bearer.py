"""The token on a request: how each part of the API has treated our tokens, and which one a request shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.struct import Record, replace

if TYPE_CHECKING:
    from cxone_rollcall.client.token_cache import TokenKeeper
    from cxone_rollcall.model.exchange import Request
    from cxone_rollcall.model.token import Token

MOST_RENEWALS = 30
"""How often one request may meet an expired token; a token that lives for a few requests expires that often."""
TOKENS_IN_A_ROW = 20
"""How many tokens, each newer than the last, may be refused where some were taken, before no more are asked for."""
TOKENS_SPENT = 6
"""How many may be refused where none was taken, if each was taken elsewhere before: it may have expired by that."""


class Door(Record):
    """How one part of the API has treated our tokens so far."""

    accepted: Token | None = None
    refused: Token | None = None
    refused_in_a_row: int = 0
    spent_in_a_row: int = 0

    def take(self, token: Token) -> None:
        """Note that this token was taken."""
        self.accepted, self.refused_in_a_row, self.spent_in_a_row = token, 0, 0

    def refuse(self, token: Token, *, spent: bool) -> bool:
        """Note that this token was refused; False where it, or a newer one, was refused before.

        `spent` tells that it was taken by another part of the API before.
        """
        if self.refused is not None and token.exchange <= self.refused.exchange:
            return False
        self.refused, self.refused_in_a_row = token, self.refused_in_a_row + 1
        self.spent_in_a_row += spent
        return True

    @property
    def closed(self) -> bool:
        """A newer token is pointless: two were refused here and none was ever taken, or too many one after another."""
        if self.accepted is not None:
            return self.refused_in_a_row >= TOKENS_IN_A_ROW
        return self.refused_in_a_row - self.spent_in_a_row >= 2 or self.refused_in_a_row >= TOKENS_SPENT


class Bearer:
    """Signs a request when its turn has come: the token may have been replaced while it waited."""

    def __init__(self, keeper: TokenKeeper, token: Token, *, renewed: bool) -> None:
        self.token = token
        self.renewed = renewed
        self._keeper = keeper

    @property
    def at_hand(self) -> bool:
        """False while another token is being asked for, because the last one was refused."""
        return self._keeper.current is not None

    async def wait(self) -> None:
        """Wait for that token, if one is being asked for; who has waited for it goes before the others."""
        if not self.at_hand:
            self.token, self.renewed = await self._keeper.token(), True

    def sign(self, request: Request) -> Request:
        """Return the request with the newest token there is; `token` is that one from now on."""
        self.token = self._keeper.current or self.token
        bearer = ("Authorization", Secret(f"Bearer {self.token.access_token.reveal()}"))
        return replace(request, headers=(*request.headers, bearer))
