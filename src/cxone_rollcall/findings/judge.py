"""Runs the checks over a case. A check that crashes does not stop the others."""

from __future__ import annotations

from collections.abc import Iterable

from cxone_rollcall.errors import kind_and_place
from cxone_rollcall.findings.account import BENIGN, Account, RunRecord, record_fields
from cxone_rollcall.findings.case import Case, MissingObservation
from cxone_rollcall.findings.catalogue import CHECKS
from cxone_rollcall.findings.check import Check, Ended, Outcome
from cxone_rollcall.findings.contradiction import Contradicted
from cxone_rollcall.findings.finding import Finding
from cxone_rollcall.findings.internal import CheckCrashed
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.observations.base import TenantAsked
from cxone_rollcall.model.observations.roster import RowsFound
from cxone_rollcall.model.struct import replace

CUT_SHORT = "the run was cut short"


def judge(
    case: Case, checks: Iterable[Check] = CHECKS, *, cut_short: bool = False
) -> tuple[tuple[Finding, ...], tuple[Outcome, ...]]:
    """The findings, sorted by code, and each check's outcome. Outcomes are in the order of the checks.

    If the run was `cut_short`, a check that found nothing is skipped, not clear: the rest of the run is unknown.
    """
    findings: list[Finding] = []
    outcomes: list[Outcome] = []
    for check in checks:
        found, outcome = _run(check, case)
        for finding in found:
            case.explained.update(finding.explains)
            if finding.code not in BENIGN:
                case.to_fix.update(finding.explains)
            if isinstance(finding, Contradicted):
                case.contradicted.update(finding.explains)
            case.is_explained = case.is_explained or finding.explains_all
        findings += found
        not_clear = cut_short and outcome.ended is Ended.CLEAR
        outcomes.append(replace(outcome, ended=Ended.SKIPPED, why=CUT_SHORT) if not_clear else outcome)
    return tuple(sorted(findings, key=lambda finding: finding.code)), tuple(outcomes)


def account_of(case: Case, run: RunRecord) -> Account:
    """Judge the case and add the findings to the run's record."""
    findings, outcomes = judge(case, cut_short=run.cut_short)
    return Account(
        **record_fields(run),
        case=case,
        findings=tuple(in_place(finding, case) for finding in findings),
        outcomes=outcomes,
    )


def in_place(finding: Finding, case: Case) -> Finding:
    """The finding, with evidence that points to the actual rows.

    Checks name the documented place of rows; some servers put them elsewhere (RC506).
    """
    found, tenant = case.get(RowsFound), case.get(TenantAsked)
    if found is None or tenant is None or not found.places:
        return finding
    evidence = tuple(
        replace(one, pointer=_moved(one.pointer, found.places[one.exchange], tenant))
        if one.exchange in found.places
        else one
        for one in finding.evidence
    )
    return replace(finding, evidence=evidence)


def _moved(pointer: str, place: str, tenant: TenantAsked) -> str:
    """The actual pointer, if the rows are at `place`. Members beside them are there, too."""
    for documented in (tenant.states_rows, tenant.roster_rows):
        if pointer == documented or pointer.startswith(f"{documented}/"):
            return place + pointer.removeprefix(documented)
    envelope = place.rpartition("/")[0]
    return envelope + pointer if pointer.count("/") == 1 else pointer


def _run(check: Check, case: Case) -> tuple[tuple[Finding, ...], Outcome]:
    missing = next((need for need in check.needs if need not in case), None)
    if missing is not None:
        return (), Outcome(check.name, Ended.SKIPPED, case.why_missing(missing))
    try:
        found = tuple(check.judge(case))
    except MissingObservation as gap:
        return _crash(check, f"it reads an observation that it does not declare: {gap}")
    except Exception as error:  # noqa: BLE001  whatever a check raises, the other checks go on
        return _crash(check, kind_and_place(error))
    return found, Outcome(check.name, Ended.FOUND if found else Ended.CLEAR)


def _crash(check: Check, error: str) -> tuple[tuple[Finding, ...], Outcome]:
    evidence = Evidence(f"the check {check.name} raised", 0, "", error)
    crashed = CheckCrashed(check=check.name, error=error, evidence=(evidence,))
    return (crashed,), Outcome(check.name, Ended.CRASHED, error)
