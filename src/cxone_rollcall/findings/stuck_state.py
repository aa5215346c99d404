"""RC607: is an agent in one state for too long?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.check import check
from cxone_rollcall.findings.contract_facts import row_exchange
from cxone_rollcall.findings.failures import MOST_EVIDENCE
from cxone_rollcall.findings.finding import Finding, Strength
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.observations.access import AnswersDated
from cxone_rollcall.model.observations.base import TenantAsked
from cxone_rollcall.model.observations.states import StatesAsked, StatesSeen
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.timestamp import parse_timestamp
from cxone_rollcall.model.wording import counted

LONGEST = 12 * 3600.0
"""Seconds in one state that are a finding: longer than any shift."""
A_YEAR = 366 * 86_400.0
"""Seconds in a year. An older start means none: servers send dates such as 0001-01-01."""
_WITH_ZONE = re.compile(r".*(?:Z|[+-]\d\d:?\d\d)\s*", re.ASCII | re.IGNORECASE)


class StateStuck(Finding, frozen=True, kw_only=True):
    """
    An agent has been in one state for longer than any shift.

    ## What was seen
    A row whose start (`startDate`, `stateStartTime` or `lastStateChange`) is more than 12 hours before the server's
    time, and before this machine's.
    ## Why agents go missing
    They do not: they count as present. Probably a session was never closed, so that an agent who has gone home looks
    logged in.
    ## Fix
    Ask the agent to log out, or log the agent out in Supervisor.
    ## Not this when
    The row has no start, or one without a time zone; or the agent is logged out (RC601).
    ## Try it
        rollcall check --demo --fault state-stuck
    """

    code = "RC607"
    name = "state-stuck"
    message = "{stuck} in one state for more than 12 hours, the longest for {hours}: probably never logged out"
    fix = "ask them to log out, or log them out in Supervisor"

    stuck: str
    hours: str


@check(needs=(TenantAsked, AnswersDated, StatesAsked, StatesSeen), finds=(StateStuck,))
def states_move(case: Case) -> Iterator[Finding]:
    """Did each state begin within the last 12 hours?"""
    dated, rows = case[AnswersDated], case[TenantAsked].states_rows
    if dated.now is None:
        return
    # If the two clocks disagree, either may be wrong: a state is too long only by both.
    now = dated.now - max(0.0, dated.ahead or 0.0)
    ages: list[tuple[float, str, str]] = []
    for entry in case.roll.of(Standing.PRESENT):
        since = (entry.state.since if entry.state is not None else None) or ""
        began = parse_timestamp(since) if _WITH_ZONE.fullmatch(since) else None
        if began is not None and LONGEST < now - began < A_YEAR:
            ages.append((now - began, entry.agent.agent_id, since))
    if ages:
        ages.sort(key=lambda one: -one[0])
        yield StateStuck(
            stuck=counted(len(ages), "agent"),
            hours=f"{ages[0][0] / 3600:.0f} hours",
            strength=Strength.NOTE,
            evidence=tuple(
                Evidence(f"the row of {agent_id} says since when", row_exchange(case, agent_id), rows, said)
                for _, agent_id, said in ages[:MOST_EVIDENCE]
            ),
        )
