"""A body that is not the expected JSON."""

from dataclasses import dataclass
from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, At, EndpointFault
from cxone_rollcall.emulator.wire import Answer, Call

_BODIES = {
    "not-utf8": b'{"entities":[{"id":"\xff\xfe","agentId":"\xff\xfe","state":"\xff"}],"totalCount":1}',
    "list-of-strings": b'["30000000001","30000000002"]',
    "strings-as-rows": b'{"entities":["30000000001","30000000002"],"totalCount":2}',
    "rows-as-object": b'{"entities":{"0":{"id":30000000001}},"totalCount":1}',
    "rows-null": b'{"entities":null,"totalCount":1}',
    "ids-missing": b'{"entities":[{"name":"Ann Lee","state":"Available"}],"totalCount":1}',
    "no-entities": b'{"totalCount":1}',
    "number": b"42",
    "string": b'"ok"',
    "null": b"null",
    "two-values": b'{"entities":[]}{"entities":[]}',
    "text": b"No known way to render data",
}
Shape = Literal[
    "not-utf8",
    "list-of-strings",
    "strings-as-rows",
    "rows-as-object",
    "rows-null",
    "ids-missing",
    "no-entities",
    "number",
    "string",
    "null",
    "two-values",
    "text",
]


@dataclass(kw_only=True)
class BodyGarbled(EndpointFault):
    """The body is not UTF-8, not JSON, or JSON of another shape."""

    name = "body-garbled"
    codes = ("RC507",)
    bare = "shape"

    shape: Annotated[Shape, About("what is sent instead of the body")] = "not-utf8"
    at: At = "states"

    def after(self, call: Call, answer: Answer) -> Answer:
        """Replace the body."""
        if answer.status != 200 or not self.hits(call):
            return answer
        return answer._replace(body=_BODIES[self.shape])
