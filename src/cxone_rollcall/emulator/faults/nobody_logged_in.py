"""A server that returns no states."""

from dataclasses import dataclass

from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.wire import Call


@dataclass(kw_only=True)
class NobodyLoggedIn(Fault):
    """Every request for states returns 200 and no rows."""

    name = "nobody-logged-in"
    codes = ("RC605",)

    def ids(self, call: Call, ids: tuple[str, ...]) -> tuple[str, ...]:
        """Drop all ids."""
        return ()
