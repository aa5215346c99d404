"""The credentials for a token."""

from __future__ import annotations

from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.struct import Value


class Credentials(Value, frozen=True, kw_only=True):
    """The grant type and what it needs; the rest is None.

    `grant_is_guessed` is True if no setting names the grant: it was derived from the credentials, and may change when
    the API is known.
    """

    grant_type: str = "client_credentials"
    grant_is_guessed: bool = False
    client_id: str | None = None
    client_secret: Secret | None = None
    access_key_id: str | None = None
    access_key_secret: Secret | None = None
