"""One look at a tenant: at everybody, or at changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from random import Random

from cxone_rollcall.client import Client, IncontactApi
from cxone_rollcall.diagnose import Probing, build_account, run_probes, tenant_asked
from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.findings.account import Account, Tenant
from cxone_rollcall.live.seat import Span
from cxone_rollcall.model.roll import Roll
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.struct import Value
from cxone_rollcall.model.timestamp import parse_timestamp
from cxone_rollcall.roll import Ledger, Selection, call_roll, reconcile
from cxone_rollcall.roll.by_list.delta import Delta
from cxone_rollcall.roll.roster import KnownRoster


class WholeLook(Value, frozen=True, kw_only=True):
    """A look at everybody, with its diagnosis.

    `polled` is the server's own time of it, for the next delta; None without one. `roster` is the roster that was read,
    None if it was known. `strangers` are agents with a row who are not on the roster. `token` is the number of the
    token at its end.
    """

    span: Span
    account: Account
    polled: str | None
    roster: KnownRoster | None
    strangers: frozenset[str]
    token: int

    @property
    def roll(self) -> Roll:
        """Every agent with its standing."""
        return self.account.roll

    @property
    def requests(self) -> int:
        """Requests that were sent."""
        return self.account.requests.sent


class DeltaLook(Value, frozen=True, kw_only=True):
    """The rows that changed since the last look, by agent.

    `failure` says why it is incomplete, "" if it is whole. `polled` is the cursor for the next one, `token` the number
    of the token at its end.
    """

    span: Span
    rows: Mapping[str, AgentState]
    polled: str | None
    failure: str
    token: int
    requests: int


async def look_at_all(
    client: Client,
    selection: Selection,
    *,
    known: KnownRoster | None,
    probing: Probing,
    rng: Random | None = None,
) -> WholeLook:
    """Call the roll and diagnose it. Raises nothing for what goes wrong on the way: the account says it."""
    client.new_log()
    started_at, began = datetime.now(UTC), client.server_clock.moment()
    ledger, read = Ledger(), list[KnownRoster]()
    await call_roll(client, ledger, selection, rng=rng, known=known, on_roster=read.append)
    case = await run_probes(client, reconcile(ledger), (tenant_asked(client), *ledger.observe(client)), probing=probing)
    return WholeLook(
        span=_span(client, began, ledger.polled),
        account=build_account(
            client,
            case,
            Tenant(instance=client.instance, contract=client.contract.name, chosen=client.chosen),
            started_at=started_at,
            finished_at=datetime.now(UTC),
        ),
        polled=ledger.polled,
        roster=read[-1] if read else None,
        strangers=ledger.strangers,
        token=client.token_number,
    )


async def look_at_changes(client: Client, api: IncontactApi, *, since: str) -> DeltaLook:
    """Read what changed since a look. An empty answer means that nothing did."""
    client.new_log()
    began = client.server_clock.moment()
    delta = Delta(api)
    try:
        await delta.read(since)
        delta.rows.update((row.agent_id, row) for row in await api.with_sub_states(delta.rows.values()))
        failure = str(delta.failures[0]) if delta.failures else delta.complaint
    except RequestFailed as failed:
        failure = str(failed)
    return DeltaLook(
        span=_span(client, began, delta.polled),
        rows=dict(delta.rows),
        polled=delta.polled or since,  # an empty answer may name no time: v23 has it in the rows, and 204 has no body
        failure=failure,
        token=client.token_number,
        requests=len(client.log.exchanges),
    )


def _span(client: Client, began: float, polled: str | None) -> Span:
    """What a look covers that began at a moment of our clock. The server's own time of it counts if that is earlier."""
    as_of, own = client.server_clock.at(began), parse_timestamp(polled)
    return Span(as_of if own is None else min(as_of, own), client.server_clock.now())
