"""The caller may not see this, though its scopes would let it."""

from dataclasses import dataclass

from cxone_rollcall.emulator.faults.fault import At, Struck
from cxone_rollcall.emulator.wire import Answer, Call, problem


@dataclass(kw_only=True)
class Forbidden(Struck):
    """An endpoint answers 403 although the token has its scope."""

    name = "forbidden"
    codes = ("RC302",)

    at: At = "states"

    def after(self, call: Call, answer: Answer) -> Answer:
        """Turn what would have been answered into a 403."""
        if answer.status >= 400 or not self.strikes(call):
            return answer
        return problem(403, "You do not have permission to view this.")
