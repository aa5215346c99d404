"""Whose row is handed on need not be kept: what a long roll keeps grows by a few bytes for each agent."""

from __future__ import annotations

import gc
import json
import tracemalloc
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from tests.roll.calling import CREDENTIALS
from tests.roll.lists import CREDENTIALS as KEY
from tests.roll.lists import ListTenant, row_of, said
from tests.roll.servers import Tenant

from cxone_rollcall.client import Client
from cxone_rollcall.contracts.incontact import Incontact
from cxone_rollcall.contracts.v2 import V2
from cxone_rollcall.findings.visibility import FEWEST
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.token import Token
from cxone_rollcall.roll import Ledger, Selection, call_roll, dismissed, reconcile
from cxone_rollcall.roll.by_id import call as by_id_call
from cxone_rollcall.roll.by_id.batches import Asking
from cxone_rollcall.roll.by_list import call as by_list_call
from cxone_rollcall.roll.by_list.state_list import Snapshot
from cxone_rollcall.roll.ids import Packed, Texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cxone_rollcall.model.exchange import Response

BOTH = pytest.mark.parametrize("contract", ["v2", "incontact"])


def _tenant(contract: str, agents: int, *, absent: bool = True) -> Any:
    """Return a tenant of so many agents; of `v2` each 20th has no row, unless nobody is absent."""
    ids = [str(30_000_000_001 + place * 7) for place in range(agents)]
    if contract == "incontact":
        return ListTenant({one: place % 3 for place, one in enumerate(ids)})
    states = {one: ("Available", "Busy")[place % 2] for place, one in enumerate(ids) if place % 20 or not absent}
    return Tenant(roster=ids, present=states)


async def _called(contract: str, tenant: Any, *, keep: bool = False) -> _Roll:
    ledger, told = Ledger(), list[str]()
    ledger.watch(told.append, keep=keep)
    if contract == "v2":
        client = Client(V2(), tenant, CREDENTIALS, rng=lambda: 0.0)
    else:
        base = "https://api-na1.niceincontact.com"
        client = Client(Incontact(base), tenant, KEY, base_url=base, rng=lambda: 0.0)
    await call_roll(client, ledger, Selection())
    return _Roll(ledger, told, client)


class _Roll:
    """A roll that was called, and who was told of while it was."""

    def __init__(self, ledger: Ledger, told: list[str], client: Client) -> None:
        self.ledger, self.told, self.client = ledger, told, client


@BOTH
async def test_what_is_kept_does_not_grow(contract: str) -> None:
    """Twice as many agents with a row, and as many are kept; each of them was told of once, and all are counted."""
    kept = []
    for agents in (2_500, 5_000):
        roll = await _called(contract, _tenant(contract, agents, absent=False))
        count = reconcile(roll.ledger).count()
        assert len(roll.told) == len(set(roll.told)) == agents == sum(count.values())
        assert not count[Standing.UNKNOWN] + count[Standing.ABSENT]
        gc.collect()
        kept.append(sum(isinstance(one, Agent) for one in gc.get_objects()))
        assert len(roll.ledger.rows) <= kept[-1] < 1_500
        del roll
    assert abs(kept[1] - kept[0]) <= dismissed.CROWD


@pytest.mark.thorough
@BOTH
async def test_a_further_agent_takes_a_few_bytes(contract: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a row that was handed on, an agent more takes at most 120 bytes in the end; kept, it takes 300 or more."""

    async def each(*, keep: bool) -> float:
        sizes = []
        for agents in (1_000, 2_500):
            tenant = _tenant(contract, agents, absent=False)
            gc.collect()
            before, _ = tracemalloc.get_traced_memory()
            roll = await _called(contract, tenant, keep=keep)
            roll.told.clear()
            tenant.asked.clear()
            gc.collect()
            sizes.append(tracemalloc.get_traced_memory()[0] - before)
            del roll
        return (sizes[1] - sizes[0]) / 1_500

    monkeypatch.setattr(dismissed, "AT_EACH_END", 60)
    monkeypatch.setattr(dismissed, "CROWD", 20)
    tracemalloc.start()
    try:
        assert await each(keep=False) < 120
        assert await each(keep=True) > 200
    finally:
        tracemalloc.stop()


def _moving(path: str, skip: int, response: Response) -> Response:
    """Count an agent more on the second page of the states: the list moves, and is read again."""
    body = json.loads(response.body)
    if path == "agents/states" and skip == 100:
        body["totalRecords"] += 1
    return said(body)


async def test_a_list_that_is_read_again_keeps_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows that a second reading has of those who were dismissed do not wait for anybody."""
    snapshots: list[Snapshot] = []

    class Watched(Snapshot):
        async def read(self) -> None:
            snapshots.append(self)
            await super().read()

    monkeypatch.setattr(by_list_call, "Snapshot", Watched)
    tenant = _tenant("incontact", 2_500)
    tenant.spoils = _moving
    roll = await _called("incontact", tenant)
    assert roll.ledger.states.batches > 2 * 2_500 / 100, "the list was read again"
    assert len(roll.ledger.dismissed) > 1_000
    assert not snapshots[0].rows


async def test_answers_that_are_kept_are_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was asked is kept in one text for each batch, and taken apart again as it was."""
    made: list[Asking] = []

    class Watched(Asking):
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            made.append(self)

    monkeypatch.setattr(by_id_call, "Asking", Watched)
    tenant = _tenant("v2", 2_500)
    await _called("v2", tenant)
    first = [batch for batch in made[0].batches if isinstance(batch.asked, str)]
    assert sorted(one for batch in first for one in batch.agent_ids) == sorted(tenant.roster)


def test_ids_are_packed_where_their_agents_are_not_kept() -> None:
    """What was seen is kept as texts beside the agents, and packed where these are dismissed."""
    ledger = Ledger()
    assert isinstance(ledger.new_ids(), Texts)
    ledger.watch(lambda _: None, keep=False)
    assert isinstance(ledger.new_ids(), Packed)


@BOTH
async def test_the_account_is_the_same(contract: str) -> None:
    """Dismissed or kept, as many agents have each standing and each state, and the same ones have no row."""
    tenant = _tenant(contract, 3_000)
    kept, light = await _called(contract, tenant, keep=True), await _called(contract, tenant)
    whole, counted = reconcile(kept.ledger), reconcile(light.ledger)
    assert light.ledger.dismissed
    assert not kept.ledger.dismissed
    assert (len(counted), counted.count(), counted.states()) == (len(whole), whole.count(), whole.states())
    silent = Standing.ABSENT, Standing.UNKNOWN
    assert counted.ids(*silent) == whole.ids(*silent)
    assert {one.state for one in light.ledger.rows.values()} == {one.state for one in kept.ledger.rows.values()}


async def test_few_are_all_kept() -> None:
    """In a tenant of a thousand agents nobody is dismissed."""
    roll = await _called("v2", _tenant("v2", 1_000))
    assert len(roll.ledger.agents) == 1_000
    assert not roll.ledger.dismissed


def _said_again(agent_id: str, code: int) -> Any:
    """Return what adds one more row of an agent to the page of states that has the last row."""

    def spoil(path: str, skip: int, response: Response) -> Response:
        body = json.loads(response.body)
        if path == "agents/states" and len(body["agentStates"]) and skip + 100 >= 3_000:
            body["agentStates"].append(row_of(agent_id, code))
        return said(body)

    return spoil


@pytest.mark.parametrize(("code", "standing"), [(0, Standing.UNKNOWN), (3, Standing.PRESENT)])
async def test_who_was_dismissed_is_known_again(code: int, standing: Standing) -> None:
    """A second row of somebody who was dismissed is held against the first one, as if that one had been kept."""
    tenant = _tenant("incontact", 3_000)
    agent_id = list(tenant.states)[1_501]
    assert tenant.states[agent_id] == 1
    tenant.spoils = _said_again(agent_id, code)
    for keep in (True, False):
        roll = await _called("incontact", tenant, keep=keep)
        entry = next(one for one in reconcile(roll.ledger).entries if one.agent.agent_id == agent_id)
        assert agent_id in roll.ledger.contradicted
        assert entry.standing is standing
        assert sum(reconcile(roll.ledger).count().values()) == 3_000
        assert roll.told.count(agent_id) == 1


async def test_a_cut_counts_who_was_dismissed() -> None:
    """How many agents a server had cut off is the same number, whether those with a row are kept or not."""
    tenant = _tenant("v2", 3_000)
    tenant.first_rows = 60
    kept, light = await _called("v2", tenant, keep=True), await _called("v2", tenant)
    assert kept.ledger.states.cut is not None
    assert light.ledger.states.cut is not None
    assert light.ledger.states.cut.found == kept.ledger.states.cut.found > 0
    assert reconcile(light.ledger).count() == reconcile(kept.ledger).count()


@BOTH
async def test_who_is_not_on_the_roster_after_all_is_not_counted(contract: str) -> None:
    """Whoever was on the first reading of a roster alone is taken off the account again, dismissed or not."""
    tenant = _tenant(contract, 3_000)
    kept, light = await _called(contract, tenant, keep=True), await _called(contract, tenant)
    gone = light.told[700:1_400]
    for agent_id in gone:
        kept.ledger.withdraw(agent_id)
        light.ledger.withdraw(agent_id)
    assert any(one not in light.ledger.agents for one in gone)
    assert reconcile(light.ledger).count() == reconcile(kept.ledger).count()
    assert len(reconcile(light.ledger)) == 3_000 - len(gone)


def _streamed(agents: list[Agent], states: list[str], own: str) -> Ledger:
    """Return the ledger of a run by a token of somebody's own, after all rows were handed on."""
    ledger = Ledger()
    ledger.token = Token(access_token=Secret("a-token"), granted_at=0.0, expires_at=None, claims={"icAgentId": own})
    ledger.watch(lambda _: None, keep=False)
    ledger.call(*agents, selection=Selection())
    ledger.keep(*[AgentState(one.agent_id, state) for one, state in zip(agents, states, strict=True)], exchange=1)
    ledger.dismiss()
    return ledger


def test_the_own_agent_of_the_token_stays() -> None:
    """The agent whom the token names is never dismissed: its row vouches for nobody, and checks look at it."""
    agents = [Agent(str(10_000 + place)) for place in range(3_000)]
    ledger = _streamed(agents, ["Busy"] * 3_000, own="11500")
    assert "11500" in ledger.agents
    assert "11499" in ledger.dismissed
    assert "11501" in ledger.dismissed


def test_checks_find_some_of_each_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each team, state, and word of the roster, three agents stay: no check needs more than that."""
    monkeypatch.setattr(dismissed, "AT_EACH_END", 10)
    places = range(5_000)
    logins = ["" if place % 5 else None for place in places]
    agents = [
        Agent(str(10_000 + place), team=f"Team {place % 7}", active=bool(place % 2), last_login=logins[place])
        for place in places
    ]
    ledger = _streamed(agents, [f"State {place % 3}" for place in places], own="1")
    assert len(ledger.dismissed) > 3_000

    def kinds(agent_ids: Iterable[str]) -> Counter[tuple[object, ...]]:
        known = {agent.agent_id: agent for agent in agents}
        return Counter(
            (known[one].team, known[one].active, known[one].last_login, (int(one) - 10_000) % 3) for one in agent_ids
        )

    left = kinds(ledger.agents)
    assert left.keys() == kinds(one.agent_id for one in agents).keys()
    assert min(left.values()) >= FEWEST
