"""A team that the caller may list, and not watch."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, Fault
from cxone_rollcall.emulator.wire import Call


@dataclass(kw_only=True)
class TeamHidden(Fault):
    """The agents of a chosen team are on the roster, and no answer about states has a row of any of them.

    It shows only beside another team that answers in full. On incontact every other team does, the logged out having
    rows; asked for alone, an agent of the team is refused. On v2 no team answers in full as long as somebody of it is
    off shift, and nobody can be made to work by a fault: what is true stays true. There `others=full` leaves those who
    are not logged in off the roster, but for the chosen team; and the roster must name teams, which it does unless the
    settings say detail="ids". The team has three active agents or more, so that a tenant of a few has none to hide.
    """

    name = "team-hidden"
    codes = ("RC305",)
    bare = "teams"

    teams: Annotated[int, About("how many teams are chosen", least=1)] = 1
    others: Annotated[
        Literal["full", "as-is"],
        About("on v2, whether the roster holds of the other teams only those who are logged in, or everybody"),
    ] = "full"
    kept: frozenset[int] | None = field(default=None, init=False, repr=False, compare=False)

    def visible(self, call: Call, agents: Sequence[int]) -> Sequence[int]:
        """Withhold what the team does, and not who it is."""
        if call.asks_who:
            return agents
        return [index for index in agents if not self._hidden(call, index)]

    def listed(self, call: Call, agents: Sequence[int]) -> Sequence[int]:
        """Leave those who are not logged in off the roster of v2."""
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
