"""Rows and values are found in JSON of unknown shape; pure values."""

from __future__ import annotations

import pytest

from cxone_rollcall.model.observations.base import Observations
from cxone_rollcall.probes.json_search import DEEPEST, asks_details, plain, rows, values

from .scripted import tenant

ROW = {"agentId": 1}


def nested(value: object, levels: int) -> object:
    """A value within this many objects."""
    return nested({"a": value}, levels - 1) if levels else value


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ([ROW, ROW], ["/0", "/1"]),
        ([1, ROW, "x"], ["/1"]),
        ({"agents": [ROW], "skills": [ROW]}, ["/agents/0", "/skills/0"]),
        ({"resultSet": {"agents": [ROW]}}, ["/resultSet/agents/0"]),
        ([[ROW]], []),
        ([{"contacts": [ROW]}], ["/0"]),
        ({"_links": [ROW], "links": [ROW], "Errors": [ROW], "errors": [ROW]}, []),
        ({"_embedded": [ROW]}, []),
        (ROW, []),
        ("text", []),
        (None, []),
    ],
)
def test_rows_are_objects_of_the_outermost_lists(body: object, pointers: list[str]) -> None:
    """Rows are the objects in the outermost lists. Links and errors are none."""
    assert [pointer for pointer, _ in rows(body)] == pointers


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"tenantId": "a"}, [("/tenantId", "a")]),
        ({"tenant_id": "a", "TenantID": "b"}, [("/tenant_id", "a"), ("/TenantID", "b")]),
        ({"unit": {"tenantId": "a"}}, [("/unit/tenantId", "a")]),
        ([{"tenantId": "a"}, {"tenantId": "b"}], [("/0/tenantId", "a"), ("/1/tenantId", "b")]),
        ({"tenantId": 7, "tenant": "a"}, []),
        ({"tenantId": {"tenantId": "a"}}, [("/tenantId/tenantId", "a")]),
        ("tenantId", []),
    ],
)
def test_values_are_texts_of_a_name(body: object, found: list[tuple[str, str]]) -> None:
    """Values are the texts of members with a name. Spelling and place do not matter."""
    assert list(values(body, "tenantid")) == found


def test_what_lies_too_deep_is_not_searched() -> None:
    """Six levels are searched for rows and values. Deeper ones belong to something else."""
    assert DEEPEST == 6
    assert len(list(rows(nested([ROW], 6)))) == 1
    assert list(rows(nested([ROW], 7))) == []
    assert len(list(values(nested({"name": "a"}, 6), "name"))) == 1
    assert list(values(nested({"name": "a"}, 7), "name")) == []
    lists: object = {"name": "a"}
    for _ in range(7):
        lists = [lists]
    assert list(values(lists, "name")) == []


def test_a_name_in_any_spelling() -> None:
    """Case, blanks and marks of a name make no difference."""
    assert {plain(one) for one in ("agentId", "agent_id", "Agent ID", "AGENT-ID")} == {"agentid"}
    assert plain(7) == "7"


def test_only_incontact_has_details() -> None:
    """Further resources are requested of `incontact` alone."""
    assert asks_details(Observations([tenant("incontact")])) == ""
    assert asks_details(Observations([tenant("v2")])) == "the v2 contract has no such resource"
    assert asks_details(Observations()) == "the other contract has no such resource"
