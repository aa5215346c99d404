"""RC605, RC606: is there any other sign of life?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.findings.check import check
from cxone_rollcall.findings.contract_facts import is_incontact
from cxone_rollcall.findings.failures import MOST_EVIDENCE
from cxone_rollcall.findings.finding import Finding, Strength, counted
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.observations.base import Failures, Selected, TenantAsked
from cxone_rollcall.model.observations.probes import ActivityAsked
from cxone_rollcall.model.observations.states import StatesAsked
from cxone_rollcall.model.roll import Standing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cxone_rollcall.findings.case import Case
    from cxone_rollcall.model.observations.probes import Activity


class NobodyAnswered(Finding, frozen=True, kw_only=True):
    """
    Everybody's state was asked, and there is not one row.

    ## What was seen
    Healthy answers without any row: for every agent by id, in batches and in parts of batches; or on the published
    contract the whole list of states, which has rows for agents who are logged out too.
    ## Why agents go missing
    Nobody is logged in; or the right to see states is missing; or all are in a System state that this API does not
    show. Nothing vouches for such an answer, so every agent is unknown, not absent.
    ## Fix
    Log one agent in and run the check again: a row means that nobody was there. None: tick presence:read and take
    a new token, and give the account the permission "List All Agents". The published contract has no presence:read:
    there look at the application's registration, and at what the access key's owner may see.
    ## Not this when
    One row came for anybody, or a request failed.
    ## Try it
        rollcall check --demo --fault nobody-logged-in
    """

    code = "RC605"
    name = "nobody-answered"
    message = (
        "{asked} and not one row came: nobody is logged in, or this account may not see "
        "states, or all are in a System state that the API does not show"
    )
    fix = "log one agent in and run the check again; no row even then: {mend}"

    asked: str
    mend: str


class SeenElsewhere(Finding, frozen=True, kw_only=True):
    """
    An agent has no state, and is active elsewhere.

    ## What was seen
    No row among the states, and an open contact (`contacts/active`), or a login of the last day without a logout
    (`login-history`), of the same agent. SUSPECTED where the login has no member for its end: then it may be over.
    ## Why agents go missing
    The list of states leaves out somebody who is at work. It may have been read just before a login; or the state is
    one that this list does not show.
    ## Fix
    Run the check again. If it stays, report both exchanges to NICE's support.
    ## Not this when
    There is no sign of the agent anywhere (RC601, RC902), or the agent is inactive (RC602).
    ## Try it
        rollcall check --demo --contract incontact --fault seen-elsewhere
    """

    code = "RC606"
    name = "seen-elsewhere"
    message = "{agents} without a row among the states, and with {what}"
    fix = "run the check again; if it stays, report the exchanges named as evidence to NICE's support"

    what: str


@check(needs=(TenantAsked, Selected, StatesAsked, Failures), finds=(NobodyAnswered,))
def somebody_answered(case: Case) -> Iterator[Finding]:
    """Did anybody at all have a row?"""
    states, tenant = case[StatesAsked], case[TenantAsked]
    strangers = case[Selected].unknown  # RC402 explains them
    unvouched = tuple(agent_id for agent_id in states.unvouched if agent_id not in strangers)
    if not states.rows and unvouched and not states.ignored_exchange and not case[Failures].items:
        agents = counted(len(unvouched), "agent")
        yield NobodyAnswered(
            asked=f"the whole list of states was asked, of {agents}," if states.listed else f"{agents} asked by id",
            mend="look at the application's registration and at what the access key's owner may see"
            if is_incontact(tenant)
            else 'tick presence:read and give the account "List All Agents"',
            strength=Strength.SUSPECTED,
            settle="log one agent in and run the check again",
            evidence=(
                Evidence(
                    "the whole list of states" if states.listed else f"{agents} asked by id",
                    states.unvouched_exchange,
                    tenant.states_rows,
                    "[]",
                ),
            ),
            explains=unvouched,
            explains_all=True,
        )


@check(needs=(ActivityAsked, StatesAsked, TenantAsked), finds=(SeenElsewhere,))
def inactive_elsewhere(case: Case) -> Iterator[Finding]:
    """Is there no sign of an absent agent elsewhere either?"""
    absent = frozenset(case.roll.ids(Standing.ABSENT))
    items = {item.agent_id: item for item in reversed(case[ActivityAsked].items) if item.agent_id in absent}
    for certain in (True, False):
        seen = [item for item in reversed(items.values()) if item.certain is certain]
        if seen:
            yield SeenElsewhere(
                what=", or ".join(dict.fromkeys(item.what for item in seen)),
                strength=Strength.PROVEN if certain else Strength.SUSPECTED,
                settle="" if certain else "look whether the agent's desktop shows a login to this very tenant",
                evidence=tuple(one for item in seen[:MOST_EVIDENCE] for one in _both(case, item)),
                explains=tuple(item.agent_id for item in seen),
            )


def _both(case: Case, item: Activity) -> tuple[Evidence, Evidence]:
    states = case[StatesAsked]
    return (
        Evidence(
            f"no row for {item.agent_id}",
            states.absent.get(item.agent_id, states.exchange),
            case[TenantAsked].states_rows,
            "rows of other agents",
        ),
        Evidence(f"{item.agent_id} has {item.what}", item.exchange, item.pointer, item.seen),
    )
