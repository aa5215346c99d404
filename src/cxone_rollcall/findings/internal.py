"""RC9xx: rollcall itself: a check that crashed, an absence that nothing explains."""

from __future__ import annotations

from collections.abc import Iterator

from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.check import check
from cxone_rollcall.findings.failures import MOST_EVIDENCE
from cxone_rollcall.findings.finding import Finding
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.observations.base import TenantAsked
from cxone_rollcall.model.observations.states import StatesAsked
from cxone_rollcall.model.roll import Standing


class CheckCrashed(Finding, frozen=True, kw_only=True):
    """
    One of rollcall's own checks failed.

    ## What was seen
    A check raised an error; the finding names the check and the kind of error.
    ## Why agents go missing
    They do not: the rest of the report is right. What this check would have found is not known.
    ## Fix
    Report it to the makers of rollcall, with the output of rollcall check -v.
    ## Not this when
    A check was skipped: then the report says what was missing.
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
    An agent is absent, and no finding explains it.

    ## What was seen
    No row, in a response that did include other agents, and no finding that fits: a list that has rows for other
    logged-out agents and none for this one; or the check that would have explained it crashed (RC901). Or the API says
    that the agent is not logged in, and something else says that it is: an open contact, or what you see on a desktop.
    ## Why agents go missing
    Rollcall does not know.
    ## Fix
    Run the check again with -v and look at the exchange named here.
    ## Not this when
    The agent is unknown: then the response cannot be trusted to be complete, or there is none.
    ## Try it
        rollcall explain RC902
    """

    code = "RC902"
    name = "unexplained"
    message = "{agents} absent, and no finding explains it"
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
