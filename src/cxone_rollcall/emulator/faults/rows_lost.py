"""A list that is not whole, and does not say so."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from cxone_rollcall.emulator.faults.fault import About, Spoilt
from cxone_rollcall.emulator.wire import Call


@dataclass(kw_only=True)
class RowsLost(Spoilt):
    """A few chosen agents have no row in the list of states, and have one when asked for alone."""

    name = "rows-lost"
    contracts = ("incontact",)

    agents: Annotated[int, About("how many agents are chosen", least=1)] = 2

    def listed(self, call: Call, agents: Sequence[int]) -> Sequence[int]:
        """Leave them out of the list, and out of its total."""
        return self.without(call, agents) if call.endpoint == "states" else agents
