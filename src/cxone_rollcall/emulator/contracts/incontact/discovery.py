"""Discovery: how a client finds its tenant.

GET  /.well-known/openid-configuration    the issuer, which is this emulator, and its endpoints
GET  /.well-known/cxone-configuration     tenantId; the tenant's API, which is this emulator too
GET  /auth/jwks                           the key that tokens are signed with
GET  /auth/authorize                      a sign-in page that redirects to the client on loopback

The end_session_endpoint is named, because NICE's SDK stops without it, and not served.
"""

from cxone_rollcall.emulator import jwt
from cxone_rollcall.emulator.contracts.incontact.tokens import AREA, CLUSTER, TOKEN
from cxone_rollcall.emulator.contracts.incontact.users import USERINFO
from cxone_rollcall.emulator.token_form import EXCHANGE
from cxone_rollcall.emulator.wire import Answer, Call, answer_json, problem

OPENID, CXONE = "/.well-known/openid-configuration", "/.well-known/cxone-configuration"
JWKS, AUTHORIZE = "/auth/jwks", "/auth/authorize"
DISCOVERY = (OPENID, CXONE, JWKS)


def scopes_of_login(call: Call) -> tuple[str, ...]:
    """Return the scopes of a login: the client's. ValueError if the login does not request openid."""
    if "openid" not in call.parameter("scope").split():
        raise ValueError("The scope must have openid.")
    return call.tenant.settings.scopes


def discover(call: Call) -> Answer:
    """Return the answer to a discovery request."""
    issuer = call.origin
    if call.path == OPENID:
        return answer_json(
            200,
            {
                "issuer": issuer,
                "authorization_endpoint": issuer + AUTHORIZE,
                "token_endpoint": issuer + TOKEN,
                "jwks_uri": issuer + JWKS,
                "userinfo_endpoint": issuer + USERINFO,
                "end_session_endpoint": issuer + "/auth/endsession",
                "display_values_supported": ["page"],
                "response_types_supported": ["code"],
                "grant_types_supported": ["password", "authorization_code", "refresh_token", EXCHANGE],
                "code_challenge_methods_supported": ["S256"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
            },
        )
    if call.path == JWKS:
        return answer_json(200, {"keys": [jwt.public_key()]})
    tenant_id = call.parameter("tenantId")
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
            "domain": "niceincontact.com",
            "acdDomain": "nice-incontact.com",
            "uhDomain": "nice-incontact.com",
            "globaldomain": "niceincontact.com",
            "ui_endpoint": issuer,
            "private": False,
            "tenantId": call.tenant.tenant_id,
        },
    )
