"""Token requests and answers of all contracts. Only the names of fields differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from cxone_rollcall.contracts.decoding import (
    decode_plain,
    jwt_claims,
    kind_of,
    quoted,
    refuse_unless_ok,
    text,
    whole_number,
)
from cxone_rollcall.contracts.protocol import Callback, UnusableAnswer
from cxone_rollcall.model.credentials import Credentials
from cxone_rollcall.model.exchange import Response
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.timestamp import seconds_of
from cxone_rollcall.model.token import Token

LONGEST_LIFE = 10 * 365 * 86400.0
"""Seconds. If an answer gives a token more than ten years, its life is unknown."""

LONGEST_TOKEN = 100_000
"""Characters. Servers take headers of 8,000 to 16,000, and a longer token could not be kept out of what is shown."""

Form = tuple[tuple[str, "str | Secret"], ...]
"""The fields of a form, in the order sent."""


class _Names(NamedTuple):
    """The names of a token's parts in an answer."""

    access: str
    refresh: str
    id: str
    life: str


_USUAL = _Names("access_token", "refresh_token", "id_token", "expires_in")
_AT_THE_HUB = _Names("token", "refreshToken", "idToken", "tokenExpirationTimeSec")


def read_token(response: Response, *, now: float) -> Token:
    """Read `{"access_token", "token_type", "expires_in", "scope"?, "refresh_token"?, "id_token"?}`.

    `now` is the server's time. Raises `UnusableAnswer` for every status but 2xx, and without a usable token.
    """
    return _read(response, _USUAL, now)


def read_hub_renewal(response: Response, *, now: float) -> Token:
    """Read `{"token", "tokenExpirationTimeSec", "refreshToken"}`, the names of a renewal at the user hub."""
    return _read(response, _AT_THE_HUB, now)


def _read(response: Response, names: _Names, now: float) -> Token:
    body = _granted_oddly(response, names)
    if body is None:
        refuse_unless_ok(response)
        decoded = decode_plain(response.body, quoted=False)
        if isinstance(decoded, list) and len(decoded) == 1:  # clients of integrators read such answers
            decoded = decoded[0]
        body = decoded if isinstance(decoded, dict) else {}
    access_token = body.get(names.access)
    if not isinstance(access_token, str) or not can_be_sent(access_token):
        if isinstance(access_token, str) and len(access_token) > LONGEST_TOKEN:
            raise UnusableAnswer(FailureKind.TOO_MUCH, f"the access_token has more than {LONGEST_TOKEN:,} characters")
        raise UnusableAnswer(FailureKind.DAMAGED, "the token answer has no usable access_token")
    claims, id_claims = jwt_claims(access_token), jwt_claims(text(body.get(names.id)))
    refresh_token = text(body.get(names.refresh))
    return Token(
        access_token=Secret(access_token),
        token_type=text(body.get("token_type")) or "Bearer",
        granted_at=now,
        expires_at=_end(body.get(names.life), claims, now),
        scopes=_scopes(body, claims),
        claims=claims or id_claims,
        refresh_token=Secret(refresh_token) if refresh_token and can_be_sent(refresh_token) else None,
        id_claims=id_claims,
        status=response.status,
    )


def _granted_oddly(response: Response, names: _Names) -> dict[str, Any] | None:
    """The body of an error that holds a token, else None.

    A client of an integrator reads a token out of a 409. Using such a token claims nothing: the API refuses it if it is
    not good. Statuses of a refusal, or of a passing trouble, stay what they are.
    """
    if response.status < 400 or kind_of(response.status) is not FailureKind.REJECTED:
        return None
    try:
        body = decode_plain(response.body, quoted=False)
    except UnusableAnswer:
        return None
    usable = isinstance(body, dict) and not body.get("error") and _is_token(body.get(names.access))
    return body if isinstance(body, dict) and usable else None


def _is_token(value: object) -> bool:
    return isinstance(value, str) and can_be_sent(value)


def form_of(**fields: str | Secret | None) -> Form:
    """The form fields that have a value."""
    return tuple((name, value) for name, value in fields.items() if value is not None)


def key_form(credentials: Credentials) -> Form:
    """Return the form fields of an access key, as a password grant."""
    return form_of(username=credentials.access_key_id, password=credentials.access_key_secret)


def client_form(credentials: Credentials) -> Form:
    """Return the form fields of a client."""
    return form_of(client_id=credentials.client_id, client_secret=credentials.client_secret)


def refresh_form(refresh_token: Secret) -> Form:
    """Return the form fields of a renewal."""
    return ("grant_type", "refresh_token"), ("refresh_token", refresh_token)


def code_form(code: Secret, verifier: Secret, redirect_uri: str) -> Form:
    """The form fields of an authorization code and its verifier (RFC 7636)."""
    grant = ("grant_type", "authorization_code")
    return grant, ("code", code), ("redirect_uri", redirect_uri), ("code_verifier", verifier)


def token_by_its_claims(access_token: Secret, *, now: float) -> Token:
    """A token of which only the text is known. What it does not claim is None. `now` is the server's time."""
    claims = jwt_claims(access_token.reveal())
    return Token(
        access_token=access_token,
        granted_at=now,
        expires_at=seconds_of(claims.get("exp")),
        scopes=_scopes({}, claims),
        claims=claims,
    )


def authorize_query(credentials: Credentials, callback: Callback, *, scope: str, tenant_id: str | None = None) -> str:
    """The query of an authorize URL, with PKCE (S256), state and nonce."""
    fields = {
        "response_type": "code",
        "client_id": credentials.client_id,
        "redirect_uri": callback.redirect_uri,
        "scope": scope,
        "state": callback.state,
        "nonce": callback.nonce,
        "code_challenge": callback.challenge,
        "code_challenge_method": "S256",
        "tenantId": tenant_id,
    }
    return "&".join(f"{name}={quoted(value)}" for name, value in fields.items() if value)


def can_be_sent(secret: str) -> bool:
    """Whether a header can carry a secret. It must be printable ASCII, not blank, and not too long."""
    return bool(secret.strip()) and len(secret) <= LONGEST_TOKEN and secret.isascii() and secret.isprintable()


def _end(life: object, claims: Mapping[str, object], now: float) -> float | None:
    """When a token expires, by the server's clock; None if unknown. The answer decides, else the token's claims."""
    if isinstance(life, str):
        life = whole_number(life)
    if isinstance(life, int | float) and not isinstance(life, bool):
        return now + float(life) if 0 < life < LONGEST_LIFE else None
    issued, end = seconds_of(claims.get("iat")), seconds_of(claims.get("exp"))
    if issued is not None and end is not None and 0 < end - issued < LONGEST_LIFE:
        return now + end - issued
    return None


def _scopes(body: Mapping[str, object], claims: Mapping[str, object]) -> frozenset[str] | None:
    for scopes in (body.get("scope"), claims.get("scope"), claims.get("scp")):
        if isinstance(scopes, str):
            return frozenset(scopes.replace(",", " ").split())
        if isinstance(scopes, list):
            return frozenset(scope for scope in scopes if isinstance(scope, str))
    return None
