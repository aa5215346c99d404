"""A server whose clock is wrong."""

from dataclasses import dataclass
from email.utils import formatdate
from typing import Annotated

from cxone_rollcall.emulator.faults.fault import About, EndpointFault
from cxone_rollcall.emulator.wire import Answer, Call


@dataclass(kw_only=True)
class ClockSkewed(EndpointFault):
    """The Date header of the responses is off by some seconds."""

    name = "clock-skewed"
    codes = ("RC701",)
    bare = "seconds"

    seconds: Annotated[float, About("seconds that the server is ahead; behind, if negative", least=-1e9)] = 300.0

    def after(self, call: Call, answer: Answer) -> Answer:
        """Change the Date header."""
        if not self.hits(call):
            return answer
        return answer.with_header("Date", formatdate(call.tenant.now() + self.seconds, usegmt=True))
