"""Discovery and the authorize page: how a client finds its tenant, and how a user logs in.

GET  /.well-known/openid-configuration    the issuer, which is this emulator, and its endpoints
GET  /.well-known/cxone-configuration     tenantId; where the tenant's API is, which is this emulator too
GET  /auth/jwks                           the key that tokens are signed with
GET  /auth/authorize                      a page with a form, which leads back to the client on loopback
"""

import re
from html import escape
from urllib.parse import urlencode, urlsplit

from rollcall.emulator.contracts.incontact_identity import ACD_DOMAIN, AREA, CLUSTER, DOMAIN, Code, Identity
from rollcall.emulator.contracts.incontact_tokens import TOKEN
from rollcall.emulator.wire import Answer, Call, answer_json, problem

OPENID, CXONE = "/.well-known/openid-configuration", "/.well-known/cxone-configuration"
JWKS, AUTHORIZE = "/auth/jwks", "/auth/authorize"
DISCOVERY = (OPENID, CXONE, JWKS)
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Emulated sign-in</title></head>
<body>
<h1>Emulated sign-in</h1>
<p>This is rollcall's emulator, not CXone: everybody is let in.</p>
<form method="post" action="{action}">
<label>User name <input name="username" value="key.owner@example.com"></label>
<button name="decision" value="allow">Sign in</button>
<button name="decision" value="deny">Cancel</button>
</form>
</body>
</html>
"""


class Login:
    """Discovery and the authorize page of one tenant."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    def discover(self, call: Call) -> Answer:
        """Return what is told to anybody who asks."""
        issuer = call.origin
        if call.path == OPENID:
            return answer_json(
                200,
                {
                    "issuer": issuer,
                    "authorization_endpoint": issuer + AUTHORIZE,
                    "token_endpoint": issuer + TOKEN,
                    "jwks_uri": issuer + JWKS,
                    "response_types_supported": ["code"],
                    "grant_types_supported": ["password", "authorization_code", "refresh_token"],
                    "code_challenge_methods_supported": ["S256"],
                    "id_token_signing_alg_values_supported": ["RS256"],
                    "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
                },
            )
        if call.path == JWKS:
            return answer_json(200, {"keys": [self._identity.key.published()]})
        tenant_id = _one(call, "tenantId")
        if not tenant_id and call.tenant.settings.readings.tenant_needed:
            return problem(400, "The parameter tenantId is missing.")
        if tenant_id and tenant_id.lower() != call.tenant.tenant_id:
            return problem(404, "There is no such tenant.")
        return answer_json(
            200,
            {
                "api_endpoint": issuer,
                "auth_endpoint": issuer,
                "area": AREA,
                "cluster": CLUSTER,
                "domain": DOMAIN,
                "acdDomain": ACD_DOMAIN,
                "uhDomain": ACD_DOMAIN,
                "tenantId": call.tenant.tenant_id,
            },
        )

    def authorize(self, call: Call) -> Answer:
        """Return the page, or whereto the form leads."""
        wrong = self._wrong_for_the_user(call)
        if wrong:
            return _html(400, f"<!DOCTYPE html><title>Sign-in failed</title><p>{escape(wrong)}</p>")
        back, error = _one(call, "redirect_uri"), _wrong_for_the_client(call)
        if error:
            return _redirect(call, back, {"error": error[0], "error_description": error[1]})
        if call.method == "GET":
            given = {name: values[-1] for name, values in call.query.items()}
            return _html(200, _PAGE.format(action=escape(f"{AUTHORIZE}?{urlencode(given)}")))
        if b"decision=deny" in call.body:
            return _redirect(call, back, {"error": "access_denied", "error_description": "The user said no."})
        code = Code(
            client_id=_one(call, "client_id"),
            redirect_uri=back,
            challenge=_one(call, "code_challenge"),
            nonce=_one(call, "nonce"),
            issued_at=call.tenant.now(),
        )
        return _redirect(call, back, {"code": self._identity.give_code(code)})

    def _wrong_for_the_user(self, call: Call) -> str:
        """Return why nobody can be sent back: whoever asks is not known to be the client."""
        if _one(call, "client_id") != call.tenant.settings.client_id:
            return "The client id is unknown."
        if _one(call, "tenantId").lower() not in {"", call.tenant.tenant_id}:
            return "The tenant id is unknown."
        try:
            back = urlsplit(_one(call, "redirect_uri"))
            host = back.hostname
        except ValueError:
            return "The redirect URI cannot be read."
        if back.scheme != "http" or host not in _LOOPBACK or back.fragment:
            return "The redirect URI must be http on a loopback address: this emulator sends nobody elsewhere."
        return ""


def _wrong_for_the_client(call: Call) -> tuple[str, str] | None:
    if _one(call, "response_type") != "code":
        return "unsupported_response_type", "The response type must be code."
    if _one(call, "code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(_one(call, "code_challenge")):
        return "invalid_request", "A code_challenge is needed, by the method S256."
    if "openid" not in _one(call, "scope").split():
        return "invalid_scope", "The scope must have openid."
    return None


def _one(call: Call, name: str) -> str:
    return call.query.get(name, [""])[-1]


def _html(status: int, text: str) -> Answer:
    return Answer(status, text.encode(), "text/html; charset=utf-8").with_header("Cache-Control", "no-store")


def _redirect(call: Call, back: str, given: dict[str, str]) -> Answer:
    state = _one(call, "state")
    query = urlencode({**given, **({"state": state} if state else {})})
    target = f"{back}{'&' if urlsplit(back).query else '?'}{query}"
    # A line break in a header is the end of it: whoever sends one gets it back as what it is in a URL.
    target = target.replace("\r", "%0D").replace("\n", "%0A").replace("\0", "%00")
    return Answer(302, content_type="").with_header("Location", target).with_header("Cache-Control", "no-store")
