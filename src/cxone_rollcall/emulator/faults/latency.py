"""The server takes its time."""

from dataclasses import dataclass, field
from typing import Annotated

from cxone_rollcall.emulator.faults.fault import About, Struck
from cxone_rollcall.emulator.wire import Answer, Call
from cxone_rollcall.emulator.world import draw


@dataclass(kw_only=True)
class Latency(Struck):
    """Answers come later by some milliseconds. Slow, and no fault."""

    name = "latency"
    bare = "ms"

    ms: Annotated[float, About("milliseconds that an answer is late by", least=0)] = 200.0
    jitter: Annotated[float, About("milliseconds that are added by chance, at the most", least=0)] = 0.0
    late: int = field(default=0, init=False, repr=False, compare=False)

    def after(self, call: Call, answer: Answer) -> Answer:
        """Delay the answer."""
        if not self.strikes(call):
            return answer
        self.late += 1
        chance = draw(call.tenant.settings.seed, self.late) / 2**64
        return answer._replace(delay=answer.delay + (self.ms + self.jitter * chance) / 1000)
