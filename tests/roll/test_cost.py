"""The cost of a roll call: requests, and copies of equal texts."""

from __future__ import annotations

import asyncio

import pytest
from tests.roll.calling import without_a_socket
from tests.roll.servers import Said, Tenant, tenant
from tests.roll.test_emulated import called

from cxone_rollcall.contracts.v2 import V2
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.roll import Roll, Standing
from cxone_rollcall.roll import Ledger, Selection, call_roll, reconcile
from cxone_rollcall.roll.by_id.call import BATCHES_WAITING
from cxone_rollcall.testing import emulated


@pytest.mark.parametrize("agents", [1, 99, 100, 101, 1000, 2350])
async def test_a_healthy_tenant_gets_few_requests(agents: int) -> None:
    """A healthy tenant gets a page and a batch per hundred agents.

    A token and five controls come on top. A page whose total is its own length may be
    one of many, or the last of a server that counts from 0: the pages before and after it are requested.
    """
    ledger = Ledger()
    async with emulated(agents) as (_, _, client):
        await call_roll(client, ledger, Selection())
        hundreds = -(-agents // 100)
        assert len(client.log.exchanges) <= 1 + 2 * hundreds + (7 if agents <= 100 else 6)
    assert len(reconcile(ledger)) == agents


@pytest.mark.parametrize("contract", ["v2", "incontact"])
async def test_a_refused_client_ends_the_roll_call(contract: str) -> None:
    """Without a token nothing else is requested, and one failure says so."""
    ledger = Ledger()
    async with emulated(40, contract, ["client-refused"]) as (emulator, _, client):
        await call_roll(client, ledger, Selection())
    assert len(ledger.failures) == 1
    assert {endpoint for endpoint, _ in emulator.requests} <= {"token", "discovery"}


async def test_controls_follow_the_batches() -> None:
    """No agent is requested twice before each was requested once."""
    run = await without_a_socket(tenant(450))
    asked = [target.partition("agentIds=")[2].split(",") for target in run.tenant.asked if "agentIds=" in target]
    assert [len(ids) for ids in asked[:5]] == [100, 100, 100, 100, 50]
    assert len({one for ids in asked[:5] for one in ids}) == 450
    assert len(asked) > 5


class AllAtOnce(Tenant):
    """Gives all agents on one page. It counts the client's tasks."""

    tasks = 0

    def page(self, page: int, size: int) -> Said:
        """The whole roster, whatever the size."""
        return self.listed(self.roster if page == self.base else ())

    async def send(self, request: Request) -> Response:
        """Answer as usual."""
        self.tasks = max(self.tasks, len(asyncio.all_tasks()))
        return await super().send(request)


async def test_a_page_of_all_agents_fills_no_memory_with_batches() -> None:
    """A limited number of batches waits, however many agents a page has."""
    contract = V2()
    contract.largest_batch = 10
    run = await without_a_socket(tenant(1000, kind=AllAtOnce), contract=contract)
    assert isinstance(run.tenant, AllAtOnce)
    assert BATCHES_WAITING < run.tenant.tasks < BATCHES_WAITING + 10
    assert not run.ids(Standing.UNKNOWN)


async def test_a_refused_agent_is_requested_once() -> None:
    """A single agent that the server refuses is not split further."""
    run = await without_a_socket(tenant(1, poison={"30000000001": 400}))
    assert sum("agentIds=" in target for target in run.tenant.asked) == 1
    assert run.ids(Standing.UNKNOWN) == {"30000000001"}


async def test_equal_texts_are_stored_once() -> None:
    """Equal ids, states and teams are stored once. A row shares the roster's copy of its agent's id."""
    roll, _, _ = await called(300)
    present = [entry for entry in roll.entries if entry.state is not None]
    assert len(present) > 100
    assert all(entry.state is not None and entry.state.agent_id is entry.agent.agent_id for entry in present)
    assert _copies(roll) == len({*roll.states(), *(entry.agent.team for entry in roll.entries)})


def _copies(roll: Roll) -> int:
    """Count the objects that hold the names of states and of teams."""
    states = {id(entry.state.state) for entry in roll.entries if entry.standing is Standing.PRESENT and entry.state}
    return len(states | {id(entry.agent.team) for entry in roll.entries})
