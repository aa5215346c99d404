"""The server truncates a batch without saying so."""

from dataclasses import dataclass
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, Fault
from cxone_rollcall.emulator.wire import Call, Listing


@dataclass(kw_only=True)
class BatchCut(Fault):
    """The server truncates: it returns at most N rows of states, or reads only the first N ids of a request."""

    name = "batch-cut"
    codes = ("RC405",)
    bare = "limit"

    limit: Annotated[int, About("how many rows or ids", least=1)] = 37
    how: Annotated[Literal["rows", "ids"], About("whether rows or ids are truncated")] = "rows"

    def ids(self, call: Call, ids: tuple[str, ...]) -> tuple[str, ...]:
        """Keep the first ids."""
        return ids[: self.limit] if self.how == "ids" else ids

    def listing(self, call: Call, listing: Listing) -> Listing:
        """Keep the first rows."""
        if call.endpoint != "states" or self.how != "rows":
            return listing
        return listing._replace(rows=listing.rows[: self.limit])
