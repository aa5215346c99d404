"""RC401 and RC402: were the agents requested by their internal ids?"""

from __future__ import annotations

from collections.abc import Iterator

from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.check import check
from cxone_rollcall.findings.finding import Finding, Strength, proven_if
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.observations.base import Selected, TenantAsked
from cxone_rollcall.model.observations.probes import TypedIdsAsked
from cxone_rollcall.model.observations.roster import RosterRead
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.wording import counted

ROWS = "/entities"


class NotAnInternalId(Finding, frozen=True, kw_only=True):
    """
    A request by username, e-mail or name returns no row.

    ## What was seen
    One request with the text as typed and with the internal id that the roster has for it: a row for the id, none for
    the text. A NOTE if you named the agent so on the command line: rollcall looks the id up in the roster. PROVEN if
    your program sends it, as `rollcall request` shows.
    ## Why agents go missing
    The states endpoint knows only internal ids. For anything else it returns no row and no error, so a program that
    sends names gets an empty answer.
    ## Fix
    Request the internal id in your program: rollcall agents lists the ids.
    ## Not this when
    The roster does not have the text (RC402), or the internal id has no row either (RC601).
    ## Try it
        rollcall check --demo --agent kavya.alsayed@example.com
    """

    code = "RC401"
    name = "not-an-internal-id"
    message = "{typed} is not an internal id: a program must request {agent_id}, which the roster has for it"
    fix = "request {agent_id}"

    typed: str
    agent_id: str


class UnknownAgent(Finding, frozen=True, kw_only=True):
    """
    The roster does not have the agent that was asked for.

    ## What was seen
    The whole roster, without an agent of this id, username, e-mail or name.
    ## Why agents go missing
    There is no such agent in this tenant, or the account may not list it.
    ## Fix
    Look up the id: rollcall agents. Check the tenant (CXONE_INSTANCE).
    ## Not this when
    The roster has the text as a name (RC401). If the whole roster could not be read, this is SUSPECTED.
    ## Try it
        rollcall check --demo --agent 42
    """

    code = "RC402"
    name = "unknown-agent"
    message = "the roster that was read does not have {typed}"
    fix = "look up the agent with: rollcall agents --format csv"

    typed: str


@check(needs=(TypedIdsAsked,), finds=(NotAnInternalId,))
def typed_ids(case: Case) -> Iterator[Finding]:
    """Was each agent requested by its internal id?"""
    asked = case[TypedIdsAsked]
    present = set(case.roll.ids(Standing.PRESENT, Standing.LOGGED_OUT))
    for item in asked.items:
        if item.vouched and not item.row and item.agent_id in present:
            claim = f"{item.agent_id} and {item.typed} in one request"
            yield NotAnInternalId(
                typed=item.typed,
                agent_id=item.agent_id,
                evidence=(Evidence(claim, item.exchange, ROWS, f"a row for {item.agent_id} only"),),
                strength=Strength.NOTE,  # rollcall has looked the id up: nothing is missing
            )


@check(needs=(TenantAsked, Selected, RosterRead), finds=(UnknownAgent,))
def agents_known(case: Case) -> Iterator[Finding]:
    """Is each agent that the user named on the roster?"""
    roster = case[RosterRead]
    whole = case.roll.roster_complete
    for typed in case[Selected].unknown:
        read = counted(roster.agents, "agent")
        claim = f"{read} on {counted(roster.pages, 'page')}, none of them {typed}"
        yield UnknownAgent(
            typed=typed,
            **proven_if(whole, settle="read the whole roster"),
            evidence=(Evidence(claim, roster.exchange, case[TenantAsked].roster_rows, read),),
            explains=(typed,),
        )
