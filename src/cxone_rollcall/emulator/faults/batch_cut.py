"""The server answers for some of the agents that it was asked for, and says nothing of the rest."""

from dataclasses import dataclass
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, Fault
from cxone_rollcall.emulator.wire import Call, Listing


@dataclass(kw_only=True)
class BatchCut(Fault):
    """A request for states is answered with N rows at most, or for its first N ids only, however many were asked."""

    name = "batch-cut"
    codes = ("RC405",)
    bare = "limit"

    limit: Annotated[int, About("how many rows or ids", least=1)] = 37
    how: Annotated[Literal["rows", "ids"], About("whether rows are cut, or ids before they are looked up")] = "rows"

    def ids(self, call: Call, ids: tuple[str, ...]) -> tuple[str, ...]:
        """Look up the first ids alone."""
        return ids[: self.limit] if self.how == "ids" else ids

    def listing(self, call: Call, listing: Listing) -> Listing:
        """Answer the first rows alone."""
        if call.endpoint != "states" or self.how != "rows":
            return listing
        return listing._replace(rows=listing.rows[: self.limit])
