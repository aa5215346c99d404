"""RC902 for agents reported as logged out who seem logged in."""

from __future__ import annotations

from collections.abc import Iterator

from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.check import check
from cxone_rollcall.findings.finding import Finding
from cxone_rollcall.findings.internal import Unexplained
from cxone_rollcall.findings.next_command import why as why_command
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.observations.base import TenantAsked
from cxone_rollcall.model.observations.probes import ExpectedLoggedIn, LookedCloser
from cxone_rollcall.model.observations.states import StatesAsked, StatesSeen
from cxone_rollcall.model.roll import RollEntry, Standing

YOU_SEE = "you see a login"


class Contradicted(Unexplained, frozen=True, kw_only=True):
    """
    The API says "not logged in", and something else says "logged in".

    A kind of RC902: both cannot be true, so "not logged in" does not explain the agent.
    """

    message = "the API has {said} for {agent_id}, and yet: {against}"
    fix = (
        "look which tenant, which business unit and which agent id the desktop is logged in to; "
        "ask again a minute later (--grace 60); save the case: {command}"
    )

    agent_id: str
    said: str
    against: str
    command: str


@check(
    needs=(TenantAsked, StatesAsked, StatesSeen),
    uses=(LookedCloser, ExpectedLoggedIn),
    finds=(Unexplained,),
)
def nothing_contradicts(case: Case) -> Iterator[Finding]:
    """Do other facts agree that an agent is logged out or absent?"""
    looked, expected = case.get(LookedCloser), case.get(ExpectedLoggedIn)
    for entry in case.roll.entries if looked is not None or expected is not None else ():
        agent_id = entry.agent.agent_id
        if entry.standing not in (Standing.LOGGED_OUT, Standing.ABSENT) or agent_id in case.to_fix:
            continue  # a finding to fix explains this agent already
        signs = [sign for sign in looked.of(agent_id) if sign.against] if looked is not None else []
        against = [sign.against for sign in signs]
        evidence = [_row(case, entry), *(sign.evidence for sign in signs)]
        if expected is not None and agent_id in expected.agents:
            against.insert(0, YOU_SEE)
            evidence.insert(1, Evidence("you see it logged in", 0, "", "--expect-logged-in"))
        if against:
            yield Contradicted(
                agent_id=agent_id,
                said=evidence[0].seen if entry.standing is Standing.LOGGED_OUT else "no row",
                against="; ".join(against),
                command=why_command(agent_id, "--save", "case.json"),
                evidence=tuple(evidence),
                explains=(agent_id,),
            )


def _row(case: Case, entry: RollEntry) -> Evidence:
    """What the states say of the agent, as evidence."""
    agent_id, rows = entry.agent.agent_id, case[TenantAsked].states_rows
    if entry.standing is Standing.LOGGED_OUT:
        exchange = case[StatesSeen].logged_out.get(agent_id, 0)
        state = (entry.state.state if entry.state else None) or "logged out"
        return Evidence(f"the row of {agent_id}", exchange, rows, state)
    return Evidence(f"no row for {agent_id}", case[StatesAsked].absent.get(agent_id, 0), rows, "rows of other agents")
