"""The client belongs to another tenant than one would think."""

import uuid
from dataclasses import dataclass, replace
from typing import Annotated

from cxone_rollcall.emulator.faults.fault import About, Fault
from cxone_rollcall.emulator.tenant import Grant
from cxone_rollcall.emulator.wire import Call


@dataclass(kw_only=True)
class ForeignTenant(Fault):
    """The token's claims name another tenant."""

    name = "foreign-tenant"
    codes = ("RC206",)
    bare = "tenant"

    tenant: Annotated[str, About("the tenant id that is named; by default one made from the real one")] = ""

    def grant(self, call: Call, grant: Grant) -> Grant:
        """Name the other tenant."""
        other = str(uuid.uuid5(uuid.NAMESPACE_DNS, grant.tenant_id))
        return replace(grant, tenant_id=self.tenant or other)
