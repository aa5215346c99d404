"""An id that breaks every batch it is in."""

from dataclasses import dataclass
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, AgentFault
from cxone_rollcall.emulator.wire import Answer, Call, Listing, problem


@dataclass(kw_only=True)
class PoisonId(AgentFault):
    """A batch that includes a chosen agent returns nothing, even if that agent is the only one."""

    name = "poison-id"
    codes = ("RC403",)
    contracts = ("v2",)

    how: Annotated[Literal["empty", "400", "404"], About("the response: no rows, or this status")] = "empty"

    def listing(self, call: Call, listing: Listing) -> Listing:
        """Remove all rows."""
        return listing._replace(rows=[]) if self.how == "empty" and self.hits(call) else listing

    def after(self, call: Call, answer: Answer) -> Answer:
        """Return the status."""
        if self.how == "empty" or answer.status != 200 or not self.hits(call):
            return answer
        return problem(int(self.how), "One of the agents could not be resolved.")
