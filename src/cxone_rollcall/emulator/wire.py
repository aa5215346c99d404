"""The values that server, contracts and faults exchange: calls, rows and responses."""

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
AGENT = r"\d+|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}"
"""An agent's id in a path: an integer or a UUID. Other words, as in `agents/skills`, are no ids."""
_ENTRY = re.compile(rf".*/agents/+(?:{AGENT})/*", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A parsed request. `query` has the decoded values, `raw_ids` the values of `agentIds` as sent.

    `ids` are the requested agent ids, decoded and split; None if the parameter is absent or empty. `contract` is the
    contract of the path, `origin` the scheme, host and port that the client used, `connection` the number of the
    connection, in the order in which they were opened.
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
    connection: int = 0

    def parameter(self, name: str) -> str:
        """Return the last value of a parameter of the query, or ""."""
        return self.query.get(name, [""])[-1]

    @property
    def authorization(self) -> tuple[str, str]:
        """Scheme and credentials of the Authorization header, or "" and "". The scheme is in lower case."""
        kind, _, credentials = self.headers.get("Authorization", "").partition(" ")
        return kind.lower(), credentials.strip()

    @property
    def asks_who(self) -> bool:
        """Whether the request is about who agents are. That is the roster or one of its rows, not what they do."""
        return self.endpoint == "agents" or (self.endpoint == "detail" and _ENTRY.fullmatch(self.path) is not None)


class Delivery(StrEnum):
    """How a response is sent: whole, in part, or not at all."""

    WHOLE = "whole"
    CLOSED_AFTER = "closed-after"
    SHORT = "short"
    DRIPPED = "dripped"
    RESET = "reset"
    CLOSED = "closed"
    NEVER = "never"


class Answer(NamedTuple):
    """A response. `delay` is in seconds; `interval` is the seconds between two bytes of a dripped body."""

    status: int
    body: bytes = b""
    content_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()
    delay: float = 0.0
    delivery: Delivery = Delivery.WHOLE
    interval: float = 1.0

    def with_header(self, name: str, value: str) -> "Answer":
        """Return the response with one more header."""
        return self._replace(headers=(*self.headers, (name, value)))


NO_CONTENT = Answer(204, content_type="")


class Window(NamedTuple):
    """The page to send: `size` rows of page `page`, from row `start`. Pages are counted from 1.

    `step` is the distance from `start` to the next page, for contracts with links between pages.
    """

    page: int
    size: int
    start: int
    step: int = 0


class Listing(NamedTuple):
    """Encoded rows, before they become a body.

    `window` is the page of the roster, None for states. `total` None leaves the total out. `key` is the key of the
    rows, "" for a bare list; `envelope` is the key of an object around everything, "" for none. `beside` has other
    members of the body, encoded.
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
        """Return the other members of the body, decoded."""
        members: dict[str, Any] = json.loads(b"{" + self.beside + b"}")
        return members

    def with_members(self, **changes: object) -> "Listing":
        """The listing with these members of the body, added or changed."""
        return self._replace(beside=compact({**self.members(), **changes})[1:-1])


def edited(row: bytes, **changes: object) -> bytes:
    """Return an encoded row with some of its fields changed."""
    return compact({**json.loads(row), **changes})


def compact(value: object) -> bytes:
    r"""A value as JSON without spaces. A lone surrogate becomes its escape, such as `\ud800`."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


def problem(status: int, message: str) -> Answer:
    """Return an error of the API, as JSON with a message."""
    return answer_json(status, {"status": status, "error": HTTPStatus(status).phrase, "message": message})


def answer_json(status: int, value: object) -> Answer:
    """Return a value as a JSON response."""
    return Answer(status, json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace"))
