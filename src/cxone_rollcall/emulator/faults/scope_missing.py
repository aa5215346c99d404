"""The client may do less than it needs."""

from dataclasses import dataclass, replace
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, Fault, YesNo
from cxone_rollcall.emulator.tenant import Grant
from cxone_rollcall.emulator.wire import Call


@dataclass(kw_only=True)
class ScopeMissing(Fault):
    """New tokens lack a scope, so that its endpoint answers 403; the token may say so or keep silent."""

    name = "scope-missing"
    codes = ("RC301",)
    bare = "scope"

    scope: Annotated[Literal["agent:read", "presence:read"], About("the scope that is not granted")] = "presence:read"
    readable: Annotated[YesNo, About("whether token and token answer name the scopes that are")] = "yes"

    def grant(self, call: Call, grant: Grant) -> Grant:
        """Take the scope away."""
        scopes = tuple(scope for scope in grant.scopes if scope != self.scope)
        return replace(grant, scopes=scopes, scope_shown=self.readable == "yes")
