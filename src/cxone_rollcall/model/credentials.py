"""What we show to be let in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.model.struct import Value

if TYPE_CHECKING:
    from cxone_rollcall.model.secret import Secret


class Credentials(Value, frozen=True, kw_only=True):
    """The grant type and what it needs; what is not needed is None.

    `grant_is_guessed` tells that nobody named the grant: it is the one that the credentials are for, as far as can be
    told before it is known which contract is spoken.
    """

    grant_type: str = "client_credentials"
    grant_is_guessed: bool = False
    client_id: str | None = None
    client_secret: Secret | None = None
    access_key_id: str | None = None
    access_key_secret: Secret | None = None
