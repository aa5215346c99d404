"""Rosters and lists that are capped, shifted, short or linked wrongly."""

import re
from dataclasses import field
from typing import Annotated, Literal
from urllib.parse import urlsplit

from cxone_rollcall.emulator.faults.fault import About, Fault, YesNo
from cxone_rollcall.emulator.faults.server import ELSEWHERE
from cxone_rollcall.emulator.wire import Answer, Call, Listing, Window

EVERYBODY = 10_000_000
"""Rows of a page that has every agent."""


class RosterEmpty(Fault, name="roster-empty", codes=("RC501",), bare="total"):
    """The roster has no agents."""

    total: Annotated[Literal["0", "absent", "204"], About("the total: zero, absent, or a 204 without a body")] = "0"

    def listing(self, call: Call, listing: Listing) -> Listing:
        if call.endpoint != "agents":
            return listing
        return listing._replace(rows=[], total=0 if self.total == "0" else None)

    def after(self, call: Call, answer: Answer) -> Answer:
        if self.total != "204" or call.endpoint != "agents" or answer.status != 200:
            return answer
        return Answer(204, content_type="")


class PageCap(Fault, name="page-cap", codes=("RC502",), bare="limit"):
    """A roster page has at most N rows, whatever pageSize says."""

    limit: Annotated[int, About("most rows of a page", least=1)] = 25
    offset: Annotated[
        Literal["given", "asked"],
        About("whether the next page starts after the rows returned, or requested"),
    ] = "given"

    def window(self, call: Call, window: Window) -> Window:
        if window.size <= self.limit or call.endpoint != "agents":
            return window
        if call.contract == "incontact":  # a page begins at the row asked for; only the link to the next can skip rows
            return window._replace(size=self.limit, step=self.limit if self.offset == "given" else window.step)
        start = window.start // window.size * self.limit if self.offset == "given" else window.start
        return window._replace(size=self.limit, start=start)


class RosterShifts(Fault, name="roster-shifts", codes=("RC503",), bare="how"):
    """The roster changes between pages. One agent appears twice and another is missed, or the total changes."""

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
        """Keep the number of rows, or raise the total with every page."""
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


class RosterShort(Fault, name="roster-short", codes=("RC504",), bare="missing"):
    """The roster's total is higher than the number of agents listed."""

    missing: Annotated[int, About("how many agents are counted but not listed", least=1)] = 3

    def listing(self, call: Call, listing: Listing) -> Listing:
        if listing.window is None or listing.total is None:
            return listing
        return listing._replace(total=listing.total + self.missing)


class PagesFromZero(Fault, name="pages-from-zero", codes=("RC505",), contracts=("v2",)):
    """Pages of the roster are counted from 0. Page 1 is the second page."""

    def window(self, call: Call, window: Window) -> Window:
        return window._replace(start=window.start + window.size)


class NoTotal(Fault, name="no-total"):
    """The roster has no totalCount. Unusual, but not an error."""

    def listing(self, call: Call, listing: Listing) -> Listing:
        return listing._replace(total=None)


class PagingIgnored(Fault, name="paging-ignored", codes=("RC517",), bare="knows"):
    """Every page has all agents, or is the first page. There are no links."""

    knows: Annotated[
        Literal["nothing", "size"],
        About("what the server knows of paging: nothing, or the size of a page, so that each is the first page"),
    ] = "nothing"
    total: Annotated[YesNo, About("whether the server counts the agents")] = "no"

    def window(self, call: Call, window: Window) -> Window:
        return window._replace(start=0, size=window.size if self.knows == "size" else EVERYBODY)

    def listing(self, call: Call, listing: Listing) -> Listing:
        if self.total == "no":
            listing = listing._replace(total=None)
        return listing.with_members(_links=None) if listing.members().get("_links") else listing


class SkipIgnored(Fault, name="skip-ignored", codes=("RC517",), contracts=("incontact",)):
    """Every page is the first page, because the server ignores skip. But _links.next goes on."""

    def window(self, call: Call, window: Window) -> Window:
        return window._replace(start=0)


class NextLinkLoops(Fault, name="next-link-loops", bare="to", contracts=("incontact",)):
    """A page's _links.next leads to itself, or the last to the first."""

    to: Annotated[
        Literal["self", "first"], About("whether each page leads to itself, or the last one to the first")
    ] = "self"

    def listing(self, call: Call, listing: Listing) -> Listing:
        links = listing.members().get("_links")
        if not links:
            return listing
        more, before = links.get("next"), links.get("previous")
        if self.to == "self" and more:
            return listing.with_members(_links={**links, "next": links["self"]})
        if self.to == "first" and before and not more:
            return listing.with_members(_links={**links, "next": re.sub(r"\bskip=\d+", "skip=0", links["self"])})
        return listing


class NextLinkElsewhere(Fault, name="next-link-elsewhere", contracts=("incontact",)):
    """The _links name a host that does not exist. Path and query are right."""

    def listing(self, call: Call, listing: Listing) -> Listing:
        links = listing.members().get("_links")
        if not links:
            return listing
        return listing.with_members(_links={name: _elsewhere(link) for name, link in links.items()})


def _elsewhere(link: str | None) -> str | None:
    if link is None:
        return None
    parts = urlsplit(link)
    return f"{ELSEWHERE}{parts.path}?{parts.query}"
