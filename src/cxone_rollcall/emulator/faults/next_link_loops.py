"""Page links that lead in a circle."""

import re
from dataclasses import dataclass
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, Fault
from cxone_rollcall.emulator.wire import Call, Listing


@dataclass(kw_only=True)
class NextLinkLoops(Fault):
    """The _links.next of each page leads to the page itself, or the last page's leads to the first page."""

    name = "next-link-loops"
    bare = "to"
    contracts = ("incontact",)

    to: Annotated[
        Literal["self", "first"], About("whether each page leads to itself, or the last one to the first")
    ] = "self"

    def listing(self, call: Call, listing: Listing) -> Listing:
        """Change the link."""
        links = listing.members().get("_links")
        if not links:
            return listing
        more, before = links.get("next"), links.get("previous")
        if self.to == "self" and more:
            return listing.with_members(_links={**links, "next": links["self"]})
        if self.to == "first" and before and not more:
            return listing.with_members(_links={**links, "next": re.sub(r"\bskip=\d+", "skip=0", links["self"])})
        return listing
