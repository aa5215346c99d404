"""A token that says nothing about itself, which OAuth allows."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.wire import Call


@dataclass(kw_only=True)
class TokenPlain(Fault):
    """The token answer names neither life nor scope, and the token is no JWT. Odd, and no fault.

    A refresh token that came with it is kept: without it nobody could stay logged in.
    """

    name = "token-plain"

    def token(self, call: Call, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        """Answer an opaque token and its type alone, and what it is renewed with."""
        opaque = hashlib.sha256(str(answer["access_token"]).encode()).hexdigest()
        renewal = {name: value for name, value in answer.items() if name == "refresh_token"}
        return {"access_token": opaque, "token_type": "bearer", **renewal}
