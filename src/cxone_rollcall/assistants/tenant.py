"""Asks the tenant: the roll call, and inquiries about single agents."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from cxone_rollcall.assistants.answers import Asked
from cxone_rollcall.assistants.sharing import Inquiries, Shared
from cxone_rollcall.assistants.texts import TenantTexts
from cxone_rollcall.client import Client
from cxone_rollcall.diagnose import build_account, check, run_probes, tenant_asked
from cxone_rollcall.findings.account import Account, Tenant
from cxone_rollcall.live.groups import Groups
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.roll import Ledger, reconcile
from cxone_rollcall.why import Inquiry


class AskedTenant:
    """A tenant that assistants ask about. `title` is what people call it.

    Its requests are those of one roll call or one inquiry at a time. Answers have people's names if there are `names`.
    `clock` counts seconds and never goes back.
    """

    def __init__(self, client: Client, title: str, groups: Groups, *, names: bool, clock: Callable[[], float]) -> None:
        self._client = client
        self._title = title
        self._groups = groups
        self._names = names
        self._asking = asyncio.Lock()
        self.roll_call = Shared(self._check, clock)
        self.inquiries = Inquiries(self._why, clock)

    def texts(self, agents: Iterable[Agent]) -> TenantTexts:
        """What makes texts about these agents safe."""
        return TenantTexts(agents, names=self._names, redact=self._client.secrets.redact)

    async def close(self) -> None:
        """Stop asking."""
        await self.roll_call.close()
        await self.inquiries.close()

    async def _check(self) -> Asked:
        async with self._asking:
            account = await check(self._client)
        return self._asked(account, [entry.agent for entry in account.roll.entries])

    async def _why(self, agent: str) -> Asked:
        """The account of one agent. Raises `UnclearAgents` if the text means no agent, or several."""
        async with self._asking:
            client, ledger, started_at = self._client, Ledger(), datetime.now(UTC)
            client.new_log()
            inquiry = Inquiry(client, ledger, [agent])
            await inquiry.look_up()
            await inquiry.ask()
            facts = (tenant_asked(client), *ledger.observe(client))
            case = await run_probes(client, reconcile(ledger), facts, probes=inquiry.probes())
            tenant = Tenant(instance=client.instance, contract=client.contract.name)
            account = build_account(client, case, tenant, started_at=started_at, finished_at=datetime.now(UTC))
        return self._asked(account, [*ledger.agents.values(), *inquiry.others.values()])

    def _asked(self, account: Account, agents: Iterable[Agent]) -> Asked:
        return Asked(account=account, tenant=self._title, groups=self._groups, texts=self.texts(agents))
