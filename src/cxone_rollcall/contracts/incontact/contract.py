"""The requests of the `incontact` contract: roster and states, page by page.

GET /incontactapi/services/v{NN}.0/agents               top, skip
GET /incontactapi/services/v{NN}.0/agents/states        top, skip, updatedSince; no filter by id or state
GET /incontactapi/services/v{NN}.0/agents/{id}/states   {id} is an integer
GET /incontactapi/services/v{NN}.0/agents/state-history startDate, endDate, top, skip

Source: NICE's OpenAPI files, v34 and v23, and the clients NicePy and tap-nice-incontact.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from urllib.parse import parse_qs, quote, urlencode, urljoin, urlsplit

from cxone_rollcall.contracts.decoding import decode_plain, quoted, read_error, refuse_unless_ok
from cxone_rollcall.contracts.envelope import is_error_name, refuse_if_trouble
from cxone_rollcall.contracts.incontact.rows import AGENTS_AT, STATE_NAMES, STATES_AT, read_roster, read_states
from cxone_rollcall.contracts.incontact.state_history import read_state_history
from cxone_rollcall.contracts.incontact.tokens import IncontactTokens
from cxone_rollcall.contracts.incontact.unavailable_codes import read_codes
from cxone_rollcall.contracts.protocol import PastStates, RosterPage, StateRows, UnusableAnswer
from cxone_rollcall.model.exchange import LARGEST_LIST, Request, Response
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.struct import replace

NEWEST, OLDEST, STRIDE = 34, 6, 4
"""Versions in use; each path may be served under another one.

If a path is 404, every fourth older version is tried, then the rest.
"""
AGENTS, STATES, STATE_HISTORY = "agents", "agents/states", "agents/state-history"
_ROWS = re.compile(r"\d+ to \d+")
"""The rows of a page, in the purpose of its request."""
LONGEST_LINK = 8_000
"""Characters of a link to the next page. Servers refuse longer addresses."""


class Incontact:
    """The `incontact` contract of one tenant.

    The tenant is at `instance` (a URL), or has this tenant id if that is "". The contract remembers the tenant's
    endpoints and the version that serves each path. `version` pins one version.
    """

    name = "incontact"
    lists_states = True
    largest_page = 100
    """Rows. NICE does not publish a maximum; the clients above use 100."""
    roster_rows, states_rows = AGENTS_AT, STATES_AT
    roster_scope = ""
    states_scope = ""
    known_states = tuple(STATE_NAMES.values())
    api_versions = tuple(str(number) for number in range(NEWEST, OLDEST - 1, -1))

    def __init__(self, instance: str, *, tenant_id: str | None = None, version: str | None = None) -> None:
        self.tokens = IncontactTokens(instance, tenant_id)
        in_turn = (*self.api_versions[::STRIDE], *self.api_versions)
        self._in_turn = (version,) if version is not None else tuple(dict.fromkeys(in_turn))
        self._version = dict.fromkeys((AGENTS, STATES, STATE_HISTORY), self._in_turn[0])

    def version(self, path: str) -> str:
        """Return the version in use for a path (`AGENTS`, `STATES` or `STATE_HISTORY`)."""
        return self._version[path]

    def try_another(self, path: str) -> bool:
        """Switch a path to the next version; False if none is left."""
        untried = self._in_turn[self._in_turn.index(self._version[path]) + 1 :]
        if untried:
            self._version[path] = untried[0]
        return bool(untried)

    def start_over(self, path: str) -> None:
        """Switch a path back to the first version."""
        self._version[path] = self._in_turn[0]

    def roster_request(self, skip: int, top: int, *, version: str | None = None) -> Request:
        """Return the request for a page of the roster."""
        target = self._path(AGENTS, version or self._version[AGENTS]) + f"?top={top}&skip={skip}"
        return self._get(target, f"agents {skip + 1} to {skip + top} of the roster")

    def states_request(self, skip: int, top: int, *, since: str | None = None) -> Request:
        """Request a page of all states, or of those changed since then. `since` is UTC with a Z."""
        changed = f"updatedSince={quoted(since)}&" if since is not None else ""
        target = self._path(STATES, self._version[STATES]) + f"?{changed}top={top}&skip={skip}"
        what = "states" if since is None else f"states changed since {since}"
        return self._get(target, f"{what}, {skip + 1} to {skip + top}")

    def state_request(self, agent_id: str) -> Request:
        """The request for one agent's state, by integer id."""
        target = self._path(f"agents/{quoted(agent_id)}/states", self._version[STATES])
        return self._get(target, f"state of agent {agent_id}")

    def state_history_request(self, begin: str, end: str, top: int) -> Request:
        """Request the first page of all past states in a range. Times are UTC with a Z."""
        span = f"startDate={quoted(begin)}&endDate={quoted(end)}"
        target = self._path(STATE_HISTORY, self._version[STATE_HISTORY]) + f"?{span}&top={top}&skip=0"
        return self._get(target, f"past states from {begin} to {end}, 1 to {top}")

    def detail_request(self, path: str) -> Request:
        """Return the request for another path of the API: `server-time`, `contacts/active?agentId=1001`."""
        return self._get(self._path(path, self._version[AGENTS]), path.partition("?")[0])

    def versions_request(self, path: str) -> Request:
        """Return the request for the versions of a path. NICE publishes its parameters, but not its answer."""
        return self._get(f"/apiversion?searchUriText={quoted(path)}&verb=GET", f"versions of {path}")

    def userinfo_request(self) -> Request | None:
        """Return the request for who the token is. None if discovery names no endpoint for it."""
        if self.tokens.userinfo is None:
            return None
        url = urlsplit(self.tokens.userinfo)
        target = url.path + (f"?{url.query}" if url.query else "")
        return replace(self._get(target, "who the token is"), base=f"{url.scheme}://{url.netloc}")

    def next_request(self, link: str, previous: Request) -> Request | None:
        """Return the request for the next page, or None.

        The link may be absolute or relative; the request always goes to the API's own host. None if the link is no URL,
        is too long, or leads to another path than the list that it was found in.
        """
        if len(link) > LONGEST_LINK or not (link.isascii() and link.isprintable()) or " " in link:
            return None
        here = previous.base + previous.target
        path = previous.target.partition("?")[0]
        try:
            there = urlsplit(urljoin(here, link))
        except ValueError:
            return None
        # A gateway may put a path before the API's, which the API's links do not have.
        same = _plain_path(there.path) in (_plain_path(path), _plain_path(urlsplit(here).path))
        return self._page(f"{path}?{there.query}", previous) if same and there.query else None

    def skip_of(self, request: Request) -> int | None:
        """How many rows a request skips; None if not given."""
        return _number(request.target, "skip")

    def with_skip(self, request: Request, skip: int, *, top: int | None = None) -> Request:
        """Return the same request with another `skip`, and `top` if given."""
        path, _, query = request.target.partition("?")
        other = {"skip": str(skip), **({"top": str(top)} if top is not None else {})}
        fields = parse_qs(query, keep_blank_values=True)
        changed = [(name, other.get(name.lower(), values[-1])) for name, values in fields.items()]
        return self._page(f"{path}?{urlencode(changed, quote_via=quote)}", request)

    def read_roster(self, response: Response) -> RosterPage:
        """Read a page of the roster. Status 204, an empty body and `[]` all mean no rows."""
        _refuse_unless_ok(response)
        return read_roster(response)

    def read_states(self, response: Response) -> StateRows:
        """Read a page of states. Status 204, an empty body and `[]` all mean no rows."""
        _refuse_unless_ok(response)
        return read_states(response)

    def read_state_history(self, response: Response) -> PastStates:
        """Read a page of past states. Status 204, an empty body and `[]` all mean no rows."""
        _refuse_unless_ok(response)
        return read_state_history(response)

    def read_codes(self, response: Response) -> Mapping[str, str]:
        """Read the names of the unavailable codes, by id. Raises `UnusableAnswer`."""
        _refuse_unless_ok(response)
        return read_codes(response)

    def read_detail(self, response: Response) -> object:
        """Read any other answer as plain values, None without a body. Raises `UnusableAnswer` for an error."""
        _refuse_unless_ok(response)
        value = decode_plain(response.body) if response.body.strip() else None
        if isinstance(value, dict) and not any(isinstance(inner, list | dict) and inner for inner in _beside(value)):
            refuse_if_trouble(value)
        return value

    def other_contracts(self) -> tuple[tuple[str, Request], ...]:
        """Return a request for a path of `v2`."""
        target = "/api/v2/agents?page=1&pageSize=1"
        return (("v2", Request(method="GET", target=target, purpose="does the v2 contract answer here?")),)

    def _path(self, path: str, version: str) -> str:
        return f"/incontactapi/services/v{version}.0/{path}"

    def _page(self, target: str, of: Request) -> Request:
        """Return the request for another page of a list. Its purpose names its own rows."""
        skip, top = _number(target, "skip"), _number(target, "top")
        rows = None if skip is None or top is None else f"{skip + 1} to {skip + top}"
        return self._get(target, of.purpose if rows is None else _ROWS.sub(rows, of.purpose))

    def _get(self, target: str, purpose: str) -> Request:
        return Request(
            method="GET",
            base=self.tokens.api,
            target=target,
            purpose=purpose,
            correlated=True,
            largest_body=LARGEST_LIST,
        )


def _refuse_unless_ok(response: Response) -> None:
    """Raise `UnusableAnswer`; 409 means invalid permissions here (NICE OpenAPI v23)."""
    if response.status == HTTPStatus.CONFLICT:
        code, words = read_error(response)
        raise UnusableAnswer(FailureKind.FORBIDDEN, words, error=code)
    refuse_unless_ok(response)


def _beside(body: Mapping[str, object]) -> Iterator[object]:
    """Yield the members of an answer that are not named like errors."""
    return (inner for name, inner in body.items() if not is_error_name(name))


def _number(target: str, name: str) -> int | None:
    """A number in the query of a target, None if not given. The query may have it in any letter case."""
    query = {key.lower(): values for key, values in parse_qs(urlsplit(target).query).items()}
    text = query.get(name, [""])[-1]
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _plain_path(path: str) -> str:
    return re.sub(r"/+", "/", path).casefold().rstrip("/")
