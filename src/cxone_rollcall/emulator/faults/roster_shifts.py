"""A roster that changes while it is read."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, Fault, YesNo
from cxone_rollcall.emulator.wire import Call, Listing, Window


@dataclass(kw_only=True)
class RosterShifts(Fault):
    """Between pages, one agent appears twice and another is missed, or the total changes."""

    name = "roster-shifts"
    codes = ("RC503",)
    bare = "how"

    how: Annotated[Literal["repeat", "total"], About("whether rows move to the next page, or the total changes")] = (
        "repeat"
    )
    heals: Annotated[YesNo, About("whether only the first reading is affected; page 1 starts a reading")] = "yes"
    readings: int = field(default=0, init=False, repr=False, compare=False)

    def window(self, call: Call, window: Window) -> Window:
        """Start each page but the first one row early."""
        if call.endpoint != "agents":
            return window
        self.readings += window.page == 1
        return window._replace(start=window.start - 1) if self._strikes("repeat", window) else window

    def listing(self, call: Call, listing: Listing) -> Listing:
        """Keep the page's number of rows, or increase the total with every page."""
        if listing.window is None:
            return listing
        if self._strikes("repeat", listing.window):
            over = listing.window.start + len(listing.rows) == call.tenant.world.agents
            full = len(listing.rows) == listing.window.size
            return listing._replace(rows=listing.rows[:-1]) if over and not full else listing
        if self._strikes("total", listing.window) and listing.total is not None:
            return listing._replace(total=listing.total + listing.window.page - 1)
        return listing

    def _strikes(self, how: str, window: Window) -> bool:
        return self.how == how and window.page > 1 and (self.heals == "no" or self.readings <= 1)
