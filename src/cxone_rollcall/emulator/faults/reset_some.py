"""The connection is cut whenever a certain agent is asked for."""

from dataclasses import dataclass

from cxone_rollcall.emulator.faults.fault import Spoilt
from cxone_rollcall.emulator.wire import Answer, Call, Delivery


@dataclass(kw_only=True)
class ResetSome(Spoilt):
    """Each request for states that asks for a chosen agent is reset, always."""

    name = "reset-some"
    codes = ("RC512",)

    def before(self, call: Call) -> Answer | None:
        """Cut the connection where a chosen agent is asked for."""
        return Answer(0, delivery=Delivery.RESET) if self.spoils(call) else None
