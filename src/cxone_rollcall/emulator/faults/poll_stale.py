"""A server that has not looked at its agents for a while."""

from dataclasses import dataclass
from typing import Annotated

from cxone_rollcall.emulator.faults.fault import About, Fault
from cxone_rollcall.emulator.wire import Call


@dataclass(kw_only=True)
class PollStale(Fault):
    """The lastPollTime of the states is some seconds older than it should be, and the states are of then."""

    name = "poll-stale"
    codes = ("RC702",)
    bare = "seconds"
    contracts = ("incontact",)

    seconds: Annotated[int, About("how much older", least=1)] = 300

    def lag(self, call: Call) -> int:
        """Look back so far."""
        return self.seconds if call.endpoint == "states" else 0
