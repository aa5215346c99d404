"""Does this host serve the other contract? Asked if our path returned 404."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.client import probe_contract
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.observations.base import Failures, Observation, Observations
from cxone_rollcall.model.observations.probes import OtherContractAsked
from cxone_rollcall.model.roll import Roll
from cxone_rollcall.probes.probe import Probe

if TYPE_CHECKING:
    from cxone_rollcall.probes.probe import BudgetedClient


def _not_needed(seen: Observations, _roll: Roll) -> str:
    failures = seen.get(Failures)
    if failures is not None and any(one.kind is FailureKind.NOT_FOUND for one in failures.items):
        return ""
    return "no request returned 404"


async def _ask(api: BudgetedClient, _seen: Observations, _roll: Roll) -> Observation:
    (contract, request), *_ = api.client.contract.other_contracts()
    found = await probe_contract(api.status_of, request)
    return OtherContractAsked(
        contract=contract, target=request.target, exchange=found.exchange, status=found.status, answers=found.supported
    )


OTHER_CONTRACT = Probe(gives=OtherContractAsked, cost=2, not_needed=_not_needed, ask=_ask)
