"""A permission is missing, though the token has the scope."""

from dataclasses import dataclass

from cxone_rollcall.emulator.faults.fault import At, EndpointFault
from cxone_rollcall.emulator.wire import Answer, Call, problem


@dataclass(kw_only=True)
class Forbidden(EndpointFault):
    """An endpoint answers 403 although the token has its scope."""

    name = "forbidden"
    codes = ("RC302",)

    at: At = "states"

    def after(self, call: Call, answer: Answer) -> Answer:
        """Turn a successful response into a 403."""
        if answer.status >= 400 or not self.hits(call):
            return answer
        return problem(403, "You do not have permission to view this.")
