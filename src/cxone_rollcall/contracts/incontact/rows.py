"""Decodes the rows of the `incontact` contract, also in unusual shapes.

Source: NICE's OpenAPI files, v34 and v23. Names vary by version (`userId`/`userID`, `isACW`/`isAcw`), and some paths
wrap the whole answer in `resultSet`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import msgspec

from cxone_rollcall.contracts.contradiction import contradiction, may_contradict
from cxone_rollcall.contracts.decoding import (
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
from cxone_rollcall.contracts.protocol import Page, PageLinks, RosterPage, Row, StateRows
from cxone_rollcall.model.agent import Agent, full_name
from cxone_rollcall.model.exchange import Response
from cxone_rollcall.model.identity import identifier
from cxone_rollcall.model.state import AgentState, Login, is_logged_out, login_of
from cxone_rollcall.model.timestamp import parse_timestamp

STATE_NAMES = {
    0: "LoggedOut",
    1: "Available",
    2: "Unavailable",
    3: "InboundContact",
    4: "OutboundContact",
    5: "InboundConsult",
    6: "OutboundConsult",
    7: "Dialer",
    8: "LoggedIn",
}
"""Codes of `agentStateId`: all but 0 mean logged in.

Source: NICE OpenAPI v34, *Agent States*. Codes below 0 are those of pending states: the agent is logged in, also while
a logoff is pending. Source: NICE's reports, which number them, but differently from the API, so a code gets no name.
"""
_UNAVAILABLE = 2
AFTER_CALL = "After-call work"


class _Envelope(msgspec.Struct, kw_only=True):
    """The fields beside the rows, of any type."""

    totalRecords: object = None  # noqa: N815  the wire's spelling, here and below
    hiddenAgents: object = None  # noqa: N815
    lastPollTime: object = None  # noqa: N815
    businessUnitId: object = None  # noqa: N815
    links: object = msgspec.field(default=None, name="_links")


class _Agent(msgspec.Struct, gc=False):
    agentId: int | Short  # noqa: N815
    userId: Short | None = None  # noqa: N815
    userID: Short | None = None  # noqa: N815
    userName: Short | None = None  # noqa: N815
    firstName: Short | None = None  # noqa: N815
    lastName: Short | None = None  # noqa: N815
    emailAddress: Short | None = None  # noqa: N815
    isActive: bool | None = None  # noqa: N815
    teamName: Short | None = None  # noqa: N815
    lastLogin: Short | msgspec.UnsetType | None = msgspec.UNSET  # noqa: N815


class _Agents(_Envelope):
    rows: list[_Agent] = msgspec.field(name="agents")


class _State(msgspec.Struct, gc=False):
    agentId: int | Short  # noqa: N815
    agentStateId: int  # noqa: N815
    agentStateName: Short  # noqa: N815
    isACW: bool | None = None  # noqa: N815
    isAcw: bool | None = None  # noqa: N815
    outStateDescription: Short | None = None  # noqa: N815
    outStateId: int | None = None  # noqa: N815
    startDate: Short | None = None  # noqa: N815
    lastPollTime: Short | None = None  # noqa: N815


class _States(_Envelope):
    rows: list[_State] = msgspec.field(name="agentStates")


AGENTS_AT, STATES_AT = "/agents", "/agentStates"
"""JSON pointers of the rows."""
_IN_AGENTS = Members((b'"agents"', b'"totalRecords"'), in_rows=(b'"agentId"',))
_IN_STATES = Members((b'"agentStates"', b'"totalRecords"'), in_rows=(b'"agentId"', b'"agentStateId"'))
_AGENTS = msgspec.json.Decoder(_Agents)
_STATES = msgspec.json.Decoder(_States)
WRAPPER = "resultSet"
"""The member around the whole answer on some paths."""
_CODE = re.compile(r"\s*-?[0-9]{1,9}\s*", re.ASCII)


def read_roster(response: Response) -> RosterPage:
    """Read `{"agents": [{"agentId", ...}], "totalRecords", "hiddenAgents", "_links"}`."""
    return _read(response, _AGENTS, _IN_AGENTS, AGENTS_AT, _agent, _agent_of_any_shape)


def read_states(response: Response) -> StateRows:
    """Read `{"agentStates": [{"agentId", "agentStateId", "agentStateName", ...}], "lastPollTime", "_links"}`."""
    return _read(response, _STATES, _IN_STATES, STATES_AT, _state, state_of_any_shape)


def _read(
    response: Response,
    decoder: msgspec.json.Decoder[Any],
    members: Members,
    rows_at: str,
    read: Callable[[Any], Row | str | None],
    read_any_shape: Callable[[object], Row | str | None],
) -> Page[Row]:
    """Read a list, by its decoder if its shape is usual.

    Else member by member, which is slower.
    """
    status, body = response.status, response.body
    if not body.strip():
        return empty_page(status)
    answer = decode(body, decoder)
    if (
        isinstance(answer, _Agents | _States)
        and answer.rows
        and not (isinstance(answer, _States) and may_contradict(body))
        and (answer.totalRecords is not None or not stands_elsewhere(body, b"totalrecords"))
        and (answer.hiddenAgents is not None or not stands_elsewhere(body, b"hiddenagents"))
    ):
        refuse_repeated_keys(body, members, len(answer.rows))
        polled = short(answer.lastPollTime) or _oldest(getattr(row, "lastPollTime", None) for row in answer.rows)
        return page_of(
            status,
            [read(row) for row in answer.rows],
            total=whole_number(answer.totalRecords),
            hidden=whole_number(answer.hiddenAgents) or 0,
            links=links_of(answer.links, polled, answer.businessUnitId),
            error=error_around(body, rows_at),
        )
    found = find_rows(body, rows_at, WRAPPER)
    beside = found.beside
    polled = short(beside.get("lastpolltime"))
    if polled is None:
        polled = _oldest(short(row.get("lastPollTime")) for row in found.rows if isinstance(row, dict))
    return page_of(
        status,
        [read_any_shape(row) for row in found.rows],
        total=whole_number(beside.get("totalrecords")),
        hidden=whole_number(beside.get("hiddenagents")) or 0,
        links=links_of(beside.get("_links"), polled, beside.get("businessunitid")),
        found_at=found.found_at,
        error=found.error,
    )


def links_of(links: object, polled: str | None, unit: object = None) -> PageLinks:
    """Read the next link: `next` in any letter case.

    It is a text or an object with `href`.

    Null, "" and no `next` at all mean the end. Any other type is unreadable and means nothing.
    """
    business_unit = identifier(unit)
    if not isinstance(links, dict):
        return PageLinks(polled=polled, business_unit=business_unit)
    link = next((value for name, value in links.items() if name.lower() == "next"), None)
    if isinstance(link, dict):
        link = link.get("href")
    following = link if isinstance(link, str) and link.strip() else None
    given = link is None or isinstance(link, str)
    return PageLinks(next=following, given=given, polled=polled, business_unit=business_unit)


def _agent(row: _Agent) -> Agent | None:
    identity = _identity(row.agentId)
    if identity is None:
        return None
    return Agent(
        agent_id=identity,
        name=full_name(row.firstName, row.lastName),
        user_name=row.userName,
        # Often the user name too: the same text once, at 70 to 80 bytes an agent.
        email=row.userName if row.emailAddress == row.userName else row.emailAddress,
        team=sys.intern(row.teamName) if row.teamName else None,
        active=row.isActive,
        last_login=None if row.lastLogin is msgspec.UNSET else (row.lastLogin or ""),
        user_id=row.userId or row.userID,
    )


def _agent_of_any_shape(row: object) -> Agent | None:
    """Read an agent with unusual types or letter case. None without an id."""
    if not isinstance(row, dict):
        return None
    fields = {name.lower(): value for name, value in row.items()}
    identity = _identity(fields.get("agentid", fields.get("id")))
    if identity is None:
        return None
    return Agent(
        agent_id=identity,
        name=full_name(short(fields.get("firstname")), short(fields.get("lastname"))) or short(fields.get("name")),
        user_name=short(fields.get("username")),
        email=short(fields.get("emailaddress")) or short(fields.get("email")),
        team=interned(short(fields.get("teamname")) or short(fields.get("team"))),
        active=flag(fields.get("isactive")),
        last_login=(short(fields["lastlogin"]) or "") if "lastlogin" in fields else None,
        user_id=short(fields.get("userid")),
    )


def _state(row: _State) -> AgentState | str | None:
    identity = _identity(row.agentId)
    if identity is None:
        return None
    after_call = row.isACW if row.isACW is not None else row.isAcw
    reason = _reason(row.outStateDescription, row.agentStateId, row.outStateId)
    return _state_of(identity, row.agentStateId, row.agentStateName, after_call, reason, row.startDate)


def state_of_any_shape(row: object) -> AgentState | str | None:
    """Read a state with unusual types or letter case. A text says why it has none; None without an id."""
    if not isinstance(row, dict):
        return None
    fields = {name.lower(): value for name, value in row.items()}
    identity = _identity(fields.get("agentid", fields.get("id")))
    if identity is None:
        return None
    code = fields.get("agentstateid")
    if isinstance(code, str) and _CODE.fullmatch(code):
        code = int(code)
    code = code if isinstance(code, int) and not isinstance(code, bool) else None
    name = short(fields.get("agentstatename")) or short(fields.get("state"))
    reason = _reason(short(fields.get("outstatedescription")), code, whole_number(fields.get("outstateid")))
    state = _state_of(identity, code, name, flag(fields.get("isacw")), reason, short(fields.get("startdate")))
    against = contradiction(fields, state.state if isinstance(state, AgentState) else None)
    return state if against is None else against


def _reason(description: str | None, code: int | None, out_state: int | None) -> str | None:
    """The description, or the unavailable code's id without one. In other states that id may be old."""
    if description and description.strip():
        return description
    return str(out_state) if code == _UNAVAILABLE and out_state else None


def _identity(value: object) -> str | None:
    """Return an agent's id without leading zeros. It is an integer in this contract."""
    identity = agent_id(value)
    if type(value) is int or identity is None or not (identity.isascii() and identity.isdecimal()):
        return identity
    return identity.lstrip("0") or "0"  # not int(): Python refuses texts of thousands of digits


def _state_of(
    identity: str, code: int | None, name: str | None, after_call: bool | None, reason: str | None, since: str | None
) -> AgentState | str:
    """Return the state of a row, or why it has none."""
    meaning = _meaning(code, name, after_call, reason)
    return meaning if isinstance(meaning, str) else AgentState(identity, *meaning, since)


@lru_cache(maxsize=1024)
def _meaning(
    code: int | None, name: str | None, after_call: bool | None, reason: str | None
) -> tuple[str, str | None] | str:
    """Return the names of state and sub-state, or why there are none.

    A state without a name gets that of its code. Cached, because a tenant has only a few dozen combinations.
    """
    if code is None and name is not None and _CODE.fullmatch(name):
        code, name = int(name), None
    known = STATE_NAMES.get(code) if code is not None else None
    state = name if name and name.strip() else known
    if state is None:
        if code is not None and code < 0:
            state = f"Pending ({code})"
        else:
            return "no name of a state" if code is None else f"the state {code}, without a name"
    if known is not None and is_logged_out(known) is not is_logged_out(state):
        return f"agentStateId {code} and agentStateName {state}, which contradict each other"
    if known is None and login_of(state) is Login.EITHER:
        return perhaps_logged_out(state)
    if after_call:
        reason = f"{AFTER_CALL}: {reason}" if reason else AFTER_CALL
    return sys.intern(state), interned(reason)


def _oldest(polls: Iterable[str | None]) -> str | None:
    """Return the oldest poll of the rows. A request for changes since then misses none."""
    distinct = [one for one in dict.fromkeys(polls) if one]
    return min(distinct, key=lambda one: parse_timestamp(one) or 0.0, default=None)
