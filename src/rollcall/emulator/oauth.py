"""The token endpoint, and the check of a token at the door of the API. Written after RFC 6749 and RFC 6750."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from secrets import compare_digest
from urllib.parse import parse_qsl, unquote_plus

from rollcall.emulator.faults.base import Fault
from rollcall.emulator.tenant import Grant, Tenant
from rollcall.emulator.wire import Answer, Call, answer_json, problem

ISSUER = "https://cxone.emulated.invalid"
_FORM = "application/x-www-form-urlencoded"


def refusal(status: int, error: str, description: str) -> Answer:
    """Return an error of the token endpoint."""
    return answer_json(status, {"error": error, "error_description": description})


def grant_token(call: Call, faults: Iterable[Fault]) -> Answer:
    """Return the answer to a request for a token."""
    try:
        form = read_form(call)
    except ValueError as malformed:
        return refusal(400, "invalid_request", str(malformed))
    settings = call.tenant.settings
    client = _client(call.headers, form)
    if not same(client, (settings.client_id, settings.client_secret)):
        answer = refusal(401, "invalid_client", "The client id or the client secret is wrong.")
        return answer.with_header("WWW-Authenticate", 'Basic realm="rollcall-emulator"')
    match form["grant_type"]:
        case "client_credentials":
            subject = settings.client_id
        case "password":
            subject = form.get("username", "")
            key = (subject, form.get("password", ""))
            if not same(key, (settings.access_key_id, settings.access_key_secret)):
                return refusal(400, "invalid_grant", "The access key id or its secret is wrong, or was revoked.")
        case other:
            return refusal(400, "unsupported_grant_type", f"The grant type {other!r} is not supported.")
    scopes = tuple(dict.fromkeys(form.get("scope", "").split())) or settings.scopes
    if not set(scopes) <= set(settings.scopes):
        return refusal(400, "invalid_scope", f"This client may have {' '.join(settings.scopes)} and nothing else.")
    grant = Grant(
        number=len(call.tenant.grants) + 1,
        scopes=scopes,
        issued_at=int(call.tenant.now()),
        life=settings.token_life,
        tenant_id=call.tenant.tenant_id,
    )
    return _granted(call, faults, grant, subject)


def turn_away(call: Call, faults: Iterable[Fault], scope: str) -> Answer | None:
    """Return why this call may not come in: no token, one that is not honoured, or one without the scope."""
    kind, _, token = call.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        return problem(401, "An access token is needed.").with_header("WWW-Authenticate", "Bearer")
    grant = call.tenant.grants.get(token.strip())
    if (
        grant is None
        or grant.contract != call.contract
        or call.tenant.now() >= grant.issued_at + grant.life
        or not all(fault.honours(call, grant) for fault in faults)
    ):
        refused = problem(401, "The access token is unknown, expired or revoked.")
        return refused.with_header("WWW-Authenticate", 'Bearer error="invalid_token"')
    if scope not in grant.scopes:
        refused = problem(403, "The access token does not permit this request.")
        return refused.with_header("WWW-Authenticate", 'Bearer error="insufficient_scope"')
    return None


def _granted(call: Call, faults: Iterable[Fault], grant: Grant, subject: str) -> Answer:
    for fault in faults:
        grant = fault.grant(call, grant)
    token = _mint(call.tenant, grant, subject)
    said: Mapping[str, object] = {"access_token": token, "token_type": "Bearer", "expires_in": grant.life}
    if grant.scope_shown:
        said = {**said, "scope": " ".join(grant.scopes)}
    for fault in faults:
        said = fault.token(call, said)
    call.tenant.grants[str(said["access_token"])] = grant
    return answer_json(200, said).with_header("Cache-Control", "no-store")


def _mint(tenant: Tenant, grant: Grant, subject: str) -> str:
    claims = {
        "sub": subject,
        "iss": ISSUER,
        "iat": grant.issued_at,
        "exp": grant.issued_at + grant.life,
        "jti": str(grant.number),
        "tenantId": grant.tenant_id,
    }
    if grant.scope_shown:
        claims["scope"] = " ".join(grant.scopes)
    signed = b".".join(
        base64url(json.dumps(part, separators=(",", ":")).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims)
    )
    signature = hmac.new(tenant.tenant_id.encode(), signed, hashlib.sha256).digest()
    return b".".join((signed, base64url(signature))).decode()


def base64url(data: bytes) -> bytes:
    """Return bytes as a part of a JWT."""
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def read_form(call: Call) -> dict[str, str]:
    """Return the form that a token is asked for with; ValueError says what is wrong with it."""
    if call.headers.get("Content-Type", "").partition(";")[0].strip().lower() != _FORM:
        raise ValueError(f"The body must be {_FORM}.")
    try:
        pairs = parse_qsl(call.body.decode("utf-8"), keep_blank_values=True, strict_parsing=True, errors="strict")
    except ValueError as unreadable:
        raise ValueError("The body is not a form that can be read.") from unreadable
    form = dict(pairs)
    if len(form) < len(pairs):
        raise ValueError("A parameter is given twice.")
    if not form.get("grant_type"):
        raise ValueError("The parameter grant_type is missing.")
    return form


def _client(headers: Mapping[str, str], form: Mapping[str, str]) -> tuple[str, str]:
    kind, _, encoded = headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")
    except ValueError:
        return "", ""
    # RFC 6749 section 2.3.1: both are form-encoded before they become a Basic header.
    return unquote_plus(client_id), unquote_plus(secret)


def same(given: tuple[str, str], wanted: tuple[str, str]) -> bool:
    """Whether a name and its secret are the right ones."""
    return all(compare_digest(one.encode(), other.encode()) for one, other in zip(given, wanted, strict=True))
