"""Agents that the caller's data restrictions keep back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from cxone_rollcall.emulator.faults.fault import About, Spoilt
from cxone_rollcall.emulator.wire import Call


@dataclass(kw_only=True)
class HiddenAgents(Spoilt):
    """A few chosen agents are withheld from roster and states, and hiddenAgents counts them."""

    name = "hidden-agents"
    codes = ("RC304",)
    contracts = ("incontact",)

    agents: Annotated[int, About("how many agents are chosen", least=1)] = 3

    def visible(self, call: Call, agents: Sequence[int]) -> Sequence[int]:
        """Withhold them."""
        return self.without(call, agents)
