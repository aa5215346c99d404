"""The first page is page 0."""

from dataclasses import dataclass

from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.wire import Call, Window


@dataclass(kw_only=True)
class PagesFromZero(Fault):
    """The pages of the roster are counted from 0, so that page 1 is the second."""

    name = "pages-from-zero"
    codes = ("RC505",)
    contracts = ("v2",)

    def window(self, call: Call, window: Window) -> Window:
        """Begin one page later."""
        return window._replace(start=window.start + window.size)
