"""Token answers are read as far as possible; the rest is unknown."""

from __future__ import annotations

import base64
import json

import pytest
from tests.contracts.wire import token

from cxone_rollcall.contracts.protocol import UnusableAnswer
from cxone_rollcall.contracts.tokens import token_by_its_claims
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.secret import Secret


def jwt(claims: object) -> str:
    """Return an unsigned token with claims."""
    raw = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    return f"e30.{base64.urlsafe_b64encode(raw).rstrip(b'=').decode()}.c2ln"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"access_token": None},
        {"access_token": ""},
        {"access_token": "  "},
        {"access_token": 7},
        {"access_token": ["t"]},
        {"access_token": "line\nbreak"},
        {"access_token": "ünïcode"},
        {"token": "t"},
        ["access_token"],
        "access_token",
        None,
    ],
)
def test_no_token(body: object) -> None:
    """An answer without a token that can be sent is damaged."""
    with pytest.raises(UnusableAnswer) as unusable:
        token(body)
    assert unusable.value.kind is FailureKind.DAMAGED


@pytest.mark.parametrize(
    ("life", "expires_at"),
    [
        (3600, 4600.0),
        ("3600", 4600.0),
        (0.5, 1000.5),
        (0, None),
        (-5, None),
        ("soon", None),
        ("-5", None),
        ("", None),
        (None, None),
        (True, None),
        ([3600], None),
        (10**400, None),
        (1e300, None),
        ("9" * 39, None),
    ],
)
def test_the_life_of_a_token(life: object, expires_at: float | None) -> None:
    """A life is a positive number of seconds, also as a text. Otherwise it is unknown."""
    assert token({"access_token": "t", "expires_in": life}).expires_at == expires_at
    assert token({"access_token": "t"}).expires_at is None


@pytest.mark.parametrize(
    ("body", "scopes"),
    [
        ({"scope": "agent:read presence:read"}, {"agent:read", "presence:read"}),
        ({"scope": "agent:read,presence:read"}, {"agent:read", "presence:read"}),
        ({"scope": ["agent:read", "presence:read"]}, {"agent:read", "presence:read"}),
        ({"scope": ["agent:read", 7]}, {"agent:read"}),
        ({"scope": ""}, set()),
        ({"scope": []}, set()),
        ({"scope": None}, None),
        ({"scope": 7}, None),
        ({}, None),
        ({"access_token": jwt({"scope": "agent:read"})}, {"agent:read"}),
        ({"access_token": jwt({"scp": ["agent:read"]})}, {"agent:read"}),
        ({"access_token": jwt({"scope": "agent:read"}), "scope": "presence:read"}, {"presence:read"}),
        ({"access_token": jwt({"scope": "agent:read"}), "scope": None}, {"agent:read"}),
    ],
)
def test_scopes(body: dict[str, object], scopes: set[str] | None) -> None:
    """Scopes come from the answer, else from the token's claims. Otherwise they are unknown."""
    read = token({"access_token": "opaque", **body})
    assert read.scopes == scopes
    assert read.lacks("presence:read") is (scopes is not None and "presence:read" not in scopes)


def test_the_claims_of_a_jwt() -> None:
    """A JWT's claims are read without padding, its signature unchecked."""
    for name in ("a", "ab", "abc", "abcd"):
        assert token({"access_token": jwt({"sub": name})}).claims == {"sub": name}


@pytest.mark.parametrize(
    "opaque",
    ["opaque", "a.b", "a.b.c", "a.b.c.d", "..", "a..c", jwt(b"\xff"), jwt(b"{"), jwt([1]), jwt(b"[" * 20_000), "a.%.c"],
)
def test_no_claims(opaque: str) -> None:
    """A token that is no JWT, or broken, has no claims."""
    read = token({"access_token": opaque})
    assert (read.claims, read.access_token.reveal()) == ({}, opaque)


@pytest.mark.parametrize(("said", "kept"), [("bearer", "bearer"), (None, "Bearer"), ("", "Bearer"), (7, "7")])
def test_the_type_of_a_token(said: object, kept: str) -> None:
    """The token type is kept as it is. If it is missing, it is Bearer."""
    assert token({"access_token": "t", "token_type": said}).token_type == kept


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, FailureKind.REJECTED),
        (401, FailureKind.UNAUTHORIZED),
        (403, FailureKind.FORBIDDEN),
        (204, FailureKind.DAMAGED),
    ],
)
def test_a_refused_token_request(status: int, kind: FailureKind) -> None:
    """A refusal has its status and the server's code. A success without a body is damaged."""
    with pytest.raises(UnusableAnswer) as unusable:
        token(b"" if status == 204 else {"error": "invalid_grant"}, status)
    assert unusable.value.kind is kind
    assert unusable.value.error == ("" if status == 204 else "invalid_grant")


@pytest.mark.parametrize(
    "claims",
    [
        {"iat": 1.5, "exp": 10**400},
        {"iat": 10**400, "exp": 10**400 + 60},
        {"iat": 1e308, "exp": 1e308},
        {"iat": -(10**400), "exp": 1000},
        {"iat": True, "exp": 1000},
        {"iat": "1000", "exp": 4600},
        {"iat": 4600, "exp": 1000},
        {"exp": 4600},
    ],
)
def test_claims_that_are_no_dates(claims: dict[str, object]) -> None:
    """Claims that are no dates of our time leave the life unknown. The token is still a token."""
    assert token({"access_token": jwt({**claims, "icAgentId": 10**400, "icBUId": 1e308})}).expires_at is None


@pytest.mark.parametrize("end", [10**400, 1e308, -1, True, "4600", None])
def test_the_end_of_a_token_of_another_program(end: object) -> None:
    """A token of another program ends when it claims. An end that is no date is unknown."""
    assert token_by_its_claims(Secret(jwt({"exp": 4600})), now=1000.0).expires_at == 4600.0
    assert token_by_its_claims(Secret(jwt({"exp": end})), now=1000.0).expires_at is None


def test_fractional_claims() -> None:
    """Dates with a fraction are dates."""
    assert token({"access_token": jwt({"iat": 1000.5, "exp": 1060.75})}).expires_at == 1060.25


def test_a_token_in_a_list() -> None:
    """An answer that stands alone in a list is read."""
    assert token([{"access_token": "t"}]).access_token.reveal() == "t"
    for answer in ([], [{"access_token": "t"}, {"access_token": "u"}], [["t"]]):
        with pytest.raises(UnusableAnswer):
            token(answer)


@pytest.mark.parametrize("status", [400, 402, 405, 409, 418, 422])
def test_a_token_in_an_error(status: int) -> None:
    """A token in a response with an error status is a token. The status is kept."""
    granted = token({"access_token": "t", "expires_in": 60}, status)
    assert (granted.access_token.reveal(), granted.status, granted.expires_at) == ("t", status, 1060.0)


@pytest.mark.parametrize("status", [302, 401, 403, 404, 408, 413, 421, 425, 429, 449, 460, 499, 500, 503])
def test_a_refusal_with_a_token(status: int) -> None:
    """A refusal, redirect or temporary failure stays one despite a token."""
    with pytest.raises(UnusableAnswer):
        token({"access_token": "t", "expires_in": 60}, status)


@pytest.mark.parametrize("body", [{"access_token": "t", "error": "invalid_grant"}, {"access_token": ""}, ["t"], b"<t>"])
def test_an_error_without_a_usable_token(body: object) -> None:
    """An error stays one if it names one. So it does if its token cannot be sent."""
    with pytest.raises(UnusableAnswer):
        token(body, 409)
