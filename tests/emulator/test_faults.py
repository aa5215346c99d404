"""Each fault does what its summary says, and nothing else."""

import random
from typing import Any

import pytest
from tests.emulator.cases_answers import ANSWERS
from tests.emulator.cases_reach import REACH
from tests.emulator.effects import QUICK, Effect, chosen, no_json, three
from tests.support.many_values import together
from tests.support.thorough import mostly_thorough, sampled

from cxone_rollcall.emulator import FAULTS, Emulator, EmulatorSettings, parse_fault

Visit = Any  # the fixture of conftest.py, which import-mode importlib does not let a test import

CASES = (*REACH, *ANSWERS)


@pytest.mark.parametrize(("spec", "effect"), CASES, ids=[spec for spec, _ in CASES])
async def test_a_fault_does_what_its_summary_says(visit: Visit, spec: str, effect: Effect) -> None:
    """A fault does what its summary says."""
    async with visit(spec) as visitor:
        await effect(visitor)


def test_every_fault_has_a_case() -> None:
    """No fault of v2 is listed that no case looks at."""
    assert {parse_fault(spec).name for spec, _ in CASES} >= {f.name for f in FAULTS if "v2" in f.contracts}


@together("spec", [spec for spec, _ in CASES])
def test_truth_is_untouched(spec: str) -> None:
    """The truth ignores the faults; the seed chooses the affected agents."""
    healthy = Emulator(EmulatorSettings())
    struck, again = (Emulator(EmulatorSettings(), [parse_fault(spec)]) for _ in range(2))
    assert struck.truth() == healthy.truth()
    name = struck.faults[0].name
    assert struck.tenant.chosen(name, 3) == again.tenant.chosen(name, 3)


async def test_the_seed_chooses_the_agents(visit: Visit) -> None:
    """With another seed, faults affect other agents."""
    async with visit("poison-id", seed=1) as one, visit("poison-id", seed=2) as other:
        assert chosen(one, 5) != chosen(other, 5)


async def test_rate_limit_heals_or_not(visit: Visit) -> None:
    """After the wait the rate limit ends, unless it never heals."""
    time = [1000.0]
    for heals, status in (("yes", 200), ("no", 429)):
        async with visit(f"rate-limit=1,heals={heals}", now=lambda: time[0]) as visitor:
            assert [(await visitor.agents()).status for _ in range(2)] == [200, 429]
            time[0] += 60
            assert (await visitor.agents()).status == status


async def test_token_life(visit: Visit) -> None:
    """A token that expires early works until then."""
    time = [1000.0]
    async with visit("token-expires=life=5,times=2", now=lambda: time[0]) as visitor:
        for status in (401, 401, 200):
            assert (await visitor.agents()).status == 200
            time[0] += 5
            assert (await visitor.agents()).status == status
            await visitor.log_in()


async def test_unrelated_faults_work_together(visit: Visit) -> None:
    """Unrelated faults work together."""
    async with visit("page-cap=10", "rows-elsewhere=items", "batch-cut=7", "body-cut=states,times=1") as visitor:
        assert len((await visitor.agents()).json["items"]) == 10
        assert no_json((await visitor.states(visitor.ids())).body)
        assert len((await visitor.states(visitor.ids())).json["items"]) == 7


@pytest.mark.parametrize("seed", mostly_thorough(range(24), quick=3))
async def test_any_faults_together_crash_nothing(visit: Visit, caplog: pytest.LogCaptureFixture, seed: int) -> None:
    """Any faults together never crash the emulator."""
    lot = random.Random(seed)
    specs = [spec for spec, _ in CASES if not spec.startswith(("hang", "slow-drip=seconds=1000"))]
    async with visit(*lot.sample(specs, lot.randint(2, 12)), agents=60, seed=seed, page_cap=20) as visitor:
        for _ in range(3):
            await three(visitor)
        assert (await visitor.ask("GET", "/_emulator/faults")).status == 200
    assert not caplog.records


@pytest.mark.parametrize("agents", [0, 1])
@pytest.mark.parametrize("fault", sampled(QUICK, every=3))
async def test_tiny_tenants(visit: Visit, caplog: pytest.LogCaptureFixture, fault: str, agents: int) -> None:
    """A fault without any agent to affect still gives an answer."""
    async with visit(fault, agents=agents) as visitor:
        await three(visitor)
    assert not caplog.records


def test_settings_are_kept() -> None:
    """The default tenant is the one in the documentation."""
    settings = EmulatorSettings()
    assert (settings.agents, settings.seed, settings.page_cap, settings.clock) == (120, 1, 100, "frozen")
