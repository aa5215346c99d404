"""The users of `incontact` and their tokens.

The owner of the access key is a user of the tenant and the first agent of its roster.
"""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote_plus

from cxone_rollcall.emulator import jwt
from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.oauth import same
from cxone_rollcall.emulator.tenant import Grant, Tenant
from cxone_rollcall.emulator.wire import Call

AREA, CLUSTER, DOMAIN, ACD_DOMAIN = "na1", "C31", "niceincontact.com", "nice-incontact.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """A new token, and the tokens issued with it."""

    access_token: str
    id_token: str
    refresh_token: str
    life: int

    def said(self) -> Mapping[str, object]:
        """Return the response of form A."""
        return {
            "access_token": self.access_token,
            "token_type": "Bearer",
            "expires_in": self.life,
            "refresh_token": self.refresh_token,
            "id_token": self.id_token,
        }


class Identity:
    """The users of one tenant, and their tokens."""

    def __init__(self, tenant: Tenant, business_unit: int) -> None:
        self._tenant, self._business_unit = tenant, business_unit

    def client_is_right(self, call: Call, form: Mapping[str, str], *, public: bool = False) -> bool:
        """Whether the client id and its secret are correct; a `public` grant needs no secret.

        Real clients send both in the body or in a Basic header, form-encoded in it or not.
        """
        of, at = self._tenant.settings, self._tenant.settings.readings.client_at
        wanted = (of.client_id, of.client_secret)
        kind, _, encoded = call.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "basic":
            try:
                client_id, _, secret = base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")
            except ValueError:
                return False
            decoded = (unquote_plus(client_id), unquote_plus(secret))
            return at != "body" and (same((client_id, secret), wanted) or same(decoded, wanted))
        if public and "client_secret" not in form:
            return form.get("client_id", "") == of.client_id
        return at != "header" and same((form.get("client_id", ""), form.get("client_secret", "")), wanted)

    def key_is_right(self, key_id: object, secret: object) -> bool:
        """Whether the access key is correct."""
        of = self._tenant.settings
        given = (key_id, secret)
        return all(isinstance(one, str) for one in given) and same(
            (str(key_id), str(secret)), (of.access_key_id, of.access_key_secret)
        )

    def grant(
        self, call: Call, faults: Iterable[Fault], renewal: str, *, nonce: str = "", user: bool = True
    ) -> tuple[Granted, Grant]:
        """Return a new token, and what it permits."""
        of = self._tenant.settings
        grant = Grant(
            number=len(self._tenant.grants) + 1,
            scopes=of.scopes,
            issued_at=int(self._tenant.now()),
            life=of.token_life,
            tenant_id=self._tenant.tenant_id,
            scope_shown=False,
            contract="incontact",
            user=user,
            agent=0,
        )
        for fault in faults:
            grant = fault.grant(call, grant)
        claims = self._claims(call, grant)
        token_id = {**claims, "nonce": nonce} if nonce else claims
        granted = Granted(
            access_token=jwt.sign({**claims, "jti": str(grant.number)}),
            id_token=jwt.sign(token_id),
            refresh_token=renewal,
            life=grant.life,
        )
        return granted, grant

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
