"""Whose token is it? Asked where a tenant is pinned and the token names none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.model.observations.access import TokenGranted
from cxone_rollcall.model.observations.base import Failures, Observation, TenantAsked
from cxone_rollcall.model.observations.probes import BusinessUnitAsked
from cxone_rollcall.probes.json_search import asks_details, values
from cxone_rollcall.probes.probe import Probe

if TYPE_CHECKING:
    from cxone_rollcall.model.roll import Roll
    from cxone_rollcall.probes.probe import Questions, Seen


def _pointless(seen: Seen, _roll: Roll) -> str:
    tenant, granted, failures = seen.get(TenantAsked), seen.get(TokenGranted), seen.get(Failures)
    if not isinstance(tenant, TenantAsked) or not tenant.tenant_id:
        return "no tenant is pinned"
    if not isinstance(granted, TokenGranted):
        return "no token was granted"
    if granted.tenant:
        return "the token names its tenant"
    if isinstance(failures, Failures) and not failures.answered:
        return "nothing was answered"
    return asks_details(seen)


async def _ask(questions: Questions, _seen: Seen, _roll: Roll) -> Observation:
    answered = await questions.detail("business-unit")
    named = [(pointer, value) for pointer, value in values(answered.value, "tenantid") if value]
    if len({value.casefold() for _, value in named}) != 1:  # none, or several: then none of them is the token's
        return BusinessUnitAsked(exchange=answered.exchange, tenant=None)
    pointer, tenant = named[0]
    return BusinessUnitAsked(exchange=answered.exchange, tenant=tenant, pointer=pointer)


BUSINESS_UNIT = Probe(gives=BusinessUnitAsked, cost=1, pointless=_pointless, ask=_ask)
