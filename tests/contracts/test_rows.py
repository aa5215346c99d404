"""Rows need only an id; each id is kept once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contracts.wire import roster, states, token

from cxone_rollcall.contracts.protocol import UnusableAnswer

IDS = [
    (7, "7"),
    (0, "0"),
    (-7, "-7"),
    (2**63, str(2**63)),
    (10**30, str(10**30)),
    ("7", "7"),
    (" 7\n", "7"),
    ("007", "007"),
    ("00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000001"),
    ("ann@example.com", "ann@example.com"),
    ("", None),
    ("  ", None),
    (True, None),
    (False, None),
    (7.0, None),
    (7.5, None),
    (None, None),
    ([7], None),
    ({"id": 7}, None),
]


@pytest.mark.parametrize(("written", "known_as"), IDS)
def test_ids(written: object, known_as: str | None) -> None:
    """An id is a number or a non-blank text. Anything else is None."""
    page = roster({"entities": [{"id": 1}, {"id": written}]})
    rows = states({"entities": [{"agentId": 1, "state": "Busy"}, {"agentId": written, "state": "Busy"}]})
    expected = ["1"] if known_as is None else ["1", known_as]
    assert [agent.agent_id for agent in page.rows] == expected == [row.agent_id for row in rows.rows]
    assert page.unnamed == rows.unnamed == (known_as is None)


@pytest.mark.parametrize(
    ("written", "total"),
    [
        (7, 7),
        (0, 0),
        ("7", 7),
        (" 7 ", 7),
        ("", None),
        ("many", None),
        (-1, None),
        ("-1", None),
        (7.0, None),
        (True, None),
        (None, None),
        ([7], None),
        (10**39, 10**39),
        (10**41, None),
        ("9" * 5000, None),
        ("²", None),
        ("٣", None),
    ],
)
def test_totals(written: object, total: int | None) -> None:
    """A count is a number, or a text with one. A page with an unreadable count keeps its rows."""
    page = roster({"entities": [{"id": 1}], "totalCount": written})
    assert (page.total, len(page.rows)) == (total, 1)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"name": "Ann Lee", "firstName": "A"}, {"name": "Ann Lee"}),
        ({"firstName": "Ann", "lastName": "Lee"}, {"name": "Ann Lee"}),
        ({"firstName": "Ann"}, {"name": "Ann"}),
        ({"lastName": "Lee"}, {"name": "Lee"}),
        ({"name": ""}, {"name": None}),
        ({"userName": "ann"}, {"user_name": "ann"}),
        ({"email": "a@example.com"}, {"email": "a@example.com"}),
        ({"emailAddress": "a@example.com"}, {"email": "a@example.com"}),
        ({"team": "Support"}, {"team": "Support"}),
        ({"teamName": "Support"}, {"team": "Support"}),
        ({"isActive": True}, {"active": True}),
        ({"isActive": False, "active": True}, {"active": False}),
        ({"active": False}, {"active": False}),
        ({"lastLogin": "2026-03-02T08:01:11Z"}, {"last_login": "2026-03-02T08:01:11Z"}),
        ({"lastLogin": None}, {"last_login": ""}),
        ({"lastLogin": ""}, {"last_login": ""}),
        ({}, {"last_login": None, "active": None, "name": None}),
    ],
)
@pytest.mark.parametrize("others", [[], [{"id": 2, "name": 7}]], ids=["as usual", "beside another shape"])
def test_names_of_a_field(fields: dict[str, object], expected: dict[str, object], others: list[object]) -> None:
    """A field is read under any of its names."""
    agent = roster({"entities": [{**fields, "id": 1}, *others]}).rows[0]
    assert {name: getattr(agent, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("field", "written", "name", "expected"),
    [
        ("isActive", "true", "active", True),
        ("isActive", "False", "active", False),
        ("isActive", "perhaps", "active", None),
        ("isActive", 1, "active", None),
        ("team", {"id": 7, "name": "Support"}, "team", "Support"),
        ("team", 77, "team", "77"),
        ("team", ["Support"], "team", None),
        ("userName", {"name": " "}, "user_name", None),
        ("lastLogin", 1_700_000_000, "last_login", "1700000000"),
        ("lastLogin", [], "last_login", ""),
    ],
)
def test_fields_of_another_type(field: str, written: object, name: str, expected: object) -> None:
    """A field of another type is read if possible, else unknown."""
    assert getattr(roster({"entities": [{"id": 1, field: written}]}).rows[0], name) == expected


@pytest.mark.parametrize(
    ("row", "state", "sub_state"),
    [
        ({"state": "Busy"}, "Busy", None),
        ({"state": "Break", "subState": "Break - Lunch"}, "Break", "Break - Lunch"),
        ({"state": "On The Moon"}, "On The Moon", None),
        ({"state": 7}, "7", None),
        ({"state": None, "stateName": 7}, "7", None),
        ({"state": {"name": "Busy"}, "subState": {"name": "Lunch"}}, "Busy", "Lunch"),
        ({"stateName": "Busy"}, "Busy", None),
        ({"agentStateName": "Busy"}, "Busy", None),
        ({"state": "Break", "stateName": "Busy", "agentStateName": "Idle"}, "Break", None),
        ({"state": " ", "stateName": "", "agentStateName": "Busy"}, "Busy", None),
        ({"state": {"stateName": "Busy"}}, "Busy", None),
        ({"state": {"name": "", "stateName": "Busy"}}, "Busy", None),
        ({"state": {"id": 3}, "stateName": {"name": "Busy"}}, "Busy", None),
        ({"state": 1, "stateName": "Busy"}, "Busy", None),
        ({"state": "LogoffPending"}, "LogoffPending", None),
        ({"state": "Not Ready - Signing off soon"}, "Not Ready - Signing off soon", None),
        ({"isLoggedIn": True}, None, None),
    ],
)
def test_states(row: dict[str, object], state: str | None, sub_state: str | None) -> None:
    """A state is kept as it is, known or not. A flag without a state says that its agent is logged in."""
    read = states({"entities": [{"agentId": 1, **row}]}).rows[0]
    assert (read.state, read.sub_state, read.logged_in) == (state, sub_state, True)


@pytest.mark.parametrize(
    "row",
    [
        {"isLoggedIn": False},
        {"isLoggedIn": "false"},
        {"loggedIn": False},
        {"state": None, "isLoggedIn": False},
        {"state": "", "isLoggedIn": False},
        {"state": 0, "isLoggedIn": False},
        {"agentStateName": "LoggedOut"},
        {"state": {"id": 0, "stateName": "Logged Out"}},
        {"state": 0, "agentStateName": "LoggedOut"},
    ],
)
def test_logged_out_rows(row: dict[str, object]) -> None:
    """Any of its names logs a row out. Without a state, a flag does."""
    read = states({"entities": [{"agentId": 1, **row}]}).rows[0]
    assert not read.logged_in
    assert str(read.state).replace(" ", "") == "LoggedOut"


NO_STATE = "no name of a state"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({}, NO_STATE),
        ({"state": None}, NO_STATE),
        ({"state": ""}, NO_STATE),
        ({"state": " \t"}, NO_STATE),
        ({"state": ["Busy"]}, NO_STATE),
        ({"state": 0}, NO_STATE),
        ({"isLoggedIn": None}, NO_STATE),
        ({"isLoggedIn": "perhaps"}, NO_STATE),
        ({"name": "Lee, Ann", "userName": "ann", "isActive": True, "team": "Support"}, NO_STATE),
        ({"state": "N/A"}, "the state N/A, which may mean logged out"),
        ({"state": "active"}, "the state active, which may mean logged out"),
        ({"state": "Offline Work"}, "the state Offline Work, which may mean logged out"),
        ({"state": "Logged Out of Queue"}, "the state Logged Out of Queue, which may mean logged out"),
    ],
)
def test_rows_that_say_nothing_of_a_login(row: dict[str, object], why: str) -> None:
    """A row without a state says nothing about a login. Nor does one that may mean either."""
    read = states({"entities": [{"agentId": 1, **row}, {"agentId": 2, "state": "Busy"}]})
    assert [one.agent_id for one in read.rows] == ["2"]
    assert read.complaint == f"no state that can be used in 1 of 2 rows: {why}"


@pytest.mark.parametrize(
    "state",
    [
        *("Logged Out - Shift End", "LoggedOutByAdmin", "Offline (timeout)", "Signed off (auto)", "AGENT_LOGGED_OUT"),
        "Logout",
        "log out",
        "Signed Out",
        "SIGNED_OFF",
        "Not Logged In",
        "not-logged-in",
        "Offline",
        "LoggedOff",
    ],
)
def test_words_for_logged_out(state: str) -> None:
    """Servers have several words for logged out, and each means it."""
    assert not states({"entities": [{"agentId": 1, "state": state}]}).rows[0].logged_in


ROW = {"id": 1, "agentId": 1, "state": "Busy"}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ([ROW], ""),
        ({"agents": [ROW]}, "/agents"),
        ({"resultSet": {"agents": [ROW]}}, "/resultSet/agents"),
        ({"data": {"entities": [ROW], "total": 1}}, "/data/entities"),
        ({"entities": None, "items": [ROW], "_links": [{"rel": "next"}]}, "/items"),
        ({"items": [ROW], "messages": [], "warnings": [{"text": "slow"}]}, "/items"),
        ({"items": [ROW], "_links": {"pages": [{"rel": "next"}]}}, "/items"),
    ],
)
def test_rows_elsewhere(body: object, pointer: str) -> None:
    """Rows in any usual place are read, with their pointer. It is a bare list, another key, or an envelope."""
    page, rows = roster(body), states(body)
    assert (page.found_at, rows.found_at) == (pointer, pointer)
    assert [agent.agent_id for agent in page.rows] == ["1"] == [row.agent_id for row in rows.rows]


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"entities": [ROW], "totalCount": 900}},
        {"data": {"Entities": [ROW], "TotalCount": 900}},
        {"data": {"entities": [ROW]}, "totalCount": 900},
        {"data": {"entities": [ROW], "totalCount": None}, "totalCount": 900},
        {"data": {"entities": [ROW], "totalCount": 900}, "totalCount": 1},
        {"data": {"entities": [], "totalCount": 900}},
        {"entities": [ROW], "meta": {"totalCount": 900}},
        {"data": {"entities": [ROW]}, "meta": {"totalCount": 900}},
        {"entities": [ROW], "TotalCount": 900},
        {"items": [ROW], "totalCount": 900, "meta": {"totalCount": 1}},
        {"entities": [ROW], "totalCount": 900, "meta": {"totalCount": 1}},
        {"entities": [ROW], "meta": {"page": {"totalCount": 900}}},
        {"entities": [ROW], "meta": {"page": {"of": {"totalCount": 900}}}},
        {"entities": [ROW], "meta": {"totalCount": 900, "page": {"totalCount": 1}}},
    ],
)
def test_totals_elsewhere(body: object) -> None:
    """A total beside the rows, around them or in an object counts.

    The nearest is taken, up to three objects deep. Without it, a short list would seem whole.
    """
    assert roster(body).total == 900
    assert roster({"entities": [ROW], "meta": {"page": {"of": {"it": {"totalCount": 900}}}}}).total is None
    assert roster({"entities": [ROW], "meta": {"page": {"rows": [{"totalCount": 900}]}}}).total is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
KEYS = st.sampled_from(
    [
        *("id", "agentId", "name", "state", "stateName", "agentStateName", "subState", "isLoggedIn", "team"),
        *("isActive", "lastLogin", "entities", "totalCount", "error", "errorCode"),
    ]
)


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes(body: bytes) -> None:
    """Whatever the bytes are, the readers return a value or raise UnusableAnswer."""
    for read in (roster, states, token):
        try:
            read(body)
        except UnusableAnswer as unusable:
            assert unusable.detail


@given(st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()), st.integers(100, 599))
def test_any_refusal(body: bytes, status: int) -> None:
    """Any body with an error status is refused."""
    try:
        roster(body, status)
        assert 200 <= status < 300
    except UnusableAnswer:
        pass


ROWS: st.SearchStrategy[list[dict[str, Any]]] = st.lists(
    st.dictionaries(KEYS, JSON, max_size=6), min_size=1, max_size=8
)


def named(row: dict[str, Any], *names: str) -> str | None:
    """Say, by a second author's reading, what a row's id is."""
    value = next((row[name] for name in names if name in row), None)
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    return str(value).strip() or None if not isinstance(value, int) or abs(value) < 10**40 else None


@given(ROWS, st.sampled_from([lambda rows: {"entities": rows}, lambda rows: rows, lambda rows: {"items": rows}]))
def test_each_named_row_once(rows: list[dict[str, Any]], wrap: Any) -> None:
    """Each row with an id is kept once, in order, or reported. Each without an id is counted."""
    rows = [{**row, "state": "Busy", "isLoggedIn": None, "error": None, "errorCode": None} for row in rows]
    for read, names in ((roster, ("id", "agentId")), (states, ("agentId", "id"))):
        known = [(one, row) for one, row in ((named(row, *names), row) for row in rows) if one is not None]
        expected = [one for one, _ in known]
        try:
            answer = read(json.dumps(wrap(rows)).encode())
        except UnusableAnswer:
            assert not known
            continue
        assert list(answer.ids) == expected
        assert answer.unnamed == len(rows) - len(known)
        assert bool(answer.complaint) == (len(expected) < len(rows))


@pytest.mark.parametrize(
    ("state", "name"),
    [
        ("Busy", "Busy"),
        ({"name": "Busy"}, "Busy"),
        ({"id": 7, "stateName": "Busy"}, "Busy"),
        ({"name": " ", "stateName": "Busy"}, "Busy"),
        ({"name": "Busy", "stateName": "Other"}, "Busy"),
    ],
)
def test_a_state_that_is_an_object(state: object, name: str) -> None:
    """A state may be an object with a name."""
    (row,) = states({"entities": [{"agentId": 1, "state": state}]}).rows
    assert row.state == name
