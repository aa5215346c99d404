"""One run against one tenant: client, time limit, interruption, account.

The diagnosis is imported in a thread while the first responses are awaited.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from importlib import import_module
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar

from cxone_rollcall.cli import terminal
from cxone_rollcall.cli.candidates import asked_back
from cxone_rollcall.cli.case_files import saving
from cxone_rollcall.cli.options import tenant_options
from cxone_rollcall.cli.signals import on_first
from cxone_rollcall.cli.target import target_of
from cxone_rollcall.client import Client, IncontactApi
from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.observations.base import Observation
from cxone_rollcall.model.shell import quoted
from cxone_rollcall.model.struct import Record, Value, replace
from cxone_rollcall.model.token import Token
from cxone_rollcall.roll import Ledger, Selection, call_roll, list_roster, reconcile, wait_for_absent
from cxone_rollcall.target import Target

if TYPE_CHECKING:
    from cxone_rollcall.cli.case_files import Save
    from cxone_rollcall.findings.account import Account
    from cxone_rollcall.findings.case import Case

T = TypeVar("T")

RNG: Callable[[], Random] = Random
"""Makes a run's random generator, which draws the agents of controls. Tests and campaigns give it a seed."""


class Ending(Record):
    """Why a run ended early. `early` is the reason in words, "" if it was complete."""

    interrupted: bool = False
    early: str = ""


async def run_limited(work: Awaitable[T], *, seconds: float | None) -> tuple[T | None, Ending]:
    """Do the work until it is done, interrupted, or out of time.

    Returns its result, if any, and how it ended.
    """
    result, ending, limit = None, Ending(), asyncio.timeout(seconds)
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()

    def interrupt() -> None:
        ending.interrupted = True
        loop.call_soon_threadsafe(task.cancel)

    with on_first(interrupt):
        try:
            async with limit:
                result = await task
        except TimeoutError:
            if not limit.expired():
                raise
        except asyncio.CancelledError:
            if not ending.interrupted:
                raise
    if limit.expired():  # also if the work did not end by the cancellation
        ending.early = f"the time limit of {seconds:g} s was reached"
    if ending.interrupted:
        ending.early = "interrupted"
    return result, ending


class Run(Value, frozen=True):
    """An open run: its tenant, its client, and what it has learned."""

    target: Target
    client: Client
    ledger: Ledger
    started_at: datetime
    seconds: float | None
    save: Save
    options: tuple[str, ...] = ()

    def counts(self) -> tuple[int, int | None, int]:
        """Agents read, roster size, agents with a response. The roster size is None if unknown."""
        ledger = self.ledger
        return len(ledger.agents), ledger.total, len(ledger.rows) + len(ledger.absent)

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

    async def finish(self, work: Awaitable[Case]) -> Account:
        """Do the work within the time limit, and return the account.

        If the work did not end, the account has what was learned so far.
        """
        case, ending = await run_limited(work, seconds=self.seconds)
        return self.account(case, ending)

    def account(self, case: Case | None, ending: Ending) -> Account:
        """Build the account, and save it if requested. Without a case, it has what was learned so far."""
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
                options=self.options,
            ),
            started_at=self.started_at,
            finished_at=datetime.now(UTC),
            interrupted=ending.interrupted,
            ended_early=ending.early,
        )
        self.save(account, self.client.secrets.redact)
        return account


def _tenant_options(given: dict[str, Any]) -> tuple[str, ...]:
    """The options that choose the tenant, without ids. Saved cases contain these options."""
    return tuple(tenant_options({**given, "client_id": None, "access_key_id": None, "tenant_id": None}))


@asynccontextmanager
async def opened(given: dict[str, Any]) -> AsyncIterator[Run]:
    """Open a run against the tenant of the options and settings."""
    async with target_of(given) as target:
        seconds: float | None = given.get("timeout")
        verbosity: int = given["verbose"]
        with saving(given) as save:
            async with target.connect(
                run_limit=seconds,
                bodies=verbosity > 1 or given.get("save") is not None,
                watcher=terminal.watcher(verbosity),
            ) as client:
                loading = asyncio.create_task(asyncio.to_thread(import_module, "cxone_rollcall.diagnose"))
                try:
                    yield Run(target, client, Ledger(), datetime.now(UTC), seconds, save, _tenant_options(given))
                finally:
                    await loading


async def call(
    given: dict[str, Any], selection: Selection, *, on_row: Callable[[Ledger, str], None] | None = None
) -> Account:
    """Request roster and states, diagnose, and return the account. It is partial if the run ended early.

    `on_row` is called with the ledger and an agent's id when that agent's first row arrives.
    """
    async with opened(given) as run:
        ledger = run.ledger
        rows_on_terminal = on_row is not None and given["output"] is None and terminal.cells() is not None
        if on_row is not None:
            ledger.watch(lambda agent_id: on_row(ledger, agent_id))

        async def work() -> Case:
            with terminal.progress(run.counts, shown=not given["verbose"] and not rows_on_terminal) as step:
                with asked_back(agent_option, given):
                    await call_roll(run.client, ledger, selection, progress=step, rng=RNG())
                await wait_for_absent(run.client, ledger, given.get("grace") or 0.0, progress=step)
            return await run.run_probes(given.get("probes") or "auto")

        return await run.finish(work())


def agent_option(agent_id: str) -> str:
    """The option that selects this agent."""
    return f"--agent {quoted(agent_id)}"


async def read_roster(given: dict[str, Any], selection: Selection, *, on_agent: Callable[[Agent], None]) -> Account:
    """Read only the roster and return the account. All its agents are unknown."""
    async with opened(given) as run:

        async def work() -> Case:
            with asked_back(agent_option, given):
                await list_roster(run.client, run.ledger, selection, on_agent=on_agent)
            return await run.run_probes()

        return await run.finish(work())


async def fetch_token(given: dict[str, Any], *, identify: bool = False) -> tuple[Target, Token | None, Account]:
    """Request only a token; if it is None, the account says why.

    To `identify` a token without claims, the server is asked whose it is; its claims are then those of the id token.
    """
    claims: Mapping[str, object] = {}
    async with opened(given) as run:

        async def work() -> Case:
            nonlocal claims
            try:
                token = run.ledger.token = await run.client.token()
                api = run.client.api
                if identify and isinstance(api, IncontactApi) and not (token.claims or token.id_claims):
                    claims = await api.userinfo()
            except RequestFailed as refused:
                run.ledger.fail(refused.failure)
            return await run.run_probes()

        account = await run.finish(work())
        token = run.ledger.token
        return run.target, replace(token, id_claims=claims) if token is not None and claims else token, account
