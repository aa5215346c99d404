"""RC206: does the token belong to the right tenant?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.check import check
from cxone_rollcall.findings.finding import Finding, proven_if
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.observations.access import TokenGranted
from cxone_rollcall.model.observations.base import TenantAsked
from cxone_rollcall.model.observations.probes import BusinessUnitAsked
from cxone_rollcall.model.roll import Standing

_UUID = re.compile(r"[0-9a-f]{32}")


class ForeignTenant(Finding, frozen=True, kw_only=True):
    """
    The token belongs to another tenant than the one in the settings.

    ## What was seen
    The tenant in the token's claims, or else that of the token's business unit; and another one in CXONE_TENANT_ID or
    the profile. SUSPECTED if one of the two is a UUID and the other a name: both may mean the same tenant.
    ## Why agents go missing
    The agents shown, if any, belong to another tenant: no agent of the right tenant was requested.
    ## Fix
    Use the client and the key of the right tenant, or correct CXONE_TENANT_ID.
    ## Not this when
    The settings name no tenant, or neither the token nor its business unit does.
    ## Try it
        CXONE_TENANT_ID=11ed0000-0000-4000-8000-000000000000 rollcall check
    """

    code = "RC206"
    name = "foreign-tenant"
    message = "the token belongs to tenant {theirs}, but the settings name {ours}{doubt}"
    fix = "use the client and key of tenant {ours}, or correct CXONE_TENANT_ID"

    ours: str
    theirs: str
    doubt: str


@check(needs=(TenantAsked, TokenGranted), uses=(BusinessUnitAsked,), finds=(ForeignTenant,))
def tenant_is_ours(case: Case) -> Iterator[Finding]:
    """Does the token belong to the tenant in the settings?"""
    ours, granted, unit = case[TenantAsked].tenant_id, case[TokenGranted], case.get(BusinessUnitAsked)
    theirs, seen = granted.tenant, ("the tenant in the token's claims", granted.exchange, "/access_token")
    if not theirs and unit is not None:
        theirs, seen = unit.tenant, ("the tenant of the token's business unit", unit.exchange, unit.pointer)
    if not ours or not theirs or _plain(ours) == _plain(theirs):
        return
    claim, exchange, pointer = seen
    comparable = bool(_UUID.fullmatch(_plain(ours))) is bool(_UUID.fullmatch(_plain(theirs)))
    yield ForeignTenant(
        ours=ours,
        theirs=theirs,
        doubt="" if comparable else ", which may be two names of one tenant",
        **proven_if(comparable, settle="if it is the right tenant, set CXONE_TENANT_ID as the token names it"),
        evidence=(Evidence(claim, exchange, pointer, theirs),),
        explains=case.roll.ids(*Standing),
        explains_all=True,
    )


def _plain(tenant: str) -> str:
    return tenant.strip("{} ").replace("-", "").casefold()
