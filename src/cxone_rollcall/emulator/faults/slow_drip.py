"""The answer begins at once and does not come to an end."""

from dataclasses import dataclass
from typing import Annotated

from cxone_rollcall.emulator.faults.fault import About, Struck
from cxone_rollcall.emulator.wire import Answer, Call, Delivery


@dataclass(kw_only=True)
class SlowDrip(Struck):
    """The headers come at once, the body one byte now and then."""

    name = "slow-drip"
    codes = ("RC106",)

    seconds: Annotated[float, About("time between two bytes", least=0)] = 1.0

    def after(self, call: Call, answer: Answer) -> Answer:
        """Send the body drop by drop."""
        if answer.delivery is not Delivery.WHOLE or not self.strikes(call):
            return answer
        return answer._replace(delivery=Delivery.DRIPPED, interval=self.seconds)
