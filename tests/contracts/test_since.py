"""The start of a state in rows of `v2`, under any name."""

from __future__ import annotations

import json

import pytest

from cxone_rollcall.contracts.v2 import V2
from cxone_rollcall.model.exchange import Response

WHEN = "2026-03-02T10:30:00Z"


def since(**said: object) -> str | None:
    """Return the start of the state in an answer's only row."""
    body = json.dumps({"entities": [{"agentId": 7, "state": "Busy", **said}]}).encode()
    (row,) = V2().read_states(Response(status=200, headers={}, body=body)).rows
    assert (row.agent_id, row.state) == ("7", "Busy")
    return row.since


@pytest.mark.parametrize("name", ["startDate", "stateStartTime", "lastStateChange"])
@pytest.mark.parametrize("beside", [{}, {"subState": 5}], ids=["usual", "of another shape"])
def test_the_names_of_the_time(name: str, beside: dict[str, object]) -> None:
    """The time is read under each of its names. Another member may have an unusual type."""
    assert since(**{name: WHEN}, **beside) == WHEN


@pytest.mark.parametrize("said", [None, "", 1772447400, {"at": WHEN}, [WHEN]])
def test_what_is_no_text(said: object) -> None:
    """A value that is no text is ignored, and spoils nothing."""
    assert since(startDate=said) is None
    assert since(startDate=said, lastStateChange=WHEN) == WHEN


def test_a_row_without_a_time() -> None:
    """A row without a start is read as before."""
    assert since() is None


def test_without_ids() -> None:
    """Without ids all agents are requested, and there is no parameter."""
    assert V2().states_request((), state=None, separator=",").target == "/api/v2/agents/states"
