"""A server that has not updated its states for a while."""

from dataclasses import dataclass
from typing import Annotated

from cxone_rollcall.emulator.faults.fault import About, Fault
from cxone_rollcall.emulator.wire import Call


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
