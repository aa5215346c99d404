"""No body where an empty list is expected."""

from dataclasses import dataclass
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, At, EndpointFault
from cxone_rollcall.emulator.wire import Answer, Call


@dataclass(kw_only=True)
class NoContent(EndpointFault):
    """Without rows, or always, the response is a 204 or a 200 without a body."""

    name = "no-content"
    codes = ("RC513", "RC514")
    bare = "how"

    how: Annotated[Literal["204", "empty"], About("a 204, or a 200 with an empty body")] = "204"
    when: Annotated[Literal["no-rows", "always"], About("whether only responses without rows are affected")] = "no-rows"
    at: At = "states"

    def after(self, call: Call, answer: Answer) -> Answer:
        """Remove the body."""
        empty = b"[]" in answer.body
        if answer.status != 200 or not (empty or self.when == "always") or not self.hits(call):
            return answer
        return Answer(204, content_type="") if self.how == "204" else answer._replace(body=b"")
