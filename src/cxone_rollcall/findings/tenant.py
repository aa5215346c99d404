"""RC206: whose agents are these?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cxone_rollcall.findings.check import check
from cxone_rollcall.findings.finding import Finding, Strength
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.observations.access import TokenGranted
from cxone_rollcall.model.observations.base import TenantAsked
from cxone_rollcall.model.observations.probes import BusinessUnitAsked
from cxone_rollcall.model.roll import Standing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cxone_rollcall.findings.case import Case

_UUID = re.compile(r"[0-9a-f]{32}")


class ForeignTenant(Finding, frozen=True, kw_only=True):
    """
    The token is of another tenant than the one that the settings pin.

    ## What was seen
    The tenant in the token's claims, or where they name none, the tenant of the business unit that the token speaks
    for; and another one in CXONE_TENANT_ID or the profile. SUSPECTED where one of the two is a UUID and the other a
    name: both may mean the same tenant.
    ## Why agents go missing
    The agents that answer, if any, are somebody else's: nobody of the pinned tenant was asked.
    ## Fix
    Use the client and the key of the pinned tenant, or correct CXONE_TENANT_ID.
    ## Not this when
    No tenant is pinned, or neither the token nor its business unit names one.
    ## Try it
        CXONE_TENANT_ID=11ed0000-0000-4000-8000-000000000000 rollcall check
    """

    code = "RC206"
    name = "foreign-tenant"
    message = "the token is of the tenant {theirs}, and the settings pin {ours}{doubt}"
    fix = "use the client and key of the tenant {ours}, or correct CXONE_TENANT_ID"

    ours: str
    theirs: str
    doubt: str


@check(needs=(TenantAsked, TokenGranted), uses=(BusinessUnitAsked,), finds=(ForeignTenant,))
def tenant_is_ours(case: Case) -> Iterator[Finding]:
    """Is the token of the tenant that the settings pin?"""
    ours, granted, unit = case[TenantAsked].tenant_id, case[TokenGranted], case.get(BusinessUnitAsked)
    theirs, seen = granted.tenant, ("the tenant in the claims of the token", granted.exchange, "/access_token")
    if not theirs and unit is not None:
        theirs, seen = unit.tenant, ("the tenant of the business unit of the token", unit.exchange, unit.pointer)
    if not ours or not theirs or _plain(ours) == _plain(theirs):
        return
    claim, exchange, pointer = seen
    comparable = bool(_UUID.fullmatch(_plain(ours))) is bool(_UUID.fullmatch(_plain(theirs)))
    yield ForeignTenant(
        ours=ours,
        theirs=theirs,
        doubt="" if comparable else ", which may be two names of one tenant",
        strength=Strength.PROVEN if comparable else Strength.SUSPECTED,
        settle="" if comparable else "set CXONE_TENANT_ID as the token names the tenant, if it is the right one",
        evidence=(Evidence(claim, exchange, pointer, theirs),),
        explains=case.roll.ids(*Standing),
        explains_all=True,
    )


def _plain(tenant: str) -> str:
    return tenant.strip("{} ").replace("-", "").casefold()
