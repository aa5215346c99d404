"""Tokens that the API never accepts."""

from dataclasses import dataclass

from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.tenant import Grant
from cxone_rollcall.emulator.wire import Call


@dataclass(kw_only=True)
class TokenRejected(Fault):
    """Every token is rejected with a 401, even a new one."""

    name = "token-rejected"
    codes = ("RC205",)

    def honours(self, call: Call, grant: Grant) -> bool:
        """Accept no token."""
        return False
