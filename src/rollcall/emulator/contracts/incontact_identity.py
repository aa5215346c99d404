"""Who is let in by the published contract, and what their tokens say: codes, tokens to renew with, and claims.

Whoever holds the access key is a user of the tenant, and the first agent of its roster.
"""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import unquote_plus

from rollcall.emulator import rs256
from rollcall.emulator.faults.base import Fault
from rollcall.emulator.oauth import base64url, same
from rollcall.emulator.tenant import Grant, Tenant
from rollcall.emulator.wire import Call
from rollcall.emulator.world import FIRST_ID

AREA, CLUSTER, DOMAIN, ACD_DOMAIN = "na1", "C31", "niceincontact.com", "nice-incontact.com"
CODE_LIFE = 60
"""Seconds that an authorization code is good for."""


class Code(NamedTuple):
    """What a code of the authorize page was given for."""

    client_id: str
    redirect_uri: str
    challenge: str
    nonce: str
    issued_at: float


class Renewal(NamedTuple):
    """What a refresh token was given for; the user hub's has no client."""

    client_id: str
    issued_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """A new token, and what was given with it."""

    access_token: str
    id_token: str
    refresh_token: str
    life: int

    def said(self) -> Mapping[str, object]:
        """Return it as form A answers it."""
        return {
            "access_token": self.access_token,
            "token_type": "Bearer",
            "expires_in": self.life,
            "refresh_token": self.refresh_token,
            "id_token": self.id_token,
        }


class Identity:
    """The users of one tenant, and what was given to them."""

    def __init__(self, tenant: Tenant, business_unit: int) -> None:
        self._tenant, self._business_unit = tenant, business_unit
        self._codes: dict[str, Code] = {}
        self._renewals: dict[str, Renewal] = {}
        self._given = 0

    @property
    def key(self) -> rs256.Key:
        """The key that tokens are signed with."""
        return rs256.key(self._tenant.settings.seed)

    def client_is_right(self, call: Call, form: Mapping[str, str], *, public: bool = False) -> bool:
        """Whether the client is the registered one; a `public` one, which has other proof, needs no secret.

        Real clients send id and secret in a Basic header, form-encoded within it or as they are, or in the body.
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
        """Whether this is the access key."""
        of = self._tenant.settings
        given = (key_id, secret)
        return all(isinstance(one, str) for one in given) and same(
            (str(key_id), str(secret)), (of.access_key_id, of.access_key_secret)
        )

    def give_code(self, code: Code) -> str:
        """Return a new code of the authorize page."""
        text = self._secret("code")
        self._codes[text] = code
        return text

    def take_code(self, text: str, redirect_uri: str, verifier: str) -> Code | None:
        """Return what a code was given for, once; None for a wrong, old or used one, or a wrong proof."""
        code = self._codes.pop(text, None)
        if code is None or self._tenant.now() >= code.issued_at + CODE_LIFE or code.redirect_uri != redirect_uri:
            return None
        proof = base64url(hashlib.sha256(verifier.encode()).digest()).decode()
        return code if same((proof, ""), (code.challenge, "")) else None

    def take_renewal(self, text: str, client_id: str) -> str | None:
        """Return the refresh token to go on with; None for a wrong or old one, or one given to another client."""
        readings = self._tenant.settings.readings
        renewal = self._renewals.get(text)
        if renewal is None or renewal.client_id != client_id:
            return None
        if self._tenant.now() >= renewal.issued_at + readings.refresh_life:
            return None
        if not readings.refresh_rotates:
            return text
        del self._renewals[text]
        return self.give_renewal(client_id)

    def give_renewal(self, client_id: str) -> str:
        """Return a new refresh token."""
        text = self._secret("refresh")
        self._renewals[text] = Renewal(client_id, self._tenant.now())
        return text

    def grant(
        self, call: Call, faults: Iterable[Fault], renewal: str, *, nonce: str = "", user: bool = True
    ) -> tuple[Granted, Grant]:
        """Return a new token, and what it gives."""
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
        )
        for fault in faults:
            grant = fault.grant(call, grant)
        claims = self._claims(call, grant)
        token_id = {**claims, "nonce": nonce} if nonce else claims
        granted = Granted(
            access_token=self.key.sign({**claims, "jti": str(grant.number)}),
            id_token=self.key.sign(token_id),
            refresh_token=renewal,
            life=grant.life,
        )
        return granted, grant

    def _claims(self, call: Call, grant: Grant) -> dict[str, object]:
        of, world = self._tenant.settings, self._tenant.world
        claims: dict[str, object] = {
            "sub": f"user:{world.user_id(0)}" if grant.user else of.client_id,
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
            claims |= {"userId": world.user_id(0), "name": "Key Owner", "icAgentId": str(FIRST_ID)}
        return claims

    def _secret(self, purpose: str) -> str:
        self._given += 1
        return hashlib.sha256(f"{self._tenant.tenant_id}:{purpose}:{self._given}".encode()).hexdigest()
