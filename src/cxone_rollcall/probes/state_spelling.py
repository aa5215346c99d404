"""Was the state filter misspelt? Asked with the API's own spelling if the filter matched no agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.model.observations.base import Observation, Observations
from cxone_rollcall.model.observations.probes import StateRespelt
from cxone_rollcall.model.observations.states import StatesFiltered, StatesSeen
from cxone_rollcall.model.roll import Roll
from cxone_rollcall.model.state import meant_state
from cxone_rollcall.probes.probe import Probe

if TYPE_CHECKING:
    from cxone_rollcall.probes.probe import BudgetedClient


def _meant(seen: Observations) -> tuple[str, tuple[str, ...]] | None:
    """The state that the filter probably means, and the agents in it. None if the filter had rows."""
    filtered, rows = seen.get(StatesFiltered), seen.get(StatesSeen)
    if filtered is None or rows is None or filtered.with_row:
        return None
    meant = meant_state(filtered.state, (row.state for row in rows.rows.values()))
    if meant is None:
        return None
    return meant, tuple(agent_id for agent_id, row in rows.rows.items() if row.state == meant)


def _not_needed(seen: Observations, _roll: Roll) -> str:
    if StatesFiltered not in seen:
        return StatesFiltered.unseen
    return "" if _meant(seen) else "the state filter had rows, or resembles no known state"


async def _ask(api: BudgetedClient, seen: Observations, _roll: Roll) -> Observation:
    meant, agents = _meant(seen) or ("", ())
    asked = agents[: api.v2.contract.largest_batch]
    answered = await api.states(asked, state=meant)
    rows = {row.agent_id for row in answered.value.rows}
    return StateRespelt(meant=meant, rows=len(rows.intersection(asked)), exchange=answered.exchange, agents=agents)


STATE_SPELLING = Probe(gives=StateRespelt, cost=1, not_needed=_not_needed, ask=_ask)
