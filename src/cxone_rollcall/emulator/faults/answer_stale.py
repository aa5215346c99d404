"""An answer that a cache kept."""

from dataclasses import dataclass
from typing import Annotated

from cxone_rollcall.emulator.faults.fault import About, At, Struck
from cxone_rollcall.emulator.wire import Answer, Call


@dataclass(kw_only=True)
class AnswerStale(Struck):
    """Answers carry an Age: they were made some seconds ago."""

    name = "answer-stale"
    codes = ("RC702",)
    bare = "seconds"

    seconds: Annotated[int, About("the age of an answer", least=0)] = 300
    at: At = "states"

    def after(self, call: Call, answer: Answer) -> Answer:
        """Name the age."""
        return answer.with_header("Age", str(self.seconds)) if self.strikes(call) else answer
