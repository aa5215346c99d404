"""A token without a needed scope."""

from dataclasses import dataclass, replace
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, Fault, YesNo
from cxone_rollcall.emulator.tenant import Grant
from cxone_rollcall.emulator.wire import Call


@dataclass(kw_only=True)
class ScopeMissing(Fault):
    """New tokens lack a scope, so its endpoint returns 403; the token may list its scopes or not."""

    name = "scope-missing"
    codes = ("RC301",)
    bare = "scope"

    scope: Annotated[Literal["agent:read", "presence:read"], About("the missing scope")] = "presence:read"
    readable: Annotated[YesNo, About("whether the token and its response list the granted scopes")] = "yes"

    def grant(self, call: Call, grant: Grant) -> Grant:
        """Remove the scope."""
        scopes = tuple(scope for scope in grant.scopes if scope != self.scope)
        return replace(grant, scopes=scopes, scope_shown=self.readable == "yes")
