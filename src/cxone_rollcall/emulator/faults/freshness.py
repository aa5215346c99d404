"""Old responses and wrong clocks."""

from email.utils import formatdate
from typing import Annotated

from cxone_rollcall.emulator.faults.fault import About, At, EndpointFault, Fault
from cxone_rollcall.emulator.wire import Answer, Call


class AnswerStale(EndpointFault, name="answer-stale", codes=("RC702",), bare="seconds"):
    """Responses carry an Age header. A cache has kept them for some seconds."""

    seconds: Annotated[int, About("the age of a response in seconds", least=0)] = 300
    at: At = "states"

    def after(self, call: Call, answer: Answer) -> Answer:
        return answer.with_header("Age", str(self.seconds)) if self.hits(call) else answer


class PollStale(Fault, name="poll-stale", codes=("RC702",), bare="seconds", contracts=("incontact",)):
    """The states are some seconds old, and lastPollTime says so."""

    seconds: Annotated[int, About("the age in seconds", least=1)] = 300

    def lag(self, call: Call) -> int:
        return self.seconds if call.endpoint == "states" else 0


class ClockSkewed(EndpointFault, name="clock-skewed", codes=("RC701",), bare="seconds"):
    """The Date header of the responses is off by some seconds."""

    seconds: Annotated[float, About("seconds that the server is ahead; behind, if negative", least=-1e9)] = 300.0

    def after(self, call: Call, answer: Answer) -> Answer:
        if not self.hits(call):
            return answer
        return answer.with_header("Date", formatdate(call.tenant.now() + self.seconds, usegmt=True))
