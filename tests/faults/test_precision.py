"""A sample of `python3 dev.py precision`, with the same judge. The page that it wrote is whole."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest
from quality.common.run_command import Setting
from quality.precision import plan
from quality.precision.campaign import judged
from tests.support.thorough import mostly_thorough

from cxone_rollcall.emulator import FAULTS

Check = Any  # the fixture of conftest.py

PAGE = Path(__file__).parents[2] / "docs" / "precision.md"
SAMPLE, SLICES = 60, 6
BUSY = ("latency", "rate-limit")
"""Faults that make a run wait for seconds. The whole campaign includes them."""


def sample() -> list[Setting]:
    """Return some of the pairs, always the same."""
    quick = [one for one in plan.pairs() if not any(fault.startswith(BUSY) for fault in one.faults)]
    return Random(303).sample(quick, SAMPLE)


async def outcome_of(check: Check, setting: Setting) -> Any:
    """Run a setting by the fixture of these tests, and judge it."""
    run = await check(
        *setting.faults,
        agents=setting.agents,
        seed=setting.seed,
        contracts=(setting.contract,),
        options=("--probes", setting.probes),
    )
    return judged(setting, run, 0.0)


@pytest.mark.parametrize("at", mostly_thorough(range(SLICES), quick=1))
async def test_pairs_of_faults(check: Check, at: int) -> None:
    """Two faults at once leave an account that balances. It misreports no agent, and proves nothing false."""
    for setting in sample()[at::SLICES]:
        outcome = await outcome_of(check, setting)
        assert (outcome.wrong, outcome.proven, outcome.otherwise) == ((), (), ()), setting.command


@pytest.mark.parametrize("contract", plan.CONTRACTS)
@pytest.mark.parametrize("probes", mostly_thorough(["auto", "off", "deep"], quick=1))
async def test_requests_of_a_healthy_tenant(check: Check, contract: str, probes: str) -> None:
    """A healthy tenant of 3,000 agents gets at most two requests more. If all is to be known, it gets a few."""
    outcome = await outcome_of(check, Setting(contract=contract, agents=3000, probes=probes))
    assert (outcome.wrong, outcome.proven, outcome.otherwise) == ((), (), ())
    assert outcome.exit == 0
    assert outcome.probes <= {"off": 0, "auto": 2, "deep": 5}[probes]


async def test_the_judge_sees_what_is_wrong(check: Check) -> None:
    """The judge sees a wrong PROVEN and a wrong absence. The fault is not on, or the agent is logged in."""
    run = await check("team-hidden", contracts=("v2",))
    assert judged(Setting(contract="v2", faults=("team-hidden",)), run, 0.0).wrong == ()
    blamed = judged(Setting(contract="v2", faults=("no-total",)), run, 0.0)
    assert any("is logged in" in said for said in blamed.wrong)
    run = await check("batch-cut", "poison-id", contracts=("v2",))
    assert judged(Setting(contract="v2", faults=("batch-cut",)), run, 0.0).proven == ("RC403",)


def test_exceptions_name_existing_faults() -> None:
    """Each exception names existing faults, and gives a reason."""
    names = {fault.name for fault in FAULTS}
    assert {one for of in plan.ALSO for one in of[1:]} <= names
    assert {one for of in (*plan.GIVES_WAY, *plan.HIDES) for one in of} | set(plan.SLOW) | set(plan.IN_PAIRS) <= names
    assert all(why for codes in plan.ALSO.values() for why in codes.values())


def test_page_is_whole() -> None:
    """The page lists every fault and contract, and nothing wrong."""
    text = PAGE.read_text(encoding="utf-8")
    for contract in plan.CONTRACTS:
        (section,) = [part for part in text.split("\n## ") if part.startswith(f"Every fault: {contract}\n")]
        listed = {line.split("`")[1].partition("=")[0] for line in section.splitlines() if line.startswith("| `")}
        assert listed == set(plan.faults_of(contract))
    assert "| runs with a wrong PROVEN | 0 |" in text
    assert "\n## Errors\n\nNone.\n" in text
