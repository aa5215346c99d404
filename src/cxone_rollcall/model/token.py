"""An access token and what it says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.model.struct import Value, field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cxone_rollcall.model.secret import Secret


class Token(Value, frozen=True, kw_only=True):
    """A bearer token. Times are seconds since the epoch on the server's clock.

    `scopes` is None where neither the token answer nor the token's claims name any: then nobody can say
    which scopes were granted. `claims` are those of a JWT, read without checking its signature (the server
    checks it; we only explain), empty for an opaque token. `refresh_token` is None where none came with it, and
    `id_claims` are those of the id token, empty where there is none.
    """

    access_token: Secret
    token_type: str = "Bearer"  # noqa: S105  the scheme's name, not a secret
    granted_at: float
    expires_at: float | None
    scopes: frozenset[str] | None = None
    claims: Mapping[str, object] = field(default_factory=dict)
    exchange: int = 0
    refresh_token: Secret | None = None
    id_claims: Mapping[str, object] = field(default_factory=dict)

    def lacks(self, scope: str) -> bool:
        """Tell whether the granted scopes are readable and `scope` is not among them."""
        return self.scopes is not None and scope not in self.scopes
