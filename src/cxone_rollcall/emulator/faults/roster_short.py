"""The server counts more agents than it names."""

from dataclasses import dataclass
from typing import Annotated

from cxone_rollcall.emulator.faults.fault import About, Fault
from cxone_rollcall.emulator.wire import Call, Listing


@dataclass(kw_only=True)
class RosterShort(Fault):
    """The total of the roster is higher than the number of agents on all its pages."""

    name = "roster-short"
    codes = ("RC504",)
    bare = "missing"

    missing: Annotated[int, About("how many agents are counted and not named", least=1)] = 3

    def listing(self, call: Call, listing: Listing) -> Listing:
        """Count more."""
        if listing.window is None or listing.total is None:
            return listing
        return listing._replace(total=listing.total + self.missing)
