"""A connection that is cut before the response."""

from dataclasses import dataclass
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, EndpointFault
from cxone_rollcall.emulator.wire import Answer, Call, Delivery


@dataclass(kw_only=True)
class Reset(EndpointFault):
    """The server accepts the connection, then resets or closes it without a response."""

    name = "reset"
    codes = ("RC102",)

    how: Annotated[Literal["reset", "close"], About("a TCP reset, or an ordinary close")] = "reset"

    def before(self, call: Call) -> Answer | None:
        """Cut the connection."""
        if not self.hits(call):
            return None
        return Answer(0, delivery=Delivery.RESET if self.how == "reset" else Delivery.CLOSED)
