"""A login that is over: the token that it is renewed with is of no use any more."""

from dataclasses import dataclass

from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.wire import Call


@dataclass(kw_only=True)
class RefreshRefused(Fault):
    """Every refresh token is refused: invalid_grant. Whatever else gives a token still does."""

    name = "refresh-refused"
    codes = ("RC208",)

    def renews(self, call: Call) -> bool:
        """Take no refresh token."""
        return False
