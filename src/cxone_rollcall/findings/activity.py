"""RC605, RC606: did any agent have a row? Is an absent agent active?"""

from __future__ import annotations

from collections.abc import Iterator

from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.check import check
from cxone_rollcall.findings.contract_facts import is_incontact
from cxone_rollcall.findings.failures import MOST_EVIDENCE
from cxone_rollcall.findings.finding import Finding, Strength, proven_if
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.observations.base import Failures, Selected, TenantAsked
from cxone_rollcall.model.observations.probes import Activity, ActivityAsked
from cxone_rollcall.model.observations.roster import RowsFound
from cxone_rollcall.model.observations.states import StatesAsked
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.wording import counted


class NobodyAnswered(Finding, frozen=True, kw_only=True):
    """
    Every agent's state was requested, and there is not a single row.

    ## What was seen
    Healthy responses without any row: for every agent by id, in batches and in parts of batches; or, on the
    `incontact` API, for the whole list of states, which has rows for logged-out agents too.
    ## Why agents go missing
    No agent is logged in; or the account lacks the permission to see states; or all agents are in a System state that
    this API does not show. Such a response cannot be trusted to be complete, so every agent is unknown, not absent.
    ## Fix
    Log one agent in and run the check again. If there is a row now, no agent was logged in before. If not: tick
    presence:read, get a new token, and give the account the permission "List All Agents". The `incontact` API has no
    presence:read: check the application's registration, and what the access key's owner may see.
    ## Not this when
    Any agent has a row, or a request failed.
    ## Try it
        rollcall check --demo --fault nobody-logged-in
    """

    code = "RC605"
    name = "nobody-answered"
    message = (
        "{asked} and there was no row: no agent is logged in, or this account may not see "
        "states, or all agents are in a System state that the API does not show"
    )
    fix = "log one agent in and run the check again; if there is still no row: {remedy}"

    asked: str
    remedy: str


class SeenElsewhere(Finding, frozen=True, kw_only=True):
    """
    An agent has no state, but is active elsewhere.

    ## What was seen
    No row among the states, and an open contact (`contacts/active`), or a login of the last day without a logout
    (`login-history`), of the same agent. A login is SUSPECTED, since its session may just not have been closed; one
    without a field for the logout is no sign.
    ## Why agents go missing
    The list of states leaves out an agent who is at work. It may have been read just before a login, or the agent is
    in a state that the list does not show.
    ## Fix
    Run the check again. If it stays, report both exchanges to NICE's support.
    ## Not this when
    There is no sign of the agent anywhere (RC601, RC902), or the agent is inactive (RC602).
    ## Try it
        rollcall check --demo --contract incontact --fault seen-elsewhere
    """

    code = "RC606"
    name = "seen-elsewhere"
    message = "{agents} without a row among the states, but with {what}"
    fix = "run the check again; if it stays, report the exchanges named as evidence to NICE's support"

    what: str


@check(needs=(TenantAsked, Selected, StatesAsked, Failures), uses=(RowsFound,), finds=(NobodyAnswered,))
def somebody_answered(case: Case) -> Iterator[Finding]:
    """Did any agent have a row?"""
    states, tenant = case[StatesAsked], case[TenantAsked]
    not_on_roster = case[Selected].unknown  # RC402 explains them
    unvouched = tuple(agent_id for agent_id in states.unvouched if agent_id not in not_on_roster)
    if not states.rows and not states.others and unvouched and not states.ignored_exchange and not case[Failures].items:
        agents = counted(len(unvouched), "agent")
        claim = "the whole list of states" if states.listed else f"{agents} requested by id"
        seen = Evidence(claim, states.unvouched_exchange, tenant.states_rows, _nothing(case, states))
        yield NobodyAnswered(
            asked=f"the list of states of {agents} was read" if states.listed else f"{agents} requested by id",
            remedy="check the application's registration and what the access key's owner may see"
            if is_incontact(tenant)
            else 'tick presence:read and give the account "List All Agents"',
            strength=Strength.SUSPECTED,
            settle="log one agent in and run the check again",
            evidence=(seen,),
            explains=unvouched,
            explains_all=True,
        )


def _nothing(case: Case, states: StatesAsked) -> str:
    """What the response held where rows were expected."""
    found = case.get(RowsFound)
    if found is not None and "states" in found.no_content:
        return "no content"
    return "no row of these agents" if states.unasked_rows else "[]"


@check(needs=(ActivityAsked, StatesAsked, TenantAsked), finds=(SeenElsewhere,))
def inactive_elsewhere(case: Case) -> Iterator[Finding]:
    """Is no absent agent active elsewhere?"""
    absent = frozenset(case.roll.ids(Standing.ABSENT))
    items = {item.agent_id: item for item in reversed(case[ActivityAsked].items) if item.agent_id in absent}
    for proven in (True, False):
        seen = [item for item in reversed(items.values()) if (item.certain and item.repeated) is proven]
        if seen:
            yield SeenElsewhere(
                what=", or ".join(dict.fromkeys(item.what for item in seen)),
                **proven_if(proven, settle="check on the agent's desktop whether it is logged in to this tenant"),
                evidence=tuple(one for item in seen[:MOST_EVIDENCE] for one in _both(case, item)),
                explains=tuple(item.agent_id for item in seen),
            )


def _both(case: Case, item: Activity) -> tuple[Evidence, Evidence]:
    states, rows = case[StatesAsked], case[TenantAsked].states_rows
    exchange = states.absent.get(item.agent_id, states.exchange)
    return (
        Evidence(f"no row for {item.agent_id}", exchange, rows, "rows of other agents"),
        Evidence(f"{item.agent_id} has {item.what}", item.exchange, item.pointer, item.seen),
    )
