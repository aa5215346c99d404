"""A body that is announced longer than it comes."""

from dataclasses import dataclass

from cxone_rollcall.emulator.faults.fault import At, Struck
from cxone_rollcall.emulator.wire import Answer, Call, Delivery


@dataclass(kw_only=True)
class BodyShort(Struck):
    """The connection is closed before Content-Length is reached."""

    name = "body-short"
    codes = ("RC507",)

    at: At = "states"

    def after(self, call: Call, answer: Answer) -> Answer:
        """Send a part of the body."""
        if answer.status != 200 or not self.strikes(call):
            return answer
        return answer._replace(delivery=Delivery.SHORT)
