"""The `/api/v2` contract: token, roster and states over one host.

Source of every wire fact here: the tutorial that this project starts from (marked T in our list of wire facts);
no specification of NICE's has this contract, so whatever an answer may add or leave out is read leniently.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from rollcall.contracts.base import RosterPage, StateRows, UnusableAnswer
from rollcall.contracts.reading import (
    agent_id,
    decode,
    find_rows,
    flag,
    jwt_claims,
    refuse_unless_ok,
    text,
    whole_number,
)
from rollcall.model.agent import Agent
from rollcall.model.exchange import Request, Response
from rollcall.model.failure import FailureKind
from rollcall.model.secret import Secret
from rollcall.model.state import AgentState
from rollcall.model.token import Token

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rollcall.model.credentials import Credentials


class _Entity(msgspec.Struct, gc=False):
    """An agent of the roster. Only `id` is known for certain; the other fields are read where they are."""

    id: int | str
    name: str | None = None
    firstName: str | None = None  # noqa: N815  the wire's spelling
    lastName: str | None = None  # noqa: N815
    userName: str | None = None  # noqa: N815
    email: str | None = None
    emailAddress: str | None = None  # noqa: N815
    isActive: bool | None = None  # noqa: N815
    active: bool | None = None
    team: str | None = None
    teamName: str | None = None  # noqa: N815
    lastLogin: str | msgspec.UnsetType | None = msgspec.UNSET  # noqa: N815


class _Entities(msgspec.Struct):
    entities: list[_Entity]
    totalCount: int | None = None  # noqa: N815


class _State(msgspec.Struct, gc=False):
    agentId: int | str  # noqa: N815
    state: str | None = None
    subState: str | None = None  # noqa: N815


class _States(msgspec.Struct):
    entities: list[_State]


LONGEST_LIFE = 10 * 365 * 86400.0
"""Seconds. A token said to live longer than ten years is one whose life is not known."""

_ENTITIES = msgspec.json.Decoder(_Entities)
_STATES = msgspec.json.Decoder(_States)
_ANYTHING: msgspec.json.Decoder[object] = msgspec.json.Decoder()


class V2:
    """The `/api/v2` contract. Pages are counted from 1; agents not logged in have no row."""

    name = "v2"
    largest_page = 100
    largest_batch = 100
    separators: tuple[str, ...] = (",", "%2C")
    rows_at = "/entities"
    roster_scope = "agent:read"
    states_scope = "presence:read"

    def token_request(self, credentials: Credentials) -> Request:
        """Ask for a token: `POST /oauth/token`, form-encoded."""
        form: list[tuple[str, str | Secret]] = [("grant_type", credentials.grant_type)]
        if credentials.grant_type == "password":
            form.append(("username", credentials.access_key_id or ""))
            form.append(("password", credentials.access_key_secret or Secret("")))
        if credentials.client_id is not None:
            form.append(("client_id", credentials.client_id))
        if credentials.client_secret is not None:
            form.append(("client_secret", credentials.client_secret))
        return Request(method="POST", target="/oauth/token", purpose="token", form=tuple(form))

    def read_token(self, response: Response, *, now: float) -> Token:
        """Read `{"access_token", "token_type", "expires_in", "scope"?}`; 400 and 401 say what was refused."""
        refuse_unless_ok(response)
        body = decode(response.body, _ANYTHING)
        access_token = body.get("access_token") if isinstance(body, dict) else None
        if not isinstance(body, dict) or not isinstance(access_token, str) or not _can_be_sent(access_token):
            raise UnusableAnswer(FailureKind.DAMAGED, "the token answer has no usable access_token")
        claims = jwt_claims(access_token)
        life = body.get("expires_in")
        if isinstance(life, str):
            life = whole_number(life)
        has_life = isinstance(life, int | float) and not isinstance(life, bool) and 0 < life < LONGEST_LIFE
        return Token(
            access_token=Secret(access_token),
            token_type=text(body.get("token_type")) or "Bearer",
            granted_at=now,
            expires_at=now + float(life) if has_life and life is not None else None,
            scopes=_scopes(body, claims),
            claims=claims,
        )

    def roster_request(self, page: int, size: int) -> Request:
        """Ask for a page: `GET /api/v2/agents?page=1&pageSize=100`."""
        return Request(
            method="GET", target=f"/api/v2/agents?page={page}&pageSize={size}", purpose=f"page {page} of the roster"
        )

    def read_roster(self, response: Response) -> RosterPage:
        """Read `{"entities": [{"id"}], "totalCount"}`."""
        refuse_unless_ok(response)
        if not response.body.strip():
            return RosterPage(agents=(), no_content=True)
        body = decode(response.body, _ENTITIES)
        if isinstance(body, _Entities) and body.entities:
            agents = [_agent(entity) for entity in body.entities]
            total, found_at = body.totalCount, None
        else:  # of another shape, or empty: then it is read again, for an error beside the empty list
            body = decode(response.body, _ANYTHING)
            rows, found_at = find_rows(body, self.rows_at)
            agents = [_agent_of_any_shape(row) for row in rows]
            total = body.get("totalCount") if isinstance(body, dict) else None
        named = tuple(agent for agent in agents if agent is not None)
        _refuse_if_nameless(agents, named)
        return RosterPage(agents=named, total=whole_number(total), unnamed=len(agents) - len(named), found_at=found_at)

    def states_request(self, agent_ids: Sequence[str], *, state: str | None, separator: str) -> Request:
        """Ask by id: `GET /api/v2/agents/states?agentIds=ID,ID`, `&state=` where wanted."""
        ids = separator.join(_quoted(one) for one in agent_ids)
        wanted = "" if state is None else f"&state={_quoted(state)}"
        count = f"{len(agent_ids)} agents" if len(agent_ids) != 1 else f"agent {agent_ids[0]}"
        only = "" if state is None else f", {state} only"
        return Request(
            method="GET", target=f"/api/v2/agents/states?agentIds={ids}{wanted}", purpose=f"states of {count}{only}"
        )

    def read_states(self, response: Response) -> StateRows:
        """Read `{"entities": [{"agentId", "state", "subState"?}]}`."""
        refuse_unless_ok(response)
        if not response.body.strip():
            return StateRows(rows=(), no_content=True)
        body = decode(response.body, _STATES)
        if isinstance(body, _States) and body.entities:
            rows, found_at = [_state(row.agentId, row.state, row.subState) for row in body.entities], None
        else:
            found, found_at = find_rows(decode(response.body, _ANYTHING), self.rows_at)
            rows = [_state_of_any_shape(row) for row in found]
        named = tuple(row for row in rows if row is not None)
        _refuse_if_nameless(rows, named)
        return StateRows(rows=named, unnamed=len(rows) - len(named), found_at=found_at)

    def other_contracts(self) -> tuple[tuple[str, Request], ...]:
        """NICE's published contract lives below `/incontactapi/services/`; 200 or 401 there means it is spoken."""
        target = "/incontactapi/services/v34.0/agents?top=1"
        purpose = "does the incontact contract answer here?"
        return (("incontact", Request(method="GET", target=target, purpose=purpose)),)


def _refuse_if_nameless(rows: Sequence[object], named: Sequence[object]) -> None:
    if rows and not named:
        raise UnusableAnswer(FailureKind.DAMAGED, f"{len(rows)} rows, and none has an id that can be read")


def _quoted(text: str) -> str:
    """Percent-encode a text, also one from a command line that was no valid UTF-8."""
    return quote(text, safe="", errors="surrogateescape")


def _can_be_sent(access_token: str) -> bool:
    return bool(access_token.strip()) and access_token.isascii() and access_token.isprintable()


def _scopes(body: Mapping[str, object], claims: Mapping[str, object]) -> frozenset[str] | None:
    for said in (body.get("scope"), claims.get("scope"), claims.get("scp")):
        if isinstance(said, str):
            return frozenset(said.replace(",", " ").split())
        if isinstance(said, list):
            return frozenset(scope for scope in said if isinstance(scope, str))
    return None


def _agent(entity: _Entity) -> Agent | None:
    identity = agent_id(entity.id)
    if identity is None:
        return None
    last_login = entity.lastLogin
    return Agent(
        agent_id=identity,
        name=entity.name or _full_name(entity.firstName, entity.lastName),
        user_name=entity.userName,
        email=entity.email or entity.emailAddress,
        team=_interned(entity.team or entity.teamName),
        active=entity.isActive if entity.isActive is not None else entity.active,
        last_login=None if last_login is msgspec.UNSET else (last_login or ""),
    )


def _agent_of_any_shape(row: object) -> Agent | None:
    """Read an agent whose fields are not of the usual types; None where it has no id."""
    if not isinstance(row, dict):
        return None
    identity = agent_id(row.get("id", row.get("agentId")))
    if identity is None:
        return None
    active = flag(row.get("isActive"))
    return Agent(
        agent_id=identity,
        name=text(row.get("name")) or _full_name(text(row.get("firstName")), text(row.get("lastName"))),
        user_name=text(row.get("userName")),
        email=text(row.get("email")) or text(row.get("emailAddress")),
        team=_interned(text(row.get("team")) or text(row.get("teamName"))),
        active=active if active is not None else flag(row.get("active")),
        last_login=(text(row["lastLogin"]) or "") if "lastLogin" in row else None,
    )


def _state(identity: int | str, state: str | None, sub_state: str | None) -> AgentState | None:
    known_as = agent_id(identity)
    return None if known_as is None else AgentState(known_as, _interned(state), _interned(sub_state))


def _state_of_any_shape(row: object) -> AgentState | None:
    if not isinstance(row, dict):
        return None
    identity = agent_id(row.get("agentId", row.get("id")))
    if identity is None:
        return None
    return AgentState(identity, _interned(text(row.get("state"))), _interned(text(row.get("subState"))))


def _full_name(first: str | None, last: str | None) -> str | None:
    return f"{first} {last}" if first and last else first or last or None


def _interned(word: str | None) -> str | None:
    """Keep one copy of each state's and team's name, however many agents have it."""
    return sys.intern(word) if word else None
