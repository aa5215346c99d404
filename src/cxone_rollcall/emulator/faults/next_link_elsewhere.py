"""Page links that lead to another host."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from cxone_rollcall.emulator.faults.discovery_wrong import ELSEWHERE
from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.wire import Call, Listing


@dataclass(kw_only=True)
class NextLinkElsewhere(Fault):
    """The _links of the lists name a host that does not exist; path and query are right."""

    name = "next-link-elsewhere"
    contracts = ("incontact",)

    def listing(self, call: Call, listing: Listing) -> Listing:
        """Change the host of each link."""
        links = listing.members().get("_links")
        if not links:
            return listing
        return listing.with_members(_links={name: _elsewhere(link) for name, link in links.items()})


def _elsewhere(link: str | None) -> str | None:
    if link is None:
        return None
    parts = urlsplit(link)
    return f"{ELSEWHERE}{parts.path}?{parts.query}"
