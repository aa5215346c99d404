"""`rollcall states` agrees with `rollcall check` on every agent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from quality.common.expected_codes import incontact, v2

OutputOf = Any  # the fixture of conftest.py

AGENTS = 330
BY_ID = (
    "latency=0",
    "batch-cut",
    "rows-contradict",
    "roster-shifts",
    "poison-id",
    "server-error-some",
    "body-cut",
)
LISTED = ("latency=0", "team-hidden", "rows-contradict", "roster-shifts", "seen-elsewhere", "own-user-only=states")
"""Faults of rows and rosters, tested in every run. Half of the others in a thorough one."""


def _of(contract: str, few: tuple[str, ...], cases: tuple[Any, ...]) -> list[Any]:
    others = [one.fault for one in cases if one.fault not in few and one.agents == 120]
    return [
        *[pytest.param(contract, fault) for fault in few],
        *[pytest.param(contract, fault, marks=pytest.mark.thorough) for fault in others],
    ]


@pytest.mark.parametrize(
    ("contract", "fault"), [*_of("v2", BY_ID, v2.CASES[::2]), *_of("incontact", LISTED, incontact.CASES[1::2])]
)
async def test_states_say_what_check_says(output_of: OutputOf, contract: str, fault: str) -> None:
    """With any fault, each agent is written once, with its standing.

    The exit code is the same, and so are the agents who are unknown.
    """
    tenant = {"agents": AGENTS, "contracts": (contract,)}
    account = await output_of("check", fault, options=("--format", "json"), **tenant)
    streamed = await output_of("states", fault, options=("--format", "ndjson"), **tenant)
    rows = [json.loads(line) for line in streamed.out.splitlines()]
    written = {row["agent_id"]: row["standing"] for row in rows}
    document = json.loads(account.out)
    assert streamed.code == account.code
    assert len(written) == len(rows)
    assert written == {one["agent_id"]: one["standing"] for one in document["agents"]}
