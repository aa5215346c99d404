"""The rows of the published contract: agents and states, in the flat shape of v34, that of v23, or any other.

Source: NICE's OpenAPI files of the v34 and v23 eras. Names vary by version (`userId`/`userID`, `isACW`/`isAcw`), and
some paths wrap the whole answer in `resultSet`.
"""

from __future__ import annotations

import re
import sys
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from cxone_rollcall.contracts.decoding import (
    Members,
    agent_id,
    decode,
    flag,
    interned,
    refuse_if_said_twice,
    text,
    whole_number,
)
from cxone_rollcall.contracts.envelope import Beside, error_beside, find_rows, in_words, refuse_if_trouble
from cxone_rollcall.contracts.protocol import PageLinks
from cxone_rollcall.model.agent import Agent, full_name
from cxone_rollcall.model.state import AgentState, is_logged_out
from cxone_rollcall.model.timestamp import parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

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
"""The codes of `agentStateId` (S34): every one but the first is logged in. Negative ones occur in reports."""
AFTER_CALL = "After-call work"


class Listed(NamedTuple):
    """The rows of an answer, each read by its own reader, and what stands beside them.

    A row without a readable id is None, one that holds an error in place of a state is a text.
    """

    rows: Sequence[Agent | AgentState | str | None]
    total: int | None
    hidden: int
    links: PageLinks
    found_at: str | None
    error: str


class _Envelope(Beside, kw_only=True):
    """What stands beside the rows, of any type."""

    totalRecords: object = None  # noqa: N815  the wire's spelling, here and below
    hiddenAgents: object = None  # noqa: N815
    lastPollTime: object = None  # noqa: N815
    links: object = msgspec.field(default=None, name="_links")


class _Agent(msgspec.Struct, gc=False):
    agentId: int | str  # noqa: N815
    userId: str | None = None  # noqa: N815
    userID: str | None = None  # noqa: N815
    userName: str | None = None  # noqa: N815
    firstName: str | None = None  # noqa: N815
    lastName: str | None = None  # noqa: N815
    emailAddress: str | None = None  # noqa: N815
    isActive: bool | None = None  # noqa: N815
    teamName: str | None = None  # noqa: N815
    lastLogin: str | msgspec.UnsetType | None = msgspec.UNSET  # noqa: N815


class _Agents(_Envelope):
    agents: list[_Agent]


class _State(msgspec.Struct, gc=False):
    agentId: int | str  # noqa: N815
    agentStateId: int  # noqa: N815
    agentStateName: str  # noqa: N815
    isACW: bool | None = None  # noqa: N815
    isAcw: bool | None = None  # noqa: N815
    outStateDescription: str | None = None  # noqa: N815
    startDate: str | None = None  # noqa: N815
    lastPollTime: str | None = None  # noqa: N815


class _States(_Envelope):
    agentStates: list[_State]  # noqa: N815


_IN_AGENTS = Members((b'"agents"', b'"totalRecords"'), in_rows=(b'"agentId"',))
_IN_STATES = Members((b'"agentStates"', b'"totalRecords"'), in_rows=(b'"agentId"', b'"agentStateId"'))
_AGENTS = msgspec.json.Decoder(_Agents)
_STATES = msgspec.json.Decoder(_States)
_ANYTHING: msgspec.json.Decoder[object] = msgspec.json.Decoder()
_WRAPPER = "resultSet"
_OUT = ("loggedo", "logout", "logoff", "signedo", "signout", "signoff", "notlogged", "offline")
_NOTHING = frozenset({"none", "null", "unknown", "na", ""})
_CODE = re.compile(r"\s*-?[0-9]{1,9}\s*", re.ASCII)


def read_agents(body: bytes, rows_at: str) -> Listed:
    """Read `{"agents": [{"agentId", ...}], "totalRecords", "hiddenAgents", "_links"}`."""
    answer = decode(body, _AGENTS)
    if isinstance(answer, _Agents) and answer.agents:
        refuse_if_said_twice(body, _IN_AGENTS, len(answer.agents))
        return _listed([_agent(row) for row in answer.agents], answer)
    found, beside = _of_any_shape(body, rows_at)
    return _listed_of_any_shape([_agent_of_any_shape(row) for row in found.rows], found, beside)


def read_states(body: bytes, rows_at: str) -> Listed:
    """Read `{"agentStates": [{"agentId", "agentStateId", "agentStateName", ...}], "lastPollTime", "_links"}`."""
    answer = decode(body, _STATES)
    if isinstance(answer, _States) and answer.agentStates:
        refuse_if_said_twice(body, _IN_STATES, len(answer.agentStates))
        polled = _oldest([row.lastPollTime for row in answer.agentStates])
        return _listed([_state(row) for row in answer.agentStates], answer, polled=polled)
    found, beside = _of_any_shape(body, rows_at)
    return _listed_of_any_shape([_state_of_any_shape(row) for row in found.rows], found, beside)


def _listed(rows: Sequence[Agent | AgentState | str | None], answer: _Envelope, *, polled: str | None = None) -> Listed:
    return Listed(
        rows=rows,
        total=whole_number(answer.totalRecords),
        hidden=whole_number(answer.hiddenAgents) or 0,
        links=_links(answer.links, text(answer.lastPollTime) or polled),
        found_at=None,
        error=answer.trouble(),
    )


def _links(links: object, polled: str | None) -> PageLinks:
    """Read where a list goes on: `next` in any letter case, a text or an object with `href`.

    Null, an empty text and no such member at all are the end; anything else cannot be read, and says nothing.
    """
    if not isinstance(links, dict):
        return PageLinks(polled=polled)
    link = next((value for name, value in links.items() if name.lower() == "next"), None)
    if isinstance(link, dict):
        link = link.get("href")
    following = link if isinstance(link, str) and link.strip() else None
    return PageLinks(next=following, given=link is None or isinstance(link, str), polled=polled)


class _Found(NamedTuple):
    rows: Sequence[object]
    found_at: str | None
    error: str


def _of_any_shape(body: bytes, rows_at: str) -> tuple[_Found, Mapping[str, object]]:
    """Read an answer whose fields are not of the usual types, or without rows, or wrapped in `resultSet`."""
    value = decode(body, _ANYTHING)
    refuse_if_said_twice(body)
    outer = value
    if isinstance(value, dict):
        wrapped = value.get(_WRAPPER)
        if isinstance(wrapped, dict | list):
            value = wrapped
    rows, found_at, error = find_rows(value, rows_at)
    if outer is not value and isinstance(outer, dict):
        around = {name: inner for name, inner in outer.items() if name != _WRAPPER}
        if not rows:
            refuse_if_trouble(around)
        error = error or error_beside(around)
    return _Found(rows, found_at, error), value if isinstance(value, dict) else {}


def _listed_of_any_shape(
    rows: Sequence[Agent | AgentState | str | None], found: _Found, beside: Mapping[str, object]
) -> Listed:
    polled = text(beside.get("lastPollTime"))
    if polled is None:
        polled = _oldest(text(row.get("lastPollTime")) for row in found.rows if isinstance(row, dict))
    return Listed(
        rows=rows,
        total=whole_number(beside.get("totalRecords")),
        hidden=whole_number(beside.get("hiddenAgents")) or 0,
        links=_links(beside.get("_links"), polled),
        found_at=found.found_at,
        error=found.error,
    )


def _agent(row: _Agent) -> Agent | None:
    identity = _identity(row.agentId)
    if identity is None:
        return None
    return Agent(
        agent_id=identity,
        name=full_name(row.firstName, row.lastName),
        user_name=row.userName,
        email=row.emailAddress,
        team=sys.intern(row.teamName) if row.teamName else None,
        active=row.isActive,
        last_login=None if row.lastLogin is msgspec.UNSET else (row.lastLogin or ""),
        user_id=row.userId or row.userID,
    )


def _agent_of_any_shape(row: object) -> Agent | None:
    """Read an agent whose fields are not of the usual types, or spelt in other letter case; None without an id."""
    if not isinstance(row, dict):
        return None
    said = {name.lower(): value for name, value in row.items()}
    identity = _identity(said.get("agentid", said.get("id")))
    if identity is None:
        return None
    return Agent(
        agent_id=identity,
        name=full_name(text(said.get("firstname")), text(said.get("lastname"))) or text(said.get("name")),
        user_name=text(said.get("username")),
        email=text(said.get("emailaddress")) or text(said.get("email")),
        team=interned(text(said.get("teamname")) or text(said.get("team"))),
        active=flag(said.get("isactive")),
        last_login=(text(said["lastlogin"]) or "") if "lastlogin" in said else None,
        user_id=text(said.get("userid")),
    )


def _state(row: _State) -> AgentState | str | None:
    identity = _identity(row.agentId)
    if identity is None:
        return None
    after_call = row.isACW if row.isACW is not None else row.isAcw
    return _said(identity, row.agentStateId, row.agentStateName, after_call, row.outStateDescription, row.startDate)


def _state_of_any_shape(row: object) -> AgentState | str | None:
    if not isinstance(row, dict):
        return None
    said = {name.lower(): value for name, value in row.items()}
    identity = _identity(said.get("agentid", said.get("id")))
    if identity is None:
        return None
    code = said.get("agentstateid")
    if isinstance(code, str) and _CODE.fullmatch(code):
        code = int(code)
    code = code if isinstance(code, int) and not isinstance(code, bool) else None
    name = text(said.get("agentstatename")) or text(said.get("state"))
    error = next((said[one] for one in ("error", "errorcode") if said.get(one)), None)
    if error is not None and code is None and name is None:
        return in_words(error)
    reason = text(said.get("outstatedescription"))
    return _said(identity, code, name, flag(said.get("isacw")), reason, text(said.get("startdate")))


def _identity(value: object) -> str | None:
    """Return an agent's id, which is an integer here: leading zeros make no other agent."""
    identity = agent_id(value)
    if type(value) is int or identity is None or not (identity.isascii() and identity.isdecimal()):
        return identity
    return identity.lstrip("0") or "0"  # not by way of a number: Python reads none of thousands of digits


def _said(
    identity: str, code: int | None, name: str | None, after_call: bool | None, reason: str | None, since: str | None
) -> AgentState | str:
    """Return a state as it was said; a text where it says none."""
    meaning = _meaning(code, name, after_call, reason)
    return meaning if isinstance(meaning, str) else AgentState(identity, *meaning, since)


@lru_cache(maxsize=1024)
def _meaning(
    code: int | None, name: str | None, after_call: bool | None, reason: str | None
) -> tuple[str, str | None] | str:
    """Return the names of state and sub-state, made up from the code where there is none; a text where they say none.

    A tenant has a few dozen of them, so that hardly any row has to be looked at anew.
    """
    if code is None and name is not None and _CODE.fullmatch(name):
        code, name = int(name), None
    known = STATE_NAMES.get(code) if code is not None else None
    state = name if name and name.strip() else known
    if state is None:
        return "no name of a state" if code is None else f"the state {code}, without a name"
    if known is not None and is_logged_out(known) is not is_logged_out(state):
        return f"agentStateId {code} and agentStateName {state}, which contradict each other"
    if known is None and _may_be_logged_out(state):
        return f"the state {state}, which may mean logged out"
    sub_state = reason if reason and reason.strip() else None
    if after_call:
        sub_state = f"{AFTER_CALL}: {sub_state}" if sub_state else AFTER_CALL
    return sys.intern(state), interned(sub_state)


def _oldest(polls: Iterable[str | None]) -> str | None:
    """Return the oldest of the rows' polls: what changed since any of them is asked for with that one."""
    said = [one for one in dict.fromkeys(polls) if one]
    return min(said, key=lambda one: parse_timestamp(one) or 0.0, default=None)


def _may_be_logged_out(state: str) -> bool:
    """Tell whether a name that the contract does not know begins as one for logged out does, or names nothing."""
    letters = "".join(filter(str.isalnum, state)).casefold()
    return not is_logged_out(state) and (letters.startswith(_OUT) or letters in _NOTHING)
