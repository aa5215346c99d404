"""Rows of state history are read in both shapes. A damaged one is no state."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxone_rollcall.contracts.incontact.state_history import read_duration, read_state_history
from cxone_rollcall.contracts.protocol import PastStates, UnusableAnswer
from cxone_rollcall.model.exchange import Response
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.state_history import PastState

BEGIN = 1_795_338_720_443
ROW = {
    "agentId": 1001,
    "agentStateId": 2,
    "agentStateName": "Unavailable",
    "outStateId": 12,
    "outStateDescription": "Lunch",
    "agentSessionId": 88001,
    "stateIndex": 4,
    "startDate": "2026-11-22T09:12:00.443Z",
    "duration": "PT1M30.5S",
}
READ = PastState(
    AgentState("1001", "Unavailable", "Lunch", "2026-11-22T09:12:00.443Z"), BEGIN, 90_500, session="88001", index=4
)


def page(body: Any, status: int = 200) -> PastStates:
    """Read a body."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read_state_history(Response(status=status, headers={}, body=raw))


def test_rows_in_an_unusual_place_say_so() -> None:
    """The place of rows is noted unless it is the usual one."""
    assert page({"agentStateHistory": [ROW]}).found_at is None
    assert page({"rows": [ROW]}).found_at == "/rows"


def row(**changed: Any) -> PastState:
    """Read one row beside a whole one."""
    (_, read) = page({"agentStateHistory": [{**ROW, "agentId": 7}, {**ROW, **changed}]}).rows
    return read


@pytest.mark.parametrize(
    "body",
    [
        {"agentStateHistory": [ROW]},
        {"resultSet": {"agentStateHistory": [ROW]}},
        {"resultSet": [ROW]},
        [ROW],
        {"agentStateHistory": [{name.upper(): value for name, value in ROW.items()}]},
        {"agentStateHistory": [{**ROW, "agentId": "1001", "agentStateId": "2", "stateIndex": "4"}]},
        {"agentStateHistory": [{**ROW, "agentSessionId": "88001", "outStateId": "12"}]},
    ],
    ids=["usual", "wrapped", "wrapped list", "bare list", "other case", "texts", "more texts"],
)
def test_shapes(body: Any) -> None:
    """A row is the same in every shape."""
    assert page(body).rows == (READ,)


@pytest.mark.parametrize(
    ("written", "milliseconds"),
    [
        ("PT0.443S", 443),
        ("PT1M30S", 90_000),
        ("pt2h3m4s", 7_384_000),
        ("P1DT1S", 86_401_000),
        ("P2D", 172_800_000),
        ("PT1,5S", 1500),
        ("PT90.1234567S", 90_123),
        (90, 90_000),
        (90.25, 90_250),
        ("90", 90_000),
        (" 90.5 ", 90_500),
        (0, None),
        ("PT0S", None),
        ("0", None),
        (-90, None),
        ("-PT90S", None),
        ("P", None),
        ("PT", None),
        ("P1Y", None),
        ("soon", None),
        ("", None),
        (None, None),
        (True, None),
        ([90], None),
        ({"name": 90}, None),
        (10**12, None),
        ("P9999D", None),
        ("٣", None),
    ],
)
def test_durations(written: object, milliseconds: int | None) -> None:
    """A duration is ISO text or seconds. Anything else is None, and so is 0: the state may still last."""
    assert read_duration(written) == milliseconds
    assert row(duration=written) == PastState(READ.state, BEGIN, milliseconds, READ.session, READ.index)


@pytest.mark.parametrize("digits", range(8))
def test_fractions_of_a_date(digits: int) -> None:
    """A date has no fraction, or one of up to seven digits."""
    fraction = f".{'1234567'[:digits]}" if digits else ""
    assert row(startDate=f"2026-11-22T09:12:00{fraction}Z").begin == BEGIN - 443 + round(float(f"0{fraction}") * 1000)


@pytest.mark.parametrize(
    ("code", "written", "reason"),
    [(2, 12, "12"), (2, "12", "12"), (2, "Lunch", "Lunch"), (2, 0, None), (2, "", "12"), (1, 12, None), (1, 0, None)],
)
def test_a_reason_that_is_a_number(code: int, written: object, reason: str | None) -> None:
    """A number as a reason is a code's id. Available agents have none."""
    read = row(agentStateId=code, agentStateName="", outStateDescription=written)
    assert read.state.sub_state == reason


@pytest.mark.parametrize("missing", ["agentSessionId", "stateIndex", "duration"])
def test_members_that_may_be_missing(missing: str) -> None:
    """A missing member is None, and the page does not complain."""
    read = page({"agentStateHistory": [{name: value for name, value in ROW.items() if name != missing}]})
    fields = {"agentSessionId": "session", "stateIndex": "index", "duration": "length"}
    assert getattr(read.rows[0], fields[missing]) is None
    assert read.complaint == ""


@pytest.mark.parametrize(
    "changed",
    [
        {"startDate": None},
        {"startDate": "yesterday"},
        {"startDate": 1_795_338_720},
        {"agentStateId": None, "agentStateName": None},
        {"agentStateId": 0},
        {"agentStateId": 77, "agentStateName": ""},
        {"agentId": None},
        {"agentId": {}},
    ],
)
def test_a_damaged_row(changed: dict[str, Any]) -> None:
    """A row without agent, begin or state is left out. The page complains."""
    read = page({"agentStateHistory": [ROW, {**ROW, **changed}]})
    assert read.rows == (READ,)
    assert read.complaint.partition(": ")[0].endswith("in 1 of 2 rows")


@pytest.mark.parametrize("session", [None, 0, "0", "", " ", [], True])
def test_a_session_without_an_id(session: object) -> None:
    """A blank or zero id of a session is none."""
    assert row(agentSessionId=session).session is None


@pytest.mark.parametrize(("body", "status"), [(b"", 204), (b"", 200), ({"agentStateHistory": []}, 200), (b"[]", 200)])
def test_no_rows(body: Any, status: int) -> None:
    """No body and an empty list are no rows."""
    assert page(body, status).rows == ()


@pytest.mark.parametrize(
    "body",
    [b"<html>Sign in</html>", b'{"agentStateHistory": [', {"agentStateHistory": [], "error": "late"}, {"error": "no"}],
)
def test_no_answer(body: Any) -> None:
    """A page, a damaged body and an error are no empty history."""
    with pytest.raises(UnusableAnswer):
        page(body)


def test_links_and_totals() -> None:
    """A page has the server's total and its next link."""
    read = page({"agentStateHistory": [ROW], "totalRecords": "7", "_links": {"next": "?skip=1"}})
    assert (read.total, read.links.next, read.links.given) == (7, "?skip=1", True)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=4))
def test_any_duration(written: Any) -> None:
    """Any duration is read as a positive number or None."""
    read = read_duration(written)
    assert read is None or read > 0
