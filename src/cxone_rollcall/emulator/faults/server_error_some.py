"""A server error whenever a certain agent is requested."""

from dataclasses import dataclass

from cxone_rollcall.emulator.faults.fault import AgentFault
from cxone_rollcall.emulator.wire import Answer, Call, problem


@dataclass(kw_only=True)
class ServerErrorSome(AgentFault):
    """Every request for the states of a chosen agent gets a 500."""

    name = "server-error-some"
    codes = ("RC105",)

    def before(self, call: Call) -> Answer | None:
        """Return the error if a chosen agent is requested."""
        return problem(500, "Something went wrong.") if self.hits(call) else None
