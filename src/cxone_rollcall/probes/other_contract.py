"""Does another contract answer on this host? Asked where the path of ours was not found."""

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
    from cxone_rollcall.model.roll import Roll
    from cxone_rollcall.probes.probe import Questions, Seen

ANSWERS = frozenset({200, 401})
"""Statuses that only a server of that contract gives to a question without credentials."""
UNAUTHORIZED = 401
NOWHERE = "/no-such-path-of-any-contract"


def _pointless(seen: Seen, _roll: Roll) -> str:
    failures = seen.get(Failures)
    if isinstance(failures, Failures) and any(one.kind is FailureKind.NOT_FOUND for one in failures.items):
        return ""
    return "no path was answered with 404"


async def _ask(questions: Questions, _seen: Seen, _roll: Roll) -> Observation:
    (contract, request), *_ = questions.contract.other_contracts()
    status: int | None = None
    try:
        answered = await questions.status_of(request)
    except RequestFailed as failed:
        exchange = failed.failure.exchange
    else:
        exchange, status = answered.exchange, answered.value
    answers = status in ANSWERS and not (status == UNAUTHORIZED and await _asks_everybody(questions, request))
    return OtherContractAsked(
        contract=contract, target=request.target, exchange=exchange, status=status, answers=answers
    )


async def _asks_everybody(questions: Questions, request: Request) -> bool:
    """Tell whether this host says 401 wherever it is asked: then it says nothing of this path."""
    control = replace(request, target=NOWHERE, purpose="does this host answer 401 at any path?")
    try:
        return (await questions.status_of(control)).value == UNAUTHORIZED
    except RequestFailed:
        return False


OTHER_CONTRACT = Probe(gives=OtherContractAsked, cost=2, pointless=_pointless, ask=_ask)
