"""Every fault leads the real command to its code, over a socket. A healthy tenant has none."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from quality.common.expected_codes.case import CANNOT_TELL, COMPLETE, NOT_REACHED, PROVEN, Case
from quality.common.expected_codes.v2 import CASES, ODD, SPARED, WAITING
from quality.common.run_command import command
from tests.faults.holding import hold
from tests.support.thorough import mostly_thorough, sampled

from cxone_rollcall.testing import emulator_of

Check = Any  # the fixture of conftest.py


@pytest.mark.parametrize("agents", [7, 120, 3000])
async def test_healthy_is_quiet(check: Check, agents: int) -> None:
    """A healthy tenant of any size is fully accounted for. There is nothing above NOTE."""
    run = await check(agents=agents)
    hold(run)
    assert run.exit == COMPLETE
    assert run.serious == set()
    assert run.document["counts"]["present"] == sum(one.standing == "present" for one in run.truth)
    assert run.document["counts"]["unknown"] == 0


@pytest.mark.parametrize("wanted", sampled(CASES, every=3), ids=[one.fault for one in CASES])
async def test_fault_leads_to_its_code(check: Check, wanted: Case) -> None:
    """A fault leads to its code and exit code, nothing else. Its code is as sure as it can be."""
    run = await check(wanted.fault, agents=wanted.agents, seed=wanted.seed)
    hold(run, wanted.fault)
    assert run.strengths.get(wanted.code) == {wanted.strength}
    assert run.exit == wanted.exit
    assert run.serious - {wanted.code} == set(wanted.beside)


@pytest.mark.parametrize("fault", [*ODD, *SPARED])
async def test_unusual_is_no_fault(check: Check, fault: str) -> None:
    """Unusual but harmless responses change nothing in the account."""
    run = await check(fault)
    hold(run, fault)
    assert run.exit == COMPLETE
    assert run.serious == set()


async def test_waiting_is_not_misnamed(check: Check) -> None:
    """A fault without a finding is not proven to be another."""
    for fault in WAITING:
        run = await check(fault)
        hold(run, fault)
        assert {code for code in run.serious if PROVEN in run.strengths[code]} == set()


@pytest.mark.parametrize("fault", ["batch-cut=1", "batch-cut=1,how=ids", "too-many-ids=1,status=400"])
async def test_no_room_for_a_witness_is_no_absence(check: Check, fault: str) -> None:
    """A server with one agent per request allows no canary. It makes no agent absent."""
    run = await check(fault)
    hold(run, fault)
    assert (run.exit, run.document["counts"]["absent"]) == (CANNOT_TELL, 0)


QUICK = [one.fault for one in CASES if one.name not in {"hang", "slow-drip", "rate-limit", "rate-limit-forever"}]


@pytest.mark.parametrize("seed", mostly_thorough(range(16), quick=3))
async def test_faults_together(check: Check, seed: int) -> None:
    """With any faults together the account balances. No agent is lost, invented or misreported."""
    lot = Random(seed)
    faults = lot.sample([*QUICK, *ODD], lot.choice([2, 2, 3]))
    run = await check(*faults, agents=lot.choice([1, 2, 7, 40, 101, 120, 250]), seed=seed)
    hold(run, *faults)


async def test_gone_is_unreachable(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """If no server listens, no agent is absent: the host is unreachable."""
    emulator = emulator_of()
    async with emulator.running() as address:
        gone = emulator.environment(address.url)
    code = await command(["check", "--format", "json"], gone)
    document = json.loads(capsysbinary.readouterr().out)
    assert (code, [finding["code"] for finding in document["findings"]]) == (NOT_REACHED, ["RC102"])
