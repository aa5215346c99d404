"""The lines of `rollcall auth status`: identity, scopes, source of the token, and fixes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from cxone_rollcall.cli.auth.status import fixes, token_lines
from cxone_rollcall.config.definitions import SETTINGS
from cxone_rollcall.findings.finding import Strength
from cxone_rollcall.model.credentials import Credentials
from cxone_rollcall.model.login import Login
from cxone_rollcall.model.observations.base import TenantAsked
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.token import Token

GIVEN: dict[str, Any] = {**{setting.name: None for setting in SETTINGS}, "client_id": "me"}
LOGIN = Login(
    refresh_token=Secret("r3fresh"),
    instance="https://api.example.com",
    client_id="me",
    contract="v2",
    user="Ann Lee",
    granted_at=1_700_000_000.0,
)


def account(
    *findings: Any, grant: str = "authorization_code", scopes: tuple[str, str] = ("agent:read", "presence:read")
) -> Any:
    """The part of an account that the lines use."""
    asked = TenantAsked(
        instance="api.example.com", contract="v2", grant_type=grant, roster_scope=scopes[0], states_scope=scopes[1]
    )
    return SimpleNamespace(case={TenantAsked: asked}, findings=findings)


def finding(code: str, fix: str) -> Any:
    """The part of a finding that the lines use."""
    return SimpleNamespace(code=code, strength=Strength.PROVEN, fix_text=fix)


def token(scopes: set[str] | None, **claims: object) -> Token:
    """A token with these scopes and claims."""
    return Token(
        access_token=Secret("acc3ss"),
        granted_at=1_700_000_000.0,
        expires_at=1_700_003_600.0,
        scopes=None if scopes is None else frozenset(scopes),
        claims=claims,
    )


def lines(granted: Token | None, *, grant: str = "authorization_code", kept: Login | None = None, **more: Any) -> str:
    """The lines about the token as text."""
    key = {"access_key_id": "AK1", "access_key_secret": Secret("s")} if grant == "password" else {}
    credentials: Any = {"grant_type": grant, "client_id": "me", "client_secret": Secret("s"), **key}
    target: Any = SimpleNamespace(credentials=Credentials(**credentials))
    shown = token_lines(target, granted, account(**more), kept, "the keyring (Fake)")
    return "\n".join(f"{label}: {value}" for label, value in shown)


@pytest.mark.parametrize(
    ("grant", "kept", "words"),
    [
        ("client_credentials", None, "the client itself, without a user"),
        ("password", None, "the owner of access key AK1"),
        ("authorization_code", None, "no stored login"),
        ("authorization_code", LOGIN, "the login of Ann Lee stored in the keyring (Fake) since 2023-11-14T22:13:20Z"),
    ],
)
def test_the_origin_of_the_token_is_named(grant: str, kept: Login | None, words: str) -> None:
    """The status names where the token of each grant comes from."""
    assert f"identity: {words}" in lines(token({"agent:read"}), grant=grant, kept=kept)


def test_the_identity_in_the_token() -> None:
    """The status takes the user's identity from the claims.

    It has user, ids, tenant, business unit and issuer, and no secret.
    """
    claims = {
        "name": "Ann Lee",
        "sub": "user:1",
        "userId": "u-1",
        "icAgentId": "77",
        "tenantId": "11ed",
        "icBUId": 4242,
    }
    text = lines(token({"agent:read", "presence:read"}, **claims, iss="https://issuer"), kept=LOGIN)
    assert "user: Ann Lee (sub user:1, userId u-1, icAgentId 77)" in text
    assert "tenant: 11ed" in text
    assert "business unit: 4242" in text
    assert "issuer: https://issuer" in text
    assert "valid for 3600 s" in text
    assert "missing" not in text
    assert "acc3ss" not in text + repr(LOGIN)
    assert "r3fresh" not in text + repr(LOGIN)


def test_scopes_asked_and_granted() -> None:
    """Needed, granted and missing scopes are shown."""
    text = lines(token({"agent:read", "openid"}))
    assert "scopes needed: agent:read presence:read" in text
    assert "scopes granted: agent:read openid" in text
    assert "scopes missing: presence:read" in text


def test_tokens_that_name_no_scopes() -> None:
    """Without scopes on the API, permissions are the user's. Else the token does not name them."""
    assert "scopes: none: the token has the permissions of its user" in lines(token(None), scopes=("", ""))
    assert "scopes granted: not named in the token" in lines(token(None))


def test_a_missing_login_is_fixed_by_logging_in() -> None:
    """Without a login, the command to type has the given flags."""
    assert list(fixes(None, account(), GIVEN, login_missing=True)) == ["rollcall auth login --client-id me"]


def test_a_refused_login_is_fixed_by_logging_in_again() -> None:
    """A refused refresh token leads to a new login."""
    refused = finding("RC203", "set CXONE_ACCESS_KEY_ID")
    assert list(fixes(None, account(refused), GIVEN, login_missing=False)) == ["rollcall auth login --client-id me"]
    (other,) = fixes(None, account(refused, grant="password"), GIVEN, login_missing=False)
    assert other.startswith("RC203")


@pytest.mark.parametrize(("grant", "command"), [("authorization_code", "auth login"), ("client_credentials", "check")])
def test_a_missing_scope_is_ticked_and_a_new_token_taken(grant: str, command: str) -> None:
    """The fix for a missing scope says where to tick it. It also says how to get a new token."""
    (mend,) = fixes(token({"agent:read"}), account(grant=grant), GIVEN, login_missing=False)
    assert mend.startswith("tick presence:read in Admin > Integrations > OAuth clients")
    assert mend.endswith(f"rollcall {command} --client-id me")


def test_another_tenant_is_fixed_by_its_setting() -> None:
    """A finding brings its own fix; that of RC206 names the setting."""
    foreign = finding("RC206", "use the key of the tenant 11ed, or correct CXONE_TENANT_ID")
    (mend,) = fixes(token({"agent:read", "presence:read"}), account(foreign), GIVEN, login_missing=False)
    assert mend.startswith("RC206")
    assert "CXONE_TENANT_ID" in mend


def test_nothing_is_suggested_if_nothing_is_missing() -> None:
    """A token with all scopes, in any spelling, needs nothing."""
    assert list(fixes(token({"agents.read", "presence:*"}), account(), GIVEN, login_missing=False)) == []
    assert list(fixes(token(None), account(), GIVEN, login_missing=False)) == []
