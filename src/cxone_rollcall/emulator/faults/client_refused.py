"""An unknown client."""

from dataclasses import dataclass

from cxone_rollcall.emulator.faults.fault import Fault
from cxone_rollcall.emulator.oauth import refusal
from cxone_rollcall.emulator.wire import Answer, Call


@dataclass(kw_only=True)
class ClientRefused(Fault):
    """The token endpoint refuses the client: 401 invalid_client."""

    name = "client-refused"
    codes = ("RC201",)

    def before(self, call: Call) -> Answer | None:
        """Refuse the client."""
        if call.endpoint != "token":
            return None
        return refusal(401, "invalid_client", "The client is not registered, or its registration is not approved.")
