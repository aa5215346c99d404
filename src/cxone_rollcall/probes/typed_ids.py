"""Is what the user typed an internal id? Asked as typed, beside a canary, where the roster has it under another id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.observations.base import Observation
from cxone_rollcall.model.observations.probes import TypedId, TypedIdsAsked
from cxone_rollcall.model.observations.states import StatesAsked
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.probes.probe import Probe

if TYPE_CHECKING:
    from cxone_rollcall.model.roll import Roll, RollEntry
    from cxone_rollcall.probes.probe import Questions, Seen

MOST_ASKED = 10
"""One proof each is what the user wants for a few names; a long list of names is one mistake made many times."""


def _typed_otherwise(roll: Roll) -> list[RollEntry]:
    """The agents whom the user named by another name of theirs than their id, and who answered."""
    named = [entry for entry in roll.entries if entry.asked_as is not None]
    return [entry for entry in named if _by_another_name(entry) and entry.standing is Standing.PRESENT][:MOST_ASKED]


def _by_another_name(entry: RollEntry) -> bool:
    """Tell whether what was typed is on the roster as this agent's; what only comes near it is nobody's id."""
    agent, typed = entry.agent, (entry.asked_as or "").strip().casefold()
    names = (agent.user_name, agent.email, agent.name, agent.user_id)
    return typed not in ("", agent.agent_id) and typed in {(name or "").strip().casefold() for name in names}


def _pointless(seen: Seen, roll: Roll) -> str:
    states = seen.get(StatesAsked)
    if isinstance(states, StatesAsked) and states.listed:
        return "the states were read as one list, without ids"
    return "" if _typed_otherwise(roll) else "every agent was asked for by an internal id"


async def _ask(questions: Questions, _seen: Seen, roll: Roll) -> Observation:
    items: list[TypedId] = []
    for entry in _typed_otherwise(roll):
        if items and not questions.left:
            break
        typed = entry.asked_as or ""
        canary = entry.agent.agent_id
        try:
            answered = await questions.states((canary, typed))
        except RequestFailed as failed:
            items.append(
                TypedId(typed=typed, agent_id=canary, row=False, vouched=False, exchange=failed.failure.exchange)
            )
            continue
        if answered.value.complaint:
            continue  # who has no row in such an answer may have one
        rows = {row.agent_id for row in answered.value.rows}
        items.append(
            TypedId(typed=typed, agent_id=canary, row=typed in rows, vouched=canary in rows, exchange=answered.exchange)
        )
    return TypedIdsAsked(items=tuple(items))


TYPED_IDS = Probe(gives=TypedIdsAsked, cost=MOST_ASKED, pointless=_pointless, ask=_ask)
