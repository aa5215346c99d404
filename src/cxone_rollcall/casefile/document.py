"""What a case file holds: as values (`CaseFile`), and as it stands in the file (`Document`, schema rollcall/case/1).

The file is one JSON object in UTF-8, with each agent, each observation and each exchange on a line of its own. Its
fields, and those of the observations, are only ever added to: whoever reads leaves alone what it does not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import msgspec

from cxone_rollcall.findings.account import Requests, Tenant
from cxone_rollcall.model.exchange import Exchange
from cxone_rollcall.model.observations import access, base, probes, roster, states
from cxone_rollcall.model.observations.base import Observation
from cxone_rollcall.model.roll import Roll, RollEntry
from cxone_rollcall.model.struct import Value

if TYPE_CHECKING:
    from cxone_rollcall.findings.account import Account

FAMILY = "rollcall/case/"
VERSION = 1
SCHEMA = f"{FAMILY}{VERSION}"

OBSERVATIONS: tuple[type[Observation], ...] = (
    base.Selected,
    access.TokenGranted,
    access.RolesTried,
    access.TokenRenewals,
    base.Failures,
    access.Throttling,
    access.AnswersDated,
    roster.RowsFound,
    roster.RosterRead,
    states.PoisonedBatch,
    states.StatesAsked,
    states.StatesFiltered,
    states.StatesSeen,
    states.AgentsAskedAlone,
    states.DeltaAsked,
    access.VersionsFallenBack,
    base.TenantAsked,
    probes.StateRespelt,
    probes.NeighbourVersionsAsked,
    probes.ServerTimeAsked,
    probes.BusinessUnitAsked,
    probes.ActivityAsked,
    probes.SkillsAsked,
    probes.TypedIdsAsked,
    probes.EverybodyAsked,
    probes.ProbesAsked,
    probes.OtherContractAsked,
    probes.ExpectedLoggedIn,
    probes.LookedCloser,
)
"""Every kind of fact; in a file it goes by the name of its type, which is therefore for ever."""

KINDS: Mapping[str, type[Observation]] = {kind.__name__: kind for kind in OBSERVATIONS}

Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class CaseFile(Value, frozen=True, kw_only=True):
    """A run, whole: enough to judge it again and to look through what was said.

    `rollcall` is the version that saved it. `missing` says why an observation is not there. Times are UTC.
    """

    rollcall: str
    anonymized: bool = False
    tenant: Tenant
    started_at: datetime
    finished_at: datetime
    interrupted: bool
    ended_early: str
    requests: Requests
    roll: Roll
    observations: tuple[Observation, ...]
    missing: Mapping[type[Observation], str]
    exchanges: tuple[Exchange, ...]


class Observed(msgspec.Struct, kw_only=True):
    """One observation: the name of its type, and its fields."""

    kind: str
    facts: msgspec.Raw


class Document(msgspec.Struct, kw_only=True):
    """The file's one object. `missing` goes by the names of kinds; `roll` is in the order of the roster."""

    schema: str
    rollcall: str
    anonymized: bool = False
    tenant: Tenant
    started_at: Moment
    finished_at: Moment
    interrupted: bool = False
    ended_early: str = ""
    requests: Requests
    roster_complete: bool
    roll: list[RollEntry]
    observations: list[Observed]
    missing: dict[str, str]
    exchanges: list[Exchange]


def case_file_of(account: Account, *, rollcall: str) -> CaseFile:
    """Return what a file keeps of an account; findings and outcomes are not among it, because they are judged anew."""
    case = account.case
    return CaseFile(
        rollcall=rollcall,
        tenant=account.tenant,
        started_at=account.started_at,
        finished_at=account.finished_at,
        interrupted=account.interrupted,
        ended_early=account.ended_early,
        requests=account.requests,
        roll=account.roll,
        observations=tuple(case[kind] for kind in OBSERVATIONS if kind in case),
        missing={kind: case.why_missing(kind) for kind in OBSERVATIONS if kind not in case},
        exchanges=account.exchanges,
    )
