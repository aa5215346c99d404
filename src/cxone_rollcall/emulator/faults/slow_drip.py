"""A body that arrives too slowly."""

from dataclasses import dataclass
from typing import Annotated

from cxone_rollcall.emulator.faults.fault import About, EndpointFault
from cxone_rollcall.emulator.wire import Answer, Call, Delivery


@dataclass(kw_only=True)
class SlowDrip(EndpointFault):
    """The headers arrive at once, the body one byte at a time."""

    name = "slow-drip"
    codes = ("RC106",)

    seconds: Annotated[float, About("seconds between two bytes", least=0)] = 1.0

    def after(self, call: Call, answer: Answer) -> Answer:
        """Send the body byte by byte."""
        if answer.delivery is not Delivery.WHOLE or not self.hits(call):
            return answer
        return answer._replace(delivery=Delivery.DRIPPED, interval=self.seconds)
