"""Tokens are minted here and honoured nowhere."""

from dataclasses import dataclass

from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.tenant import Grant
from cxone_rollcall.emulator.wire import Call


@dataclass(kw_only=True)
class TokenRejected(Fault):
    """Every token, however new, is answered 401."""

    name = "token-rejected"
    codes = ("RC205",)

    def honours(self, call: Call, grant: Grant) -> bool:
        """Honour no token."""
        return False
