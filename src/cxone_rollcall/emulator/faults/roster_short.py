"""A total above the number of agents."""

from dataclasses import dataclass
from typing import Annotated

from cxone_rollcall.emulator.faults.fault import About, Fault
from cxone_rollcall.emulator.wire import Call, Listing


@dataclass(kw_only=True)
class RosterShort(Fault):
    """The roster's total is higher than the number of agents on its pages."""

    name = "roster-short"
    codes = ("RC504",)
    bare = "missing"

    missing: Annotated[int, About("how many agents are counted but not listed", least=1)] = 3

    def listing(self, call: Call, listing: Listing) -> Listing:
        """Increase the total."""
        if listing.window is None or listing.total is None:
            return listing
        return listing._replace(total=listing.total + self.missing)
