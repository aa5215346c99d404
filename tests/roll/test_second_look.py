"""Pages of a list are requested again, over another connection."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from random import Random

import pytest
from tests.roll.lists import BASE, CREDENTIALS, ListTenant, called, is_true, is_whole, people, row_of, said

from cxone_rollcall.client import Client
from cxone_rollcall.contracts.incontact import Incontact
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.roll import Ledger, Selection, call_roll
from cxone_rollcall.roll.by_list.second_look import PAGES

LATE = 3
"""Each third agent is unknown to a replica that lags."""


@dataclass
class Replicas(ListTenant):
    """Lists nobody who is logged out. Pages come from a replica that lags, those requested apart from another one.

    `apart` is which of the requests apart the other replica answers, None for all of them.
    """

    apart: range | None = None
    lags: bool = True
    broken: Response | None = None
    targets_apart: list[str] = field(default_factory=list)

    def answer(self, request: Request) -> Response:
        """Answer as one of the replicas."""
        listed = "/agents/states?" in request.target
        if request.apart and listed:
            self.targets_apart.append(request.target)
        number = len(self.targets_apart) - 1
        whole = request.apart and (self.apart is None or number in self.apart)
        everybody = self.states
        if self.lags and not whole and "/states" in request.target:
            self.states = {one: None if int(one) % LATE == 0 else code for one, code in everybody.items()}
        try:
            answer = super().answer(request)
        finally:
            self.states = everybody
        return self.broken if self.broken is not None and request.apart and listed else answer


def lagging(tenant: ListTenant) -> set[str]:
    """The logged-in agents who are unknown to the replica that lags."""
    return {one for one, code in tenant.states.items() if code and int(one) % LATE == 0}


def replicas(count: int = 250, **how: object) -> Replicas:
    """Return such a tenant; each second agent is not logged in."""
    return Replicas(people(count, codes=(1, None, 2, None)), **how)  # type: ignore[arg-type]


@pytest.mark.parametrize("agents", [40, 250])
async def test_a_replica_that_was_late(agents: int) -> None:
    """Agents with a row over each other connection are late, not absent."""
    tenant = replicas(agents)
    run = await called(tenant)
    is_true(run)
    assert set(run.ledger.late) == lagging(tenant)
    is_whole_but_absent(run.ids(Standing.ABSENT), tenant)


@pytest.mark.parametrize("agents", [40, 250])
async def test_replicas_that_disagree(agents: int) -> None:
    """If rows come and go between connections, nobody is absent."""
    tenant = replicas(agents, apart=range(1))
    run = await called(tenant)
    is_true(run)
    assert not run.ids(Standing.ABSENT)
    two = run.ledger.states.disagreement
    assert two is not None
    assert two.more < two.fewer  # exchanges: the page with more rows was the earlier one
    assert two.fewer_rows < two.more_rows
    assert two.reversals == len(run.ledger.late) > 0
    assert set(run.ledger.late.values()) == {two.more}
    assert set(run.ledger.late) == lagging(tenant) & run.ids(Standing.PRESENT)


async def test_a_row_that_goes_at_the_last_repetition() -> None:
    """A page that shows missing agents is repeated twice. Each repetition may lack them."""
    for repetitions in range(2):
        run = await called(replicas(40, apart=range(PAGES + repetitions)))
        is_true(run)
        assert not run.ids(Standing.ABSENT)


@pytest.mark.parametrize("agents", [40, 250])
async def test_a_healthy_list_is_looked_at_twice(agents: int) -> None:
    """If other connections show nobody, agents without a row are absent.

    That costs five requests, whatever the size of the list.
    """
    tenant = replicas(agents, lags=False)
    run = await called(tenant)
    is_whole_but_absent(run.ids(Standing.ABSENT), tenant)
    assert len(tenant.targets_apart) == PAGES
    assert not run.ledger.late


@pytest.mark.parametrize("look", range(PAGES))
async def test_one_look_at_the_other_replica(look: int) -> None:
    """Each of the looks is enough to doubt a replica that lags."""
    run = await called(replicas(40, apart=range(look, look + 1)))
    is_true(run)
    assert not run.ids(Standing.ABSENT)


async def test_the_pages_of_a_second_look_differ() -> None:
    """Each page is requested apart about as often as the others."""
    tenant = replicas(250, lags=False)
    await called(tenant)
    counts = Counter(tenant.targets_apart).values()
    assert len(counts) > 1
    assert max(counts) - min(counts) <= 1


async def test_a_late_replica_of_a_list_with_everybody() -> None:
    """If logged-out agents have rows, a missing one may be late too."""
    tenant = Replicas(people(40, codes=(1, 2, 0)), alone=people(40, codes=(None,)))
    run = await called(tenant)
    is_true(run)
    assert not run.ids(Standing.ABSENT)
    assert run.ledger.late


async def test_a_list_with_everybody_costs_nothing() -> None:
    """If logged-out agents have rows, no page is requested again."""
    tenant = Replicas(people(120, codes=(1, 0, 2)), lags=False)
    run = await called(tenant)
    is_whole(run)
    assert tenant.targets_apart == []


@pytest.mark.parametrize(
    "broken", [said({}, 500), said({"agentStates": [row_of("1001", 1)], "error": "partial"})], ids=["failed", "partial"]
)
async def test_a_second_look_that_fails(broken: Response) -> None:
    """If a second look fails, agents without a row are unknown."""
    tenant = replicas(40, lags=False, broken=broken)
    run = await called(tenant)
    is_true(run)
    absent = {one for one, code in tenant.states.items() if code is None}
    assert run.ids(Standing.UNKNOWN) == absent
    assert {agent for failure in run.ledger.failures for agent in failure.agents} == absent


def is_whole_but_absent(absent: set[str], tenant: ListTenant) -> None:
    """Check that exactly the agents without a state are absent."""
    assert absent == {one for one, code in tenant.states.items() if code is None}


async def test_a_generator_draws_the_same_pages() -> None:
    """With equal generators, equal runs request equal pages."""
    asked = []
    for _ in range(3):
        lists = ListTenant(people(2000, codes=(1, None)))
        client = Client(Incontact(BASE), lists, CREDENTIALS, base_url=BASE, rng=lambda: 0.0)
        await call_roll(client, Ledger(), Selection(), rng=Random(5))
        asked.append(sorted(lists.asked))
    assert asked[0] == asked[1] == asked[2]
