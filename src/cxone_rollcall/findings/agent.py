"""RC601 to RC604: is the agent simply not logged in?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.check import check
from cxone_rollcall.findings.contract_facts import is_incontact, missing_row_is_suspicious, state_at
from cxone_rollcall.findings.failures import MOST_EVIDENCE
from cxone_rollcall.findings.finding import Finding, Strength
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.observations.base import TenantAsked
from cxone_rollcall.model.observations.roster import RosterRead
from cxone_rollcall.model.observations.states import AgentsAskedAlone, StatesAsked, StatesSeen
from cxone_rollcall.model.roll import Standing


class NotLoggedIn(Finding, frozen=True, kw_only=True):
    """
    The agent is not logged in.

    ## What was seen
    A row that says so (PROVEN); or no row, in a complete response that did include another agent (SUSPECTED: the `v2`
    API has no row for a logged-out agent, and none for some System states either; the list of the `incontact` API may
    leave them out too).
    ## Why agents go missing
    They are not at work, or their desktop is logged in to another tenant.
    ## Fix
    Nothing, if they are off shift. If the desktop shows them logged in: rollcall why ID --expect-logged-in.
    ## Not this when
    No agent has a row (RC605), another row of the agent says otherwise (RC509), or the roster says inactive (RC602) or
    never logged in (RC603). If a list has rows for other logged-out agents, a missing row is suspicious (RC902).
    ## Try it
        rollcall check --demo
    """

    code = "RC601"
    name = "not-logged-in"
    message = "{agents} {seen}"
    fix = "nothing to do if they are off shift"

    seen: str


class AgentInactive(Finding, frozen=True, kw_only=True):
    """
    The roster says that the agent is inactive.

    ## What was seen
    No state, and `isActive` false in the roster.
    ## Why agents go missing
    An inactive agent cannot log in.
    ## Fix
    Nothing, or activate the agent in the admin portal.
    ## Not this when
    The agent is active (RC601), or has a state all the same.
    ## Try it
        rollcall check --demo
    """

    code = "RC602"
    name = "agent-inactive"
    message = "{agents} inactive, as the roster says"
    fix = "nothing to do, unless one of them should work: activate the agent in the admin portal"


class NeverLoggedIn(Finding, frozen=True, kw_only=True):
    """
    The agent has never logged in.

    ## What was seen
    No state, and an empty last login, in a roster that has one for agents who are present.
    ## Why agents go missing
    The account was created and never used.
    ## Fix
    Nothing, or help the agent with the first login.
    ## Not this when
    The roster has no last login for any agent, or an empty one for agents who are logged in: then it proves nothing.
    ## Try it
        rollcall check --demo
    """

    code = "RC603"
    name = "never-logged-in"
    message = "{agents} never logged in, as the roster says"
    fix = "nothing to do, unless one of them should work"


class NotYetPresent(Finding, frozen=True, kw_only=True):
    """
    The agent was absent at first, and present when requested again.

    ## What was seen
    No row in one response, a row in a later one, and a row in the first batch when it was requested again; or a row
    when absent agents were requested again for a while (`--grace SECONDS`).
    ## Why agents go missing
    They had only just logged in: the API shows a login with a small delay.
    ## Fix
    Nothing: they count as present.
    ## Not this when
    The first batch still has no row for them (RC405).
    ## Try it
        rollcall check --demo --fault login-race
    """

    code = "RC604"
    name = "not-yet-present"
    message = "{agents} without a row at first, and with one when requested again"
    fix = "nothing to do: they count as present"


@check(needs=(TenantAsked, StatesAsked, StatesSeen), finds=(NotLoggedIn,))
def logged_out(case: Case) -> Iterator[Finding]:
    """Does a row say that an agent is logged out?"""
    logged_out, two_rows = case[StatesSeen].logged_out, case[StatesAsked].contradicted
    agents = tuple(
        agent
        for agent in case.roll.ids(Standing.LOGGED_OUT)
        if agent not in two_rows and agent not in case.contradicted
    )
    if agents:
        yield NotLoggedIn(
            seen="logged out, as their rows say",
            evidence=tuple(
                Evidence(f"the row of {agent}", logged_out[agent], state_at(case[TenantAsked]), _state(case, agent))
                for agent in agents[:MOST_EVIDENCE]
            ),
            explains=agents,
        )


@check(needs=(TenantAsked, StatesAsked, RosterRead), finds=(AgentInactive,))
def agents_active(case: Case) -> Iterator[Finding]:
    """Is each absent agent active, so that it could log in?"""
    agents = tuple(entry.agent.agent_id for entry in case.roll.of(Standing.ABSENT) if entry.agent.active is False)
    if agents:
        yield AgentInactive(evidence=(_on_roster(case, agents[0], "isActive", "false"),), explains=agents)


@check(needs=(TenantAsked, StatesAsked, RosterRead), finds=(NeverLoggedIn,))
def agents_have_logged_in(case: Case) -> Iterator[Finding]:
    """Has each absent agent ever logged in, by a roster with logins?"""
    blank = [entry for entry in case.roll.entries if entry.agent.has_logged_in is False]
    if any(entry.standing is Standing.PRESENT for entry in blank):
        return
    agents = tuple(
        entry.agent.agent_id for entry in blank if entry.standing is Standing.ABSENT and entry.agent.active is not False
    )
    if agents and any(entry.agent.has_logged_in for entry in case.roll.of(Standing.PRESENT)):
        yield NeverLoggedIn(evidence=(_on_roster(case, agents[0], "lastLogin", "empty"),), explains=agents)


def _on_roster(case: Case, agent_id: str, member: str, seen: str) -> Evidence:
    """What the roster says of an agent, as evidence."""
    roster, rows = case[RosterRead], case[TenantAsked].roster_rows
    exchange = roster.remarked.get(agent_id, roster.exchange)
    return Evidence(f"{agent_id} on the roster", exchange, f"{rows}/*/{member}", seen)


@check(needs=(TenantAsked, StatesAsked, StatesSeen), finds=(NotYetPresent,))
def presence_settled(case: Case) -> Iterator[Finding]:
    """Did each agent's standing stay the same during the run?"""
    seen, rows = case[StatesSeen], case[TenantAsked].states_rows
    late = {agent: exchange for agent, exchange in case[StatesAsked].late.items() if agent in seen.rows}
    if late:  # without those whose row another one contradicted afterwards
        first, again = next(iter(late.items()))
        exchange = seen.exchange_of(first) or again
        yield NotYetPresent(
            strength=Strength.NOTE,
            evidence=(Evidence(f"{first}, requested again", exchange, rows, _state(case, first)),),
            explains=tuple(late),
        )


@check(needs=(TenantAsked, StatesAsked), uses=(AgentsAskedAlone,), finds=(NotLoggedIn,))
def no_row(case: Case) -> Iterator[Finding]:
    """Is each absence explained by more than a missing row?"""
    states, tenant = case[StatesAsked], case[TenantAsked]
    if is_incontact(tenant) and missing_row_is_suspicious(case):
        return  # RC902
    agents = tuple(agent for agent in case.roll.ids(Standing.ABSENT) if agent not in case.explained)
    if agents:
        yield NotLoggedIn(
            seen="had no state in responses that did include others",
            strength=Strength.SUSPECTED,
            settle="check on the agent's desktop whether it is logged in to this tenant",
            evidence=_responses(agents, states.absent, tenant.states_rows),
            explains=agents,
        )


def _responses(agents: tuple[str, ...], absent: Mapping[str, int], rows: str) -> tuple[Evidence, ...]:
    by_exchange: dict[int, list[str]] = {}
    for agent in agents:
        by_exchange.setdefault(absent.get(agent, 0), []).append(agent)
    return tuple(
        Evidence(
            f"no row for {ids[0]}" + (f" and {len(ids) - 1} more" if len(ids) > 1 else ""),
            exchange,
            rows,
            "rows of other agents, none of these",
        )
        for exchange, ids in list(by_exchange.items())[:MOST_EVIDENCE]
    )


def _state(case: Case, agent_id: str) -> str:
    return case[StatesSeen].rows[agent_id].state or "a row without a state"
