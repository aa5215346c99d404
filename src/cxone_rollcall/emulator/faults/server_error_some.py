"""The server is in trouble whenever a certain agent is asked for."""

from dataclasses import dataclass

from cxone_rollcall.emulator.faults.fault import Spoilt
from cxone_rollcall.emulator.wire import Answer, Call, problem


@dataclass(kw_only=True)
class ServerErrorSome(Spoilt):
    """Each request for states that asks for a chosen agent is answered 500, always."""

    name = "server-error-some"
    codes = ("RC105",)

    def before(self, call: Call) -> Answer | None:
        """Answer the error where a chosen agent is asked for."""
        return problem(500, "Something went wrong.") if self.spoils(call) else None
