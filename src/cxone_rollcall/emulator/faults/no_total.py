"""A roster without a total."""

from dataclasses import dataclass

from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.wire import Call, Listing


@dataclass(kw_only=True)
class NoTotal(Fault):
    """The roster has no totalCount. Unusual, but not an error."""

    name = "no-total"

    def listing(self, call: Call, listing: Listing) -> Listing:
        """Remove the total."""
        return listing._replace(total=None)
