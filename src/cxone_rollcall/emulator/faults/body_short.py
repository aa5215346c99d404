"""A body shorter than its Content-Length."""

from dataclasses import dataclass

from cxone_rollcall.emulator.faults.fault import At, EndpointFault
from cxone_rollcall.emulator.wire import Answer, Call, Delivery


@dataclass(kw_only=True)
class BodyShort(EndpointFault):
    """The server closes the connection before it has sent Content-Length bytes."""

    name = "body-short"
    codes = ("RC507",)

    at: At = "states"

    def after(self, call: Call, answer: Answer) -> Answer:
        """Send half of the body."""
        if answer.status != 200 or not self.hits(call):
            return answer
        return answer._replace(delivery=Delivery.SHORT)
