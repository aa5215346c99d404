"""A request, its response, and the exchange that is recorded of both."""

from __future__ import annotations

from collections.abc import Mapping

from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.struct import HiddenRepr, Value, replace

LARGEST_BODY = 4 * 1024 * 1024
"""Bytes of most responses, decompressed. A token, an error, or the details of one agent; few have more than 100 kB."""
LARGEST_LIST = 48 * 1024 * 1024
"""Bytes of a list of agents or states. If paging is ignored, one response holds all: 50,000 agents have some 30 MB."""


class Request(Value, frozen=True, kw_only=True):
    """A request, without the host of the instance and the bearer token.

    `target` is path and query, already percent-encoded, because the encoding can matter (a comma or `%2C` between
    ids). A `Secret` in `form` or `headers` is sent but never shown. `purpose` is a few words for `-v` and evidence.
    `base` is the host (`https://host[:port]`), "" for the instance. `as_json` sends the form as a JSON object. With
    `correlated`, each try sends a CorrelationId, which NICE support asks for. `largest_body` limits the
    response, in bytes. `apart` asks for a connection of its own.
    """

    method: str
    target: str
    purpose: str
    form: tuple[tuple[str, str | Secret], ...] | None = None
    headers: tuple[tuple[str, str | Secret], ...] = ()
    base: str = ""
    as_json: bool = False
    correlated: bool = False
    largest_body: int = LARGEST_BODY
    apart: bool = False

    def afresh(self) -> Request:
        """The same request, past caches and over a connection of its own.

        See RFC 9111, section 5.2.1.4. Another connection may lead to another backend.
        """
        return replace(self, headers=(*self.headers, ("Cache-Control", "no-cache")), apart=True)


class Response(HiddenRepr, frozen=True, kw_only=True):
    """A complete response. Header names are lower case, `body` is decompressed, `seconds` is the duration.

    Several cookies are lines of one header.

    `onward` is the target of a redirect of the same request within the same host, else None. `unread` says why the
    body of an error was not read, "" if it was. The repr hides headers and body, which may hold a token.
    """

    hidden = ("headers", "body")

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float = 0.0
    onward: str | None = None
    unread: str = ""


class Exchange(Value, frozen=True, kw_only=True):
    """A request and its outcome, numbered from 1, redacted when recorded.

    `status` is None without a response; then `fault` says what happened. Headers and bodies are kept only if needed
    (`-vv`, `--save`), else empty. `correlation` is the id sent with the request, or "". `target` is a URL for
    other hosts. `began` is in seconds after the first request. `left_out` says why a body is missing.
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
