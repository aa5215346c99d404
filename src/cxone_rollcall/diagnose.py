"""Diagnosis: runs probes, runs the checks, and builds the account."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.findings.account import Account, Requests, RunRecord, Tenant
from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.judge import account_of
from cxone_rollcall.model.observations.base import Observation, Observations, TenantAsked
from cxone_rollcall.model.observations.probes import ProbesAsked
from cxone_rollcall.model.roll import Roll
from cxone_rollcall.probes import PROBES
from cxone_rollcall.probes.probe import BudgetedClient, BudgetSpent, Probe
from cxone_rollcall.roll import Ledger, Selection, call_roll, reconcile

if TYPE_CHECKING:
    from random import Random

    from cxone_rollcall.client import Client

LOG = logging.getLogger("cxone_rollcall")

PROBES_ARE_OFF = "probes are off"

MOST_PROBED = 20
"""Requests that probes may send in a run."""
MOST_PROBED_DEEP = 40
"""Requests that probes may send in a run with `--probes deep`."""


class Probing(StrEnum):
    """Which probes run: none, those open checks need, or all."""

    OFF = "off"
    AUTO = "auto"
    DEEP = "deep"

    @property
    def most(self) -> int:
        """Requests that the probes may send."""
        return {Probing.OFF: 0, Probing.AUTO: MOST_PROBED, Probing.DEEP: MOST_PROBED_DEEP}[self]


async def check(
    client: Client,
    selection: Selection | None = None,
    *,
    probing: Probing = Probing.AUTO,
    rng: Random | None = None,
) -> Account:
    """Request every agent's state and account for each: `rollcall check` for Python.

    Errors of the API or the network raise nothing: the findings and the verdict of the account describe them. It raises
    `SettingError` if the selection names an agent that the roster does not have, or several. `rng` draws the agents of
    controls. A client that was asked before begins a new log: what it was refused then proves nothing now.
    """
    if client.log.exchanges:
        client.new_log()
    started_at = datetime.now(UTC)
    ledger = Ledger()
    await call_roll(client, ledger, selection or Selection(), rng=rng)
    facts = (tenant_asked(client), *ledger.observe(client))
    case = await run_probes(client, reconcile(ledger), facts, probing=probing)
    tenant = Tenant(instance=client.instance, contract=client.contract.name)
    account = build_account(client, case, tenant, started_at=started_at, finished_at=datetime.now(UTC))
    LOG.info("account of %s: %s, %s", client.instance, account.verdict, account.counts)
    for finding in account.findings:
        LOG.info("%s %s: %s", finding.code, finding.strength, finding.text)
    return account


def check_sync(
    opening: AbstractAsyncContextManager[Client],
    selection: Selection | None = None,
    *,
    probing: Probing = Probing.AUTO,
) -> Account:
    """Do `check` and wait for it, without an event loop. Notebooks can use it too.

    `opening` is what `connect` or `connect_from_settings` returns; it is entered and left in a thread of its own. An
    interrupt (Ctrl-C) ends the run.
    """
    stopping: Future[Callable[[], object]] = Future()

    async def run() -> Account:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None  # noqa: S101  a coroutine of asyncio.run has one
        stopping.set_result(lambda: loop.call_soon_threadsafe(task.cancel))
        async with opening as client:
            return await check(client, selection, probing=probing)

    with ThreadPoolExecutor(thread_name_prefix="rollcall") as thread:
        running = thread.submit(lambda: asyncio.run(run()))
        try:
            return running.result()
        except BaseException:
            if not running.done():
                stopping.result()()
            raise


async def run_probes(
    client: Client,
    roll: Roll,
    observations: Iterable[Observation],
    *,
    probing: Probing = Probing.AUTO,
    probes: Iterable[Probe] = PROBES,
) -> Case:
    """Run the probes that a check still needs, and return the case.

    They run in their order and within the budget.
    """
    api = BudgetedClient(client, most=probing.most)
    seen = Observations(observations)
    missing: dict[type[Observation], str] = {}
    for probe in probes:
        reason = probe.reason_to_skip(seen, roll, deep=probing is Probing.DEEP)
        if reason or probing is Probing.OFF:
            missing[probe.gives] = reason or PROBES_ARE_OFF
            continue
        try:
            if not api.left:
                raise BudgetSpent
            seen.add(await probe.ask(api, seen, roll))
        except RequestFailed as failed:
            missing[probe.gives] = f"the probe had no usable response: {failed}"
        except BudgetSpent:
            missing[probe.gives] = f"the {probing.most} requests that probes may send are used up"
    seen.add(ProbesAsked(requests=api.spent, most=probing.most))
    return Case(roll, seen, missing=missing)


def build_account(
    client: Client,
    case: Case,
    tenant: Tenant,
    *,
    started_at: datetime,
    finished_at: datetime,
    interrupted: bool = False,
    ended_early: str = "",
) -> Account:
    """Run the checks and build the account. After a partial run, checks that found nothing are "skipped"."""
    exchanges, pace = client.log.exchanges, client.log.pace
    run = RunRecord(
        tenant=tenant,
        requests=Requests(
            sent=len(exchanges),
            retried=client.log.retried,
            throttled=pace.throttled,
            probes=case[ProbesAsked].requests if ProbesAsked in case else 0,
            per_second=pace.answers_per_second,
            most_under_way=pace.most_under_way,
        ),
        started_at=started_at,
        finished_at=finished_at,
        interrupted=interrupted,
        ended_early=ended_early,
        exchanges=tuple(exchanges),
    )
    return account_of(case, run)


def tenant_asked(
    client: Client, *, tenant_id: str | None = None, pinned_version: str | None = None, hints: tuple[str, ...] = ()
) -> TenantAsked:
    """The tenant that is asked, as an observation.

    `tenant_id` pins it, `pinned_version` the version of its API; `hints` are remarks on the settings.
    """
    contract = client.contract
    return TenantAsked(
        instance=client.instance,
        contract=contract.name,
        grant_type=client.grant_type,
        tenant_id=tenant_id,
        roster_scope=contract.roster_scope,
        states_scope=contract.states_scope,
        roster_rows=contract.roster_rows,
        states_rows=contract.states_rows,
        known_states=contract.known_states,
        chosen=client.chosen,
        pinned_version=pinned_version,
        hints=hints,
        has_client=client.has_client,
    )
