"""A slow server."""

from dataclasses import dataclass, field
from typing import Annotated

from cxone_rollcall.emulator.faults.fault import About, EndpointFault
from cxone_rollcall.emulator.wire import Answer, Call
from cxone_rollcall.emulator.world import draw


@dataclass(kw_only=True)
class Latency(EndpointFault):
    """Responses are delayed by some milliseconds. Not an error."""

    name = "latency"
    bare = "ms"

    ms: Annotated[float, About("delay in milliseconds", least=0)] = 200.0
    jitter: Annotated[float, About("most milliseconds added at random", least=0)] = 0.0
    late: int = field(default=0, init=False, repr=False, compare=False)

    def after(self, call: Call, answer: Answer) -> Answer:
        """Delay the response."""
        if not self.hits(call):
            return answer
        self.late += 1
        chance = draw(call.tenant.settings.seed, self.late) / 2**64
        return answer._replace(delay=answer.delay + (self.ms + self.jitter * chance) / 1000)
