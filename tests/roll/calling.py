"""Calls the roll of a scripted tenant and checks the result."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from random import Random

from tests.roll.servers import Tenant

from cxone_rollcall.client import Client, connect
from cxone_rollcall.contracts.v2 import V2
from cxone_rollcall.diagnose import tenant_asked
from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.finding import Strength
from cxone_rollcall.findings.judge import judge
from cxone_rollcall.model.credentials import Credentials
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.observations.base import Observations
from cxone_rollcall.model.observations.roster import RosterRead
from cxone_rollcall.model.roll import Roll, Standing
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.roll import Ledger, Selection, call_roll, reconcile
from cxone_rollcall.transport.base import Transport

CREDENTIALS = Credentials(client_id="scripted", client_secret=Secret("scripted-secret"))


@dataclass(frozen=True, slots=True)
class Called:
    """A roll that was called, and how."""

    tenant: Tenant
    ledger: Ledger
    client: Client

    @property
    def roll(self) -> Roll:
        """The roll, reconciled."""
        return reconcile(self.ledger)

    @property
    def roster(self) -> RosterRead:
        """How the roster was read."""
        assert self.ledger.roster is not None
        return self.ledger.roster

    @property
    def requests(self) -> int:
        """How many requests the tenant got."""
        return len(self.tenant.asked)

    def ids(self, *standings: Standing) -> set[str]:
        """The ids of these standings."""
        return set(self.roll.ids(*standings))


class Interrupted:
    """A transport that interrupts a task before or after one response."""

    def __init__(self, world: Transport, at: int, *, after: bool) -> None:
        self.world, self.at, self.after = world, at, after
        self.task: asyncio.Task[None] | None = None
        self.sent = 0

    async def send(self, request: Request) -> Response:
        """Return the tenant's response."""
        self.sent += 1
        now = self.sent == self.at and self.task is not None
        if now and not self.after and self.task is not None:
            self.task.cancel()
        response = await self.world.send(request)
        if now and self.after and self.task is not None:
            self.task.cancel()
        return response


async def over_a_socket(tenant: Tenant, selection: Selection | None = None) -> Called:
    """Call the roll of a tenant that listens on a socket."""
    ledger = Ledger()
    async with tenant.listening() as url, connect(url, CREDENTIALS) as client:
        await call_roll(client, ledger, selection or Selection(), rng=Random(1))
    return Called(tenant, ledger, client)


async def without_a_socket(
    tenant: Tenant, selection: Selection | None = None, *, contract: V2 | None = None, seed: int = 1
) -> Called:
    """Call the roll of a tenant that is its own transport."""
    ledger = Ledger()
    client = Client(contract or V2(), tenant, CREDENTIALS, rng=lambda: 0.0)
    await call_roll(client, ledger, selection or Selection(), rng=Random(seed))
    return Called(tenant, ledger, client)


def must_hold(called: Called) -> None:
    """Check any account. It balances, no agent is doubled or invented, and no present one is called absent."""
    roll, tenant = called.roll, called.tenant
    ids = [entry.agent.agent_id for entry in roll.entries]
    assert len(ids) == len(set(ids)) == sum(roll.count().values())
    assert set(ids) <= set(tenant.roster), "no agent is invented"
    assert not called.ids(Standing.ABSENT, Standing.LOGGED_OUT) & set(tenant.present), (
        "no present agent is called absent"
    )
    assert called.ids(Standing.PRESENT) <= set(tenant.present), "no agent is falsely present"
    assert says_why(called.client, called.ledger), "an incomplete roster has a finding"


def says_why(client: Client, ledger: Ledger) -> bool:
    """Whether the roster is whole, or a finding says why not. Absences explain nothing, nor does an interrupt."""
    roll = reconcile(ledger)
    if ledger.roster is None or ledger.roster.cut_short:
        return True
    found, _ = judge(Case(roll, Observations((tenant_asked(client), *ledger.observe(client)))))
    return roll.roster_complete or any(
        one.strength is not Strength.NOTE and not one.code.startswith("RC6") for one in found
    )


def is_whole(called: Called) -> None:
    """Check that the roll is complete, and knows it."""
    must_hold(called)
    assert {entry.agent.agent_id for entry in called.roll.entries} == set(called.tenant.roster)
    assert called.roll.roster_complete


def is_known(called: Called) -> None:
    """Check that the roll is complete, and every standing known and true."""
    is_whole(called)
    assert called.ids(Standing.UNKNOWN) == set()
    assert called.ids(Standing.PRESENT) == set(called.tenant.present)
