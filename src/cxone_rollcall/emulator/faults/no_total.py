"""The roster does not say how many agents there are."""

from dataclasses import dataclass

from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.wire import Call, Listing


@dataclass(kw_only=True)
class NoTotal(Fault):
    """The roster has no totalCount. Odd, and no fault."""

    name = "no-total"

    def listing(self, call: Call, listing: Listing) -> Listing:
        """Leave the total out."""
        return listing._replace(total=None)
