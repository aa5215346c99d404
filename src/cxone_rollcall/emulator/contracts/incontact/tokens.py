"""The token endpoints of `incontact`.

POST /auth/token                             form A: password (an access key), authorization_code, refresh_token
POST /authentication/v1/token/access-key     form B, the user hub: an access key as JSON
POST /public/user/refresh                    its renewal, with other names in the response
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cxone_rollcall.emulator.authorize import Logins, Renewal
from cxone_rollcall.emulator.contracts.incontact.identity import Granted, Identity
from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.oauth import read_form, refusal
from cxone_rollcall.emulator.tenant import Grant
from cxone_rollcall.emulator.wire import Answer, Call, answer_json

TOKEN, ACCESS_KEY, REFRESH = "/auth/token", "/authentication/v1/token/access-key", "/public/user/refresh"
PATHS = (TOKEN, ACCESS_KEY, REFRESH)
_WRONG_KEY = "The access key id or its secret is wrong, or was revoked."


class Tokens:
    """The token endpoints of one tenant."""

    def __init__(self, identity: Identity, logins: Logins) -> None:
        self._identity, self._logins = identity, logins

    def answer(self, call: Call, faults: Sequence[Fault]) -> Answer:
        """Return the response to a token request."""
        answer = (self._form_a if call.path == TOKEN else self._form_b)(call, faults)
        return answer.with_header("Cache-Control", "no-store")

    def _form_a(self, call: Call, faults: Sequence[Fault]) -> Answer:
        try:
            form = read_form(call)
        except ValueError as malformed:
            return refusal(400, "invalid_request", str(malformed))
        grant_type = form["grant_type"]
        # These grants need no client secret: a code has a PKCE verifier, and a refresh token is secret itself.
        public = grant_type in {"authorization_code", "refresh_token"}
        if not self._identity.client_is_right(call, form, public=public):
            return refusal(401, "invalid_client", "The client id or the client secret is wrong.")
        of, nonce = call.tenant.settings, ""
        renewal: Renewal | None = None
        match grant_type:
            case "password":
                if not self._identity.key_is_right(form.get("username"), _cut(call, form, "password")):
                    return refusal(400, "invalid_grant", _WRONG_KEY)
            case "authorization_code":
                given = (form.get("code", ""), form.get("redirect_uri", ""), form.get("code_verifier", ""))
                code = self._logins.take_code(*given)
                if code is None:
                    return refusal(400, "invalid_grant", "The code is wrong, expired or used, or its proof is.")
                nonce = code.nonce
            case "refresh_token":
                renewal = self._logins.take_renewal(call, faults, form.get("refresh_token", ""), of.client_id)
                if renewal is None:
                    return refusal(400, "invalid_grant", "The refresh token is wrong, expired or used.")
            case "client_credentials" if of.readings.client_credentials:
                pass
            case other:
                return refusal(400, "unsupported_grant_type", f"The grant type {other!r} is not supported.")
        renewal = renewal or self._logins.give_renewal(of.client_id, of.scopes)
        user = grant_type != "client_credentials"
        granted, grant = self._identity.grant(call, faults, renewal.text, nonce=nonce, user=user)
        return answer_json(200, self._issue(call, faults, granted, grant))

    def _form_b(self, call: Call, faults: Sequence[Fault]) -> Answer:
        try:
            body = json.loads(call.body)
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            return refusal(400, "invalid_request", "The body must be a JSON object.")
        if call.path == ACCESS_KEY:
            if not self._identity.key_is_right(body.get("accessKeyId"), body.get("accessKeySecret")):
                return refusal(401, "invalid_grant", _WRONG_KEY)
            given = self._logins.give_renewal("", call.tenant.settings.scopes)
            granted, grant = self._identity.grant(call, faults, given.text)
            return answer_json(200, self._issue(call, faults, granted, grant))
        renewal = self._logins.take_renewal(call, faults, str(body.get("token", "")), "")
        if renewal is None:
            return refusal(401, "invalid_grant", "The refresh token is wrong, expired or used.")
        granted, grant = self._identity.grant(call, faults, renewal.text)
        said = self._issue(call, faults, granted, grant)
        renewed = {
            "token": said["access_token"],
            "tokenExpirationTimeSec": said.get("expires_in", 0),
            "refreshToken": renewal.text,
            "refreshTokenExpirationTimeSec": 0,
        }
        return answer_json(200, renewed)

    def _issue(self, call: Call, faults: Sequence[Fault], granted: Granted, grant: Grant) -> Mapping[str, Any]:
        said = granted.said()
        for fault in faults:
            said = fault.token(call, said)
        call.tenant.grants[str(said["access_token"])] = grant
        return said


def _cut(call: Call, form: Mapping[str, str], name: str) -> str:
    """Return a form value as the real server reads it: empty if it has a = that is not encoded as %3D."""
    for part in call.body.decode("utf-8").split("&"):
        key, _, value = part.partition("=")
        if key == name and "=" in value:
            return ""
    return form.get(name, "")
