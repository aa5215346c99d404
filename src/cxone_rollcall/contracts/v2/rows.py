"""Decodes the rows of the `v2` contract, also in unusual shapes."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Annotated

import msgspec

from cxone_rollcall.contracts.contradiction import contradiction, login_flags, may_contradict
from cxone_rollcall.contracts.decoding import (
    LONGEST_TEXT,
    Members,
    Short,
    agent_id,
    decode,
    flag,
    interned,
    refuse_repeated_keys,
    short,
    whole_number,
)
from cxone_rollcall.contracts.envelope import (
    empty_page,
    error_around,
    find_rows,
    page_of,
    perhaps_logged_out,
    stands_elsewhere,
)
from cxone_rollcall.contracts.protocol import RosterPage, StateRows
from cxone_rollcall.model.agent import Agent, full_name
from cxone_rollcall.model.exchange import Response
from cxone_rollcall.model.state import AgentState, Login, login_of


class _Entity(msgspec.Struct, gc=False):
    """An agent of the roster. Only `id` is certain to be there."""

    id: int | Short
    name: Short | None = None
    firstName: Short | None = None  # noqa: N815  the wire's spelling
    lastName: Short | None = None  # noqa: N815
    userName: Short | None = None  # noqa: N815
    email: Short | None = None
    emailAddress: Short | None = None  # noqa: N815
    isActive: bool | None = None  # noqa: N815
    active: bool | None = None
    team: Short | None = None
    teamName: Short | None = None  # noqa: N815
    lastLogin: Short | msgspec.UnsetType | None = msgspec.UNSET  # noqa: N815


class _Entities(msgspec.Struct):
    entities: list[_Entity]
    totalCount: int | None = None  # noqa: N815


class _State(msgspec.Struct, gc=False):
    """A row with a state; a row without one has another shape."""

    agentId: int | Short  # noqa: N815
    state: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_TEXT)]
    subState: Short | None = None  # noqa: N815
    startDate: Short | None = None  # noqa: N815
    stateStartTime: Short | None = None  # noqa: N815
    lastStateChange: Short | None = None  # noqa: N815


class _States(msgspec.Struct):
    entities: list[_State]


ROWS_AT = "/entities"
"""JSON pointer of the rows, of roster and states alike."""
_IN_AGENTS = Members((b'"entities"', b'"totalCount"'))
_IN_STATES = Members((b'"entities"',), in_rows=(b'"agentId"', b'"state"'))
_ENTITIES = msgspec.json.Decoder(_Entities)
_STATES = msgspec.json.Decoder(_States)

_SINCE = ("startDate", "stateStartTime", "lastStateChange")
"""Possible names of a state's start; no published material names one."""
_STATE_NAMES = ("state", "stateName", "agentStateName")
_LOGGED_OUT = "Logged Out"


def read_roster(response: Response) -> RosterPage:
    """Read `{"entities": [{"id"}], "totalCount"}`."""
    status, body = response.status, response.body
    if not body.strip():
        return empty_page(status)
    answer = decode(body, _ENTITIES)
    if (
        isinstance(answer, _Entities)
        and answer.entities
        and (answer.totalCount is not None or not stands_elsewhere(body, b"totalcount"))
    ):
        refuse_repeated_keys(body, _IN_AGENTS)
        agents = [_agent(entity) for entity in answer.entities]
        return page_of(status, agents, total=whole_number(answer.totalCount), error=error_around(body, ROWS_AT))
    # Another shape, or empty: then there may be an error beside the empty list.
    found = find_rows(body, ROWS_AT)
    agents = [_agent_of_any_shape(row) for row in found.rows]
    total = whole_number(found.beside.get("totalcount"))
    return page_of(status, agents, total=total, found_at=found.found_at, error=found.error)


def read_states(response: Response, asked: Mapping[str, str]) -> StateRows:
    """Read `{"entities": [{"agentId", "state", "subState"?}]}`.

    `asked` maps the ids asked for to themselves: the rows then share the id strings of the roster.
    """
    status, body = response.status, response.body
    if not body.strip():
        return empty_page(status)
    answer = decode(body, _STATES)
    if (
        isinstance(answer, _States)
        and answer.entities
        and not may_contradict(body)
        and not any(row.state.isspace() for row in answer.entities)
    ):
        refuse_repeated_keys(body, _IN_STATES, len(answer.entities))
        return page_of(status, [_state(row, asked) for row in answer.entities], error=error_around(body, ROWS_AT))
    found = find_rows(body, ROWS_AT)
    rows = [_state_of_any_shape(row, asked) for row in found.rows]
    return page_of(status, rows, found_at=found.found_at, error=found.error)


def _agent(entity: _Entity) -> Agent | None:
    identity = agent_id(entity.id)
    if identity is None:
        return None
    last_login, team = entity.lastLogin, entity.team or entity.teamName
    return Agent(
        agent_id=identity,
        name=entity.name or full_name(entity.firstName, entity.lastName),
        user_name=entity.userName,
        email=entity.email or entity.emailAddress,
        team=sys.intern(team) if team else None,
        active=entity.isActive if entity.isActive is not None else entity.active,
        last_login=None if last_login is msgspec.UNSET else (last_login or ""),
    )


def _agent_of_any_shape(row: object) -> Agent | None:
    """Read an agent whose fields have unusual types; None without an id."""
    if not isinstance(row, dict):
        return None
    identity = agent_id(row.get("id", row.get("agentId")))
    if identity is None:
        return None
    active = flag(row.get("isActive"))
    return Agent(
        agent_id=identity,
        name=short(row.get("name")) or full_name(short(row.get("firstName")), short(row.get("lastName"))),
        user_name=short(row.get("userName")),
        email=short(row.get("email")) or short(row.get("emailAddress")),
        team=interned(short(row.get("team")) or short(row.get("teamName"))),
        active=active if active is not None else flag(row.get("active")),
        last_login=(short(row["lastLogin"]) or "") if "lastLogin" in row else None,
    )


def _state(row: _State, asked: Mapping[str, str]) -> AgentState | str | None:
    known_as = agent_id(row.agentId)
    if known_as is None:
        return None
    if login_of(row.state) is Login.EITHER:
        return perhaps_logged_out(row.state)
    since, sub_state = row.startDate or row.stateStartTime or row.lastStateChange, row.subState
    known_as = asked.get(known_as, known_as)
    return AgentState(known_as, sys.intern(row.state), sys.intern(sub_state) if sub_state else None, since or None)


def _state_of_any_shape(row: object, asked: Mapping[str, str]) -> AgentState | str | None:
    """Read a row of any shape. Returns its state, or a text that says why it has none; None without an id."""
    if not isinstance(row, dict):
        return None
    identity = agent_id(row.get("agentId", row.get("id")))
    if identity is None:
        return None
    state = _state_name(row)
    against = contradiction(row, state)
    if against is not None:
        return against
    if state is None:
        flags = login_flags(row)
        if not flags:
            return "no name of a state"
        state = _state_number(row) if True in flags else _LOGGED_OUT
    elif login_of(state) is Login.EITHER:
        return perhaps_logged_out(state)
    since = next((short(said) for key in _SINCE if isinstance(said := row.get(key), str) and said), None)
    known_as = asked.get(identity, identity)
    return AgentState(known_as, interned(state), interned(short(row.get("subState"))), since)


def _state_name(row: Mapping[str, object]) -> str | None:
    """The state's name, also from an object, else its number. None without either, and for 0."""
    for key in _STATE_NAMES:
        said = row.get(key)
        if isinstance(said, dict):
            said = short(said.get("name")) or short(said.get("stateName"))
        if isinstance(said, str) and said.strip():
            return short(said)
    number = _state_number(row)
    return None if number is None or _is_zero(number) else number


def _state_number(row: Mapping[str, object]) -> str | None:
    return next((said for key in _STATE_NAMES if (said := short(row.get(key))) is not None), None)


def _is_zero(number: str) -> bool:
    """Whether the code is 0. It is `LoggedOut` in NICE's API, `Available` in its reports."""
    return number.strip("0.") == ""
