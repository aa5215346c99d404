"""An API that is not at its paths."""

from dataclasses import dataclass

from cxone_rollcall.emulator.faults.fault import At, EndpointFault
from cxone_rollcall.emulator.wire import Answer, Call, problem


@dataclass(kw_only=True)
class PathMissing(EndpointFault):
    """The paths of the API return 404."""

    name = "path-missing"
    codes = ("RC107",)

    at: At = "api"

    def before(self, call: Call) -> Answer | None:
        """Return 404."""
        return problem(404, f"There is nothing at {call.path}.") if self.hits(call) else None
