"""What tells a tenant from others that share its API host."""

from __future__ import annotations

from cxone_rollcall.model.struct import Value

LONGEST = 64
"""Characters of a part, at most. A UUID has 36."""


def identifier(value: object) -> str | None:
    """A number or text of a server, in one spelling. None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    text = str(value).strip().casefold()
    return text if text and len(text) <= LONGEST and text.isprintable() else None


class TenantIdentity(Value, frozen=True, kw_only=True):
    """What is known of a tenant; each part may be None.

    `tenant_id` is NICE's UUID, and `business_unit` the number of its ACD; both stay for good. `account` is the host
    with the client's id: it says least, for a client may be replaced, and one may serve several tenants. None of them
    is a secret.
    """

    tenant_id: str | None = None
    business_unit: str | None = None
    account: str | None = None

    def differs_from(self, other: TenantIdentity) -> bool:
        """Whether these are two tenants.

        The first part that both have decides. Without any, they may be one."""
        for ours, theirs in zip(self.parts().values(), other.parts().values(), strict=True):
            if ours and theirs:
                return ours != theirs
        return False

    def parts(self) -> dict[str, str | None]:
        """The parts by name, the surest first."""
        return {"tenant_id": self.tenant_id, "business_unit": self.business_unit, "account": self.account}

    def __str__(self) -> str:
        found = next(((name, value) for name, value in self.parts().items() if value), None)
        return "an unknown tenant" if found is None else f"{found[0].replace('_', ' ')} {found[1]}"
