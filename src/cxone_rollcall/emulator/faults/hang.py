"""A request that is never answered."""

from dataclasses import dataclass

from cxone_rollcall.emulator.faults.fault import EndpointFault
from cxone_rollcall.emulator.wire import Answer, Call, Delivery


@dataclass(kw_only=True)
class Hang(EndpointFault):
    """The server accepts the request and never answers it."""

    name = "hang"
    codes = ("RC106",)

    def before(self, call: Call) -> Answer | None:
        """Keep the connection open and send nothing."""
        return Answer(0, delivery=Delivery.NEVER) if self.hits(call) else None
