"""A tenant and the client, driven together over time. Agents and faults come and go, and each account holds."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from random import Random
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from quality.common.judge import Run, complaints
from tests.support.thorough import examples, mostly_thorough

from cxone_rollcall.client import Client, connect
from cxone_rollcall.diagnose import check
from cxone_rollcall.emulator import FAULTS, parse_fault
from cxone_rollcall.emulator.readings import Readings
from cxone_rollcall.emulator.settings import ContractName
from cxone_rollcall.testing import credentials_of, emulator_of
from cxone_rollcall.views import json as documents

T = TypeVar("T")

AGENTS = 130
"""More agents than a page or a request holds."""
HOUR = 60
"""Minutes that a token lives."""
START = 1_796_256_000.0
"""When a tenant starts, in seconds since 1970. The same in each run, so that a failure can be repeated."""
MOST_AT_ONCE = 2
"""Faults that are on together; `docs/precision.md` is of pairs too."""
TAKES_TIME = {"hang", "slow-drip", "latency", "rate-limit"}
"""Faults that only make one wait."""


def names(contract: str) -> list[str]:
    """Return the faults for this contract that cost no time."""
    return [fault.name for fault in FAULTS if contract in fault.contracts and fault.name not in TAKES_TIME]


class Together(RuleBasedStateMachine):
    """One tenant, and a new client after each step. Now and then a client that lives throughout."""

    contract: ContractName = "v2"

    @initialize(seed=st.integers(1, 4), hour=st.integers(0, 23))
    def open(self, seed: int, hour: int) -> None:
        """Start the tenant on the test's clock; tokens last an hour."""
        self.loop = asyncio.new_event_loop()
        self.now = START
        readings = Readings(poll_every=1)  # rows of an older poll would differ from what is true now
        self.emulator = emulator_of(
            AGENTS, self.contract, seed=seed, clock="running", now=lambda: self.now, readings=readings
        )
        self.now += hour * 3600
        self.since_kept: set[str] = set()
        self.healthy_hour = True
        self.stack = AsyncExitStack()
        self.url = self.wait(self.stack.enter_async_context(self.emulator.running())).url
        self.kept = self.wait(self.stack.enter_async_context(self.client()))

    def wait(self, doing: Coroutine[Any, Any, T]) -> T:
        """Let it happen, in this machine's own loop."""
        return self.loop.run_until_complete(doing)

    def client(self) -> Any:
        """Return a client that is not open yet."""
        return connect(self.url, credentials_of(self.emulator), tenant_id=self.emulator.tenant.tenant_id)

    @property
    def on(self) -> list[str]:
        """The names of the faults that are on."""
        return [fault.name for fault in self.emulator.faults]

    @rule(minutes=st.sampled_from([1, 10, 61, 120, 480, 1440]))
    def time_passes(self, minutes: int) -> None:
        """Agents log in and out, change their states, and tokens end."""
        self.now += minutes * 60
        self.healthy_hour = self.healthy_hour or (minutes > HOUR and not self.on)

    @precondition(lambda self: len(self.on) < MOST_AT_ONCE)
    @rule(data=st.data())
    def a_fault_comes(self, data: st.DataObject) -> None:
        """One more fault is on."""
        name = data.draw(st.sampled_from([name for name in names(self.contract) if name not in self.on]))
        self.emulator.switch_on([parse_fault(name)], beside=True)
        self.since_kept.add(name)
        self.healthy_hour = False

    @precondition(lambda self: bool(self.on))
    @rule(place=st.integers(0, MOST_AT_ONCE - 1))
    def a_fault_goes(self, place: int) -> None:
        """One of the faults is off again."""
        faults = list(self.emulator.faults)
        faults.pop(place % len(faults))
        self.emulator.switch_on(faults)

    @precondition(lambda self: bool(self.on))
    @rule()
    def all_is_mended(self) -> None:
        """No fault is on."""
        self.emulator.switch_on(())

    @rule()
    def the_kept_client_asks(self) -> None:
        """Check a roll call of the client that lived through it all.

        It reports no untruth, and is right although its old token has ended.
        """
        run = self.wait(self.ask(self.kept))
        assert not complaints(run, *self.since_kept)
        if self.healthy_hour:
            right(run)

    @invariant()
    def a_new_client_tells_the_truth(self) -> None:
        """Each account holds against the truth. Without faults it is right, whatever was wrong before."""
        run = self.wait(self.ask_anew())
        assert not complaints(run, *self.on)
        if not self.on:
            right(run)

    async def ask_anew(self) -> Run:
        """Check with a client that knows nothing."""
        async with self.client() as client:
            return await self.ask(client)

    async def ask(self, client: Client) -> Run:
        """Check, and return what the command would print, with what is true."""
        account = await check(client, rng=Random(1))
        document = json.loads(b"".join(documents.account(account)))
        return Run(account.exit_code, document, self.emulator.truth())

    def teardown(self) -> None:
        """Close what is open."""
        if hasattr(self, "stack"):
            self.wait(self.stack.aclose())
            self.loop.close()


def right(run: Run) -> None:
    """Assert that a healthy tenant's account is quiet, complete and true."""
    present = {one.agent_id for one in run.truth if one.state is not None}
    standings = {agent["agent_id"]: agent["standing"] for agent in run.document["agents"]}
    assert run.document["roster_complete"]
    assert standings.keys() == {one.agent_id for one in run.truth}
    assert {who for who, standing in standings.items() if standing == "present"} == present
    if len(present) > 2:  # else no present agent may confirm an answer without the others
        assert "unknown" not in standings.values()
        assert run.serious == set()


@pytest.mark.parametrize("contract", mostly_thorough(["v2", "incontact"], quick=1))
def test_each_account_holds_in_a_changing_world(contract: ContractName) -> None:
    """Each account holds through logins, logouts, faults and expiring tokens. Without faults it is right."""
    machine = type("Together", (Together,), {"contract": contract})
    bounds = settings(examples(8), stateful_step_count=10, suppress_health_check=list(HealthCheck), print_blob=True)
    run_state_machine_as_test(machine, settings=bounds)
