"""Does the API take what the user typed? Asked as typed, with a canary, if the roster has another id for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.observations.base import Observation, Observations
from cxone_rollcall.model.observations.probes import TypedId, TypedIdsAsked
from cxone_rollcall.model.observations.states import StatesAsked
from cxone_rollcall.model.roll import Roll, RollEntry, Standing
from cxone_rollcall.probes.probe import Probe

if TYPE_CHECKING:
    from cxone_rollcall.probes.probe import BudgetedClient

MOST_ASKED = 10
"""Names to try: in a longer list the user made the same mistake many times."""


def _typed_otherwise(roll: Roll) -> list[RollEntry]:
    """Agents that the user typed by another name than their id, and that have a row."""
    named = [entry for entry in roll.entries if entry.asked_as is not None]
    return [entry for entry in named if _by_another_name(entry) and entry.standing is Standing.PRESENT][:MOST_ASKED]


def _by_another_name(entry: RollEntry) -> bool:
    """Whether the roster has the typed text as a name of this agent; a similar text is not enough."""
    agent, typed = entry.agent, (entry.asked_as or "").strip().casefold()
    names = (agent.user_name, agent.email, agent.name, agent.user_id)
    return typed not in ("", agent.agent_id) and typed in {(name or "").strip().casefold() for name in names}


def _not_needed(seen: Observations, roll: Roll) -> str:
    states = seen.get(StatesAsked)
    if states is not None and states.listed:
        return "the states were read as one list, without ids"
    return "" if _typed_otherwise(roll) else "every agent was requested by an internal id"


async def _ask(api: BudgetedClient, _seen: Observations, roll: Roll) -> Observation:
    items: list[TypedId] = []
    for entry in _typed_otherwise(roll):
        if items and not api.left:
            break
        typed = entry.asked_as or ""
        canary = entry.agent.agent_id
        try:
            answered = await api.states((canary, typed))
        except RequestFailed as failed:
            items.append(
                TypedId(typed=typed, agent_id=canary, row=False, vouched=False, exchange=failed.failure.exchange)
            )
            continue
        if answered.value.complaint:
            continue  # an agent without a row here may have one
        rows = {row.agent_id for row in answered.value.rows}
        items.append(
            TypedId(typed=typed, agent_id=canary, row=typed in rows, vouched=canary in rows, exchange=answered.exchange)
        )
    return TypedIdsAsked(items=tuple(items))


TYPED_IDS = Probe(gives=TypedIdsAsked, cost=MOST_ASKED, not_needed=_not_needed, ask=_ask)
