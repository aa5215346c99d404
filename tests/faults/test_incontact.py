"""On incontact too, every fault leads to its code, over a socket. A healthy tenant has none."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from quality.common.expected_codes.case import CANNOT_TELL, COMPLETE, REFUSED, Case
from quality.common.expected_codes.incontact import CASES, ELSEWHERE, ODD, READINGS
from tests.faults.holding import hold
from tests.support.thorough import mostly_thorough, sampled

from cxone_rollcall.emulator import Readings

Check = Any  # the fixture of conftest.py


@pytest.mark.parametrize("agents", [7, 100, 120, 3000])
async def test_healthy_is_quiet(check: Check, agents: int) -> None:
    """A healthy tenant of any size is fully accounted for. There is nothing above NOTE."""
    run = await check(agents=agents, contracts=("incontact",))
    hold(run)
    assert run.exit == COMPLETE
    assert run.serious == set()
    assert run.document["tenant"]["contract"] == "incontact"
    assert run.document["counts"]["present"] == sum(one.standing == "present" for one in run.truth)
    assert run.document["counts"]["logged_out"] == sum(one.standing == "logged_out" for one in run.truth)
    full = agents == 100  # one page that may be capped: whether there is another one is asked
    assert run.document["requests"]["sent"] == 3 + 2 * (-(-agents // 100) + full)


@pytest.mark.parametrize("wanted", sampled(CASES, every=3), ids=[one.fault for one in CASES])
async def test_fault_leads_to_its_code(check: Check, wanted: Case) -> None:
    """A fault leads to its code and exit code, nothing else. Its code is as sure as it can be."""
    run = await check(wanted.fault, agents=wanted.agents, seed=wanted.seed, contracts=("incontact",))
    hold(run, wanted.fault)
    assert run.strengths.get(wanted.code) == {wanted.strength}
    assert run.exit == wanted.exit
    assert run.serious - {wanted.code} == set(wanted.beside)


@pytest.mark.parametrize("fault", [*ODD, *ELSEWHERE])
async def test_unusual_is_no_fault(check: Check, fault: str) -> None:
    """Unusual but harmless responses change nothing in the account."""
    run = await check(fault, contracts=("incontact",))
    hold(run, fault)
    assert run.exit == COMPLETE
    assert run.serious == set()


@pytest.mark.parametrize(
    "readings", sampled(READINGS, every=3), ids=lambda readings: ",".join(f"{k}={v}" for k, v in readings.items())
)
@pytest.mark.parametrize("agents", [1, 120, 250])
async def test_every_reading(check: Check, readings: dict[str, Any], agents: int) -> None:
    """In every reading, each logged-in agent is present. Nothing is wrong."""
    run = await check(agents=agents, contracts=("incontact",), readings=Readings(**readings))
    hold(run)
    # A roster of one agent may be the caller alone.
    assert run.exit == (CANNOT_TELL if agents == 1 or not any(one.state for one in run.truth) else COMPLETE)
    assert run.serious <= {"RC605", "RC306"} if agents == 1 else {"RC605"}
    assert run.document["counts"]["present"] == sum(one.state is not None for one in run.truth)


@pytest.mark.parametrize("spelling", ["error_description", "errorDescription", "error_Description"])
@pytest.mark.parametrize("errors", mostly_thorough(["json", "empty", "html"], quick=1))
@pytest.mark.parametrize(("how", "code"), [("403", "RC301"), ("401", "RC301"), ("409", "RC302")])
async def test_a_missing_permission(check: Check, spelling: str, errors: str, how: str, code: str) -> None:
    """A missing permission is named as such. Whatever the status, the body and its spelling."""
    readings = Readings(no_permission=how, errors=errors, spelling=spelling)  # type: ignore[arg-type]
    run = await check(contracts=("incontact",), readings=readings, scopes=("agent:read",))
    hold(run)
    assert run.exit == REFUSED
    assert run.serious == {code}
    assert run.document["counts"]["unknown"] == 120


@pytest.mark.parametrize("seed", mostly_thorough(range(12), quick=2))
async def test_faults_together(check: Check, seed: int) -> None:
    """With any faults together the account balances. No agent is lost, invented or misreported."""
    lot = Random(seed)
    slow = ("hang", "slow-drip", "rate-limit", "rate-limit-forever")
    quick = [one.fault for one in CASES if not one.fault.startswith(slow)]
    faults = lot.sample([*quick, *ODD], lot.choice([2, 2, 3]))
    agents = lot.choice([1, 2, 7, 40, 101, 120, 250])
    run = await check(*faults, agents=agents, seed=seed, contracts=("incontact",))
    hold(run, *faults)
