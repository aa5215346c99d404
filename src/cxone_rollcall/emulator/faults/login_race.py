"""Agents who have just logged in."""

from dataclasses import dataclass, field
from typing import Annotated

from cxone_rollcall.emulator.faults.fault import About, AgentFault
from cxone_rollcall.emulator.wire import Call


@dataclass(kw_only=True)
class LoginRace(AgentFault):
    """A chosen agent has no state row at first; it appears at the second request, or a later one."""

    name = "login-race"
    codes = ("RC604",)
    bare = "asks"

    asks: Annotated[int, About("the number of the request that returns the row", least=1)] = 2
    asked: dict[str, int] = field(default_factory=dict, init=False, repr=False, compare=False)

    def ids(self, call: Call, ids: tuple[str, ...]) -> tuple[str, ...]:
        """Leave out chosen agents who have not been asked for often enough."""
        early = set()
        for agent_id in self.chosen(call).intersection(ids):
            self.asked[agent_id] = self.asked.get(agent_id, 0) + 1
            if self.asked[agent_id] < self.asks:
                early.add(agent_id)
        return tuple(agent_id for agent_id in ids if agent_id not in early)
