"""A wrong or revoked access key, code or refresh token."""

from dataclasses import dataclass

from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.oauth import refusal
from cxone_rollcall.emulator.wire import Answer, Call


@dataclass(kw_only=True)
class KeyRefused(Fault):
    """The token endpoint refuses the access key, code or refresh token: 400 invalid_grant."""

    name = "key-refused"
    codes = ("RC203",)

    def before(self, call: Call) -> Answer | None:
        """Refuse the key."""
        if call.endpoint != "token":
            return None
        return refusal(400, "invalid_grant", "The access key is wrong, expired or revoked.")
