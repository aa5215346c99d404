"""The token endpoint of `v2` (RFC 6749).

POST /oauth/token   client_credentials, password (an access key), authorization_code with PKCE, refresh_token
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence

from cxone_rollcall.emulator.authorize import USER, Logins, Renewal
from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.jwt import unsigned
from cxone_rollcall.emulator.oauth import base64url, issue, refusal
from cxone_rollcall.emulator.tenant import Grant, Tenant
from cxone_rollcall.emulator.token_form import Refused, read_form, redeem
from cxone_rollcall.emulator.wire import Answer, Call, answer_json

ISSUER = "https://cxone.emulated.invalid"


def scopes_of_login(call: Call) -> tuple[str, ...]:
    """The scopes that a login requests, by default all. ValueError explains a wrong one."""
    return _scopes(call.parameter("scope"), call.tenant.settings.scopes)


class Tokens:
    """The token endpoint of one tenant."""

    def __init__(self, logins: Logins) -> None:
        self._logins = logins

    def answer(self, call: Call, faults: Sequence[Fault]) -> Answer:
        """Return the response to a token request."""
        of = call.tenant.settings
        try:
            form = read_form(call)
            code, renewal = redeem(call, faults, form, self._logins)
            login = code or renewal
            scopes = _scopes(form.get("scope", ""), login.scopes if login else of.scopes)
        except Refused as refused:
            if refused.answer.status != 401:
                return refused.answer
            return refused.answer.with_header("WWW-Authenticate", 'Basic realm="rollcall-emulator"')
        except ValueError as wrong:
            return refusal(400, "invalid_scope", str(wrong))
        if code is not None:
            renewal = self._logins.give_renewal(of.client_id, code.scopes)
        subject = {"client_credentials": of.client_id, "password": of.access_key_id}.get(form["grant_type"], USER)
        grant = call.tenant.new_grant("v2", scopes)
        answer = issue(call, faults, grant, lambda grant: _response(call.tenant, grant, subject, renewal))
        return answer_json(200, answer).with_header("Cache-Control", "no-store")


def _scopes(asked: str, most: tuple[str, ...]) -> tuple[str, ...]:
    scopes = tuple(dict.fromkeys(asked.split())) or most
    if not set(scopes) <= set(most):
        raise ValueError(f"This client may have {' '.join(most)} and nothing else.")
    return scopes


def _response(tenant: Tenant, grant: Grant, subject: str, renewal: Renewal | None) -> Mapping[str, object]:
    answer = {"access_token": _mint(tenant, grant, subject), "token_type": "Bearer", "expires_in": grant.life}
    if renewal is not None:
        answer["refresh_token"] = renewal.text
    if grant.scope_shown:
        answer["scope"] = " ".join(grant.scopes)
    return answer


def _mint(tenant: Tenant, grant: Grant, subject: str) -> str:
    claims: dict[str, object] = {
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
    signed = unsigned({"alg": "HS256", "typ": "JWT"}, claims)
    signature = hmac.new(tenant.tenant_id.encode(), signed, hashlib.sha256).digest()
    return b".".join((signed, base64url(signature))).decode()
