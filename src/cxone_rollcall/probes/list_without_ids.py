"""Are states given without ids too? It explains nobody who is missing, so it is asked only where all is to be known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.failure import Failure, FailureKind, Stage
from cxone_rollcall.model.observations.base import Observation
from cxone_rollcall.model.observations.probes import EverybodyAsked
from cxone_rollcall.model.observations.states import StatesAsked
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.probes.probe import Probe

if TYPE_CHECKING:
    from cxone_rollcall.model.roll import Roll
    from cxone_rollcall.probes.probe import Questions, Seen


def _pointless(_seen: Seen, _roll: Roll) -> str:
    return "it explains nobody who is missing: asked with --probes deep"


def _says_nothing(seen: Seen, roll: Roll) -> str:
    states = seen.get(StatesAsked)
    if not isinstance(states, StatesAsked) or states.listed:
        return "nobody was asked for by id"
    if not roll.of(Standing.PRESENT):
        return "nobody has a row by id, so that an empty list would say nothing"
    return ""


async def _ask(questions: Questions, _seen: Seen, _roll: Roll) -> Observation:
    answered = await questions.states(())
    if answered.value.complaint:
        raise RequestFailed(
            Failure(
                kind=FailureKind.DAMAGED,
                stage=Stage.PROBE,
                purpose="states of everybody, without ids",
                exchange=answered.exchange,
                detail=answered.value.complaint,
            )
        )
    return EverybodyAsked(exchange=answered.exchange, rows=len(answered.value.rows))


EVERYBODY = Probe(gives=EverybodyAsked, cost=1, pointless=_pointless, says_nothing=_says_nothing, ask=_ask)
