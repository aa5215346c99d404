"""Smaller pages than requested."""

from dataclasses import dataclass
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, Fault
from cxone_rollcall.emulator.wire import Call, Window


@dataclass(kw_only=True)
class PageCap(Fault):
    """A page of the roster has at most N rows, whatever pageSize says."""

    name = "page-cap"
    codes = ("RC502",)
    bare = "limit"

    limit: Annotated[int, About("most rows of a page", least=1)] = 25
    offset: Annotated[
        Literal["given", "asked"],
        About("whether the next page starts after the rows returned, or requested"),
    ] = "given"

    def window(self, call: Call, window: Window) -> Window:
        """Cap the page."""
        if window.size <= self.limit or call.endpoint != "agents":
            return window
        if call.contract == "incontact":  # a page begins at the row asked for; only the link to the next can skip rows
            return window._replace(size=self.limit, step=self.limit if self.offset == "given" else window.step)
        start = window.start // window.size * self.limit if self.offset == "given" else window.start
        return window._replace(size=self.limit, start=start)
