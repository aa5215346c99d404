"""A program's request on the `v2` API. The cause is named, proven by two exchanges, and corrected."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
from tests.request.conftest import Explain

STATES = "/api/v2/agents/states"


class Case(NamedTuple):
    """A request, its tenant, and the code that explains it."""

    target: str
    code: str
    exit: int
    faults: tuple[str, ...] = ()
    more: Mapping[str, Any] = MappingProxyType({})


CASES = {
    "without ids": Case(STATES, "RC303", 1),
    "ids under another name": Case(f"{STATES}?ids={{ins}}", "RC303", 1),
    "names instead of ids": Case(f"{STATES}?agentIds={{break_name}}", "RC401", 1),
    "a state filter": Case(f"{STATES}?agentIds={{break}},{{busy}}&state=Available", "RC406", 1),
    "a misspelt state": Case(f"{STATES}?agentIds={{available}}&state=Availble", "RC407", 1),
    "too many ids": Case(f"{STATES}?agentIds={{all}}", "RC404", 1, ("too-many-ids=50",)),
    "cut off": Case(f"{STATES}?agentIds={{all}}", "RC405", 1, ("batch-cut=20",)),
    "a separator": Case(f"{STATES}?agentIds={{ins}}", "RC410", 1, ("separator",)),
    "an id that spoils": Case(f"{STATES}?agentIds={{ins}},42", "RC403", 1),
    "another version of the path": Case("/v2/agents/states?agentIds={ins}", "RC107", 5),
    "the other API": Case("/incontactapi/services/v34.0/agents/states", "RC108", 5),
    "no token": Case(f"{STATES}?agentIds={{ins}}", "RC205", 4, more={"headers": {}}),
    "a token of nobody": Case(
        f"{STATES}?agentIds={{ins}}", "RC205", 4, more={"headers": {"Authorization": "Bearer x1y2z3"}}
    ),
    "a scope": Case(f"{STATES}?agentIds={{ins}}", "RC302", 4, (), {"token": {"scopes": ("agent:read",)}}),
    "one page of the roster": Case("/api/v2/agents?page=1&pageSize=50", "RC502", 1),
    "the second page of the roster": Case("/api/v2/agents?page=2&pageSize=100", "RC502", 1),
    "a parameter": Case(f"{STATES}?agentIds={{ins}}", "RC501", 0),
}
DONE = {name: case for name, case in CASES.items() if name not in ("a parameter", "an id that spoils")}


@pytest.mark.parametrize("name", DONE)
async def test_the_cause_is_named(explain: Explain, name: str) -> None:
    """The cause has its code, PROVEN, and the exit code of `check`."""
    case = CASES[name]
    told = await explain(case.target, *case.faults, **case.more)
    assert (told.proven, told.code) == ({case.code}, case.exit), told.request
