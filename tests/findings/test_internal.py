"""RC901, RC902: checks that crash, and absences without an explanation."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cxone_rollcall.findings import agent
from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.catalogue import CHECKS
from cxone_rollcall.findings.check import Check, Ended, check
from cxone_rollcall.findings.finding import Finding, Strength
from cxone_rollcall.findings.internal import CheckCrashed, Unexplained
from cxone_rollcall.findings.judge import judge
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.observations.probes import TypedIdsAsked
from cxone_rollcall.model.observations.roster import RosterRead
from cxone_rollcall.model.observations.states import StatesAsked

from .build import called, situation

TRIO = called("ab", absent="c")


def test_unknown_is_not_unexplained() -> None:
    """Only an absence can be unexplained, not an unknown agent."""
    assert "RC902" not in situation(called("ab", unknown="c")).codes()


@check(needs=(StatesAsked,), finds=(Unexplained,))
def stumbles(case: Case) -> Iterator[Finding]:
    """Raise an error of any kind, after having found something."""
    yield Unexplained(evidence=(), explains=case.roll.ids())
    raise ZeroDivisionError("no divisor")


@check(needs=(StatesAsked,), finds=(Unexplained,))
def pries(case: Case) -> Iterator[Finding]:
    """Read what is not declared."""
    yield Unexplained(evidence=(), explains=(str(case[TypedIdsAsked]),))


@pytest.mark.parametrize("broken", [stumbles, pries], ids=lambda one: one.name)
def test_a_crash_changes_no_other_finding(broken: Check) -> None:
    """A check that raises is RC901 and finds nothing. The rest of the account is unchanged."""
    quiet, _ = judge(situation(TRIO).case())
    findings, outcomes = judge(situation(TRIO).case(), (broken, *CHECKS))
    (crashed,) = (finding for finding in findings if isinstance(finding, CheckCrashed))
    assert outcomes[0].ended is Ended.CRASHED
    assert (crashed.check, crashed.error) == (broken.name, outcomes[0].why)
    assert crashed.evidence == (Evidence(f"the check {broken.name} raised", 0, "", crashed.error),)
    assert tuple(finding for finding in findings if finding is not crashed) == quiet


def test_a_missing_observation_skips_its_checks() -> None:
    """A check without a needed observation is skipped, with the reason."""
    quiet = situation(TRIO, without=(RosterRead,))
    case = Case(quiet.roll, quiet.seen, missing={RosterRead: "no page of the roster was read"})
    findings, outcomes = judge(case)
    skipped = {outcome.check: outcome.why for outcome in outcomes if outcome.ended is Ended.SKIPPED}
    blind = {one.name for one in CHECKS if RosterRead in one.needs}
    assert blind <= set(skipped)
    assert {skipped[name] for name in blind if TypedIdsAsked not in needs_of(name)} == {
        "no page of the roster was read"
    }
    assert "RC602" not in {finding.code for finding in findings}


def needs_of(name: str) -> tuple[type, ...]:
    """Return what the check of this name needs."""
    return next(one.needs for one in CHECKS if one.name == name)


def test_findings_are_sorted_by_code() -> None:
    """Findings are sorted by code, so that what breaks first comes first."""
    codes = [finding.code for finding in situation(called("a", absent="bc", b={"active": False})).findings()]
    assert codes == ["RC601", "RC602"]


def test_an_absence_without_a_check_is_unexplained() -> None:
    """Without its check, an absence is unexplained, and RC902 says so."""
    without = [check for check in CHECKS if check is not agent.no_row]
    findings, _ = judge(situation(TRIO).case(), without)
    (found,) = (finding for finding in findings if finding.code == "RC902")
    assert (found.strength, found.explains) == (Strength.PROVEN, ("c",))
    assert "RC902" not in situation(TRIO).codes()
