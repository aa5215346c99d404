"""Connections that the server closes after each response."""

from dataclasses import dataclass

from cxone_rollcall.emulator.faults.fault import EndpointFault
from cxone_rollcall.emulator.wire import Answer, Call, Delivery


@dataclass(kw_only=True)
class ConnectionDropped(EndpointFault):
    """The server closes each connection after a response without announcing it. Not an error: clients reconnect."""

    name = "connection-dropped"

    def after(self, call: Call, answer: Answer) -> Answer:
        """Close the connection after the response."""
        if answer.delivery is not Delivery.WHOLE or not self.hits(call):
            return answer
        return answer._replace(delivery=Delivery.CLOSED_AFTER)
