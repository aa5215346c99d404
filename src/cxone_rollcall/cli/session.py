"""One run against one tenant: its client, its time limit, interruption, and its account.

The diagnosis is imported in a thread while the first responses are awaited.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any

from cxone_rollcall.cli import terminal
from cxone_rollcall.cli.case_files import saving
from cxone_rollcall.cli.signals import on_first
from cxone_rollcall.cli.target import Target, target_of
from cxone_rollcall.client import Client, connect
from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.credentials import Credentials
from cxone_rollcall.model.observations.base import Observation
from cxone_rollcall.model.struct import Record, Value
from cxone_rollcall.model.token import Token
from cxone_rollcall.roll import Ledger, Selection, call_roll, list_roster, reconcile, wait_for_absent

if TYPE_CHECKING:
    from cxone_rollcall.cli.case_files import Save
    from cxone_rollcall.findings.account import Account
    from cxone_rollcall.findings.case import Case


class Ending(Record):
    """Why a run ended early: `early` is the reason in words, "" if it was complete."""

    interrupted: bool = False
    early: str = ""


async def run_limited(work: Awaitable[None], *, seconds: float | None) -> Ending:
    """Do the work until it is done, the time is up, or a signal comes; return which."""
    ending = Ending()
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()

    def interrupt() -> None:
        ending.interrupted = True
        loop.call_soon_threadsafe(task.cancel)

    with on_first(interrupt):
        try:
            async with asyncio.timeout(seconds):
                await task
        except TimeoutError:
            ending.early = f"the time limit of {seconds:g} s was reached"
        except asyncio.CancelledError:
            if not ending.interrupted:
                raise
    if ending.interrupted:
        ending.early = "interrupted"
    return ending


class Run(Value, frozen=True):
    """An open run: its tenant, its client, and what it has learned."""

    target: Target
    client: Client
    ledger: Ledger
    started_at: datetime
    save: Save

    def facts(self) -> tuple[Observation, ...]:
        """The observations so far."""
        from cxone_rollcall.diagnose import tenant_asked

        return (
            tenant_asked(
                self.client,
                tenant_id=self.target.tenant_id,
                pinned_version=self.target.api_version,
                hints=self.target.hints,
            ),
            *self.ledger.observe(self.client),
        )

    async def run_probes(self, probing: str = "auto") -> Case:
        """Run the probes that `probing` allows, and return the case."""
        from cxone_rollcall.diagnose import Probing, run_probes

        return await run_probes(self.client, reconcile(self.ledger), self.facts(), probing=Probing(probing))

    def account(self, case: Case | None, ending: Ending) -> Account:
        """Build the account and save it if requested; without a case, from what was learned so far."""
        from cxone_rollcall.diagnose import build_account
        from cxone_rollcall.findings.account import Tenant
        from cxone_rollcall.findings.case import Case

        account = build_account(
            self.client,
            case or Case(reconcile(self.ledger), self.facts()),
            Tenant(
                instance=self.target.shown,
                contract=self.client.contract.name,
                profile=self.target.profile,
                chosen=self.client.chosen,
            ),
            started_at=self.started_at,
            finished_at=datetime.now(UTC),
            interrupted=ending.interrupted,
            ended_early=ending.early,
        )
        self.save(account, self.client.secrets.redact)
        return account


@asynccontextmanager
async def opened(given: dict[str, Any]) -> AsyncIterator[Run]:
    """Open a run against the tenant of the options and settings."""
    async with target_of(given) as target:
        seconds: float | None = given.get("timeout")
        verbosity: int = given["verbose"]
        with saving(given) as save:
            async with connect(
                target.base_url,
                target.credentials,
                contract=target.contract,
                tenant_id=target.tenant_id,
                api_version=target.api_version,
                logins=target.logins,
                request_timeout=target.request_timeout,
                run_limit=seconds,
                ca_bundle=target.ca_bundle,
                bodies=verbosity > 1 or given.get("save") is not None,
                watcher=terminal.watcher(verbosity),
            ) as client:
                _learn(client, target.credentials)
                loading = asyncio.create_task(asyncio.to_thread(import_module, "cxone_rollcall.diagnose"))
                try:
                    yield Run(target, client, Ledger(), datetime.now(UTC), save)
                finally:
                    await loading


def _learn(client: Client, credentials: Credentials) -> None:
    """Hide every secret of the settings, also one that this run does not need."""
    for secret in (credentials.client_secret, credentials.access_key_secret):
        if secret is not None:
            client.secrets.keep(secret)


async def call(
    given: dict[str, Any],
    selection: Selection,
    *,
    on_row: Callable[[Ledger, str], None] | None = None,
    show_progress: bool = True,
) -> Account:
    """Request roster and states, diagnose, and return the account; it is partial if the run ended early.

    `on_row` is called with the ledger and an agent's id when that agent's first row has come.
    """
    async with opened(given) as run:
        ledger = run.ledger
        if on_row is not None:
            ledger.watch(lambda agent_id: on_row(ledger, agent_id))
        cases: list[Case] = []

        def counts() -> tuple[int, int | None, int]:
            return len(ledger.agents), ledger.total, len(ledger.rows) + len(ledger.absent)

        async def work() -> None:
            with terminal.progress(counts, shown=show_progress and not given["verbose"]) as step:
                await call_roll(run.client, ledger, selection, progress=step)
                await wait_for_absent(run.client, ledger, given.get("grace") or 0.0, progress=step)
            cases.append(await run.run_probes(given.get("probes") or "auto"))

        ending = await run_limited(work(), seconds=given.get("timeout"))
        return run.account(cases[0] if cases else None, ending)


async def read_roster(given: dict[str, Any], selection: Selection, *, on_agent: Callable[[Agent], None]) -> Account:
    """Read only the roster and return the account, in which all agents are unknown."""
    async with opened(given) as run:
        cases: list[Case] = []

        async def work() -> None:
            await list_roster(run.client, run.ledger, selection, on_agent=on_agent)
            cases.append(await run.run_probes())

        ending = await run_limited(work(), seconds=given.get("timeout"))
        return run.account(cases[0] if cases else None, ending)


async def fetch_token(given: dict[str, Any]) -> tuple[Target, Token | None, Account]:
    """Request only a token; if it is None, the account says why."""
    async with opened(given) as run:
        cases: list[Case] = []

        async def work() -> None:
            try:
                run.ledger.token = await run.client.token()
            except RequestFailed as refused:
                run.ledger.fail(refused.failure)
            cases.append(await run.run_probes())

        ending = await run_limited(work(), seconds=given.get("timeout"))
        return run.target, run.ledger.token, run.account(cases[0] if cases else None, ending)
