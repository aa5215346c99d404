"""Agents hidden by data restrictions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from cxone_rollcall.emulator.faults.fault import About, AgentFault
from cxone_rollcall.emulator.wire import Call


@dataclass(kw_only=True)
class HiddenAgents(AgentFault):
    """A few agents are missing from roster and states; hiddenAgents counts them."""

    name = "hidden-agents"
    codes = ("RC304",)
    contracts = ("incontact",)

    agents: Annotated[int, About("how many agents are chosen", least=1)] = 3

    def visible(self, call: Call, agents: Sequence[int]) -> Sequence[int]:
        """Leave them out."""
        return self.without(call, agents)
