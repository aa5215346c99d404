"""The server's clock is not ours."""

from dataclasses import dataclass
from email.utils import formatdate
from typing import Annotated

from cxone_rollcall.emulator.faults.fault import About, Struck
from cxone_rollcall.emulator.wire import Answer, Call


@dataclass(kw_only=True)
class ClockSkewed(Struck):
    """The Date of the answers is off by some seconds."""

    name = "clock-skewed"
    codes = ("RC701",)
    bare = "seconds"

    seconds: Annotated[float, About("how far ahead the server's clock is; behind, if less than 0", least=-1e9)] = 300.0

    def after(self, call: Call, answer: Answer) -> Answer:
        """Date the answer wrongly."""
        if not self.strikes(call):
            return answer
        return answer.with_header("Date", formatdate(call.tenant.now() + self.seconds, usegmt=True))
