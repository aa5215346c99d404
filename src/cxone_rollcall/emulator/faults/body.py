"""Damaged, empty and unusual response bodies."""

from typing import Annotated, Literal

from cxone_rollcall.emulator.faults.fault import About, At, EndpointFault, Fault
from cxone_rollcall.emulator.wire import Answer, Call, Delivery, Listing


class BodyCut(EndpointFault, name="body-cut", codes=("RC507",)):
    """The JSON ends in the middle; the Content-Length matches what is left."""

    at: At = "states"

    def after(self, call: Call, answer: Answer) -> Answer:
        if answer.status != 200 or not self.hits(call):
            return answer
        return answer._replace(body=answer.body[: len(answer.body) // 2])


class BodyShort(EndpointFault, name="body-short", codes=("RC507",)):
    """The server closes the connection before it has sent Content-Length bytes."""

    at: At = "states"

    def after(self, call: Call, answer: Answer) -> Answer:
        """Send half of the body."""
        if answer.status != 200 or not self.hits(call):
            return answer
        return answer._replace(delivery=Delivery.SHORT)


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


class BodyGarbled(EndpointFault, name="body-garbled", codes=("RC507",), bare="shape"):
    """The body is not UTF-8, not JSON, or JSON of another shape."""

    shape: Annotated[Shape, About("what is sent instead of the body")] = "not-utf8"
    at: At = "states"

    def after(self, call: Call, answer: Answer) -> Answer:
        if answer.status != 200 or not self.hits(call):
            return answer
        return answer._replace(body=_BODIES[self.shape])


class NoContent(EndpointFault, name="no-content", codes=("RC513", "RC514"), bare="how"):
    """Responses without rows are a 204 or an empty 200. With when=always, all responses are."""

    how: Annotated[Literal["204", "empty"], About("a 204, or a 200 with an empty body")] = "204"
    when: Annotated[Literal["no-rows", "always"], About("whether only responses without rows are affected")] = "no-rows"
    at: At = "states"

    def after(self, call: Call, answer: Answer) -> Answer:
        empty = b"[]" in answer.body
        if answer.status != 200 or not (empty or self.when == "always") or not self.hits(call):
            return answer
        return Answer(204, content_type="") if self.how == "204" else answer._replace(body=b"")


class RowsElsewhere(Fault, name="rows-elsewhere", codes=("RC506",), bare="key"):
    """The rows are under another key, in a bare list, or wrapped."""

    key: Annotated[
        Literal["agents", "items", "data", "bare", "resultSet"],
        About("the key; bare is a list without a key, resultSet an envelope around everything"),
    ] = "items"
    at: Annotated[Literal["any", "agents", "states"], About("the endpoint affected")] = "any"

    def listing(self, call: Call, listing: Listing) -> Listing:
        if self.at not in {"any", call.endpoint}:
            return listing
        if self.key == "resultSet":
            return listing._replace(envelope=self.key)
        return listing._replace(key="" if self.key == "bare" else self.key)
