"""Rows of `incontact` are read in any shape and letter case."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cxone_rollcall.contracts.incontact.rows import AFTER_CALL, read_roster, read_states
from cxone_rollcall.contracts.protocol import RosterPage, StateRows, UnusableAnswer
from cxone_rollcall.emulator.contracts.incontact.rows import STATE_NAMES
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.exchange import Response
from cxone_rollcall.model.state import AgentState

ANN = {"agentId": 1001, "firstName": "Ann", "lastName": "Lee", "isActive": True}


def answer(body: Any) -> Response:
    """Return an answer: bytes as they are, anything else as JSON."""
    return Response(status=200, headers={}, body=body if isinstance(body, bytes) else json.dumps(body).encode())


def states(body: Any) -> StateRows:
    """Read a body of states."""
    return read_states(answer(body))


def agents(body: Any) -> RosterPage:
    """Read a body of agents."""
    return read_roster(answer(body))


def wrapped(body: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    """Return the body bare, in each envelope, and in capitals."""
    result, data = {"resultSet": body}, {"data": body}
    return body, result, data, {"resultSet": data}, {"data": {name.upper(): value for name, value in body.items()}}


def state(**row: Any) -> AgentState | str:
    """Read one row of states in several shapes, with the same result.

    Return the state, or the reason why the row has none.
    """
    whole = {"agentId": 1001, **row}
    bodies: list[Any] = [
        {"agentStates": [whole]},
        {"resultSet": {"agentStates": [whole]}},
        {"resultSet": [whole]},
        [whole],
        {"agentStates": [{name.upper(): value for name, value in whole.items()}]},
        {"agentStates": [whole, {"agentId": {}}]},
    ]
    first, *others = [_state_or_reason(states(body)) for body in bodies]
    assert all(one == first for one in others)
    return first


def _state_or_reason(page: StateRows) -> AgentState | str:
    if page.rows:
        return page.rows[0]
    found = re.search(r"no state that can be used in \d+ of \d+ rows?: ([^;]*)", page.complaint)
    return found[1] if found else ""


@pytest.mark.parametrize(("code", "name"), list(enumerate(STATE_NAMES)))
def test_names_and_codes(code: int, name: str) -> None:
    """Each code has the name that the emulator gives it. Either of them is enough for the state."""
    expected = AgentState("1001", name)
    assert state(agentStateId=code, agentStateName=name) == expected
    assert state(agentStateId=code) == state(agentStateId=code, agentStateName="") == expected
    assert state(agentStateName=name) == state(agentStateId=None, agentStateName=name) == expected
    assert state(agentStateId=str(code)) == state(agentStateId=f" {code} ", agentStateName=None) == expected
    assert expected.logged_in == (code > 0)


@pytest.mark.parametrize("code", [9, 99, "9", 10**30])
def test_unknown_codes(code: int | str) -> None:
    """An unknown code has the name beside it. Without a name it is no state, and the reason says so."""
    assert state(agentStateId=code, agentStateName="Pending") == AgentState("1001", "Pending")
    assert state(agentStateId=code) == f"the state {code}, without a name"


@pytest.mark.parametrize("code", [-1, -9, -12, -13, "-1"])
def test_codes_of_pending_states(code: int | str) -> None:
    """A code below 0 is a state of somebody logged in. The row need not name it."""
    for name in ("LogoffPending", "PromisePending"):
        assert state(agentStateId=code, agentStateName=name) == AgentState("1001", name)
    unnamed = state(agentStateId=code)
    assert unnamed == AgentState("1001", f"Pending ({code})")
    assert isinstance(unnamed, AgentState)
    assert unnamed.logged_in


@pytest.mark.parametrize("described", [None, "", " "])
def test_a_reason_without_a_description(described: str | None) -> None:
    """A reason without description is the id as a sub-state. In other states than unavailable it means nothing."""
    fields = {"outStateId": 12, "outStateDescription": described}
    assert state(agentStateId=2, **fields) == AgentState("1001", "Unavailable", "12")
    assert state(agentStateId=2, agentStateName="Unavailable", **fields) == AgentState("1001", "Unavailable", "12")
    assert state(agentStateId="2", **{**fields, "outStateId": "12"}) == AgentState("1001", "Unavailable", "12")
    assert state(agentStateId=1, **fields) == AgentState("1001", "Available")
    assert state(agentStateId=2, **{**fields, "outStateId": 0}) == AgentState("1001", "Unavailable")
    lunch = state(agentStateId=2, agentStateName="Unavailable", outStateId=12, outStateDescription="Lunch")
    assert lunch == AgentState("1001", "Unavailable", "Lunch")


@pytest.mark.parametrize("name", ["Coaching", "Zzz", " Available", "ΔΕΝ", "available"])
def test_unknown_names(name: str) -> None:
    """A name is kept as it is, whatever its code."""
    assert state(agentStateId=2, agentStateName=name) == AgentState("1001", name)


@pytest.mark.parametrize(
    ("code", "name"), [(0, "Available"), (0, "Pending"), (1, "LoggedOut"), (8, "Logged Out"), (2, "signed off")]
)
def test_contradictions(code: int, name: str) -> None:
    """There is no state if code and name disagree about the login."""
    assert state(agentStateId=code, agentStateName=name) == (
        f"agentStateId {code} and agentStateName {name}, which contradict each other"
    )


@pytest.mark.parametrize(
    ("code", "name"), [(0, "LoggedOut"), (0, "Logged Off"), (1, "Unavailable"), (9, "LoggedOut"), (-1, "Available")]
)
def test_no_contradictions(code: int, name: str) -> None:
    """A name in another spelling, or beside an unknown code, is accepted."""
    assert state(agentStateId=code, agentStateName=name) == AgentState("1001", name)


@pytest.mark.parametrize("flag", [True, "true", "True", " TRUE "])
@pytest.mark.parametrize("spelt", ["isACW", "isAcw"])
def test_after_call_work(flag: object, spelt: str) -> None:
    """After-call work is a sub-state, with its reason if any. Both spellings are known."""
    known: dict[str, Any] = {"agentStateId": 2, "agentStateName": "Unavailable", spelt: flag}
    assert state(**known) == AgentState("1001", "Unavailable", AFTER_CALL)
    assert state(**known, outStateDescription="Lunch") == AgentState("1001", "Unavailable", f"{AFTER_CALL}: Lunch")


@pytest.mark.parametrize("flag", [False, "false", None, 1, "yes", ""])
def test_no_after_call_work(flag: object) -> None:
    """Any other value is not after-call work."""
    row: dict[str, Any] = {"agentStateId": 2, "agentStateName": "Unavailable", "isACW": flag}
    assert state(**row) == AgentState("1001", "Unavailable")


@pytest.mark.parametrize(
    ("reason", "sub_state"),
    [("Lunch", "Lunch"), (" Lunch ", " Lunch "), ("", None), ("  ", None), (None, None), (12, "12"), ({}, None)],
)
def test_the_reason_is_the_sub_state(reason: object, sub_state: str | None) -> None:
    """The reason is the unchanged sub-state. A blank one is ignored."""
    row: dict[str, Any] = {"agentStateId": 2, "agentStateName": "Unavailable", "outStateDescription": reason}
    assert state(**row) == AgentState("1001", "Unavailable", sub_state)


def test_rows_that_say_no_state() -> None:
    """A row without a state gives the reason. One without an id is counted."""
    assert state() == state(agentStateId=None, agentStateName=" ") == "no name of a state"
    assert state(agentStateId="two") == state(agentStateId=True) == state(agentStateId=2.5) == "no name of a state"
    assert state(error={"code": "E7", "message": "no luck"}) == "E7: no luck"
    assert state(errorCode=17) == "17"
    nameless = [{"agentId": None}, {"agentId": " "}, {"agentId": True}, {}, None, "1001", 1001]
    with pytest.raises(UnusableAnswer, match="7 rows, and none has an id"):
        states({"agentStates": nameless})
    assert states({"agentStates": [*nameless, {"agentId": 1, "agentStateId": 1}]}).unnamed == len(nameless)


def test_rows_of_another_shape() -> None:
    """A row is read in other letters. Its id may be `id`, its numbers may be text."""
    row = {"ID": "0042", "STATE": 7, "agentStateName": "Unavailable", "AgentStateId": "2", "StartDate": "2026-03-02"}
    page = states({"agentStates": [row, {"Id": None, "State": "Busy"}]})
    assert page.rows == (AgentState("42", "Unavailable", None, "2026-03-02"),)
    reason = {**row, "OutStateDescription": "Lunch", "OUTSTATEID": "5"}
    assert states({"agentStates": [reason]}).rows[0].sub_state == "Lunch"
    assert states({"agentStates": [{**reason, "OutStateDescription": ""}]}).rows[0].sub_state == "5"
    refused = states({"agentStates": [{"id": 42, "errorCode": "AgentNotFound"}]})
    assert refused.rows == ()
    assert "AgentNotFound" in refused.complaint


@pytest.mark.parametrize(
    ("written", "known_as"),
    [(42, "42"), ("42", "42"), ("0042", "42"), ("0", "0"), ("00", "0"), (0, "0"), ("0a", "0a"), ("٠٤", "٠٤")],
)
def test_an_id_is_a_number(written: object, known_as: str) -> None:
    """An id is without the zeros before it, in both lists. A text of other characters stays."""
    assert [row.agent_id for row in states({"agentStates": [{"agentId": written, "agentStateId": 1}]}).rows] == [
        known_as
    ]
    assert [agent.agent_id for agent in agents({"agents": [{"agentId": written}]}).rows] == [known_as]


@pytest.mark.parametrize("since", ["2026-11-22T09:12:00.443Z", "yesterday", "", None])
def test_since_when(since: str | None) -> None:
    """The start of a state is the server's own text."""
    read = state(agentStateId=1, startDate=since)
    assert isinstance(read, AgentState)
    assert (read.since or None) == (since or None)


@pytest.mark.parametrize(
    ("beside", "total", "hidden"),
    [
        ({}, None, 0),
        ({"totalRecords": 7, "hiddenAgents": 3}, 7, 3),
        ({"totalRecords": "7", "hiddenAgents": "3"}, 7, 3),
        ({"totalRecords": -1, "hiddenAgents": -1}, None, 0),
        ({"totalRecords": 7.5, "hiddenAgents": None}, None, 0),
        ({"totalRecords": True, "hiddenAgents": True}, None, 0),
    ],
)
def test_numbers_beside_the_rows(beside: dict[str, Any], total: int | None, hidden: int) -> None:
    """The counts beside the rows are numbers or texts."""
    for rows in ([ANN], []):
        for body in wrapped({"agents": rows, **beside}):
            listed = agents(body)
            assert (listed.total, listed.hidden) == (total, hidden)


@pytest.mark.parametrize(
    ("links", "next_", "given"),
    [
        ({"next": "https://x/y?skip=2"}, "https://x/y?skip=2", True),
        ({"next": "?skip=2", "self": "?skip=0"}, "?skip=2", True),
        ({"next": None}, None, True),
        ({"next": ""}, None, True),
        ({"self": "/y"}, None, True),
        ({}, None, True),
        (None, None, False),
        ("next", None, False),
        ([], None, False),
        ({"next": {}}, None, True),
    ],
)
def test_the_next_link(links: object, next_: str | None, given: bool) -> None:
    """A next link is read if there is one. An answer without links differs from links that end."""
    for body in wrapped({"agents": [ANN], "_links": links}):
        assert (agents(body).links.next, agents(body).links.given) == (next_, given)
    absent = agents({"agents": [ANN]}).links
    assert (absent.next, absent.given) == (None, False)


def test_members_around_an_envelope() -> None:
    """Members around an envelope count if it has none itself."""
    for inner, total in (({}, 900), ({"totalRecords": None}, 900), ({"totalRecords": 1}, 1)):
        for name in ("resultSet", "data"):
            assert agents({"totalRecords": 900, name: {"agents": [ANN], **inner}}).total == total


def test_members_in_an_object_beside_the_rows() -> None:
    """A total counts in an object beside the rows, too. So do hidden agents."""
    for name in ("totalRecords", "totalrecords", "TOTALRECORDS"):
        assert agents({"agents": [ANN], "meta": {name: 900}}).total == 900
        assert agents({"agents": [ANN], name: 900}).total == 900
        assert agents({"agents": [ANN], "totalRecords": 1, "meta": {name: 900}}).total == 1
    assert agents({"agents": [ANN], "totalRecords": 900, "paging": {"hiddenAgents": 3}}).hidden == 3


def test_the_time_of_the_poll() -> None:
    """The last poll is beside the rows or in each row."""
    row = {"agentId": 1, "agentStateId": 1, "agentStateName": "Available", "lastPollTime": "2026-11-22T09:00:00Z"}
    for body in ({"agentStates": [row]}, {"resultSet": {"agentStates": [row]}}, [row]):
        assert states(body).links.polled == "2026-11-22T09:00:00Z"
    beside = {"agentStates": [row], "lastPollTime": "2026-11-22T09:30:00.12Z"}
    assert {states(body).links.polled for body in wrapped(beside)} == {"2026-11-22T09:30:00.12Z"}
    assert states({"agentStates": []}).links.polled is None
    times = ["2026-11-22T09:30:00Z", None, "", "2026-11-22T10:00:00+01:00", "2026-11-22T09:30:00Z"]
    rows = [{**row, "agentId": place, "lastPollTime": time} for place, time in enumerate(times)]
    odd: dict[str, object] = {"agentId": {}}
    for read in (states({"agentStates": rows}), states({"agentStates": [*rows, odd]})):
        assert read.links.polled == "2026-11-22T10:00:00+01:00"  # the oldest, in another zone


@pytest.mark.parametrize("user_id", ["userId", "userID"])
def test_every_field_of_an_agent(user_id: str) -> None:
    """An agent is read with all its fields. Names of any version are known, and any place of the rows."""
    row = {**ANN, user_id: "u-1", "userName": "ann", "emailAddress": "ann@example.com", "teamName": "Support"}
    expected = Agent("1001", "Ann Lee", "ann", "ann@example.com", "Support", True, None, "u-1")
    for body, found_at in (
        ({"agents": [row]}, None),
        ({"resultSet": {"agents": [row]}}, None),
        ({"AGENTS": [row]}, "/AGENTS"),
        ([{name.lower(): value for name, value in row.items()}], ""),
    ):
        listed = agents(body)
        assert (listed.rows, listed.found_at) == ((expected,), found_at)


def test_short_names_of_members() -> None:
    """Short names of members count where the usual ones are missing."""
    usual = {**ANN, "userName": "ann", "emailAddress": "ann@example.com", "teamName": "Support"}
    short = {"id": "1001", "name": "Ann Lee", "username": "ann", "email": "ann@example.com", "team": "Support"}
    (read,) = agents([{**short, "isActive": "true"}]).rows
    assert read == Agent("1001", "Ann Lee", "ann", "ann@example.com", "Support", True)
    others = dict.fromkeys(short, "other") | {"username": "ann"}
    assert agents([{**others, **usual}]).rows == (read,)
    state = {"startdate": "2026-11-22T09:00:00Z"}
    (waiting,) = states([{**state, "id": "1001", "state": "Waiting"}]).rows
    assert waiting == AgentState("1001", "Waiting", None, "2026-11-22T09:00:00Z")
    named = {**state, "id": "other", "state": "other", "AGENTID": "1001", "AGENTSTATENAME": "Waiting"}
    assert states([named]).rows == (waiting,)


@pytest.mark.parametrize("row", [ANN, {**ANN, "isActive": "True"}])
def test_last_login(row: dict[str, Any]) -> None:
    """A null or blank login never happened. A missing one is unknown."""
    logins: tuple[dict[str, Any], ...] = (
        {},
        {"lastLogin": None},
        {"lastLogin": ""},
        {"lastLogin": "2026-11-22T08:01:11.043Z"},
    )
    pages = [agents({"agents": [{**row, **login}]}) for login in logins]
    assert [page.rows[0].last_login for page in pages] == [
        None,
        "",
        "",
        "2026-11-22T08:01:11.043Z",
    ]


ENVELOPE = ["agents", "agentStates", "resultSet", "_links", "next", "totalRecords", "hiddenAgents", "errors"]
IN_ROWS = ["agentId", "agentStateId", "agentStateName", "isACW", "error", "lastPollTime", "lastLogin", "startDate"]
NAME = st.sampled_from(ENVELOPE + IN_ROWS) | st.text()
SCALAR = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUE = st.recursive(SCALAR, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAME, inner, max_size=5))


@given(st.binary())
@example(b'{"agentStates": [{"agentId": "\\ud83d", "agentStateName": "\\ud83d"}]}')
@example(b'{"agentStates": [{"agentId": 1, "agentStateId": ' + b"9" * 5000 + b"}]}")
@example(b'{"agents": [{"agentId": ' + b"9" * 5000 + b"}]}")
@example(b'{"agents": [{"agentId": "' + b"9" * 5000 + b'"}]}')
@example(b'{"agentStates": [{"agentId": "' + b"9" * 5000 + b'", "agentStateId": 1, "agentStateName": "Available"}]}')
@example(b"[" * 100_000)
@example(b'{"resultSet": ' * 1000 + b"[]" + b"}" * 1000)
def test_any_bytes(body: bytes) -> None:
    """Any bytes are read, or raise `UnusableAnswer`."""
    for read in (agents, states):
        try:
            read(body)
        except UnusableAnswer as unusable:
            assert unusable.detail


@given(VALUE | st.fixed_dictionaries({"agentStates": st.lists(st.dictionaries(NAME, VALUE))}))
def test_any_json(value: object) -> None:
    """Any JSON is read, or raises `UnusableAnswer`."""
    for read in (agents, states):
        try:
            page = read(value)
        except UnusableAnswer as unusable:
            assert unusable.detail
        else:
            assert page.unnamed >= 0
