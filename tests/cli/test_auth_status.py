"""The lines of `rollcall auth status`: identity, scopes, source of the token, and fixes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from tests.support.many_values import together

from cxone_rollcall.cli.auth.claims import claims_of, who
from cxone_rollcall.cli.auth.status import fixes, settings_lines, token_lines
from cxone_rollcall.cli.main import run
from cxone_rollcall.config.definitions import SETTINGS
from cxone_rollcall.findings.finding import Strength
from cxone_rollcall.model.credentials import Credentials
from cxone_rollcall.model.login import Login
from cxone_rollcall.model.observations.base import TenantAsked
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.struct import replace
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
    *findings: Any,
    grant: str = "authorization_code",
    scopes: tuple[str, str] = ("agent:read", "presence:read"),
    contract: str = "v2",
) -> Any:
    """The part of an account that the lines use."""
    asked = TenantAsked(
        instance="api.example.com", contract=contract, grant_type=grant, roster_scope=scopes[0], states_scope=scopes[1]
    )
    return SimpleNamespace(case={TenantAsked: asked}, findings=findings)


def finding(code: str, fix: str) -> Any:
    """The part of a finding that the lines use."""
    return SimpleNamespace(code=code, strength=Strength.PROVEN, fix_text=fix)


def note(code: str) -> Any:
    """A finding that is no problem."""
    return SimpleNamespace(code=code, strength=Strength.NOTE, fix_text="nothing")


def token(scopes: set[str] | None, **claims: object) -> Token:
    """A token with these scopes and claims."""
    return Token(
        access_token=Secret("acc3ss"),
        granted_at=1_700_000_000.0,
        expires_at=1_700_003_600.0,
        scopes=None if scopes is None else frozenset(scopes),
        claims=claims,
    )


FULL = token({"agent:read", "presence:read"})
"""A token that lacks nothing."""


def lines(granted: Token | None, *, grant: str = "authorization_code", kept: Login | None = None, **more: Any) -> str:
    """The lines about the token as text."""
    key = {"access_key_id": "AK1", "access_key_secret": Secret("s")} if grant == "password" else {}
    credentials: Any = {"grant_type": grant, "client_id": "me", "client_secret": Secret("s"), **key}
    logins = SimpleNamespace(place="the keyring (Fake)")
    target: Any = SimpleNamespace(credentials=Credentials(**credentials), logins=logins)
    shown = token_lines(target, granted, account(**more), kept)
    return "\n".join(f"{label}: {value}" for label, value in shown)


@pytest.mark.parametrize(
    ("grant", "kept", "words"),
    [
        ("client_credentials", None, "the client itself, without a user"),
        ("password", None, "the owner of access key AK1"),
        ("authorization_code", None, "no stored login"),
        ("authorization_code", LOGIN, "the login of Ann Lee stored in the keyring (Fake) since 2023-11-14T22:13:20Z"),
        (
            "authorization_code",
            replace(LOGIN, user=None),
            "the login stored in the keyring (Fake) since 2023-11-14T22:13:20Z",
        ),
    ],
)
def test_the_origin_of_the_token_is_named(grant: str, kept: Login | None, words: str) -> None:
    """The status names where the token of each grant comes from."""
    assert f"identity: {words}" in lines(token({"agent:read"}), grant=grant, kept=kept)


CLAIMS: dict[str, object] = {
    "name": "Ann Lee",
    "sub": "user:1",
    "userId": "u-1",
    "icAgentId": "77",
    "tenantId": "11ed",
    "tenant": "acme",
    "icBUId": 4242,
    "iss": "https://issuer",
}


def test_each_line_about_a_token() -> None:
    """The lines have origin, scopes, expiry, user and tenant, and no secret."""
    text = lines(token({"presence:read", "agent:read"}, **CLAIMS), kept=LOGIN)
    assert text.splitlines() == [
        "identity: the login of Ann Lee stored in the keyring (Fake) since 2023-11-14T22:13:20Z",
        "scopes needed: agent:read presence:read",
        "scopes granted: agent:read presence:read",
        "token: granted, valid for 3600 s, until 2023-11-14T23:13:20Z",
        "user: Ann Lee (sub user:1, userId u-1, icAgentId 77)",
        "tenant: 11ed (acme)",
        "business unit: 4242",
        "issuer: https://issuer",
    ]
    assert "acc3ss" not in text + repr(LOGIN)
    assert "r3fresh" not in text + repr(LOGIN)


@together(
    "case",
    [
        ({"sub": "client-1"}, ["subject: client-1"]),
        ({"sub": "client-1", "userId": "u-1"}, ["user: client-1 (userId u-1)"]),
        ({"preferred_username": "ann", "sub": "ann"}, ["user: ann"]),
        ({"email": "ann@acme.example", "icAgentId": 77}, ["user: ann@acme.example (icAgentId 77)"]),
        ({"name": "", "email": "ann@acme.example"}, ["user: ann@acme.example"]),
        ({"name": "Ann Lee"}, ["user: Ann Lee"]),
        ({"preferred_username": "ann", "email": "ann@acme.example"}, ["user: ann"]),
        ({"sub": "s", "icAgentId": "9"}, ["user: s (icAgentId 9)"]),
        ({"sub": "s" * 500}, [f"subject: {'s' * 399}…"]),
        ({"tenantId": "11ed"}, ["tenant: 11ed"]),
        ({"tenant": "acme"}, ["tenant: acme"]),
        ({"tenantId": "acme", "tenant": "acme"}, ["tenant: acme"]),
        ({"icBUId": 0, "iss": ""}, []),
    ],
)
def test_whose_a_token_is(case: tuple[dict[str, object], list[str]]) -> None:
    """The most familiar name comes first, then the ids. A claim that is missing or empty has no line."""
    claims, told = case
    assert [f"{label}: {value}" for label, value in who(claims)] == told


def test_the_id_token_wins() -> None:
    """If both tokens have a claim, the id token's is shown."""
    both = replace(token(None, name="Old", tenantId="11ed"), id_claims={"name": "Ann Lee"})
    assert claims_of(both) == {"name": "Ann Lee", "tenantId": "11ed"}


@together(
    "case",
    {
        "one is missing": (
            token({"agent:read", "openid"}),
            {},
            ["scopes granted: agent:read openid", "scopes missing: presence:read"],
        ),
        "both are missing": (token(set()), {}, ["scopes granted: none", "scopes missing: agent:read presence:read"]),
        "an API without scopes": (
            token(None),
            {"scopes": ("", "")},
            ["scopes: none: the token has the permissions of its user"],
        ),
        "not named": (token(None), {}, ["scopes granted: not named in the token"]),
        "one scope for both": (
            token({"api"}),
            {"scopes": ("api", "api")},
            ["scopes needed: api", "scopes granted: api"],
        ),
        "no token": (None, {}, ["scopes needed: agent:read presence:read", "token: none"]),
        "without expiry": (replace(token(None), expires_at=None), {}, ["token: granted, expiry unknown"]),
        "nobody is named": (token(None), {}, ["user: not named in the token"]),
        "the server names nobody": (
            token(None),
            {"contract": "incontact"},
            ["user: not named in the token, and the server does not name it"],
        ),
        "claims name nobody": (token(None, iss="i"), {"contract": "incontact"}, ["user: not named in the token"]),
    },
)
def test_scopes_and_life(case: tuple[Token | None, dict[str, Any], list[str]]) -> None:
    """Needed, granted and missing scopes are shown, and when the token ends."""
    granted, more, told = case
    shown = lines(granted, **more).splitlines()
    assert [line for line in told if line not in shown] == [], shown
    assert ("scopes missing" in str(told)) is any(line.startswith("scopes missing") for line in shown)
    assert (granted is None) is (shown[-1] == "token: none")


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


def test_each_line_about_the_settings() -> None:
    """Instance, API, grant, client and profile are shown. So is where each setting came from, unless by default."""
    credentials = Credentials(grant_type="client_credentials", client_id="me", client_secret=Secret("s"))
    sources = {"instance": ".env", "client_id": "environment", "contract": "default"}
    target: Any = SimpleNamespace(shown="api.example.com", credentials=credentials, profile="acme", sources=sources)
    told: Any = SimpleNamespace(tenant=SimpleNamespace(contract="v2"))
    assert list(settings_lines(target, told)) == [
        ("instance", "api.example.com"),
        ("API", "v2"),
        ("grant", "client_credentials"),
        ("client", "me"),
        ("profile", "acme"),
        ("from", "instance: .env"),
        ("from", "client_id: environment"),
    ]
    credentials = Credentials(grant_type="password", access_key_id="AK1", access_key_secret=Secret("s"))
    target = SimpleNamespace(shown="h", credentials=credentials, profile=None, sources=None)
    assert list(settings_lines(target, told))[3:] == [("client", "none")]


@together(
    "case",
    {
        "RC208 is a refused login": (
            (finding("RC208", "x"), finding("RC206", "y")),
            None,
            "authorization_code",
            False,
            ["rollcall auth login --client-id me", "RC206  y"],
        ),
        "no login": ((finding("RC203", "x"),), None, "password", True, ["rollcall auth login --client-id me"]),
        "with a token": ((finding("RC203", "x"),), FULL, "authorization_code", False, ["RC203  x"]),
        "a note": ((note("RC601"),), FULL, "client_credentials", False, []),
        "safe on a terminal": ((finding("RC206", "a\x1bb"),), FULL, "password", False, ["RC206  a\\x1bb"]),
    },
)
def test_what_to_fix(case: tuple[tuple[Any, ...], Token | None, str, bool, list[str]]) -> None:
    """A login is fixed by logging in, once. Any other problem has its code and fix; a note needs none."""
    problems, granted, grant, login_missing, told = case
    given = {**GIVEN, "grant_type": "authorization_code"}
    assert list(fixes(granted, account(*problems, grant=grant), given, login_missing=login_missing)) == told


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        (LOGIN, "identity       the login of Ann Lee stored in the file x since 2023-11-14T22:13:20Z\n"),
        (None, "fix            rollcall auth login --client-id me\n"),
    ],
)
def test_the_status_is_that_of_the_stored_login(
    kept: Login | None, told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The stored login is named with its place. Without one, a line says how to log in."""
    logins = SimpleNamespace(load=lambda: kept, place="the file x")
    credentials = Credentials(grant_type="authorization_code", client_id="me")
    target = SimpleNamespace(shown="h", credentials=credentials, profile=None, sources=None, logins=logins)
    judged = account()
    judged.tenant = SimpleNamespace(contract="v2")

    async def fetch_token(given: object, *, identify: bool) -> tuple[Any, Token, Any]:
        assert identify
        return target, FULL, judged

    monkeypatch.setattr("cxone_rollcall.cli.session.fetch_token", fetch_token)
    assert run(["auth", "status", "--client-id", "me"]) == 0
    assert told in capsys.readouterr().out
