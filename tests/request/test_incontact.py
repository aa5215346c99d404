"""A program's request on `incontact` is explained, with proof, and corrected."""

from __future__ import annotations

import pytest
from tests.request.conftest import Explain
from tests.request.test_v2 import Case

BASE = "/incontactapi/services/v34.0"
STATES = f"{BASE}/agents/states"
READINGS = "readings"

CASES = {
    "changes only": Case(f"{STATES}?updatedSince={{now}}", "RC409", 1),
    "a date with an offset": Case(f"{STATES}?updatedSince=2026-03-02T10:30:00+01:00", "RC512", 1),
    "another version": Case("/incontactapi/services/v99.0/agents/states", "RC109", 5),
    "a path without its begin": Case("/services/v34.0/agents/states", "RC107", 5),
    "the other API": Case("/api/v2/agents/states?agentIds={ins}", "RC108", 5),
    "the first page": Case(f"{STATES}?top=50", "RC502", 1),
    "behind the first rows": Case(f"{STATES}?top=100&skip=60", "RC502", 1),
    "another business unit": Case(f"{STATES}?reqBUIds=1", "RC801", 1),
    "a name in the path": Case(f"{BASE}/agents/{{break_user}}/states", "RC401", 1),
    "one agent, changes only": Case(f"{BASE}/agents/{{in}}/states?updatedSince={{now}}", "RC409", 1),
    "no token": Case(STATES, "RC205", 4, more={"headers": {}}),
    "an expired token": Case(STATES, "RC205", 4, more={"token": {"life": -10}}),
    "a permission": Case(STATES, "RC302", 4, more={"token": {"scopes": ("agent:read",)}}),
    "inactive agents only": Case(f"{BASE}/agents?isActive=false", "RC801", 1),
    "one page of the roster": Case(f"{BASE}/agents?top=25", "RC502", 1),
}


@pytest.mark.parametrize("name", CASES)
async def test_cause(explain: Explain, name: str) -> None:
    """The cause has its code, PROVEN, and the exit code of `check`."""
    case = CASES[name]
    told = await explain(case.target, *case.faults, contract="incontact", **case.more)
    assert (told.proven, told.code) == ({case.code}, case.exit), told.request
