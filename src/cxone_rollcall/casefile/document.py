"""The contents of a case file: as values and as JSON.

`CaseFile` holds the values, `Document` the JSON (schema rollcall/case/1).

The file is one JSON object in UTF-8, with each agent, each observation and each exchange on a line of its own. Fields
are only ever added, also those of observations: a reader ignores what it does not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

import msgspec

from cxone_rollcall.findings.account import Account, Requests, RunRecord, Tenant, record_fields
from cxone_rollcall.findings.case import Case
from cxone_rollcall.model.exchange import Exchange
from cxone_rollcall.model.observations import access, base, probes, request, roster, states
from cxone_rollcall.model.observations.base import Observation
from cxone_rollcall.model.roll import Roll, RollEntry

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
    access.CompressionUndone,
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
    request.RequestAsked,
)
"""Every class of observation; files hold these names, so they never change."""

KINDS: Mapping[str, type[Observation]] = {kind.__name__: kind for kind in OBSERVATIONS}

Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class CaseFile(RunRecord, frozen=True, kw_only=True):
    """A saved run: enough to diagnose it again and read its exchanges.

    `rollcall` is the version that saved it. `missing` is why an observation is not there.
    """

    rollcall: str
    anonymized: bool = False
    roll: Roll
    observations: tuple[Observation, ...]
    missing: Mapping[type[Observation], str]

    @property
    def case(self) -> Case:
        """A new case of what the run observed."""
        return Case(self.roll, self.observations, missing=self.missing)


class Observed(msgspec.Struct, kw_only=True):
    """One observation: the name of its class, and its fields."""

    kind: str
    facts: msgspec.Raw


class Document(msgspec.Struct, kw_only=True):
    """The JSON object of the file. `missing` has names of observation classes as keys; `roll` follows the roster."""

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
    """Return what a file keeps of an account.

    Findings and outcomes are left out: they are computed again from the file.
    """
    case = account.case
    return CaseFile(
        **record_fields(account),
        rollcall=rollcall,
        roll=account.roll,
        observations=tuple(case[kind] for kind in OBSERVATIONS if kind in case),
        missing={kind: case.why_missing(kind) for kind in OBSERVATIONS if kind not in case},
    )
