"""Are others logged in? Asked where nobody is seen but the token's own agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.model.observations.access import TokenGranted
from cxone_rollcall.model.observations.base import Observation, Selected
from cxone_rollcall.model.observations.probes import SkillsAsked
from cxone_rollcall.model.observations.roster import RosterRead
from cxone_rollcall.model.observations.states import AgentsAskedAlone, Alone
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.probes.json_search import asks_details, plain, rows
from cxone_rollcall.probes.probe import Probe

if TYPE_CHECKING:
    from cxone_rollcall.model.roll import Roll
    from cxone_rollcall.probes.probe import Questions, Seen


def _pointless(seen: Seen, roll: Roll) -> str:
    granted, roster, selected = seen.get(TokenGranted), seen.get(RosterRead), seen.get(Selected)
    if not isinstance(granted, TokenGranted) or granted.agent_id is None:
        return "the token names no agent"
    if not isinstance(roster, RosterRead) or (isinstance(selected, Selected) and (selected.agents or selected.teams)):
        return "not the whole roster was called"
    with_row = roll.ids(Standing.PRESENT, Standing.LOGGED_OUT)
    alone_on_roster = roster.agents == 1 and [e.agent.agent_id for e in roll.entries] == [granted.agent_id]
    if not alone_on_roster and with_row != (granted.agent_id,):
        return "others than the token's own agent are seen, or nobody is"
    if alone_on_roster and roster.hidden:
        return "the roster itself says that there are others"
    alone = seen.get(AgentsAskedAlone)
    if isinstance(alone, AgentsAskedAlone) and any(item.said is Alone.FORBIDDEN for item in alone.items):
        return "another agent was refused when asked for alone"
    return asks_details(seen)


async def _ask(questions: Questions, _seen: Seen, _roll: Roll) -> Observation:
    answered = await questions.detail("skills/activity")
    counts = [
        value
        for _, row in rows(answered.value)
        for key, value in row.items()
        if plain(key) == "agentsloggedin" and isinstance(value, int) and not isinstance(value, bool)
    ]
    return SkillsAsked(exchange=answered.exchange, logged_in=max(counts, default=0))


SKILLS = Probe(gives=SkillsAsked, cost=1, pointless=_pointless, ask=_ask)
