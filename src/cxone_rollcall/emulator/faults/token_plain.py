"""A token response with nothing but the token."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.wire import Call


@dataclass(kw_only=True)
class TokenPlain(Fault):
    """The token response has no lifetime and no scope, and the token is not a JWT. OAuth allows that.

    A refresh token stays in the response: a login needs it.
    """

    name = "token-plain"

    def token(self, call: Call, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return an opaque token, its type and the refresh token, if any."""
        opaque = hashlib.sha256(str(answer["access_token"]).encode()).hexdigest()
        renewal = {name: value for name, value in answer.items() if name == "refresh_token"}
        return {"access_token": opaque, "token_type": "bearer", **renewal}
