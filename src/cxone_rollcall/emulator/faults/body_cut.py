"""A body that ends too early and claims to be whole."""

from dataclasses import dataclass

from cxone_rollcall.emulator.faults.fault import At, Struck
from cxone_rollcall.emulator.wire import Answer, Call


@dataclass(kw_only=True)
class BodyCut(Struck):
    """The JSON is cut in the middle; the Content-Length fits what is left of it."""

    name = "body-cut"
    codes = ("RC507",)

    at: At = "states"

    def after(self, call: Call, answer: Answer) -> Answer:
        """Cut the body."""
        if answer.status != 200 or not self.strikes(call):
            return answer
        return answer._replace(body=answer.body[: len(answer.body) // 2])
