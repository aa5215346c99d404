"""A response from a cache."""

from dataclasses import dataclass
from typing import Annotated

from cxone_rollcall.emulator.faults.fault import About, At, EndpointFault
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
