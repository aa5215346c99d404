"""Is what the user typed an internal id? Asked as typed, beside a canary, where the roster has it under another id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rollcall.errors import RequestFailed
from rollcall.model.failure import Where
from rollcall.model.observation import Observation, StatesAsked
from rollcall.model.probed import TypedId, TypedIdsAsked
from rollcall.model.roll import Standing
from rollcall.probes.base import Probe

if TYPE_CHECKING:
    from rollcall.client import Client
    from rollcall.model.roll import Roll, RollEntry
    from rollcall.probes.base import Seen

MOST_ASKED = 10
"""One proof each is what the user wants for a few names; a long list of names is one mistake made many times."""


def _typed_otherwise(roll: Roll) -> list[RollEntry]:
    """The agents whom the user named, who answered, and not by the id that the user typed."""
    return [
        entry
        for entry in roll.entries
        if entry.asked_as not in (None, entry.agent.agent_id) and entry.standing is Standing.PRESENT
    ][:MOST_ASKED]


def _pointless(seen: Seen, roll: Roll) -> str:
    states = seen.get(StatesAsked)
    if isinstance(states, StatesAsked) and states.listed:
        return "the states were read as one list, without ids"
    return "" if _typed_otherwise(roll) else "every agent was asked for by an internal id"


async def _ask(client: Client, _seen: Seen, roll: Roll) -> Observation:
    items = []
    for entry in _typed_otherwise(roll):
        typed = entry.asked_as or ""
        canary = entry.agent.agent_id
        try:
            answered = await client.states((canary, typed), where=Where.PROBE)
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


TYPED_IDS = Probe(gives=TypedIdsAsked, pointless=_pointless, ask=_ask)
