"""What passes between the server, the contract and the faults: a call, and by steps what is answered to it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Literal, NamedTuple

from cxone_rollcall.emulator.settings import ContractName
from cxone_rollcall.emulator.tenant import Tenant

Endpoint = Literal["discovery", "authorize", "token", "agents", "states", "detail", "other"]
JSON = "application/json; charset=utf-8"
_ENTRY = re.compile(r".*/agents/+[^/]+/*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, read: `query` holds each decoded value, `raw_ids` the agent ids as they were written.

    `ids` are the agent ids asked for, decoded and split; None where the parameter is not there or empty.
    `contract` is the one that the path belongs to, `origin` scheme, host and port as the client named them.
    """

    tenant: Tenant
    endpoint: Endpoint
    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes = b""
    raw_ids: tuple[str, ...] = ()
    ids: tuple[str, ...] | None = None
    contract: ContractName = "v2"
    origin: str = ""

    @property
    def asks_who(self) -> bool:
        """Whether it is asked who agents are, by the roster or an entry of it, and not what they do or did."""
        return self.endpoint == "agents" or (self.endpoint == "detail" and _ENTRY.fullmatch(self.path) is not None)


class Delivery(StrEnum):
    """How an answer leaves: whole, and otherwise what becomes of it on its way."""

    WHOLE = "whole"
    CLOSED_AFTER = "closed-after"
    SHORT = "short"
    DRIPPED = "dripped"
    RESET = "reset"
    CLOSED = "closed"
    NEVER = "never"


class Answer(NamedTuple):
    """What is answered to a call. `delay` is in seconds, `interval` the seconds between bytes that drip."""

    status: int
    body: bytes = b""
    content_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()
    delay: float = 0.0
    delivery: Delivery = Delivery.WHOLE
    interval: float = 1.0

    def with_header(self, name: str, value: str) -> "Answer":
        """Return the same answer with one header more."""
        return self._replace(headers=(*self.headers, (name, value)))


class Window(NamedTuple):
    """The part of the roster that is answered: `size` rows of page `page`, counted from 1, from row `start` on.

    `step` is the number of rows after which a link to the next page goes on, where the contract has such links.
    """

    page: int
    size: int
    start: int
    step: int = 0


class Listing(NamedTuple):
    """Rows before they become a body, each a JSON object already encoded.

    `window` is the part of the roster that these rows are, None for states. `total` None leaves the count out.
    `key` is where the rows stand, "" for a bare list; `envelope` names an object around the whole, "" for none.
    `total_key` names the count, and `beside` are members, already encoded, that stand beside the rows.
    """

    rows: list[bytes]
    window: Window | None = None
    total: int | None = None
    key: str = "entities"
    envelope: str = ""
    total_key: str = "totalCount"
    beside: bytes = b""

    def encode(self) -> bytes:
        """Return the JSON body."""
        rows = b"[" + b",".join(self.rows) + b"]"
        if self.key:
            rows = b'{"' + self.key.encode() + b'":' + rows
            rows += b"" if self.total is None else b',"%b":%d' % (self.total_key.encode(), self.total)
            rows += b"," + self.beside + b"}" if self.beside else b"}"
        return b'{"' + self.envelope.encode() + b'":' + rows + b"}" if self.envelope else rows

    def members(self) -> dict[str, Any]:
        """Return what stands beside the rows, decoded."""
        members: dict[str, Any] = json.loads(b"{" + self.beside + b"}")
        return members

    def with_members(self, **changes: object) -> "Listing":
        """Return the same rows with other members beside them."""
        return self._replace(beside=json.dumps({**self.members(), **changes}, separators=(",", ":")).encode()[1:-1])


def edited(row: bytes, **changes: object) -> bytes:
    """Return an encoded row with some of its fields changed."""
    return encoded(json.dumps({**json.loads(row), **changes}, ensure_ascii=False, separators=(",", ":")))


def encoded(text: str) -> bytes:
    r"""Return a JSON text as bytes: half a character, which UTF-8 has not, as its escape, such as `\ud800`."""
    return text.encode("utf-8", "backslashreplace")


def problem(status: int, message: str) -> Answer:
    """Return an error of the API, as JSON with a message."""
    return answer_json(status, {"status": status, "error": HTTPStatus(status).phrase, "message": message})


def answer_json(status: int, value: object) -> Answer:
    """Return any value as a JSON answer."""
    return Answer(status, encoded(json.dumps(value, ensure_ascii=False)))
