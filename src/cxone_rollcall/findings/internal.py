"""RC9xx: the tool itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.findings.check import check
from cxone_rollcall.findings.failures import MOST_EVIDENCE
from cxone_rollcall.findings.finding import Finding
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.observations.base import TenantAsked
from cxone_rollcall.model.observations.states import StatesAsked
from cxone_rollcall.model.roll import Standing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cxone_rollcall.findings.case import Case


class CheckCrashed(Finding, frozen=True, kw_only=True):
    """
    One of rollcall's own checks failed.

    ## What was seen
    A check raised an error; its name and the kind of error are given.
    ## Why agents go missing
    They do not: the rest of the account stands. What this check would have found is not known.
    ## Fix
    Report it to the makers of rollcall, with the output of rollcall check -v.
    ## Not this when
    A check was skipped: then it says what it was missing.
    ## Try it
        rollcall explain RC901
    """

    code = "RC901"
    name = "check-crashed"
    message = "the check {check} crashed: {error}"
    fix = "report this to the makers of rollcall, with the output of: rollcall check -v"

    check: str
    error: str


class Unexplained(Finding, frozen=True, kw_only=True):
    """
    An agent is absent and nothing explains it.

    ## What was seen
    No row, in an answer that another agent's row vouches for, and no finding that fits: a list that has rows for
    agents who are logged out, and none for this one; or the check that would have explained it crashed (RC901).
    ## Why agents go missing
    We do not know, and say so.
    ## Fix
    Run the check again with -v and look at the exchange named here.
    ## Not this when
    The agent is unknown: then nothing vouches for the answer, or it may have been cut, or there is none.
    ## Try it
        rollcall explain RC902
    """

    code = "RC902"
    name = "unexplained"
    message = "{agents} absent, and nothing explains it"
    fix = "run the check again with -v and look at the exchanges named as evidence"


@check(needs=(TenantAsked, StatesAsked), finds=(Unexplained,))
def all_explained(case: Case) -> Iterator[Finding]:
    """Is every absence explained?"""
    states = case[StatesAsked]
    agents = tuple(agent for agent in case.roll.ids(Standing.ABSENT) if agent not in case.explained)
    if agents:
        yield Unexplained(
            evidence=tuple(
                Evidence(
                    f"no row for {agent}", states.absent[agent], case[TenantAsked].states_rows, "rows of other agents"
                )
                for agent in agents[:MOST_EVIDENCE]
            ),
            explains=agents,
        )
