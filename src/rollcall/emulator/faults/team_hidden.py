"""The caller may not see one of the teams."""

from dataclasses import dataclass

from rollcall.emulator.faults.base import Fault
from rollcall.emulator.wire import Call


@dataclass(kw_only=True)
class TeamHidden(Fault):
    """The states of one whole team are not answered; the roster has its agents."""

    name = "team-hidden"
    codes = ("RC305",)

    def ids(self, call: Call, ids: tuple[str, ...]) -> tuple[str, ...]:
        """Look nobody of that team up."""
        hidden = {self._team(call, agent_id) for agent_id in call.tenant.chosen(self.name, 1)}
        return tuple(agent_id for agent_id in ids if self._team(call, agent_id) not in hidden)

    def _team(self, call: Call, agent_id: str) -> int | None:
        world = call.tenant.world
        index = world.index(agent_id)
        return None if index is None else world.person(index).team.team_id
