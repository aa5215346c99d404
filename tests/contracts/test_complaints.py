"""An incomplete answer gives its complaints beside its rows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.contracts.wire import roster, states

from cxone_rollcall.contracts.protocol import UnusableAnswer
from cxone_rollcall.model.failure import FailureKind

ROWS = [{"id": 1, "agentId": 1, "state": "Busy"}, {"id": 2, "agentId": 2, "state": "Break"}]
ODD = [{"id": 1, "agentId": 1, "state": {"name": "Busy"}, "team": 7}]
TIMEOUT = {"agentId": 3, "code": "UPSTREAM_TIMEOUT"}


def complaints(body: object, status: int = 200) -> set[str]:
    """Return the complaints of both readers about these rows."""
    page, rows = roster(body, status), states(body, status)
    assert len(page.rows) == len(rows.rows)
    return {page.complaint, rows.complaint}


@pytest.mark.parametrize("rows", [ROWS, ODD], ids=["as usual", "of another shape"])
@pytest.mark.parametrize("name", ["error", "errors", "fault", "faults"])
@pytest.mark.parametrize(
    ("error", "words"),
    [
        ([TIMEOUT], "UPSTREAM_TIMEOUT"),
        ([TIMEOUT, {"code": "X"}, TIMEOUT], "UPSTREAM_TIMEOUT and 2 more"),
        ({"code": 504, "message": "presence is late"}, "504: presence is late"),
        ({"faultstring": "presence is late"}, "presence is late"),
        ({"errorCode": "E1", "errorMessage": "presence is late"}, "E1: presence is late"),
        ({"error": "presence is late"}, "presence is late"),
        ({"error": "E1", "message": "presence is late"}, "E1: presence is late"),
        ({"agentId": 3}, "{'agentId': 3}"),
        ("presence is late", "presence is late"),
        (True, "True"),
        (17, "17"),
        ([[]], "[[]]"),
    ],
)
def test_rows_beside_an_error(rows: list[object], name: str, error: object, words: str) -> None:
    """Rows beside an error are read, and the error is quoted."""
    for body in ({"entities": rows, name: error}, {"items": rows, name: error}, {"data": {"items": rows, name: error}}):
        assert complaints(body) == {f"rows beside an error: {words}"}


@pytest.mark.parametrize("rows", [ROWS, ODD], ids=["as usual", "of another shape"])
@pytest.mark.parametrize("name", ["error-message", "Error_Text", "FAULT-String", "exception_details"])
def test_the_name_of_an_error_has_any_spelling(rows: list[object], name: str) -> None:
    """Capitals, hyphens and underscores in an error's name do not matter."""
    assert complaints({"entities": rows, name: "late"}) == {"rows beside an error: late"}


@pytest.mark.parametrize("beside", [b'"caf\xe9": 1', b'"note": "caf\xe9"'])
def test_what_stands_beside_rows_may_be_in_another_encoding(beside: bytes) -> None:
    """Latin-1 beside usual rows damages none of them. An error beside it is seen."""
    rows = json.dumps(ROWS).encode()
    assert complaints(b'{"entities": %s, %s}' % (rows, beside)) == {""}
    assert roster(b'{"entities": %s, %s, "error": "late"}' % (rows, beside)).complaint == "rows beside an error: late"


@pytest.mark.parametrize("rows", [ROWS, ODD, []], ids=["as usual", "of another shape", "none"])
@pytest.mark.parametrize("nothing", [None, "", [], {}, False, 0])
def test_rows_beside_an_error_that_says_nothing(rows: list[object], nothing: object) -> None:
    """Rows beside an empty list of errors, or a null, are whole."""
    assert complaints({"entities": rows, "error": nothing, "errors": nothing, "fault": nothing}) == {""}


SHORT = {
    **dict.fromkeys(("partial", "partialResults", "isIncomplete", "degraded", "timed_out"), True),
    **dict.fromkeys(("complete", "isComplete"), False),
    **{name: ["7"] for name in ("failedIds", "failed_agents", "unprocessed", "notProcessedIds", "unresolved")},
    **dict.fromkeys(("errorCount", "failureCount", "failed-shards"), 2),
    "isPartial": 1,
}


@pytest.mark.parametrize("rows", [ROWS, ODD], ids=["as usual", "of another shape"])
@pytest.mark.parametrize("name", SHORT)
def test_rows_that_are_not_whole(rows: list[object], name: str) -> None:
    """A response that says itself that it is not whole is believed."""
    for body in ({"entities": rows, name: SHORT[name]}, {"entities": rows, "_meta": {name: SHORT[name]}}):
        (complaint,) = complaints(body)
        assert complaint.startswith(f"rows beside an error: {name}: ")


@pytest.mark.parametrize("rows", [ROWS, ODD], ids=["as usual", "of another shape"])
@pytest.mark.parametrize("value", [None, [], {}, 0, "0", "", False])
def test_nothing_is_left_out(rows: list[object], value: object) -> None:
    """A count of 0 or an empty list leaves nothing out."""
    names = [name for name in SHORT if "omplete" not in name or "In" in name]
    assert complaints({"entities": rows, "complete": True, **dict.fromkeys(names, value)}) == {""}
    assert complaints({"entities": rows, "_shards": {"failed": 0, "total": 9}, "counts": {"failedIds": 3}}) == {""}


@pytest.mark.parametrize(("status", "words"), [(206, "206 Partial Content"), (207, "207 Multi-Status")])
@pytest.mark.parametrize(
    "body", [{"entities": ROWS}, {"entities": []}, {"items": ODD}, b""], ids=["rows", "none", "odd", "no body"]
)
def test_a_status_that_means_part(status: int, words: str, body: object) -> None:
    """A partial status is a complaint, whatever the body."""
    assert complaints(body, status) == {f"the status is {words}"}
    assert complaints(body, 200) == complaints(body, 203) == {""}


def test_rows_without_an_id() -> None:
    """Rows without an id are counted, and named in the complaint."""
    body = {"entities": [*ROWS, {"id": None, "agentId": None, "state": "Busy"}]}
    assert complaints(body) == {"no id that can be read in 1 of 3 rows"}
    assert roster(body).unnamed == states(body).unnamed == 1


@pytest.mark.parametrize(
    "row",
    [
        {"error": "UPSTREAM_TIMEOUT"},
        {"error": {"code": "UPSTREAM_TIMEOUT"}, "state": None},
        {"errorCode": "UPSTREAM_TIMEOUT", "state": ""},
        {"errorCode": "UPSTREAM_TIMEOUT", "state": " "},
        {"errorCode": "UPSTREAM_TIMEOUT", "state": 0},
        {"errorCode": "UPSTREAM_TIMEOUT", "isLoggedIn": False},
    ],
)
def test_a_row_that_holds_an_error(row: dict[str, Any]) -> None:
    """A row with an error instead of its state is left out. The complaint quotes the error."""
    read = states({"entities": [*ROWS, {"agentId": 3, **row}]})
    assert [one.agent_id for one in read.rows] == ["1", "2"]
    assert (read.unnamed, read.complaint) == (0, "no state that can be used in 1 of 3 rows: UPSTREAM_TIMEOUT")
    alone = states({"entities": [{"agentId": 3, **row}]})
    assert (alone.rows, alone.unnamed) == ((), 0)
    assert alone.complaint == "no state that can be used in 1 of 1 row: UPSTREAM_TIMEOUT"


def test_all_complaints_at_once() -> None:
    """Several complaints are all in the text."""
    rows = [*ROWS, {"agentId": 3, "error": "late"}, {"state": "Busy"}]
    assert states({"entities": rows, "errors": ["cut"]}, 206).complaint == (
        "rows beside an error: cut; no state that can be used in 1 of 4 rows: late; "
        "no id that can be read in 1 of 4 rows; the status is 206 Partial Content"
    )


def test_long_errors_are_bounded() -> None:
    """An error is quoted up to a bound, however long it is."""
    for error in ("x" * 100_000, [{"message": "x" * 100_000}], {"y": ["x" * 100_000]}):
        assert len(states({"entities": ROWS, "error": error}).complaint) < 101_000


@pytest.mark.parametrize("nested", ["[", '{"agent": '], ids=["lists", "objects"])
def test_an_error_that_is_nested_deeply(nested: str) -> None:
    """An answer with a deeply nested error is read or unusable."""
    for depth in range(1, 1100, 7):
        error = nested * depth + "1" + {"[": "]"}.get(nested, "}") * depth
        for rows in ('[{"id": 1, "agentId": 1, "state": "Busy"}]', "[]"):
            for read in (roster, states):
                try:
                    complaint = read(f'{{"entities": {rows}, "error": {error}}}'.encode()).complaint
                except UnusableAnswer as unusable:
                    assert unusable.kind is FailureKind.DAMAGED
                else:
                    assert "rows beside an error" in complaint
