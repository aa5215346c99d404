"""The users of `incontact` and their tokens.

The owner of the access key is a user of the tenant and the first agent of its roster.
"""

from collections.abc import Mapping

from cxone_rollcall.emulator import jwt
from cxone_rollcall.emulator.tenant import Grant, Tenant
from cxone_rollcall.emulator.wire import Call

AREA, CLUSTER, DOMAIN, ACD_DOMAIN = "na1", "C31", "niceincontact.com", "nice-incontact.com"


class Identity:
    """The users of one tenant, and their tokens."""

    def __init__(self, tenant: Tenant, business_unit: int) -> None:
        self._tenant, self._business_unit = tenant, business_unit

    def response(self, call: Call, grant: Grant, renewal: str, nonce: str) -> Mapping[str, object]:
        """Return a new token and the tokens issued with it, as the response of form A."""
        claims = self._claims(call, grant)
        return {
            "access_token": jwt.sign({**claims, "jti": str(grant.number)}),
            "token_type": "Bearer",
            "expires_in": grant.life,
            "refresh_token": renewal,
            "id_token": jwt.sign({**claims, "nonce": nonce} if nonce else claims),
        }

    def _claims(self, call: Call, grant: Grant) -> dict[str, object]:
        of, world, agent = self._tenant.settings, self._tenant.world, grant.agent or 0
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
        return claims
