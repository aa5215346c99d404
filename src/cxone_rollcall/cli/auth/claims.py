"""What a token says of itself, in words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cxone_rollcall.cli import terminal
from cxone_rollcall.views import account as view
from cxone_rollcall.views.text import brief

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cxone_rollcall.findings.account import Account
    from cxone_rollcall.model.token import Token

_NAMES = ("name", "preferred_username", "email", "sub")
"""Claims that say who it is, the one that people know first."""
_USERS = ("name", "preferred_username", "email", "userId", "icAgentId")
"""Claims that only a user has; a client that is nobody has `sub` alone."""
_IDS = ("sub", "userId", "icAgentId")
_TENANTS = ("tenantId", "tenant")
LONGEST_CLAIM = 400
"""Cells of what a claim says; `auth token` shows all of it."""


def claims_of(token: Token) -> dict[str, object]:
    """Return the claims of the access token and the id token, the latter's where both say something."""
    return {**token.claims, **token.id_claims}


def user_of(claims: Mapping[str, object]) -> str | None:
    """Return the best name that the claims have for the user."""
    return next((str(claims[name]) for name in _NAMES if claims.get(name)), None)


def tenant_of(claims: Mapping[str, object]) -> str | None:
    """Return the tenant's id, else its name."""
    return next((str(claims[name]) for name in _TENANTS if claims.get(name)), None)


def who(claims: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield user, tenant and business unit, each where the claims say so."""
    user = user_of(claims)
    if user is not None:
        ids = [f"{name} {claims[name]}" for name in _IDS if claims.get(name) and str(claims[name]) != user]
        label = "user" if any(claims.get(name) for name in _USERS) else "subject"
        yield label, brief(f"{user} ({', '.join(ids)})" if ids else user, LONGEST_CLAIM)
    tenant = tenant_of(claims)
    if tenant is not None:
        name = claims.get("tenant")
        yield "tenant", brief(f"{tenant} ({name})" if name and str(name) != tenant else tenant, LONGEST_CLAIM)
    if claims.get("icBUId"):
        yield "business unit", brief(str(claims["icBUId"]), LONGEST_CLAIM)
    if claims.get("iss"):
        yield "issuer", brief(str(claims["iss"]), LONGEST_CLAIM)


def life(token: Token) -> str:
    """Return how long the token is good."""
    if token.expires_at is None:
        return "its life is not said"
    return f"good for {token.expires_at - token.granted_at:.0f} s, until {moment(token.expires_at)}"


def moment(seconds: float) -> str:
    """Return seconds since the epoch as UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def print_lines(lines: Iterator[tuple[str, str]]) -> None:
    """Print labels and values in two columns."""
    for label, value in lines:
        terminal.say(f"{label:14} {value}")


def end(token: Token | None, account: Account) -> int:
    """Return the exit code; where there is no token, say why on stderr."""
    if token is not None:
        return 0
    terminal.note(view.summary(account))
    return account.exit_code
