"""An incomplete list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from cxone_rollcall.emulator.faults.fault import About, AgentFault
from cxone_rollcall.emulator.wire import Call


@dataclass(kw_only=True)
class RowsLost(AgentFault):
    """A few agents are missing from the list of states, but have a state when requested one by one."""

    name = "rows-lost"
    contracts = ("incontact",)

    agents: Annotated[int, About("how many agents are chosen", least=1)] = 2

    def listed(self, call: Call, agents: Sequence[int]) -> Sequence[int]:
        """Leave them out of the list and its total."""
        return self.without(call, agents) if call.endpoint == "states" else agents
