"""Running the checks over a case: each ends as found, clear, skipped or crashed, and one crash spoils nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.errors import kind_and_place
from cxone_rollcall.findings.case import MissingObservation
from cxone_rollcall.findings.catalogue import CHECKS
from cxone_rollcall.findings.check import Ended, Outcome
from cxone_rollcall.findings.finding import Finding
from cxone_rollcall.findings.internal import CheckCrashed
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.struct import replace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cxone_rollcall.findings.case import Case
    from cxone_rollcall.findings.check import Check


CUT_SHORT = "the run was cut short"


def judge(
    case: Case, checks: Iterable[Check] = CHECKS, *, cut_short: bool = False
) -> tuple[tuple[Finding, ...], tuple[Outcome, ...]]:
    """Return the findings, sorted by code, and the outcome of every check, in the order of the checks.

    Of a run that was `cut_short` nothing is said to be clear: what was not found may be in the rest.
    """
    findings: list[Finding] = []
    outcomes: list[Outcome] = []
    for check in checks:
        found, outcome = _run(check, case)
        for finding in found:
            case.explained.update(finding.explains)
            case.is_explained = case.is_explained or finding.explains_all
        findings += found
        not_clear = cut_short and outcome.ended is Ended.CLEAR
        outcomes.append(replace(outcome, ended=Ended.SKIPPED, why=CUT_SHORT) if not_clear else outcome)
    return tuple(sorted(findings, key=lambda finding: finding.code)), tuple(outcomes)


def _run(check: Check, case: Case) -> tuple[tuple[Finding, ...], Outcome]:
    missing = next((need for need in check.needs if need not in case), None)
    if missing is not None:
        return (), Outcome(check.name, Ended.SKIPPED, case.why_missing(missing))
    try:
        found = tuple(check.judge(case))
    except MissingObservation as gap:
        return _crash(check, f"it reads what it does not declare: {gap}")
    except Exception as error:  # noqa: BLE001  whatever a check raises, the rest of the account must stand
        return _crash(check, kind_and_place(error))
    return found, Outcome(check.name, Ended.FOUND if found else Ended.CLEAR)


def _crash(check: Check, error: str) -> tuple[tuple[Finding, ...], Outcome]:
    evidence = Evidence(claim=f"the check {check.name} raised", exchange=0, pointer="", seen=error)
    crashed = CheckCrashed(check=check.name, error=error, evidence=(evidence,))
    return (crashed,), Outcome(check.name, Ended.CRASHED, error)
