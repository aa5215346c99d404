"""Refused clients, keys and grants, and tokens that do not work."""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import field, replace
from typing import Annotated, Any, Literal

from cxone_rollcall.emulator.faults.fault import About, Fault
from cxone_rollcall.emulator.oauth import refusal
from cxone_rollcall.emulator.tenant import Grant
from cxone_rollcall.emulator.wire import Answer, Call


class ClientRefused(Fault, name="client-refused", codes=("RC201",)):
    """The token endpoint refuses the client: 401 invalid_client."""

    def before(self, call: Call) -> Answer | None:
        if call.endpoint != "token":
            return None
        return refusal(401, "invalid_client", "The client is not registered, or its registration is not approved.")


class GrantRefused(Fault, name="grant-refused", codes=("RC202",), bare="error"):
    """The token endpoint refuses the grant type. The response is a 400 with an error code, or plain text."""

    error: Annotated[
        Literal["unsupported_grant_type", "invalid_request", "invalid_scope", "unauthorized_client", "none"],
        About("the error code; none is a plain text response"),
    ] = "unsupported_grant_type"

    def before(self, call: Call) -> Answer | None:
        if call.endpoint != "token":
            return None
        if self.error == "none":
            return Answer(400, b"Bad Request", "text/plain")
        return refusal(400, self.error, "This grant cannot be given to this client.")


class KeyRefused(Fault, name="key-refused", codes=("RC203",)):
    """The token endpoint refuses the access key, code or refresh token. It sends 400 invalid_grant."""

    def before(self, call: Call) -> Answer | None:
        if call.endpoint != "token":
            return None
        return refusal(400, "invalid_grant", "The access key is wrong, expired or revoked.")


class RefreshRefused(Fault, name="refresh-refused", codes=("RC208",)):
    """Every refresh token is refused: invalid_grant. Other grants still work."""

    def renews(self, call: Call) -> bool:
        return False


class TokenExpires(Fault, name="token-expires", codes=("RC204",), bare="requests"):
    """The first tokens are rejected (401) after some requests, or seconds. Newer ones are accepted."""

    requests: Annotated[int, About("how many requests such a token is valid for", least=1)] = 3
    life: Annotated[
        float | None, About("seconds that such a token is valid for, instead of a number of requests", least=0)
    ] = None
    times: Annotated[int, About("how many tokens expire early", least=1)] = 1
    used: dict[int, int] = field(default_factory=dict, init=False, repr=False, compare=False)

    def honours(self, call: Call, grant: Grant) -> bool:
        """Accept the first tokens only for some requests, or seconds."""
        if grant.number not in self.used and len(self.used) >= self.times:
            return True
        self.used[grant.number] = self.used.get(grant.number, 0) + 1
        if self.life is None:
            return self.used[grant.number] <= self.requests
        return call.tenant.now() < grant.issued_at + self.life


class TokenRejected(Fault, name="token-rejected", codes=("RC205",)):
    """Every token is rejected with a 401, even a new one."""

    def honours(self, call: Call, grant: Grant) -> bool:
        return False


class TokenPlain(Fault, name="token-plain"):
    """The token is opaque, and the response gives no lifetime or scope. OAuth allows that.

    A refresh token stays in the response: a login needs it.
    """

    def token(self, call: Call, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return an opaque token, its type and the refresh token, if any."""
        opaque = hashlib.sha256(str(answer["access_token"]).encode()).hexdigest()
        renewal = {name: value for name, value in answer.items() if name == "refresh_token"}
        return {"access_token": opaque, "token_type": "bearer", **renewal}


class ForeignTenant(Fault, name="foreign-tenant", codes=("RC206",), bare="tenant"):
    """The token's claims name another tenant."""

    tenant: Annotated[str, About("the tenant id in the claims; by default one derived from the real id")] = ""

    def grant(self, call: Call, grant: Grant) -> Grant:
        other = str(uuid.uuid5(uuid.NAMESPACE_DNS, grant.tenant_id))
        return replace(grant, tenant_id=self.tenant or other)


class NoUser(Fault, name="no-user", codes=("RC207",), bare="how", contracts=("incontact",)):
    """New tokens name no user. Roster and states are refused, or empty."""

    how: Annotated[Literal["refused", "empty"], About("whether the API refuses such a token, or returns no agents")] = (
        "refused"
    )

    def grant(self, call: Call, grant: Grant) -> Grant:
        return replace(grant, user=False, without_user=self.how)
