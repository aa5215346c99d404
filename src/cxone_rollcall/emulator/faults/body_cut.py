"""A truncated body with a matching Content-Length."""

from dataclasses import dataclass

from cxone_rollcall.emulator.faults.fault import At, EndpointFault
from cxone_rollcall.emulator.wire import Answer, Call


@dataclass(kw_only=True)
class BodyCut(EndpointFault):
    """The JSON ends in the middle; the Content-Length matches what is left."""

    name = "body-cut"
    codes = ("RC507",)

    at: At = "states"

    def after(self, call: Call, answer: Answer) -> Answer:
        """Truncate the body."""
        if answer.status != 200 or not self.hits(call):
            return answer
        return answer._replace(body=answer.body[: len(answer.body) // 2])
