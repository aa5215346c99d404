"""A login that can no longer be renewed."""

from dataclasses import dataclass

from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.wire import Call


@dataclass(kw_only=True)
class RefreshRefused(Fault):
    """Every refresh token is refused: invalid_grant. Other grants still work."""

    name = "refresh-refused"
    codes = ("RC208",)

    def renews(self, call: Call) -> bool:
        """Refuse every refresh token."""
        return False
