"""The budget of probes: which of them run, and why others don't."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from cxone_rollcall.diagnose import MOST_PROBED, MOST_PROBED_DEEP, Probing, run_probes
from cxone_rollcall.findings.catalogue import CHECKS
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.failure import Stage
from cxone_rollcall.model.observations.access import AnswersDated
from cxone_rollcall.model.observations.base import Observation, Observations
from cxone_rollcall.model.observations.probes import (
    ActivityAsked,
    BusinessUnitAsked,
    EverybodyAsked,
    ProbesAsked,
    SkillsAsked,
)
from cxone_rollcall.model.observations.states import StatesAsked
from cxone_rollcall.model.roll import Roll, RollEntry, Standing
from cxone_rollcall.model.struct import replace
from cxone_rollcall.probes import PROBES
from cxone_rollcall.probes.activity import ACTIVITY
from cxone_rollcall.probes.agents import LIST_WITHOUT_IDS
from cxone_rollcall.probes.probe import BudgetedClient, BudgetSpent, Probe
from cxone_rollcall.probes.tenant import SERVER_TIME

from .scripted import Asked, seen

NOBODY = Roll([], roster_complete=True)


@dataclass
class Counting:
    """A client that answers every request after this many tries."""

    tries: int = 1
    log: Any = field(default_factory=lambda: SimpleNamespace(exchanges=[]))

    @property
    def api(self) -> Counting:
        """Return its calls."""
        return self

    async def states(self, ids: Sequence[str], **given: Any) -> Any:
        """Answer with how it was asked."""
        return tuple(ids), given

    async def detail(self, path: str) -> Any:
        """Answer."""
        self.log.exchanges += [path] * self.tries
        return SimpleNamespace(value={}, exchange=len(self.log.exchanges))


def asks(times: int, fact: Observation, *, needed: bool = True, cost: int = 1) -> Probe:
    """Return a probe of this many requests, needed or not."""

    async def ask(api: BudgetedClient, seen: Any, roll: Roll) -> Observation:
        for number in range(times):
            await api.detail(f"question {number}")
        return fact

    return Probe(
        gives=type(fact),
        cost=cost,
        not_needed=lambda seen, roll: "" if needed else "no check needs it",
        not_needed_deep=lambda seen, roll: "",
        ask=ask,
    )


UNIT = BusinessUnitAsked(exchange=1, tenant=None)
SKILLS = SkillsAsked(exchange=1, logged_in=0)
ALL = EverybodyAsked(exchange=1, rows=0)


async def look(probing: Probing, *probes: Probe, client: Counting | None = None) -> Any:
    """Ask the probes as the diagnosis does, and return the case."""
    given: Any = client or Counting()
    return await run_probes(given, NOBODY, (), probing=probing, probes=probes)


def test_the_cheapest_come_first() -> None:
    """Probes run in the order of their cost, within the budget."""
    costs = [probe.cost for probe in PROBES]
    assert costs == sorted(costs)
    assert max(costs) <= MOST_PROBED < MOST_PROBED_DEEP


def test_each_probe_serves_a_check() -> None:
    """A check uses what each probe gives. No two probes give the same."""
    gives = [probe.gives for probe in PROBES]
    assert set(gives) <= {need for check in CHECKS for need in (*check.needs, *check.uses)}
    assert len(gives) == len(set(gives))


async def test_no_probe_runs_when_off() -> None:
    """With probes off none runs, and observations say why."""
    client = Counting()
    case = await look(Probing.OFF, asks(1, UNIT), client=client)
    assert client.log.exchanges == []
    assert case.why_missing(BusinessUnitAsked) == "probes are off"
    assert case[ProbesAsked].requests == 0


async def test_only_needed_probes_run_by_default() -> None:
    """By default only needed probes run, with deep all."""
    probes = (asks(1, UNIT), asks(1, SKILLS, needed=False))
    case = await look(Probing.AUTO, *probes)
    assert (case[BusinessUnitAsked], SkillsAsked in case) == (UNIT, False)
    assert case.why_missing(SkillsAsked) == "no check needs it"
    case = await look(Probing.DEEP, *probes)
    assert case[SkillsAsked] == SKILLS
    assert case[ProbesAsked] == ProbesAsked(requests=2, most=MOST_PROBED_DEEP)


@pytest.mark.parametrize(("probing", "most"), [(Probing.AUTO, MOST_PROBED), (Probing.DEEP, MOST_PROBED_DEEP)])
async def test_the_budget_ends(probing: Probing, most: int) -> None:
    """Beyond the budget, probes are skipped and say so. A probe in the middle gives no observation."""
    case = await look(probing, asks(most - 1, UNIT), asks(2, SKILLS), asks(1, ALL))
    assert case[ProbesAsked] == ProbesAsked(requests=most, most=most)
    assert BusinessUnitAsked in case
    for kind in (SkillsAsked, EverybodyAsked):
        assert case.why_missing(kind) == f"the {most} requests that probes may send are used up"


async def test_each_try_counts() -> None:
    """A question that takes four tries costs four requests."""
    case = await look(Probing.AUTO, asks(3, UNIT), client=Counting(tries=4))
    assert case[ProbesAsked].requests == 12


async def test_no_request_goes_beyond_the_budget() -> None:
    """Once the budget is used up, no kind of request is sent."""
    client: Any = BudgetedClient(Counting(), most=0)  # type: ignore[arg-type]
    calls = {name: call for name, call in vars(BudgetedClient).items() if inspect.iscoroutinefunction(call)}
    assert len(calls) > 5
    for call in calls.values():
        with pytest.raises(BudgetSpent):
            await call(client, "x")


async def test_states_may_come_from_a_cache() -> None:
    """Unless they are to be fresh. They are of all states, unless one is named."""
    client: Any = BudgetedClient(Counting(), most=9)  # type: ignore[arg-type]
    told = {"stage": Stage.PROBE}
    assert await client.states(("1",)) == (("1",), {"state": None, "fresh": False, **told})
    assert await client.states((), state="Busy", fresh=True) == ((), {"state": "Busy", "fresh": True, **told})


async def test_without_ids_only_where_all_is_to_be_known() -> None:
    """Only `--probes deep` requests states without ids. An agent must have a row by id."""
    by_id = seen(StatesAsked(exchange=3, batches=1, asked=2, rows=1))
    present = Roll([RollEntry(Agent("1"), Standing.PRESENT)], roster_complete=True)
    assert LIST_WITHOUT_IDS.reason_to_skip(by_id, present, deep=True) == ""
    assert "no agent has a row" in LIST_WITHOUT_IDS.reason_to_skip(by_id, NOBODY, deep=True)
    assert "--probes deep" in LIST_WITHOUT_IDS.reason_to_skip(Observations(), NOBODY, deep=False)
    listed = seen(StatesAsked(exchange=3, batches=1, asked=2, rows=1, listed=True))
    for facts in (Observations(), listed):
        assert LIST_WITHOUT_IDS.reason_to_skip(facts, present, deep=True) == "no agent was requested by id"
    assert "--probes deep" in replace(LIST_WITHOUT_IDS, not_needed_deep=None).reason_to_skip(
        Observations(), NOBODY, deep=True
    )


def test_server_time_where_no_answer_is_dated() -> None:
    """Deep, the server's time is requested if no answer has a date. Not if it is known already."""
    for ahead, asked in ((None, True), (0.2, False)):
        dated = AnswersDated(ahead=ahead, ahead_exchange=1, age=0.0, age_exchange=0)
        assert (SERVER_TIME.reason_to_skip(seen(dated), NOBODY, deep=True) == "") is asked
        assert SERVER_TIME.reason_to_skip(seen(dated), NOBODY, deep=False)
    assert SERVER_TIME.reason_to_skip(seen(), NOBODY, deep=True)


def test_deep_searches_each_absent_agent() -> None:
    """Deep, the activity of each absent active agent is requested."""
    entries = [RollEntry(Agent("1"), Standing.PRESENT), RollEntry(Agent("2"), Standing.ABSENT)]
    states = StatesAsked(exchange=3, batches=1, asked=2, rows=1, listed=True)
    roll = Roll(entries, roster_complete=True)
    assert ACTIVITY.reason_to_skip(seen(states), roll, deep=False)
    assert ACTIVITY.reason_to_skip(seen(states), roll, deep=True) == ""
    assert ACTIVITY.reason_to_skip(seen(states), NOBODY, deep=True) == "no absent agent could be at work"


async def test_agents_that_were_not_searched_are_not_named() -> None:
    """If the budget runs out, only agents searched until then are named."""
    entries = [RollEntry(Agent(str(number)), Standing.ABSENT, asked_as="x") for number in range(9)]
    states = StatesAsked(exchange=3, batches=1, asked=9, rows=1, listed=True)
    given: Any = Asked(details={"": None}, most=5)
    found = await ACTIVITY.ask(given, seen(states), Roll(entries, roster_complete=True))
    assert isinstance(found, ActivityAsked)
    assert found.asked == ("0", "1")
    even = await ACTIVITY.ask(Asked(details={"": None}, most=6), seen(states), Roll(entries, roster_complete=True))  # type: ignore[arg-type]
    assert even == replace(found, asked=("0", "1", "2"))
    given.most = 0
    with pytest.raises(BudgetSpent):
        await ACTIVITY.ask(given, seen(states), Roll(entries, roster_complete=True))
