"""No logged-in agent is called absent, however states are answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from tests.roll.calling import is_known, is_whole, over_a_socket
from tests.roll.servers import Said, Tenant, tenant
from tests.support.thorough import crossed

from cxone_rollcall.model.observations.states import StatesAsked
from cxone_rollcall.model.roll import Standing


class Sorted(Tenant):
    """Truncates its rows after sorting them, as a database does."""

    def states(self, ids: Sequence[str]) -> Said:
        """Answer in numerical order of the ids."""
        return super().states(sorted(ids))


class LastIds(Tenant):
    """Reads the last ids of a request, not the first."""

    def states(self, ids: Sequence[str]) -> Said:
        """Read the ids from the end."""
        return super().states(list(reversed(ids)))


PRESENCE: dict[str, Callable[[int], bool]] = {
    "two thirds": lambda index: index % 3 != 1,
    "every tenth": lambda index: index % 10 == 0,
    "the first of each hundred": lambda index: index % 100 < 10,
    "the last of each hundred": lambda index: index % 100 > 90,
    "the second hundred's end, few before": lambda index: index in {0, 1, 100} or 150 < index < 200,
    "one": lambda index: index == 0,
    "nearly all": lambda index: index % 50 != 7,
}


CUTS = [(Tenant, "first_ids"), (LastIds, "first_ids"), (Tenant, "first_rows"), (Sorted, "first_rows")]


@pytest.mark.parametrize(("limit", "presence", "cut"), crossed([5, 37, 90, 1, 2, 50, 99], PRESENCE, CUTS, every=5))
async def test_truncated_answers(limit: int, presence: str, cut: tuple[type[Tenant], str]) -> None:
    """A server that answers only some ids makes no logged-in agent absent."""
    kind, by = cut
    called = await over_a_socket(tenant(214, kind=kind, present=PRESENCE[presence], **{by: limit}))
    is_whole(called)
    assert called.requests <= 214 * 3


@pytest.mark.parametrize("cut", ["first_ids", "first_rows"])
async def test_truncation_is_overcome(cut: str) -> None:
    """All standings are known in the end if responses are truncated. They must hold more than one agent."""
    odd: dict[str, Any] = {cut: 37}
    called = await over_a_socket(tenant(214, **odd))
    is_known(called)
    truncation = called.ledger.states.cut
    assert truncation is not None
    assert truncation.most_rows == 37
    assert 0 < truncation.truncated != truncation.shown_by > 0
    assert truncation.found > 0
    assert called.requests <= 50


@pytest.mark.parametrize("presence", PRESENCE)
async def test_a_healthy_server_gets_few_requests(presence: str) -> None:
    """A healthy server gets a page and a batch per hundred agents. One request comes on top."""
    called = await over_a_socket(tenant(214, present=PRESENCE[presence]))
    assert called.ids(Standing.PRESENT) == set(called.tenant.present)
    assert called.requests <= 1 + 3 + 3 + 12
    is_known(called)
    assert called.ledger.states.cut is None


@pytest.mark.parametrize("status", [200, 400, 404])
@pytest.mark.parametrize("where", [(7,), (0,), (99,), (213,), (3, 60), (5, 105, 205), (0, 99, 100, 199, 200)])
async def test_an_id_that_spoils_its_batch(status: int, where: tuple[int, ...]) -> None:
    """An id that spoils its batch is isolated. Its batch and the request for it alone are cited.

    It fails again in turns. It is unknown, and all other states are known.
    """
    made = tenant(214)
    ids = list(made.roster)
    made.poison = {ids[index]: status for index in where}
    called = await over_a_socket(made)
    is_whole(called)
    assert called.ids(Standing.UNKNOWN) == set(made.poison)
    assert called.requests <= 14 + 24 * len(where)
    assert {one.agent_id for one in called.ledger.poisoned} == set(made.poison)
    for one in called.ledger.poisoned:
        batch, alone = (made.asked[number - 1] for number in (one.batch_exchange, one.alone_exchange))
        assert one.agent_id in batch
        assert one.agent_id in alone
        assert alone.count(",") <= 1 < batch.count(",")
        assert (one.status, one.repeated) == (status, True)
    observed = next(one for one in called.ledger.observe(called.client) if isinstance(one, StatesAsked))
    assert observed.poisoned == tuple(called.ledger.poisoned)


async def test_a_batch_that_fails_is_not_split() -> None:
    """A batch that fails is sent again, and not split. Then its agents are unknown."""
    made = tenant(214)
    made.poison = {made.roster[7]: 500}
    called = await over_a_socket(made)
    is_whole(called)
    batches = {target for target in made.asked if made.roster[7] in target}
    assert len(batches) == 1
    assert called.ids(Standing.UNKNOWN) == {one for one in made.roster if one in next(iter(batches))}
    assert called.requests <= 20


async def test_a_spoilt_batch_without_logged_in_agents() -> None:
    """A spoilt batch without logged-in agents is settled by another batch's agent."""
    made = tenant(200, present=lambda index: index >= 100)
    made.poison = {made.roster[50]: 200}
    called = await over_a_socket(made)
    is_whole(called)
    assert called.ids(Standing.UNKNOWN) == {made.roster[50]}
    assert len(called.ids(Standing.ABSENT)) == 99


@pytest.mark.parametrize("longest", [200, 400, 900])
async def test_long_urls(longest: int) -> None:
    """A server that refuses long URLs gets shorter ones. No agent is lost."""
    called = await over_a_socket(tenant(214, longest_target=longest))
    is_known(called)
    assert called.ledger.states.too_many is not None
    assert called.requests <= 500


async def test_long_ids_are_never_refused_for_their_length() -> None:
    """Batches are smaller if a hundred ids exceed 4,096 characters."""
    ids = [f"{number:060d}" for number in range(1, 215)]
    made = Tenant(roster=ids, present=dict.fromkeys(ids[::2], "Available"), longest_target=4096)
    called = await over_a_socket(made)
    is_known(called)
    assert called.ledger.states.too_many is None
    assert max(len(target) for target in made.asked) > 3800


async def test_long_urls_and_a_spoiling_id() -> None:
    """A spoiling id is isolated even if requests are too long."""
    made = tenant(214, longest_target=400)
    made.poison = {made.roster[index]: 400 for index in (150, 203)}
    called = await over_a_socket(made)
    is_whole(called)
    assert called.ids(Standing.UNKNOWN) == set(made.poison)


async def test_a_batch_without_logged_in_agents() -> None:
    """A batch without logged-in agents is confirmed with another batch's agent."""
    called = await over_a_socket(tenant(300, present=lambda index: not 100 <= index < 200))
    is_known(called)
    assert called.requests <= 16


@pytest.mark.parametrize("agents", [1, 2, 101, 250])
async def test_no_agent_has_a_row(agents: int) -> None:
    """If no agent has a row, all are unknown after few requests."""
    called = await over_a_socket(tenant(agents, present=lambda index: False))
    is_whole(called)
    assert called.ids(Standing.UNKNOWN) == set(called.tenant.roster)
    assert called.requests <= 32


async def test_one_in_a_thousand() -> None:
    """One present agent among a thousand is found within a few requests."""
    called = await over_a_socket(tenant(1000, present=lambda index: index == 733))
    is_known(called)
