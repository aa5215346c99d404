"""The token endpoints of `incontact`.

POST /auth/token                             form A: password (an access key), authorization_code, refresh_token,
                                             token-exchange
POST /authentication/v1/token/access-key     form B, the user hub: an access key as JSON
POST /public/user/refresh                    its renewal, with other names in the response
POST /public/authentication/v1/token         the same key, or another token; a third set of names in the response
POST /public/authentication/v1/refresh       its renewal
POST /incontactauthorizationserver/token/whoami    whose token this is, and where the API is

What a client sends to the last three is known in part only: NICE's SDK sends `accessToken` to the first, `token` to
the others. Invented: that the first takes an access key, too.
The owner of the access key is a user of the tenant and the first agent of its roster.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from cxone_rollcall.emulator import jwt
from cxone_rollcall.emulator.authorize import Logins, Renewal
from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.oauth import issue
from cxone_rollcall.emulator.tenant import Grant
from cxone_rollcall.emulator.token_form import (
    ACCESS_TOKEN,
    EXCHANGE,
    Refused,
    check_key,
    check_token,
    read_form,
    redeem,
    renew,
)
from cxone_rollcall.emulator.wire import Answer, Call, answer_json

TOKEN, ACCESS_KEY, REFRESH = "/auth/token", "/authentication/v1/token/access-key", "/public/user/refresh"
REGIONAL, REGIONAL_REFRESH = "/public/authentication/v1/token", "/public/authentication/v1/refresh"
WHOAMI = "/incontactauthorizationserver/token/whoami"
PATHS = (TOKEN, ACCESS_KEY, REFRESH, REGIONAL, REGIONAL_REFRESH, WHOAMI)
AREA, CLUSTER = "na1", "C31"


class Tokens:
    """The token endpoints of one tenant."""

    def __init__(self, logins: Logins, business_unit: int) -> None:
        self._logins, self._business_unit = logins, business_unit

    def answer(self, call: Call, faults: Sequence[Fault]) -> Answer:
        """Return the response to a token request."""
        try:
            answers = {TOKEN: self._form_a, WHOAMI: self._whoami}
            answer = answer_json(200, answers.get(call.path, self._form_b)(call, faults))
        except Refused as refused:
            answer = refused.answer
        return answer.with_header("Cache-Control", "no-store")

    def _form_a(self, call: Call, faults: Sequence[Fault]) -> Mapping[str, object]:
        of, form = call.tenant.settings, read_form(call)
        if not call.body.lstrip().startswith(b"{"):
            form["password"] = _cut(call, form, "password")
        code, renewal = redeem(call, faults, form, self._logins)
        renewal = renewal or self._logins.give_renewal(of.client_id, of.scopes)
        user = form["grant_type"] != "client_credentials"
        answer = self._issue(call, faults, renewal, nonce=code.nonce if code else "", user=user)
        return {**answer, "issued_token_type": ACCESS_TOKEN} if form["grant_type"] == EXCHANGE else answer

    def _form_b(self, call: Call, faults: Sequence[Fault]) -> Mapping[str, object]:
        body = _json_of(call)
        if call.path == REGIONAL and "accessToken" in body:
            check_token(call, body["accessToken"], 401)
            renewal = self._logins.give_renewal("", call.tenant.settings.scopes)
        elif call.path in {ACCESS_KEY, REGIONAL}:
            check_key(call, body.get("accessKeyId"), body.get("accessKeySecret"), 401)
            renewal = self._logins.give_renewal("", call.tenant.settings.scopes)
        else:
            renewal = renew(call, faults, self._logins, str(body.get("token", "")), "", 401)
        answer = self._issue(call, faults, renewal)
        if call.path == ACCESS_KEY:
            return answer
        if call.path in {REGIONAL, REGIONAL_REFRESH}:
            return {
                "accessToken": answer["access_token"],
                "accessTokenExpiry": answer.get("expires_in", 0),
                "refreshToken": renewal.text,
            }
        return {
            "token": answer["access_token"],
            "tokenExpirationTimeSec": answer.get("expires_in", 0),
            "refreshToken": renewal.text,
            "refreshTokenExpirationTimeSec": 0,
        }

    def _whoami(self, call: Call, faults: Sequence[Fault]) -> Mapping[str, object]:
        tenant, token = call.tenant, _json_of(call).get("token")
        grant = tenant.grants.get(token) if isinstance(token, str) else None
        left = 0 if grant is None else int(grant.issued_at + grant.life - tenant.now())
        if grant is None or left <= 0 or grant.contract != "incontact" or grant.agent is None or not grant.user:
            raise Refused(401, "invalid_token", "The token is unknown or expired, or names no user.")
        return {
            "agent_id": int(tenant.world.agent_id(grant.agent)),
            "team_id": tenant.world.person(grant.agent).team.team_id,
            "bus_no": self._business_unit,
            "resource_server_base_uri": f"{call.origin}/inContactAPI/",
            "expires_in": left,
            "iss": call.origin,
            "sub": f"user:{tenant.world.user_id(grant.agent)}",
        }

    def _issue(
        self, call: Call, faults: Sequence[Fault], renewal: Renewal, *, nonce: str = "", user: bool = True
    ) -> Mapping[str, object]:
        grant = call.tenant.new_grant("incontact", call.tenant.settings.scopes)
        grant = replace(grant, scope_shown=False, user=user, agent=0)
        return issue(call, faults, grant, lambda grant: self._response(call, grant, renewal, nonce))

    def _response(self, call: Call, grant: Grant, renewal: Renewal, nonce: str) -> Mapping[str, object]:
        """The response of form A: a new token, and those beside it."""
        claims = self._claims(call, grant)
        return {
            "access_token": jwt.sign({**claims, "jti": str(grant.number)}),
            "token_type": "Bearer",
            "expires_in": grant.life,
            "refresh_token": renewal.text,
            "id_token": jwt.sign({**claims, "nonce": nonce} if nonce else claims),
        }

    def _claims(self, call: Call, grant: Grant) -> dict[str, object]:
        of, world, agent = call.tenant.settings, call.tenant.world, grant.agent or 0
        claims: dict[str, object] = {
            "sub": f"user:{world.user_id(agent)}" if grant.user else of.client_id,
            "iss": call.origin,
            "aud": of.client_id,
            "iat": grant.issued_at,
            "exp": grant.issued_at + grant.life,
            "tenantId": grant.tenant_id,
            "tenant": f"emulated_{self._business_unit}",
            "icBUId": self._business_unit,
            "icClusterId": CLUSTER,
            "area": AREA,
        }
        if grant.user:
            claims |= {"userId": world.user_id(agent), "name": "Key Owner", "icAgentId": world.agent_id(agent)}
            claims["role"] = {"legacyId": "Administrator"}
        return claims


def _json_of(call: Call) -> dict[str, object]:
    """The JSON object in the body, or Refused."""
    try:
        body = json.loads(call.body)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Refused(400, "invalid_request", "The body must be a JSON object.")
    return body


def _cut(call: Call, form: Mapping[str, str], name: str) -> str:
    """Return a form value as the real server reads it. Empty if it has a = that is not encoded as %3D."""
    for part in call.body.decode("utf-8").split("&"):
        key, _, value = part.partition("=")
        if key == name and "=" in value:
            return ""
    return form.get(name, "")
