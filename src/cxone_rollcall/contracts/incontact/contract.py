"""The requests and readers of the published contract.

Source: NICE's OpenAPI files of the v34 and v23 eras, and the clients that speak it (NicePy, tap-nice-incontact).

GET /incontactapi/services/v{NN}.0/agents               top, skip
GET /incontactapi/services/v{NN}.0/agents/states        top, skip, updatedSince; no ids and no state can be asked for
GET /incontactapi/services/v{NN}.0/agents/{id}/states   by integer alone
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlencode, urljoin, urlsplit

import msgspec

from cxone_rollcall.contracts.decoding import decode, quoted, read_error, refuse_unless_ok
from cxone_rollcall.contracts.envelope import complaint, is_error_name, refuse_if_trouble
from cxone_rollcall.contracts.incontact.rows import STATE_NAMES, Listed, read_agents, read_states
from cxone_rollcall.contracts.incontact.tokens import IncontactTokens
from cxone_rollcall.contracts.protocol import RosterPage, StateRows, UnusableAnswer
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.state import AgentState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

NEWEST, OLDEST, STRIDE = 34, 6, 4
"""The versions in use; they are per path, so an older one is asked where a path is 404: each fourth one,
then the rest."""
AGENTS, STATES = "agents", "agents/states"

_ANYTHING: msgspec.json.Decoder[object] = msgspec.json.Decoder()


class Incontact:
    """The published contract of the tenant at `instance` (a URL), or of the one with this id where that is "".

    Remembers what it has learned of the tenant: its endpoints, and which version each path is served in. `version`
    pins one, so that no other is asked for.
    """

    name = "incontact"
    lists_states = True
    largest_page = 100
    """The size of a page is not published; about 100 is the most (seen in clients)."""
    roster_rows = "/agents"
    states_rows = "/agentStates"
    roster_scope = ""
    states_scope = ""
    known_states = tuple(name for code, name in STATE_NAMES.items() if code)
    api_versions = tuple(str(number) for number in range(NEWEST, OLDEST - 1, -1))

    def __init__(self, instance: str, *, tenant_id: str | None = None, version: str | None = None) -> None:
        self.tokens = IncontactTokens(instance, tenant_id)
        in_turn = (*self.api_versions[::STRIDE], *self.api_versions)
        self._in_turn = (version,) if version is not None else tuple(dict.fromkeys(in_turn))
        self._version = dict.fromkeys((AGENTS, STATES), self._in_turn[0])

    def version(self, path: str) -> str:
        """Return the version that a path (`AGENTS`, `STATES`) is asked in."""
        return self._version[path]

    def try_another(self, path: str) -> bool:
        """Ask a path in another version from now on; False where all were tried, or one is pinned."""
        untried = self._in_turn[self._in_turn.index(self._version[path]) + 1 :]
        if untried:
            self._version[path] = untried[0]
        return bool(untried)

    def start_over(self, path: str) -> None:
        """Ask a path in the first version again: no other is served either."""
        self._version[path] = self._in_turn[0]

    def roster_request(self, skip: int, top: int, *, version: str | None = None) -> Request:
        """Ask for a page of the roster: `GET agents?top=100&skip=0`."""
        target = self._path(AGENTS, version or self._version[AGENTS]) + f"?top={top}&skip={skip}"
        return self._get(target, f"agents {skip + 1} to {skip + top} of the roster")

    def states_request(self, skip: int, top: int, *, since: str | None = None) -> Request:
        """Ask for a page of everybody's states, or of those that changed since a moment (UTC, with a Z)."""
        changed = f"updatedSince={quoted(since)}&" if since is not None else ""
        target = self._path(STATES, self._version[STATES]) + f"?{changed}top={top}&skip={skip}"
        what = "states" if since is None else f"states changed since {since}"
        return self._get(target, f"{what}, {skip + 1} to {skip + top}")

    def state_request(self, agent_id: str) -> Request:
        """Ask for the state of one agent by its integer id."""
        target = self._path(f"agents/{quoted(agent_id)}/states", self._version[STATES])
        return self._get(target, f"state of agent {agent_id}")

    def detail_request(self, path: str) -> Request:
        """Ask for something else below the API's path: `server-time`, `contacts/active?agentId=1001`."""
        return self._get(self._path(path, self._version[AGENTS]), path.partition("?")[0])

    def next_request(self, link: str, previous: Request) -> Request | None:
        """Follow a link to the next page: absolute or relative, on the API's own host whatever host it names.

        None where it is no address, or leads to something else than the list that it was found in.
        """
        if not (link.isascii() and link.isprintable()) or " " in link:
            return None
        here = (previous.base or self.tokens.api) + previous.target
        path = previous.target.partition("?")[0]
        try:
            there = urlsplit(urljoin(here, link))
        except ValueError:
            return None
        # The API may stand behind a path of a gateway's, which its own links need not know.
        same = _plain_path(there.path) in (_plain_path(path), _plain_path(urlsplit(here).path))
        return self._get(f"{path}?{there.query}", previous.purpose) if same and there.query else None

    def skip_of(self, request: Request) -> int | None:
        """Return how many rows a request for a page skips; None where it does not say."""
        query = {name.lower(): values for name, values in parse_qs(urlsplit(request.target).query).items()}
        said = query.get("skip", [""])[-1]
        return int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else None

    def with_skip(self, request: Request, skip: int, *, top: int | None = None) -> Request:
        """Return the same request for a page after another number of rows, and of `top` rows where that is given."""
        path, _, query = request.target.partition("?")
        other = {"skip": str(skip), **({"top": str(top)} if top is not None else {})}
        said = parse_qs(query, keep_blank_values=True)
        spelt = [(name, other.get(name.lower(), values[-1])) for name, values in said.items()]
        return self._get(f"{path}?{urlencode(spelt, quote_via=quote)}", request.purpose)

    def read_roster(self, response: Response) -> RosterPage:
        """Read a page of the roster; 204, an empty body and `[]` alike are no rows."""
        _refuse_unless_ok(response)
        if not response.body.strip():
            return RosterPage(agents=(), no_content=True, complaint=complaint(response.status))
        listed = read_agents(response.body, self.roster_rows)
        named = tuple([row for row in listed.rows if isinstance(row, Agent)])
        return RosterPage(
            agents=named,
            total=listed.total,
            unnamed=_unnamed(listed, len(named)),
            found_at=listed.found_at,
            complaint=_complaint(response, listed, len(named)),
            hidden=listed.hidden,
            links=listed.links,
        )

    def read_states(self, response: Response) -> StateRows:
        """Read a page of states; 204, an empty body and `[]` alike are no rows."""
        _refuse_unless_ok(response)
        if not response.body.strip():
            return StateRows(rows=(), no_content=True, complaint=complaint(response.status))
        listed = read_states(response.body, self.states_rows)
        named = tuple([row for row in listed.rows if isinstance(row, AgentState)])
        failed = [row for row in listed.rows if isinstance(row, str)]
        return StateRows(
            rows=named,
            total=listed.total,
            unnamed=_unnamed(listed, len(named) + len(failed)),
            found_at=listed.found_at,
            complaint=_complaint(response, listed, len(named) + len(failed), failed),
            links=listed.links,
        )

    def read_detail(self, response: Response) -> object:
        """Read any other answer as plain values; None where it has no body. An error in its place is no answer."""
        _refuse_unless_ok(response)
        value = decode(response.body, _ANYTHING) if response.body.strip() else None
        if isinstance(value, dict) and not any(isinstance(inner, list | dict) and inner for inner in _beside(value)):
            refuse_if_trouble(value)
        return value

    def other_contracts(self) -> tuple[tuple[str, Request], ...]:
        """The tutorials' contract lives below `/api/v2/`; 200 or 401 there means that it is spoken."""
        target = "/api/v2/agents?page=1&pageSize=1"
        return (("v2", Request(method="GET", target=target, purpose="does the v2 contract answer here?")),)

    def _path(self, path: str, version: str) -> str:
        return f"/incontactapi/services/v{version}.0/{path}"

    def _get(self, target: str, purpose: str) -> Request:
        return Request(method="GET", base=self.tokens.api, target=target, purpose=purpose, correlated=True)


def _refuse_unless_ok(response: Response) -> None:
    """Raise `UnusableAnswer` as for any contract; 409 means invalid permissions here (S23)."""
    if response.status == HTTPStatus.CONFLICT:
        code, words = read_error(response)
        raise UnusableAnswer(FailureKind.FORBIDDEN, words or "invalid permissions", error=code)
    refuse_unless_ok(response)


def _beside(body: Mapping[str, object]) -> Iterator[object]:
    """Yield what an answer holds, but for what may tell of errors."""
    return (inner for name, inner in body.items() if not is_error_name(name))


def _unnamed(listed: Listed, named: int) -> int:
    unnamed = len(listed.rows) - named
    if listed.rows and not named:
        raise UnusableAnswer(FailureKind.DAMAGED, f"{unnamed} rows, and none has an id that can be read")
    return unnamed


def _complaint(response: Response, listed: Listed, named: int, failed: Sequence[str] = ()) -> str:
    rows = len(listed.rows)
    return complaint(response.status, error=listed.error, failed=failed, unnamed=rows - named, rows=rows)


def _plain_path(path: str) -> str:
    return re.sub(r"/+", "/", path).casefold().rstrip("/")
