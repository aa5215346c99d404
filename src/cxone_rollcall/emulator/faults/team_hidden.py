"""A team whose states the caller may not see."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, Fault
from cxone_rollcall.emulator.wire import Call


@dataclass(kw_only=True)
class TeamHidden(Fault):
    """The agents of a chosen team are on the roster, but have no state rows.

    A client can notice this only if another team is complete. On incontact all other teams are, because logged-out
    agents have rows; a request for one agent of the hidden team is refused. On v2 a team is complete only if all its
    agents are logged in, so `others=full` removes logged-out agents of the other teams from the roster. The roster
    must name the teams (not with detail="ids"). The chosen team has at least three active agents; a small tenant may
    have no such team.
    """

    name = "team-hidden"
    codes = ("RC305",)
    bare = "teams"

    teams: Annotated[int, About("how many teams are chosen", least=1)] = 1
    others: Annotated[
        Literal["full", "as-is"],
        About("on v2, whether the roster has only the logged-in agents of the other teams, or all"),
    ] = "full"
    kept: frozenset[int] | None = field(default=None, init=False, repr=False, compare=False)

    def visible(self, call: Call, agents: Sequence[int]) -> Sequence[int]:
        """Hide the team's states, but not its roster rows."""
        if call.asks_who:
            return agents
        return [index for index in agents if not self._hidden(call, index)]

    def listed(self, call: Call, agents: Sequence[int]) -> Sequence[int]:
        """Remove logged-out agents of the other teams from the roster of v2."""
        if call.contract != "v2" or self.others == "as-is":
            return agents
        if self.kept is None:
            world, moment = call.tenant.world, call.tenant.moment()
            everyone = range(world.agents)
            self.kept = frozenset(
                index for index in everyone if self._hidden(call, index) or world.stance(index, moment).state
            )
        return [index for index in agents if index in self.kept]

    def _hidden(self, call: Call, index: int) -> bool:
        teams = call.tenant.chosen_teams(self.name, self.teams)
        return call.tenant.world.person(index).team.team_id in teams
