"""Paging that does not page."""

from dataclasses import dataclass

from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.wire import Call, Window


@dataclass(kw_only=True)
class SkipIgnored(Fault):
    """Every page of the roster and of the states is the first one, and _links.next goes on as if it were not."""

    name = "skip-ignored"
    contracts = ("incontact",)

    def window(self, call: Call, window: Window) -> Window:
        """Begin at the first row."""
        return window._replace(start=0)
