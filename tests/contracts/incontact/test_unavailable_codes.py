"""Names of unavailable codes, in each shape that clients know."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cxone_rollcall.contracts.incontact.rows import AFTER_CALL
from cxone_rollcall.contracts.incontact.unavailable_codes import is_code, read_codes, with_name
from cxone_rollcall.contracts.protocol import UnusableAnswer
from cxone_rollcall.model.exchange import Response
from cxone_rollcall.model.state import AgentState

LUNCH = {"outStateId": 12, "outStateName": "Lunch", "isAcw": False}
NAMES = {"12": "Lunch", "13": "Coffee", "-3": "Fire drill", "14": "30"}


def codes(body: Any) -> dict[str, str]:
    """The codes of a response with this body."""
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    return dict(read_codes(Response(status=200, headers={}, body=body)))


@pytest.mark.parametrize(
    "body",
    [
        {"unavailableCodes": [LUNCH]},
        {"resultSet": {"unavailableCodes": [LUNCH]}},
        {"resultSet": [LUNCH]},
        {"resultSet": {"unavailableCodes": [LUNCH]}, "totalRecords": 1, "_links": {}},
        {"unavailableCodeList": [{"unavailableCodeId": "12", "unavailableCode": "Lunch"}]},
        [{"OutStateId": 12, "OutStateName": " Lunch "}],
        {"unavailableCodes": [LUNCH, LUNCH]},
        {"unavailableCodes": [LUNCH, 7, None, {"outStateId": 13}, {"outStateId": 14, "outStateName": " "}]},
        {"unavailableCodes": [LUNCH, {"outStateId": 9, "outStateName": "A"}, {"outStateId": 9, "outStateName": "B"}]},
    ],
)
def test_each_shape_is_read(body: Any) -> None:
    """A code's name is read, whatever the members are called."""
    assert codes(body) == {"12": "Lunch"}


@pytest.mark.parametrize("body", [b"", b"[]", {"unavailableCodes": []}])
def test_no_codes(body: Any) -> None:
    """A response without codes names none."""
    assert codes(body) == {}


@pytest.mark.parametrize("body", [b"<html>", b"7", {"error": "x"}])
def test_no_list(body: Any) -> None:
    """A response without a list is unusable."""
    with pytest.raises(UnusableAnswer):
        codes(body)


@pytest.mark.parametrize(
    ("sub_state", "named"),
    [
        ("12", "Lunch"),
        ("-3", "Fire drill"),
        (f"{AFTER_CALL}: 13", f"{AFTER_CALL}: Coffee"),
        ("99", "99"),
        ("30", "30"),
        ("Lunch", "Lunch"),
        ("Room 12", "Room 12"),
        (AFTER_CALL, AFTER_CALL),
        (None, None),
    ],
)
def test_a_code_gets_its_name(sub_state: str | None, named: str | None) -> None:
    """A sub-state that is a code gets the name of the code. Other sub-states stay."""
    row = AgentState("1001", "Unavailable", sub_state, "2026-03-01T08:00:00Z")
    assert with_name(row, NAMES) == AgentState("1001", "Unavailable", named, "2026-03-01T08:00:00Z")
    assert is_code(sub_state) or named == sub_state


def test_a_name_of_digits_is_no_code() -> None:
    """A sub-state that is already a code's name is kept. It may look like the id of another code."""
    row = AgentState("1001", "Unavailable", "12")
    assert with_name(row, {"12": "Lunch", "14": "12"}) is row
