"""The claims of a token, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cxone_rollcall.cli import terminal
from cxone_rollcall.findings.account import Account
from cxone_rollcall.model.timestamp import format_timestamp
from cxone_rollcall.model.token import Token
from cxone_rollcall.views import account as view
from cxone_rollcall.views.text import brief

_NAMES = ("name", "preferred_username", "email", "sub")
"""Claims that name the user, the most familiar first."""
_USERS = ("name", "preferred_username", "email", "userId", "icAgentId")
"""Claims that only a user has; a client has `sub` alone."""
_IDS = ("sub", "userId", "icAgentId")
_TENANTS = ("tenantId", "tenant")
LONGEST_CLAIM = 400
"""Cells of a claim; `auth token` shows all of it."""


def claims_of(token: Token) -> dict[str, object]:
    """The claims of both tokens. Those of the id token win over the access token's."""
    return {**token.claims, **token.id_claims}


def user_of(claims: Mapping[str, object]) -> str | None:
    """The most familiar name of the user, or None."""
    return next((str(claims[name]) for name in _NAMES if claims.get(name)), None)


def tenant_of(claims: Mapping[str, object]) -> str | None:
    """The tenant's id, else its name, else None."""
    return next((str(claims[name]) for name in _TENANTS if claims.get(name)), None)


def who(claims: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield user, tenant, business unit and issuer, if the claims name them."""
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
    """How long the token is valid."""
    if token.expires_at is None:
        return "expiry unknown"
    until = format_timestamp(token.expires_at, "seconds")
    return f"valid for {token.expires_at - token.granted_at:.0f} s, until {until}"


def print_lines(lines: Iterator[tuple[str, str]]) -> None:
    """Print labels and values in two columns."""
    for label, value in lines:
        terminal.say(f"{label:14} {value}")


def end(token: Token | None, account: Account) -> int:
    """Return the exit code; without a token, print the reason on stderr."""
    if token is not None:
        return 0
    terminal.note(view.summary(account))
    return account.exit_code
