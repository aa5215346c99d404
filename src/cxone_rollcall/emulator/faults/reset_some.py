"""A connection that is cut whenever a certain agent is requested."""

from dataclasses import dataclass

from cxone_rollcall.emulator.faults.fault import AgentFault
from cxone_rollcall.emulator.wire import Answer, Call, Delivery


@dataclass(kw_only=True)
class ResetSome(AgentFault):
    """Every request for the states of a chosen agent is reset."""

    name = "reset-some"
    codes = ("RC512",)

    def before(self, call: Call) -> Answer | None:
        """Cut the connection if a chosen agent is requested."""
        return Answer(0, delivery=Delivery.RESET) if self.hits(call) else None
