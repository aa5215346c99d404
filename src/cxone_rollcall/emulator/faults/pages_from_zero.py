"""Page numbers that start at 0."""

from dataclasses import dataclass

from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.wire import Call, Window


@dataclass(kw_only=True)
class PagesFromZero(Fault):
    """Pages of the roster are counted from 0, so page 1 is the second page."""

    name = "pages-from-zero"
    codes = ("RC505",)
    contracts = ("v2",)

    def window(self, call: Call, window: Window) -> Window:
        """Start one page later."""
        return window._replace(start=window.start + window.size)
