"""The client belongs to another tenant."""

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

    tenant: Annotated[str, About("the tenant id in the claims; by default one derived from the real id")] = ""

    def grant(self, call: Call, grant: Grant) -> Grant:
        """Put the other tenant's id into the token."""
        other = str(uuid.uuid5(uuid.NAMESPACE_DNS, grant.tenant_id))
        return replace(grant, tenant_id=self.tenant or other)
