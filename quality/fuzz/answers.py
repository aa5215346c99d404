"""Responses of both contracts with any status and any body."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from cxone_rollcall.contracts.incontact import Incontact
from cxone_rollcall.contracts.protocol import Page, PageLinks, UnusableAnswer
from cxone_rollcall.contracts.tokens import read_hub_renewal, read_token
from cxone_rollcall.contracts.v2 import V2
from cxone_rollcall.model.exchange import Response
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.token import Token
from quality.fuzz.samples import names, samples
from quality.fuzz.target import Target, must

STATUSES = (200, 204, 206, 207, 302, 400, 401, 403, 404, 406, 408, 409, 413, 414, 429, 431, 500, 503, 504, 100, 599)
"""The first byte of an input chooses one."""
HEADERS: tuple[dict[str, str], ...] = (
    {},
    {"icstatusdescription": "why\x1b[2J"},
    {"location": "https://elsewhere.test/"},
)
NOW = 1000.0
ID_NAMES = frozenset({"id", "agentid"})

Read = Callable[[Response], Any]


def answer(data: bytes) -> Response:
    """The response in these bytes. One is the status, one the headers, the rest the body."""
    status, headers, body = data[:1] or b"\0", data[1:2] or b"\0", data[2:]
    return Response(status=STATUSES[status[0] % len(STATUSES)], headers=HEADERS[headers[0] % len(HEADERS)], body=body)


def spelt(status: int, body: bytes) -> bytes:
    """Return the bytes that `answer` turns into this response."""
    return bytes((STATUSES.index(status) if status in STATUSES else 0, 0)) + body


def feed(roster: Read, states: Read, tokens: tuple[Read, ...], others: tuple[Read, ...], data: bytes) -> None:
    """Let each reader of a contract read the same response."""
    response = answer(data)
    rows_may_be_there = _may_hold_rows(response.body)
    error = _names_error(response.body)
    for read in (roster, states):
        page = _read(read, response)
        if page is not None:
            _of_a_page(page)
            must(not page.rows or rows_may_be_there, "no rows are read from a body without rows", response.body[:500])
            must(not error or bool(page.complaint), "an error beside the rows is reported", response.body[:500])
    for read in tokens:  # some servers send a usable token with a 4xx
        token = _read(read, response, refused=range(400, 500))
        if token is not None:
            _of_a_token(token)
    for read in others:
        _read(read, response)


def _read(read: Read, response: Response, *, refused: range = range(0)) -> Any:
    """The value read, or None if the response is unusable. Only 2xx and statuses in `refused` may be usable."""
    try:
        value = read(response)
    except UnusableAnswer as unusable:
        must(isinstance(unusable.kind, FailureKind), "a failure has a kind", unusable.kind)
        return None
    must(200 <= response.status < 300 or response.status in refused, "this status is unusable", response.status)
    return value


def _of_a_page(page: Page[Any]) -> None:
    for row in page.rows:
        _of_an_id(row.agent_id)
        if isinstance(row, AgentState):
            must(row.state is None or bool(row.state.strip()), "a state has a name", row.state)
    rows = len(page.rows)
    must(page.hidden >= 0, "hidden agents are not fewer than none", page.hidden)
    must(page.total is None or page.total >= 0, "a total is not negative", page.total)
    must(page.unnamed >= 0, "rows without an id are not fewer than none", page.unnamed)
    must(not page.unnamed or bool(rows or page.complaint), "rows without an id are reported", page.unnamed)
    must(not (page.no_content and rows), "a response without a body has no rows")
    links: PageLinks = page.links
    must(links.next is None or bool(links.next.strip()), "a link is not blank", links.next)


def _of_an_id(agent_id: str) -> None:
    must(agent_id == agent_id.strip() != "", "an id is not blank", agent_id)


def _of_a_token(token: Token) -> None:
    secrets = [token.access_token, *([token.refresh_token] if token.refresh_token else [])]
    for secret in secrets:
        text = secret.reveal()
        must(text.isascii() and text.isprintable() and bool(text.strip()), "a token can be sent in a header", text)
    must(token.expires_at is None or token.expires_at > NOW, "a new token has not expired", token.expires_at)
    must("Secret(***)" in repr(token), "a token is not shown", repr(token))


def _may_hold_rows(body: bytes) -> bool:
    """Whether any object of a body may be an agent's row. It has a key of an id; written separately from the client."""
    value = _leniently(body)
    if value is None:
        return True  # not JSON for this parser
    waiting, seen = [value], 0
    while waiting and seen < 100_000:
        one, seen = waiting.pop(), seen + 1
        if isinstance(one, dict):
            if any(name.lower() in ID_NAMES for name in one):
                return True
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
    return bool(waiting)


def _names_error(body: bytes) -> bool:
    """Whether the top object has a non-empty `error`."""
    value = _leniently(body)
    return bool(value.get("error")) if isinstance(value, dict) else False


def _leniently(body: bytes) -> Any:
    try:
        return json.loads(body.decode("utf-8-sig", "replace"), parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return None


def _v2_seeds() -> Iterator[bytes]:
    yield from (spelt(one.status, one.body) for one in samples() if one.contract == "v2")
    yield spelt(200, b'{"entities": [], "error": [[{"code": 504, "message": "late"}]]}')
    yield spelt(200, b'{"items": [{"id": "a-1", "state": {"name": "Busy"}, "isActive": "true"}], "totalCount": "7"}')
    yield spelt(200, b'{"entities": [{"agentId": 1, "state": "\\ud83d"}]}')


def _incontact_seeds() -> Iterator[bytes]:
    yield from (spelt(one.status, one.body) for one in samples() if one.contract == "incontact")
    yield spelt(200, b'{"agentStates": [{"agentId": "007", "agentStateId": "0", "agentStateName": "LoggedOut"}]}')
    yield spelt(200, b'{"resultSet": {"agents": [{"agentID": 7}], "_links": {"next": {"href": "?skip=9"}}}}')
    yield spelt(
        200,
        b'{"agentStateHistory": [{"agentId": 7, "agentStateId": 1, "agentStateName": "Available", "stateIndex": 1,'
        b' "agentSessionId": "9", "startDate": "2026-11-22T09:12:00.4430000Z", "duration": "PT1M2.5S"}]}',
    )


def _hub_token(response: Response) -> Token:
    return read_hub_renewal(response, now=NOW)


def _token(response: Response) -> Token:
    return read_token(response, now=NOW)


_V2, _INCONTACT = V2(), Incontact("https://api-na1.niceincontact.com")

V2_ANSWERS = Target(
    name="v2-answers",
    about="responses of v2: roster, states, token, refusals",
    feed=partial(feed, _V2.read_roster, _V2.read_states, (_token,), ()),
    seeds=_v2_seeds,
    words=names("v2"),
)
INCONTACT_ANSWERS = Target(
    name="incontact-answers",
    about="responses of incontact: roster, states, token, renewal, details, refusals",
    feed=partial(
        feed,
        _INCONTACT.read_roster,
        _INCONTACT.read_states,
        (_token, _hub_token),
        (_INCONTACT.read_detail, _INCONTACT.read_codes, _INCONTACT.read_state_history),
    ),
    seeds=_incontact_seeds,
    words=names("incontact"),
)
TARGETS = (V2_ANSWERS, INCONTACT_ANSWERS)
