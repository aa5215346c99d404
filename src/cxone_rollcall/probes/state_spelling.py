"""Was the state filter misspelt? Asked with the spelling that the API itself uses, where the filter had no row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.model.observations.base import Observation
from cxone_rollcall.model.observations.probes import StateRespelt
from cxone_rollcall.model.observations.states import StatesFiltered, StatesSeen
from cxone_rollcall.model.state import meant_state
from cxone_rollcall.probes.probe import Probe

if TYPE_CHECKING:
    from cxone_rollcall.model.roll import Roll
    from cxone_rollcall.probes.probe import Questions, Seen


def _meant(seen: Seen) -> tuple[str, tuple[str, ...]] | None:
    """Return the state that the filter comes close to and the agents in it; None where the filter had rows."""
    filtered, rows = seen.get(StatesFiltered), seen.get(StatesSeen)
    if not isinstance(filtered, StatesFiltered) or not isinstance(rows, StatesSeen) or filtered.with_row:
        return None
    meant = meant_state(filtered.state, (row.state for row in rows.rows.values()))
    if meant is None:
        return None
    return meant, tuple(agent_id for agent_id, row in rows.rows.items() if row.state == meant)


def _pointless(seen: Seen, _roll: Roll) -> str:
    if StatesFiltered not in seen:
        return "no state filter was sent"
    return "" if _meant(seen) else "the state filter had rows, or comes close to no state"


async def _ask(questions: Questions, seen: Seen, _roll: Roll) -> Observation:
    meant, agents = _meant(seen) or ("", ())
    asked = agents[: questions.largest_batch]
    answered = await questions.states(asked, state=meant)
    rows = {row.agent_id for row in answered.value.rows}
    return StateRespelt(meant=meant, rows=len(rows.intersection(asked)), exchange=answered.exchange, agents=agents)


RESPELT_STATE = Probe(gives=StateRespelt, cost=1, pointless=_pointless, ask=_ask)
