"""The token endpoint of `v2` (RFC 6749).

POST /oauth/token   client_credentials, password (an access key), authorization_code with PKCE, refresh_token
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from urllib.parse import unquote_plus

from cxone_rollcall.emulator.authorize import USER, Logins, Renewal, one
from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.oauth import base64url, read_form, refusal, same
from cxone_rollcall.emulator.tenant import Grant, Tenant
from cxone_rollcall.emulator.wire import Answer, Call, answer_json

ISSUER = "https://cxone.emulated.invalid"
# These grants need no client secret: a code has a PKCE verifier, and a refresh token is secret itself.
_PUBLIC = {"authorization_code", "refresh_token"}


def scopes_of_login(call: Call) -> tuple[str, ...]:
    """Return the scopes that a login requests, by default all of the client's; ValueError explains a wrong one."""
    return _scopes(one(call, "scope"), call.tenant.settings.scopes)


class Tokens:
    """The token endpoint of one tenant."""

    def __init__(self, logins: Logins) -> None:
        self._logins = logins

    def answer(self, call: Call, faults: Sequence[Fault]) -> Answer:
        """Return the response to a token request."""
        try:
            form = read_form(call)
        except ValueError as malformed:
            return refusal(400, "invalid_request", str(malformed))
        if not _client_is_right(call, form):
            answer = refusal(401, "invalid_client", "The client id or the client secret is wrong.")
            return answer.with_header("WWW-Authenticate", 'Basic realm="rollcall-emulator"')
        of = call.tenant.settings
        renewal: Renewal | None = None
        match form["grant_type"]:
            case "client_credentials":
                subject, most = of.client_id, of.scopes
            case "password":
                subject, most = form.get("username", ""), of.scopes
                if not same((subject, form.get("password", "")), (of.access_key_id, of.access_key_secret)):
                    return refusal(400, "invalid_grant", "The access key id or its secret is wrong, or was revoked.")
            case "authorization_code":
                given = (form.get("code", ""), form.get("redirect_uri", ""), form.get("code_verifier", ""))
                code = self._logins.take_code(*given)
                if code is None:
                    return refusal(400, "invalid_grant", "The code is wrong, expired or used, or its proof is.")
                subject, most = USER, code.scopes
                renewal = self._logins.give_renewal(of.client_id, code.scopes)
            case "refresh_token":
                renewal = self._logins.take_renewal(call, faults, form.get("refresh_token", ""), of.client_id)
                if renewal is None:
                    return refusal(400, "invalid_grant", "The refresh token is wrong, expired or used.")
                subject, most = USER, renewal.scopes
            case other:
                return refusal(400, "unsupported_grant_type", f"The grant type {other!r} is not supported.")
        try:
            scopes = _scopes(form.get("scope", ""), most)
        except ValueError as refused:
            return refusal(400, "invalid_scope", str(refused))
        return _granted(call, faults, scopes, subject, renewal)


def _scopes(asked: str, most: tuple[str, ...]) -> tuple[str, ...]:
    scopes = tuple(dict.fromkeys(asked.split())) or most
    if not set(scopes) <= set(most):
        raise ValueError(f"This client may have {' '.join(most)} and nothing else.")
    return scopes


def _client_is_right(call: Call, form: Mapping[str, str]) -> bool:
    of = call.tenant.settings
    kind, _, encoded = call.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            client_id, _, secret = base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")
        except ValueError:
            return False
        # RFC 6749, section 2.3.1: both are form-encoded inside a Basic header.
        return same((unquote_plus(client_id), unquote_plus(secret)), (of.client_id, of.client_secret))
    if form["grant_type"] in _PUBLIC and "client_secret" not in form:
        return form.get("client_id", "") == of.client_id
    return same((form.get("client_id", ""), form.get("client_secret", "")), (of.client_id, of.client_secret))


def _granted(
    call: Call, faults: Sequence[Fault], scopes: tuple[str, ...], subject: str, renewal: Renewal | None
) -> Answer:
    grant = Grant(
        number=len(call.tenant.grants) + 1,
        scopes=scopes,
        issued_at=int(call.tenant.now()),
        life=call.tenant.settings.token_life,
        tenant_id=call.tenant.tenant_id,
    )
    for fault in faults:
        grant = fault.grant(call, grant)
    token = _mint(call.tenant, grant, subject)
    said: Mapping[str, object] = {"access_token": token, "token_type": "Bearer", "expires_in": grant.life}
    if renewal is not None:
        said = {**said, "refresh_token": renewal.text}
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
    if grant.agent is not None:
        claims["icAgentId"] = tenant.world.agent_id(grant.agent)
    signed = b".".join(
        base64url(json.dumps(part, separators=(",", ":")).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims)
    )
    signature = hmac.new(tenant.tenant_id.encode(), signed, hashlib.sha256).digest()
    return b".".join((signed, base64url(signature))).decode()
