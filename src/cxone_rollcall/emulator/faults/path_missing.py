"""The API is not at these paths."""

from dataclasses import dataclass

from cxone_rollcall.emulator.faults.fault import At, Struck
from cxone_rollcall.emulator.wire import Answer, Call, problem


@dataclass(kw_only=True)
class PathMissing(Struck):
    """The paths of the API are answered 404."""

    name = "path-missing"
    codes = ("RC107",)

    at: At = "api"

    def before(self, call: Call) -> Answer | None:
        """Answer 404."""
        return problem(404, f"There is nothing at {call.path}.") if self.strikes(call) else None
