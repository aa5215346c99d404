"""An access token and its claims."""

from __future__ import annotations

from collections.abc import Mapping

from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.struct import Value, field


class Token(Value, frozen=True, kw_only=True):
    """A bearer token. Times are seconds since the epoch on the server's clock.

    `scopes` is None if neither the token answer nor the token's claims name any. `claims` are those of a JWT, empty
    for an opaque token; their signature is not checked. `refresh_token` is None if none was granted, `id_claims` are
    those of the id token. `exchange` granted it, 0 if an earlier run did, with the status `status`; `number` counts the
    tokens of a client.
    """

    access_token: Secret
    token_type: str = "Bearer"  # noqa: S105  the scheme's name, not a secret
    granted_at: float
    expires_at: float | None
    scopes: frozenset[str] | None = None
    claims: Mapping[str, object] = field(default_factory=dict)
    exchange: int = 0
    number: int = 0
    refresh_token: Secret | None = None
    id_claims: Mapping[str, object] = field(default_factory=dict)
    status: int = 200

    def lacks(self, scope: str) -> bool:
        """Whether the granted scopes are known and `scope` is not among them."""
        return self.scopes is not None and scope not in self.scopes
