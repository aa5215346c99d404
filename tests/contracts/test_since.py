"""Since when an agent is in a state: read from rows of `v2` that say it, under any of the names that are usual."""

from __future__ import annotations

import json

import pytest

from cxone_rollcall.contracts.v2 import V2
from cxone_rollcall.model.exchange import Response

WHEN = "2026-03-02T10:30:00Z"


def since(**said: object) -> str | None:
    """Return since when the one row of an answer says its agent to be in its state."""
    body = json.dumps({"entities": [{"agentId": 7, "state": "Busy", **said}]}).encode()
    (row,) = V2().read_states(Response(status=200, headers={}, body=body)).rows
    assert (row.agent_id, row.state) == ("7", "Busy")
    return row.since


@pytest.mark.parametrize("name", ["startDate", "stateStartTime", "lastStateChange"])
@pytest.mark.parametrize("beside", [{}, {"subState": 5}], ids=["usual", "of another shape"])
def test_names(name: str, beside: dict[str, object]) -> None:
    """It is read under each of its names, also if another member has an unusual type."""
    assert since(**{name: WHEN}, **beside) == WHEN


@pytest.mark.parametrize("said", [None, "", 1772447400, {"at": WHEN}, [WHEN]])
def test_what_is_no_text(said: object) -> None:
    """What is no text says nothing, and spoils nothing else of the row."""
    assert since(startDate=said) is None
    assert since(startDate=said, lastStateChange=WHEN) == WHEN


def test_without() -> None:
    """A row that does not say it is read as it ever was."""
    assert since() is None


def test_without_ids() -> None:
    """Without ids all agents are requested, and there is no parameter."""
    assert V2().states_request((), state=None, separator=",").target == "/api/v2/agents/states"
