"""Logs in on either contract's authorize page, as browser and client."""

import base64
import hashlib
import json
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

Visitor = Any  # what the fixtures of conftest.py yield, which import-mode importlib does not let a test import
BACK = "http://127.0.0.1:5555/callback"
VERIFIER = "v" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


class Login(NamedTuple):
    """The endpoints of a contract that a login uses."""

    contract: str
    page: str
    token: str
    roster: str
    scope: str

    def target(self, visitor: Visitor, **changes: str) -> str:
        """Return the target of the authorize page; parameters not given are correct."""
        whole = {
            "response_type": "code",
            "client_id": visitor.emulator.credentials.client_id,
            "redirect_uri": BACK,
            "scope": self.scope,
            "state": "s&t=1",
            "nonce": "n-1",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            "tenantId": visitor.emulator.tenant.tenant_id,
        }
        return f"{self.page}?{urlencode({**whole, **changes})}"

    async def press(self, visitor: Visitor, decision: str = "allow", **changes: str) -> Any:
        """Press a button on the page."""
        return await visitor.ask("POST", self.target(visitor, **changes), data={"decision": decision}, token="")

    async def code(self, visitor: Visitor, **changes: str) -> str:
        """Log in and return the code."""
        return returned(await self.press(visitor, **changes))["code"]

    async def redeem(self, visitor: Visitor, code: str, **changes: str) -> Any:
        """Request a token with a code, without the client secret."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
        return await self._ask(visitor, {**form, **changes})

    async def renew(self, visitor: Visitor, refresh_token: str, **changes: str) -> Any:
        """Renew a token, without the client secret."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return await self._ask(visitor, {**form, **changes})

    async def opens(self, visitor: Visitor, token: str) -> int:
        """Return the status of a roster request with this token."""
        status: int = (await visitor.ask("GET", self.roster, token=token)).status
        return status

    async def _ask(self, visitor: Visitor, form: dict[str, str]) -> Any:
        whole = {"client_id": visitor.emulator.credentials.client_id, **form}
        return await visitor.ask("POST", self.token, data=whole, token="")


V2 = Login("v2", "/oauth/authorize", "/oauth/token", "/api/v2/agents", "")
INCONTACT = Login("incontact", "/auth/authorize", "/auth/token", "/incontactapi/services/v34.0/agents", "openid")
LOGINS = (V2, INCONTACT)


def returned(reply: Any) -> dict[str, str]:
    """Return the parameters of the redirect to the client."""
    assert reply.status == 302
    return dict(parse_qsl(urlsplit(reply.headers["location"]).query))


def claims(token: str) -> dict[str, Any]:
    """Return the claims of a token."""
    payload = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return found
