"""Probes about agents and their states.

They test the filter's spelling, typed ids, the list without ids, and skill counts.
"""

from __future__ import annotations

from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.failure import Stage, damaged
from cxone_rollcall.model.observations.access import TokenGranted
from cxone_rollcall.model.observations.base import Observation, Observations, Selected
from cxone_rollcall.model.observations.probes import EverybodyAsked, SkillsAsked, StateRespelt, TypedId, TypedIdsAsked
from cxone_rollcall.model.observations.roster import RosterRead
from cxone_rollcall.model.observations.states import (
    AgentsAskedAlone,
    Alone,
    Disagreement,
    StatesAsked,
    StatesFiltered,
    StatesSeen,
)
from cxone_rollcall.model.roll import Roll, Standing
from cxone_rollcall.model.state import meant_state
from cxone_rollcall.probes.json_search import asks_details, plain, rows
from cxone_rollcall.probes.probe import BudgetedClient, Probe

MOST_NAMES = 10
"""Typed names to try. In a longer list the user repeats one mistake."""
IN_A_ROW = 2
"""How often the filter as given is repeated. One for each of two backends."""


# Are other agents logged in? Asked if the only visible agent is the token's own.


def _skill_counts_not_needed(seen: Observations, roll: Roll) -> str:
    granted, roster, selected = seen.get(TokenGranted), seen.get(RosterRead), seen.get(Selected)
    if granted is None or granted.agent_id is None:
        return "the token names no agent"
    if roster is None or (selected is not None and (selected.agents or selected.teams)):
        return "not every agent of the roster was requested"
    with_row = roll.ids(Standing.PRESENT, Standing.LOGGED_OUT)
    alone_on_roster = roster.agents == 1 and [e.agent.agent_id for e in roll.entries] == [granted.agent_id]
    if not alone_on_roster and with_row != (granted.agent_id,):
        return "other agents than the token's own have rows, or none has"
    if alone_on_roster and roster.hidden:
        return "the roster says that there are other agents"
    alone = seen.get(AgentsAskedAlone)
    if alone is not None and alone.of(Alone.FORBIDDEN):
        return "a request for another agent alone was refused"
    return asks_details(seen)


async def _ask_skill_counts(api: BudgetedClient, _seen: Observations, _roll: Roll) -> Observation:
    answered = await api.detail("skills/activity")
    counts = [
        value
        for _, row in rows(answered.value)
        for key, value in row.items()
        if plain(key) == "agentsloggedin" and isinstance(value, int) and not isinstance(value, bool)
    ]
    return SkillsAsked(exchange=answered.exchange, logged_in=max(counts, default=0))


SKILL_COUNTS = Probe(gives=SkillsAsked, cost=1, not_needed=_skill_counts_not_needed, ask=_ask_skill_counts)


# Was the state filter misspelt? Asked with the API's own spelling if the filter matched no agent.


def _meant(seen: Observations) -> tuple[str, tuple[str, ...]] | None:
    """The state that the filter probably means, and the agents in it. None if the filter had rows.

    Only agents whom the filter was asked about: of the others nothing shows that it had no row.
    """
    filtered, seen_rows = seen.get(StatesFiltered), seen.get(StatesSeen)
    if filtered is None or seen_rows is None or filtered.with_row:
        return None
    states = {agent_id: row.state for agent_id, row in seen_rows.rows.items() if agent_id in filtered.asked}
    meant = meant_state(filtered.state, states.values())
    if meant is None:
        return None
    return meant, tuple(agent_id for agent_id, state in states.items() if state == meant)


def _state_spelling_not_needed(seen: Observations, _roll: Roll) -> str:
    if StatesFiltered not in seen:
        return StatesFiltered.unseen
    return "" if _meant(seen) else "the state filter had rows, or resembles no known state"


async def _ask_state_spelling(api: BudgetedClient, seen: Observations, _roll: Roll) -> Observation:
    meant, agents = _meant(seen) or ("", ())
    asked = agents[: api.v2.contract.largest_batch]
    given = seen[StatesFiltered].state

    async def rows_with(state: str) -> tuple[int, int]:
        answered = await api.states(asked, state=state, fresh=True)
        return len({row.agent_id for row in answered.value.rows}.intersection(asked)), answered.exchange

    rows, exchange = await rows_with(meant)
    # The filter as given had no row in the roll call. Twice in a row: two backends may answer alternately, and always
    # the first one this request.
    as_given = given_exchange = 0
    for _ in range(IN_A_ROW):
        if rows and not as_given:
            as_given, given_exchange = await rows_with(given)
    again, again_exchange = await rows_with(meant) if rows and not as_given else (0, 0)
    disagreement = None
    if as_given:
        disagreement = Disagreement(seen[StatesFiltered].asked[asked[0]], given_exchange, 0, as_given)
    elif rows and not again:
        disagreement = Disagreement(again_exchange, exchange, 0, rows)
    return StateRespelt(
        meant=meant,
        rows=rows,
        exchange=exchange,
        agents=agents,
        repeated=again > 0,
        disagreement=disagreement,
    )


STATE_SPELLING = Probe(
    gives=StateRespelt, cost=2 + IN_A_ROW, not_needed=_state_spelling_not_needed, ask=_ask_state_spelling
)


# Does the API give states without ids too? That explains no missing agent, so only `--probes deep` asks.


def _list_without_ids_not_needed(_seen: Observations, _roll: Roll) -> str:
    return "only runs with --probes deep"


def _list_without_ids_not_needed_deep(seen: Observations, roll: Roll) -> str:
    states = seen.get(StatesAsked)
    if states is None or states.listed:
        return "no agent was requested by id"
    if not roll.of(Standing.PRESENT):
        return "no agent has a row by id, so an empty list would prove nothing"
    return ""


async def _ask_list_without_ids(api: BudgetedClient, _seen: Observations, _roll: Roll) -> Observation:
    answered = await api.states(())
    if not answered.value.rows:
        answered = await api.states((), fresh=True)  # with ids there were rows before and after, in other requests
    if answered.value.complaint:
        purpose = "states of all agents, without ids"
        raise RequestFailed(damaged(Stage.PROBE, purpose, answered.exchange, answered.value.complaint))
    return EverybodyAsked(exchange=answered.exchange, rows=len(answered.value.rows))


LIST_WITHOUT_IDS = Probe(
    gives=EverybodyAsked,
    cost=2,
    not_needed=_list_without_ids_not_needed,
    not_needed_deep=_list_without_ids_not_needed_deep,
    ask=_ask_list_without_ids,
)


# Does the API take what the user typed? Asked as typed, with a canary, if the roster has another id for it.


def _typed_otherwise(roll: Roll) -> list[tuple[str, Agent]]:
    """Typed names of agents with a row, except ids, with the agents. A similar text is not enough."""
    rows = roll.of(Standing.PRESENT)
    named = [(typed, entry.agent) for entry in rows if (typed := entry.asked_as) is not None]
    return [(typed, agent) for typed, agent in named if typed != agent.agent_id and agent.is_called(typed)][:MOST_NAMES]


def _typed_ids_not_needed(seen: Observations, roll: Roll) -> str:
    states = seen.get(StatesAsked)
    if states is not None and states.listed:
        return "the states were read as one list, without ids"
    return "" if _typed_otherwise(roll) else "every agent was requested by an internal id"


async def _ask_typed_ids(api: BudgetedClient, _seen: Observations, roll: Roll) -> Observation:
    items: list[TypedId] = []
    for typed, agent in _typed_otherwise(roll):
        if items and not api.left:
            break
        canary = agent.agent_id
        try:
            answered = await api.states((canary, typed))
        except RequestFailed as failed:
            items.append(
                TypedId(typed=typed, agent_id=canary, row=False, vouched=False, exchange=failed.failure.exchange)
            )
            continue
        if answered.value.complaint:
            continue  # an agent without a row here may have one
        found = {row.agent_id for row in answered.value.rows}
        fits = canary in found and found <= {canary, typed}
        items.append(
            TypedId(
                typed=typed,
                agent_id=canary,
                row=typed in found,
                vouched=fits,
                exchange=answered.exchange,
            )
        )
    return TypedIdsAsked(items=tuple(items))


TYPED_IDS = Probe(gives=TypedIdsAsked, cost=MOST_NAMES, not_needed=_typed_ids_not_needed, ask=_ask_typed_ids)
