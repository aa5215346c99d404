"""Connections do not outlive an answer, though nothing says so."""

from dataclasses import dataclass

from cxone_rollcall.emulator.faults.fault import Struck
from cxone_rollcall.emulator.wire import Answer, Call, Delivery


@dataclass(kw_only=True)
class ConnectionDropped(Struck):
    """Each connection is closed after an answer without a word: the next request meets a dead one. No fault."""

    name = "connection-dropped"

    def after(self, call: Call, answer: Answer) -> Answer:
        """Close the connection after the answer."""
        if answer.delivery is not Delivery.WHOLE or not self.strikes(call):
            return answer
        return answer._replace(delivery=Delivery.CLOSED_AFTER)
