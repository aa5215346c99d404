"""Does the API give states without ids too? That explains no missing agent, so only `--probes deep` asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.failure import Failure, FailureKind, Stage
from cxone_rollcall.model.observations.base import Observation, Observations
from cxone_rollcall.model.observations.probes import EverybodyAsked
from cxone_rollcall.model.observations.states import StatesAsked
from cxone_rollcall.model.roll import Roll, Standing
from cxone_rollcall.probes.probe import Probe

if TYPE_CHECKING:
    from cxone_rollcall.probes.probe import BudgetedClient


def _not_needed(_seen: Observations, _roll: Roll) -> str:
    return "only runs with --probes deep"


def _not_needed_deep(seen: Observations, roll: Roll) -> str:
    states = seen.get(StatesAsked)
    if states is None or states.listed:
        return "no agent was requested by id"
    if not roll.of(Standing.PRESENT):
        return "no agent has a row by id, so an empty list would prove nothing"
    return ""


async def _ask(api: BudgetedClient, _seen: Observations, _roll: Roll) -> Observation:
    answered = await api.states(())
    if answered.value.complaint:
        raise RequestFailed(
            Failure(
                kind=FailureKind.DAMAGED,
                stage=Stage.PROBE,
                purpose="states of all agents, without ids",
                exchange=answered.exchange,
                detail=answered.value.complaint,
            )
        )
    return EverybodyAsked(exchange=answered.exchange, rows=len(answered.value.rows))


LIST_WITHOUT_IDS = Probe(
    gives=EverybodyAsked, cost=1, not_needed=_not_needed, not_needed_deep=_not_needed_deep, ask=_ask
)
