"""One question to the server and its answer, as values: what is sent, what came back, what is kept of both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.model.struct import HiddenRepr, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cxone_rollcall.model.secret import Secret


class Request(Value, frozen=True, kw_only=True):
    """A request, complete but for the host and the bearer token.

    `target` is path and query, already percent-encoded, because the encoding itself can matter (a comma or
    `%2C` between ids). A `Secret` among the values of `form` or `headers` is sent and never shown.
    `purpose` says in a few words what is asked: it is what people read in `-v` and in evidence. `base` is where it
    goes (`https://host[:port]`), "" for the instance itself. `as_json` sends the form as a JSON object. `correlated`
    tells that the server echoes a CorrelationId, which its support asks for: one is sent with each try.
    """

    method: str
    target: str
    purpose: str
    form: tuple[tuple[str, str | Secret], ...] | None = None
    headers: tuple[tuple[str, str | Secret], ...] = ()
    base: str = ""
    as_json: bool = False
    correlated: bool = False


class Response(HiddenRepr, frozen=True, kw_only=True):
    """A whole answer. Header names are lower case; `body` is decompressed and complete; `seconds` is the time taken.

    `onward` is where a redirect sends the same question within the same host, None for anything else.
    Headers and body are not in its repr: either may hold a token.
    """

    hidden = ("headers", "body")

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float = 0.0
    onward: str | None = None


class Exchange(Value, frozen=True, kw_only=True):
    """A request and what became of it, numbered from 1 and redacted when it was recorded.

    `status` is None where no answer came; `fault` then says what came instead. The headers and bodies are
    kept only while somebody wants to see them (`-vv`): else they are empty. `correlation` is the id that was sent
    with the request and that support asks for, "" where none was. A `target` elsewhere than at the instance is a URL.
    `began` is when it was sent, in seconds after the first one. `left_out` says why a body is not here that was wanted.
    """

    number: int
    method: str
    target: str
    purpose: str
    status: int | None
    fault: str
    milliseconds: float
    request_headers: tuple[tuple[str, str], ...] = ()
    request_body: str = ""
    response_headers: tuple[tuple[str, str], ...] = ()
    response_body: str = ""
    correlation: str = ""
    began: float = 0.0
    left_out: str = ""
