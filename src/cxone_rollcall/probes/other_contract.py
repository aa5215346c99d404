"""Does this host serve the other contract? Asked if our path returned 404."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.observations.base import Failures, Observation
from cxone_rollcall.model.observations.probes import OtherContractAsked
from cxone_rollcall.model.struct import replace
from cxone_rollcall.probes.probe import Probe

if TYPE_CHECKING:
    from cxone_rollcall.model.exchange import Request
    from cxone_rollcall.model.observations.base import Observations
    from cxone_rollcall.model.roll import Roll
    from cxone_rollcall.probes.probe import BudgetedClient

ANSWERS = frozenset({200, 401})
"""Statuses that show a served path, for a request without credentials."""
UNAUTHORIZED = 401
NOWHERE = "/no-such-path-of-any-contract"


def _not_needed(seen: Observations, _roll: Roll) -> str:
    failures = seen.get(Failures)
    if failures is not None and any(one.kind is FailureKind.NOT_FOUND for one in failures.items):
        return ""
    return "no request returned 404"


async def _ask(api: BudgetedClient, _seen: Observations, _roll: Roll) -> Observation:
    (contract, request), *_ = api.client.contract.other_contracts()
    status: int | None = None
    try:
        answered = await api.status_of(request)
    except RequestFailed as failed:
        exchange = failed.failure.exchange
    else:
        exchange, status = answered.exchange, answered.value
    answers = status in ANSWERS and not (status == UNAUTHORIZED and await _always_unauthorized(api, request))
    return OtherContractAsked(
        contract=contract, target=request.target, exchange=exchange, status=status, answers=answers
    )


async def _always_unauthorized(api: BudgetedClient, request: Request) -> bool:
    """Whether this host returns 401 for any path: then 401 proves nothing about ours."""
    control = replace(request, target=NOWHERE, purpose="does this host return 401 for any path?")
    try:
        return (await api.status_of(control)).value == UNAUTHORIZED
    except RequestFailed:
        return False


OTHER_CONTRACT = Probe(gives=OtherContractAsked, cost=2, not_needed=_not_needed, ask=_ask)
