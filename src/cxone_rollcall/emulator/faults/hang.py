"""The server takes a request and never answers it."""

from dataclasses import dataclass

from cxone_rollcall.emulator.faults.fault import Struck
from cxone_rollcall.emulator.wire import Answer, Call, Delivery


@dataclass(kw_only=True)
class Hang(Struck):
    """The request is accepted and never answered."""

    name = "hang"
    codes = ("RC106",)

    def before(self, call: Call) -> Answer | None:
        """Answer nothing, and keep the connection."""
        return Answer(0, delivery=Delivery.NEVER) if self.strikes(call) else None
