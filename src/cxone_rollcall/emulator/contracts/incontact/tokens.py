"""The token endpoints of `incontact`.

POST /auth/token                             form A: password (an access key), authorization_code, refresh_token
POST /authentication/v1/token/access-key     form B, the user hub: an access key as JSON
POST /public/user/refresh                    its renewal, with other names in the response
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from cxone_rollcall.emulator.authorize import Logins, Renewal
from cxone_rollcall.emulator.contracts.incontact.identity import Identity
from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.oauth import issue
from cxone_rollcall.emulator.token_form import Refused, check_key, read_form, redeem, renew
from cxone_rollcall.emulator.wire import Answer, Call, answer_json

TOKEN, ACCESS_KEY, REFRESH = "/auth/token", "/authentication/v1/token/access-key", "/public/user/refresh"
PATHS = (TOKEN, ACCESS_KEY, REFRESH)


class Tokens:
    """The token endpoints of one tenant."""

    def __init__(self, identity: Identity, logins: Logins) -> None:
        self._identity, self._logins = identity, logins

    def answer(self, call: Call, faults: Sequence[Fault]) -> Answer:
        """Return the response to a token request."""
        try:
            answer = answer_json(200, (self._form_a if call.path == TOKEN else self._form_b)(call, faults))
        except Refused as refused:
            answer = refused.answer
        return answer.with_header("Cache-Control", "no-store")

    def _form_a(self, call: Call, faults: Sequence[Fault]) -> Mapping[str, object]:
        of, form = call.tenant.settings, read_form(call)
        form["password"] = _cut(call, form, "password")
        code, renewal = redeem(call, faults, form, self._logins)
        renewal = renewal or self._logins.give_renewal(of.client_id, of.scopes)
        user = form["grant_type"] != "client_credentials"
        return self._issue(call, faults, renewal, nonce=code.nonce if code else "", user=user)

    def _form_b(self, call: Call, faults: Sequence[Fault]) -> Mapping[str, object]:
        try:
            body = json.loads(call.body)
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            raise Refused(400, "invalid_request", "The body must be a JSON object.")
        if call.path == ACCESS_KEY:
            check_key(call, body.get("accessKeyId"), body.get("accessKeySecret"), 401)
            return self._issue(call, faults, self._logins.give_renewal("", call.tenant.settings.scopes))
        renewal = renew(call, faults, self._logins, str(body.get("token", "")), "", 401)
        answer = self._issue(call, faults, renewal)
        return {
            "token": answer["access_token"],
            "tokenExpirationTimeSec": answer.get("expires_in", 0),
            "refreshToken": renewal.text,
            "refreshTokenExpirationTimeSec": 0,
        }

    def _issue(
        self, call: Call, faults: Sequence[Fault], renewal: Renewal, *, nonce: str = "", user: bool = True
    ) -> Mapping[str, object]:
        grant = call.tenant.new_grant("incontact", call.tenant.settings.scopes)
        grant = replace(grant, scope_shown=False, user=user, agent=0)
        return issue(call, faults, grant, lambda grant: self._identity.response(call, grant, renewal.text, nonce))


def _cut(call: Call, form: Mapping[str, str], name: str) -> str:
    """Return a form value as the real server reads it: empty if it has a = that is not encoded as %3D."""
    for part in call.body.decode("utf-8").split("&"):
        key, _, value = part.partition("=")
        if key == name and "=" in value:
            return ""
    return form.get(name, "")
