"""An empty roster."""

from dataclasses import dataclass
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, Fault
from cxone_rollcall.emulator.wire import Answer, Call, Listing


@dataclass(kw_only=True)
class RosterEmpty(Fault):
    """The roster has no agents."""

    name = "roster-empty"
    codes = ("RC501",)
    bare = "total"

    total: Annotated[Literal["0", "absent", "204"], About("the total: zero, absent, or a 204 without a body")] = "0"

    def listing(self, call: Call, listing: Listing) -> Listing:
        """Remove all rows."""
        if call.endpoint != "agents":
            return listing
        return listing._replace(rows=[], total=0 if self.total == "0" else None)

    def after(self, call: Call, answer: Answer) -> Answer:
        """Return a 204."""
        if self.total != "204" or call.endpoint != "agents" or answer.status != 200:
            return answer
        return Answer(204, content_type="")
