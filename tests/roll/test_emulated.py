"""The roll of an emulated tenant is true under every fault."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.support.thorough import mostly_thorough, sampled

from cxone_rollcall.emulator import Emulator
from cxone_rollcall.emulator.settings import RetryAfter
from cxone_rollcall.model.roll import Roll, Standing
from cxone_rollcall.roll import Ledger, Selection, call_roll, reconcile
from cxone_rollcall.testing import emulated
from cxone_rollcall.transport.pace import backoff, rate


async def called(agents: int, *faults: str, limit: float = 20.0, **settings: Any) -> tuple[Roll, Ledger, Emulator]:
    """Call the roll of an emulated tenant."""
    ledger = Ledger()
    async with emulated(agents, faults=faults, request_timeout=limit, **settings) as (emulator, _, client):
        await call_roll(client, ledger, Selection())
    return reconcile(ledger), ledger, emulator


def is_true(roll: Roll, emulator: Emulator) -> None:
    """Check that the account balances and no standing is wrong."""
    present = {one.agent_id for one in emulator.truth() if one.state is not None}
    ids = [entry.agent.agent_id for entry in roll.entries]
    assert len(ids) == len(set(ids)) == sum(roll.count().values())
    assert set(ids) <= {one.agent_id for one in emulator.truth()}
    assert set(roll.ids(Standing.PRESENT)) <= present
    assert not set(roll.ids(Standing.ABSENT, Standing.LOGGED_OUT)) & present


@pytest.mark.parametrize(
    "settings",
    [
        {"agents": 0},
        {"agents": 1},
        {"agents": 100},
        {"agents": 1000},
        {"agents": 250, "page_cap": 37},
        {"agents": 250, "ids": "strings", "detail": "ids"},
        {"agents": 250, "target_limit": 300},
        {"agents": 250, "list_all": True},
        {"agents": 1000, "rate": 200.0, "retry_after": "none"},
    ],
)
async def test_a_healthy_tenant(settings: dict[str, Any]) -> None:
    """A healthy tenant's roll is complete and true."""
    roll, ledger, emulator = await called(**settings)
    is_true(roll, emulator)
    truth = emulator.truth()
    assert roll.ids(*Standing) == tuple(one.agent_id for one in truth)
    present = {one.agent_id for one in truth if one.state is not None}
    assert set(roll.ids(Standing.PRESENT)) == present
    assert len(roll.ids(Standing.UNKNOWN)) == (0 if present else len(truth))
    assert roll.roster_complete
    assert ledger.failures == []
    states = {entry.agent.agent_id: entry.state for entry in roll.entries if entry.state}
    assert {one: (row.state, row.sub_state) for one, row in states.items()} == {
        one.agent_id: (one.state, one.sub_state) for one in truth if one.state is not None
    }


@pytest.mark.parametrize("faults", [(), ("rows-elsewhere=resultSet",)])
async def test_a_short_roster_in_an_envelope(faults: tuple[str, ...]) -> None:
    """A short roster is not whole, wherever the count stands."""
    roll, ledger, _ = await called(250, "roster-short=4", *faults)
    assert (roll.roster_complete, ledger.total) == (False, 254)
    roll, ledger, _ = await called(250, *faults)
    assert (roll.roster_complete, ledger.total) == (True, 250)


async def test_few_requests() -> None:
    """A healthy tenant of 1,000 agents takes few requests. They are a token, ten pages, ten batches and a few more."""
    _, _, emulator = await called(1000)
    assert emulator.requests.total() <= 1 + 11 + 10 + 5


FAULTS = [
    "batch-cut=37",
    "batch-cut=37,how=ids",
    "batch-cut=3,how=ids",
    "body-cut=times=2",
    "body-cut",
    "body-garbled",
    "body-garbled=rows-null",
    "body-garbled=two-values",
    "body-garbled=text",
    "body-short",
    "client-refused",
    "connection-dropped",
    "forbidden",
    "grant-refused",
    "html-page",
    "ids-ignored",
    "no-content",
    "no-total",
    "other-contract",
    "page-cap=25",
    "page-cap=25,offset=asked",
    "pages-from-zero",
    "path-missing",
    "poison-id",
    "poison-id=how=400",
    "poison-id=how=404",
    "rate-limit-forever",
    "reset",
    "reset-some",
    "roster-shifts",
    "scope-missing",
    "separator",
    "server-error",
    "server-error-some",
    "server-error=at=states,skip=2",
    "sign-in-redirect",
    "state-unnamed",
    "token-expires",
    "token-rejected",
    "too-many-ids",
    "unasked-row",
    "unasked-row=colleague",
]


@pytest.mark.parametrize("fault", sampled(FAULTS, every=2))
async def test_no_fault_makes_a_standing_wrong(fault: str) -> None:
    """No fault makes a standing wrong, or the number of requests endless."""
    roll, _, emulator = await called(250, fault)
    is_true(roll, emulator)
    assert emulator.requests.total() <= 400


@pytest.mark.parametrize(
    "first", sampled(["batch-cut=37", "poison-id=how=400", "pages-from-zero", "no-total"], every=2)
)
@pytest.mark.parametrize(
    "second",
    ["server-error-some", "reset-some", "page-cap=25", "unasked-row", "too-many-ids", "token-expires", "no-content"],
)
async def test_two_faults(first: str, second: str) -> None:
    """Two faults together make no standing wrong and lose no agent."""
    roll, ledger, emulator = await called(250, first, second)
    is_true(roll, emulator)
    assert len(roll) == 250 or not roll.roster_complete
    assert len(roll) == 250 or ledger.failures


@pytest.mark.parametrize("fault", ["hang=at=states", "slow-drip=at=states"])
async def test_a_server_that_hangs(fault: str) -> None:
    """A server that never finishes leaves all agents unknown. No task keeps running."""
    roll, _, emulator = await called(120, fault, limit=0.1)
    is_true(roll, emulator)
    assert len(roll.ids(Standing.UNKNOWN)) == 120
    assert asyncio.all_tasks() == {asyncio.current_task()}


@pytest.mark.parametrize("retry_after", mostly_thorough(["seconds", "date", "none"], quick=1))
async def test_the_pace_under_a_limit(retry_after: RetryAfter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under a rate limit no agent is lost. Few requests are refused, and concurrency stays bounded."""
    monkeypatch.setattr(backoff, "FIRST_THROTTLE_WAIT", 0.5)
    monkeypatch.setattr(rate, "SLOWEST", 2.0)
    ledger = Ledger()
    async with emulated(3000, rate=30.0, retry_after=retry_after) as (emulator, _, client):
        await call_roll(client, ledger, Selection())
        report = client.log.pace
    roll = reconcile(ledger)
    is_true(roll, emulator)
    assert roll.count()[Standing.UNKNOWN] == 0
    assert emulator.most_at_once <= 64
    assert 0 < report.throttled <= 64 + 10


@pytest.mark.parametrize("requests", [3, 5, 10])
async def test_tokens_that_live_for_a_few_requests(requests: int) -> None:
    """A roll call succeeds with tokens that each last a few requests."""
    roll, ledger, emulator = await called(1000, f"token-expires=requests={requests},times=9999")
    is_true(roll, emulator)
    assert (len(roll), ledger.failures) == (1000, [])
    assert emulator.requests.total() <= 200


@pytest.mark.parametrize("contract", ["v2", "incontact"])
@pytest.mark.parametrize("at", ["agents", "states"])
@pytest.mark.parametrize("status", [408, 425, 522])
async def test_a_passing_failure(contract: str, at: str, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """One temporary failure loses no agent. The request is sent again, for the roster as for the states."""
    monkeypatch.setattr(backoff, "FIRST_WAIT", 0.001)
    fault = f"server-error={at},status={status},times=1"
    roll, ledger, emulator = await called(150, fault, contract=contract)
    is_true(roll, emulator)
    assert roll.roster_complete
    assert not roll.ids(Standing.UNKNOWN)
    assert ledger.failures == []
