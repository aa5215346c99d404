"""Which tenant does the token belong to? Asked if a tenant is pinned and the token names none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.model.observations.access import TokenGranted
from cxone_rollcall.model.observations.base import Failures, Observation, Observations, TenantAsked
from cxone_rollcall.model.observations.probes import BusinessUnitAsked
from cxone_rollcall.model.roll import Roll
from cxone_rollcall.probes.json_search import asks_details, values
from cxone_rollcall.probes.probe import Probe

if TYPE_CHECKING:
    from cxone_rollcall.probes.probe import BudgetedClient


def _not_needed(seen: Observations, _roll: Roll) -> str:
    tenant, granted, failures = seen.get(TenantAsked), seen.get(TokenGranted), seen.get(Failures)
    if tenant is None or not tenant.tenant_id:
        return "no tenant is pinned"
    if granted is None:
        return TokenGranted.unseen
    if granted.tenant:
        return "the token names its tenant"
    if failures is not None and not failures.answered:
        return "no request had a response"
    return asks_details(seen)


async def _ask(api: BudgetedClient, _seen: Observations, _roll: Roll) -> Observation:
    answered = await api.detail("business-unit")
    named = [(pointer, value) for pointer, value in values(answered.value, "tenantid") if value]
    if len({value.casefold() for _, value in named}) != 1:  # none or several: unclear which is the token's
        return BusinessUnitAsked(exchange=answered.exchange, tenant=None)
    pointer, tenant = named[0]
    return BusinessUnitAsked(exchange=answered.exchange, tenant=tenant, pointer=pointer)


BUSINESS_UNIT = Probe(gives=BusinessUnitAsked, cost=1, not_needed=_not_needed, ask=_ask)
