"""Old responses and wrong clocks."""

from dataclasses import dataclass
from email.utils import formatdate
from typing import Annotated

from cxone_rollcall.emulator.faults.fault import About, At, EndpointFault, Fault
from cxone_rollcall.emulator.wire import Answer, Call


@dataclass(kw_only=True)
class AnswerStale(EndpointFault):
    """Responses carry an Age header: a cache has kept them for some seconds."""

    name = "answer-stale"
    codes = ("RC702",)
    bare = "seconds"

    seconds: Annotated[int, About("the age of a response in seconds", least=0)] = 300
    at: At = "states"

    def after(self, call: Call, answer: Answer) -> Answer:
        """Add the Age header."""
        return answer.with_header("Age", str(self.seconds)) if self.hits(call) else answer


@dataclass(kw_only=True)
class PollStale(Fault):
    """The states are some seconds old, and lastPollTime says so."""

    name = "poll-stale"
    codes = ("RC702",)
    bare = "seconds"
    contracts = ("incontact",)

    seconds: Annotated[int, About("the age in seconds", least=1)] = 300

    def lag(self, call: Call) -> int:
        """Return the age."""
        return self.seconds if call.endpoint == "states" else 0


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
