"""Paging that does not page."""

from dataclasses import dataclass

from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.wire import Call, Window


@dataclass(kw_only=True)
class SkipIgnored(Fault):
    """The server ignores skip: every page is the first page, while _links.next goes on."""

    name = "skip-ignored"
    contracts = ("incontact",)

    def window(self, call: Call, window: Window) -> Window:
        """Start at the first row."""
        return window._replace(start=0)
