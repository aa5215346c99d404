"""From what a call of the roll saw to the account: ask what open checks need, judge, and draw the balance."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.findings.account import Account, Requests, Tenant
from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.catalogue import CHECKS
from cxone_rollcall.findings.judge import judge
from cxone_rollcall.model.observations.access import (
    AnswersDated,
    RolesTried,
    TokenGranted,
    TokenRenewals,
    VersionsFallenBack,
)
from cxone_rollcall.model.observations.base import Observation, TenantAsked
from cxone_rollcall.model.observations.probes import (
    ActivityAsked,
    BusinessUnitAsked,
    EverybodyAsked,
    NeighbourVersionsAsked,
    OtherContractAsked,
    ProbesAsked,
    ServerTimeAsked,
    SkillsAsked,
    StateRespelt,
    TypedIdsAsked,
)
from cxone_rollcall.model.observations.roster import RosterRead
from cxone_rollcall.model.observations.states import (
    AgentsAskedAlone,
    DeltaAsked,
    StatesAsked,
    StatesFiltered,
    StatesSeen,
)
from cxone_rollcall.probes import PROBES, BudgetSpent, Questions
from cxone_rollcall.roll import Ledger, Selection, call_roll, reconcile

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cxone_rollcall.client import Client
    from cxone_rollcall.findings.check import Check
    from cxone_rollcall.findings.finding import Finding
    from cxone_rollcall.model.roll import Roll
    from cxone_rollcall.probes import Probe
    from cxone_rollcall.probes.probe import Seen

WHY_MISSING: dict[type[Observation], str] = {
    TokenGranted: "no token was granted",
    AnswersDated: "no token was granted",
    TokenRenewals: "no token was granted",
    RosterRead: "no page of the roster was read",
    StatesAsked: "no state was asked",
    StatesSeen: "no state was asked",
    StatesFiltered: "no state filter was sent",
    DeltaAsked: "no updatedSince was sent",
    AgentsAskedAlone: "no list of states was read",
    VersionsFallenBack: "this contract has no versions to fall back on",
    RolesTried: "no client was refused",
    StateRespelt: "no state filter was sent",
    OtherContractAsked: "the other contract was not asked",
    NeighbourVersionsAsked: "no other version was asked",
    ServerTimeAsked: "the server was not asked for its time",
    BusinessUnitAsked: "the business unit was not asked",
    SkillsAsked: "the skills were not asked",
    EverybodyAsked: "nobody was asked for without ids",
    ActivityAsked: "nobody was looked for elsewhere",
    TypedIdsAsked: "nobody was asked for by name",
}
"""Why an observation is not there when no probe says more; what the run itself gives is there in every run."""

PROBES_ARE_OFF = "probes are off"

MOST_PROBED = 20
"""How many requests probes may take of a run."""
MOST_PROBED_DEEP = 40
"""The same, where all is to be known that can be told."""


class Probing(StrEnum):
    """What is asked beyond the roll: nothing, what an open check needs, or all that may tell something."""

    OFF = "off"
    AUTO = "auto"
    DEEP = "deep"

    @property
    def most(self) -> int:
        """How many requests the probes may take."""
        return {Probing.OFF: 0, Probing.AUTO: MOST_PROBED, Probing.DEEP: MOST_PROBED_DEEP}[self]


async def check(client: Client, selection: Selection | None = None, *, probing: Probing = Probing.AUTO) -> Account:
    """Call the roll and account for every agent: what `rollcall check` does, for Python.

    Nothing is raised for what goes wrong on the way: the account's findings say it, and its verdict.
    """
    started_at = datetime.now(UTC)
    ledger = Ledger()
    await call_roll(client, ledger, selection or Selection())
    facts = (tenant_asked(client), *ledger.observe(client))
    case = await look_closer(client, reconcile(ledger), facts, probing=probing)
    tenant = Tenant(instance=client.instance, contract=client.contract.name)
    return draw_account(client, case, tenant, started_at=started_at, finished_at=datetime.now(UTC))


async def look_closer(
    client: Client,
    roll: Roll,
    observations: Iterable[Observation],
    *,
    probing: Probing = Probing.AUTO,
    checks: Iterable[Check] = CHECKS,
    probes: Iterable[Probe] = PROBES,
) -> Case:
    """Ask the probes that a check still needs and that can tell something; return all that was seen as a case.

    They are asked in their order, as long as their requests are within what `probing` grants.
    """
    questions = Questions(client, most=probing.most)
    seen: Seen = {type(observation): observation for observation in observations}
    missing = dict(WHY_MISSING)
    needed = {need for check in checks for need in (*check.needs, *check.uses)}
    for probe in probes:
        if probe.gives not in needed or probe.gives in seen:
            continue
        pointless = probe.why_not(seen, roll, deep=probing is Probing.DEEP)
        if pointless or probing is Probing.OFF:
            missing[probe.gives] = pointless or PROBES_ARE_OFF
            continue
        try:
            if not questions.left:
                raise BudgetSpent
            seen[probe.gives] = await probe.ask(questions, seen, roll)
        except RequestFailed as failed:
            missing[probe.gives] = f"the probe had no answer: {failed}"
        except BudgetSpent:
            missing[probe.gives] = f"the {probing.most} requests that probes may take are used up"
    seen[ProbesAsked] = ProbesAsked(requests=questions.spent, most=probing.most)
    return Case(roll, tuple(seen.values()), missing=missing)


def case_without_probes(roll: Roll, observations: Iterable[Observation]) -> Case:
    """Return what was seen as a case, without asking anything more: for a run that was cut short."""
    seen = {type(observation): observation for observation in observations}
    return Case(roll, tuple(seen.values()), missing=WHY_MISSING)


def draw_account(
    client: Client,
    case: Case,
    tenant: Tenant,
    *,
    started_at: datetime,
    finished_at: datetime,
    interrupted: bool = False,
    ended_early: str = "",
) -> Account:
    """Judge the case and put the account together; of a run that was cut short nothing is said to be clear."""
    findings, outcomes = judge(case, cut_short=interrupted or bool(ended_early))
    exchanges, pace = client.recorder.exchanges, client.pace.report
    return Account(
        tenant=tenant,
        case=case,
        findings=findings,
        outcomes=outcomes,
        requests=Requests(
            sent=len(exchanges),
            retried=client.retried,
            throttled=pace.throttled,
            probes=case[ProbesAsked].requests if ProbesAsked in case else 0,
            per_second=pace.answers_per_second,
            most_under_way=pace.most_under_way,
        ),
        cited={number: exchanges[number - 1] for number in _cited(findings) if number},
        started_at=started_at,
        finished_at=finished_at,
        interrupted=interrupted,
        ended_early=ended_early,
        exchanges=tuple(exchanges),
    )


def tenant_asked(
    client: Client, *, tenant_id: str | None = None, pinned_version: str | None = None, hints: tuple[str, ...] = ()
) -> TenantAsked:
    """Say which tenant is asked, as a fact for the checks.

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
    )


def _cited(findings: Iterable[Finding]) -> list[int]:
    return sorted({evidence.exchange for finding in findings for evidence in finding.evidence})
