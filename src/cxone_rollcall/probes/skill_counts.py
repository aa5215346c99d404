"""Are other agents logged in? Asked if the only visible agent is the token's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.model.observations.access import TokenGranted
from cxone_rollcall.model.observations.base import Observation, Observations, Selected
from cxone_rollcall.model.observations.probes import SkillsAsked
from cxone_rollcall.model.observations.roster import RosterRead
from cxone_rollcall.model.observations.states import AgentsAskedAlone, Alone
from cxone_rollcall.model.roll import Roll, Standing
from cxone_rollcall.probes.json_search import asks_details, plain, rows
from cxone_rollcall.probes.probe import Probe

if TYPE_CHECKING:
    from cxone_rollcall.probes.probe import BudgetedClient


def _not_needed(seen: Observations, roll: Roll) -> str:
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
    if alone is not None and any(item.said is Alone.FORBIDDEN for item in alone.items):
        return "a request for another agent alone was refused"
    return asks_details(seen)


async def _ask(api: BudgetedClient, _seen: Observations, _roll: Roll) -> Observation:
    answered = await api.detail("skills/activity")
    counts = [
        value
        for _, row in rows(answered.value)
        for key, value in row.items()
        if plain(key) == "agentsloggedin" and isinstance(value, int) and not isinstance(value, bool)
    ]
    return SkillsAsked(exchange=answered.exchange, logged_in=max(counts, default=0))


SKILL_COUNTS = Probe(gives=SkillsAsked, cost=1, not_needed=_not_needed, ask=_ask)
