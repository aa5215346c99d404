"""A lone surrogate spoils neither the page nor its agent's request."""

from __future__ import annotations

import json
from urllib.parse import unquote_to_bytes

import pytest
from tests.contracts.wire import V2_CONTRACT, refusal, roster, states

from cxone_rollcall.model.failure import FailureKind

HALVES = ["\\ud800", "\\uDBFF", "\\udc00", "\\uDfFf", "\\ud800\\u0041", "\\udc00\\ud800"]


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("field", ["name", "state", "unknown", "id"])
def test_every_row_is_read(half: str, field: str) -> None:
    """A lone surrogate loses no row, and its text is kept."""
    row = {"id": "x", "agentId": "x", "state": "Busy", "name": "x"} | {field: "HALF"}
    row |= {"agentId": "HALF"} if field == "id" else {}
    body = json.dumps({"entities": [row, {"id": 2, "agentId": 2, "state": "Busy"}]}).replace("HALF", f"x{half}")
    text = json.loads(f'"x{half}"')
    page, rows = roster(body.encode()), states(body.encode())
    expected = [text if field == "id" else "x", "2"]
    assert [agent.agent_id for agent in page.rows] == expected == [one.agent_id for one in rows.rows]
    assert page.rows[0].name == (text if field == "name" else "x")
    assert rows.rows[0].state == (text if field == "state" else "Busy")
    assert page.complaint == rows.complaint == ""


@pytest.mark.parametrize(
    "body",
    [
        b'{"entities": [{"id": 1, "agentId": 1, "name": "\\ud800"}], "totalCount": NaN}',
        b'{"entities": [{"id": 1, "agentId": 1, "name": "\\ud800"}], "totalCount": -Infinity}',
        b'{"entities": [{"id": 1, "agentId": 1, "name": "\\ud800"}]',
        b'{"entities": [{"id": 1, "agentId": 1, "name": "\\ud800 \xff"}]}',
        b'{"entities": [{"id": 1, "agentId": 1, "name": "\\ud800 \xed\xa0\x80"}]}',
        b'{"entities": [{"id": 1, "agentId": 1, "name": "\xed\xa0\x80"}]}',
        b'{"x": "\\ud800", "entities": ' + b"[" * 100_000,
        b'{"x": "\\ud800", "entities": [{"id": ' + b"1" * 5000 + b"}]}",
    ],
    ids=["NaN", "Infinity", "cut", "no UTF-8", "both", "as bytes", "deep", "digits"],
)
def test_other_damage_stays_damage(body: bytes) -> None:
    """Otherwise damaged bodies stay damaged, with or without lone surrogates."""
    assert refusal(body).kind is FailureKind.DAMAGED


@pytest.mark.parametrize("agent_id", ["x\ud800", "\udbff", "\udcff\ud800", "\udc00"])
def test_an_id_with_a_surrogate_is_requested(agent_id: str) -> None:
    """An id with a lone surrogate is sent percent-encoded."""
    request = V2_CONTRACT.states_request([agent_id, "2"], state=None, separator=",")
    ids = request.target.partition("agentIds=")[2]
    assert request.target.isascii()
    assert unquote_to_bytes(ids).decode("utf-8", "surrogatepass") == f"{agent_id},2"
