"""Agents at work without a state."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from cxone_rollcall.emulator.faults.fault import About, AgentFault
from cxone_rollcall.emulator.wire import Call


@dataclass(kw_only=True)
class SeenElsewhere(AgentFault):
    """A few agents have no state row, even alone, but an open contact and an open login."""

    name = "seen-elsewhere"
    codes = ("RC606",)
    contracts = ("incontact",)

    agents: Annotated[int, About("how many agents are chosen", least=1)] = 2

    def listed(self, call: Call, agents: Sequence[int]) -> Sequence[int]:
        """Leave them out of the list of states."""
        return self.without(call, agents) if call.endpoint == "states" else agents

    def ids(self, call: Call, ids: tuple[str, ...]) -> tuple[str, ...]:
        """Drop them from the ids."""
        return tuple(agent_id for agent_id in ids if agent_id not in self.chosen(call))

    def engaged(self, call: Call) -> frozenset[str]:
        """Give each of them a contact; they are logged in already."""
        return self.chosen(call)
