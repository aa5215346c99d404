"""RC401 and RC402: were the agents asked for by an internal id?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.findings.check import check
from cxone_rollcall.findings.finding import Finding, Strength
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.observations.base import Selected, TenantAsked
from cxone_rollcall.model.observations.probes import TypedIdsAsked
from cxone_rollcall.model.observations.roster import RosterRead
from cxone_rollcall.model.roll import Standing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cxone_rollcall.findings.case import Case


ROWS = "/entities"


class NotAnInternalId(Finding, frozen=True, kw_only=True):
    """
    The state was asked with a username, an e-mail or a name instead of the internal id.

    ## What was seen
    The text as typed has no row, in an answer that another agent's row vouches for; the internal id that the
    roster gives for it has one.
    ## Why agents go missing
    The states endpoint knows internal ids only. It does not complain about anything else: it has no row for it.
    ## Fix
    Ask with the internal id; rollcall looks it up in the roster.
    ## Not this when
    The text is on no page of the roster (RC402), or the internal id has no row either (RC601).
    ## Try it
        rollcall check --demo --agent kavya.alsayed@example.com
    """

    code = "RC401"
    name = "not-an-internal-id"
    message = "{typed} is not an internal id: the roster has it as {agent_id}, and that id answers"
    fix = "ask for {agent_id}"

    typed: str
    agent_id: str


class UnknownAgent(Finding, frozen=True, kw_only=True):
    """
    The agent asked for is on no page of the roster.

    ## What was seen
    The whole roster, and in it no agent with this id, username, e-mail or name.
    ## Why agents go missing
    There is no such agent in this tenant, or the account may not list it.
    ## Fix
    Look the id up: rollcall agents. Check the tenant (CXONE_INSTANCE).
    ## Not this when
    The roster has the agent under another id (RC401), or the roster could not be read whole (then SUSPECTED).
    ## Try it
        rollcall check --demo --agent 42
    """

    code = "RC402"
    name = "unknown-agent"
    message = "{typed} is on no page of the roster that was read"
    fix = "look the agent up with: rollcall agents --format csv"

    typed: str


@check(needs=(TypedIdsAsked,), finds=(NotAnInternalId,))
def typed_ids(case: Case) -> Iterator[Finding]:
    """Was each agent asked for by its internal id?"""
    asked = case[TypedIdsAsked]
    present = set(case.roll.ids(Standing.PRESENT, Standing.LOGGED_OUT))
    for item in asked.items:
        if item.vouched and not item.row and item.agent_id in present:
            yield NotAnInternalId(
                typed=item.typed,
                agent_id=item.agent_id,
                evidence=(
                    Evidence(
                        f"{item.agent_id} and {item.typed} asked in one request",
                        item.exchange,
                        ROWS,
                        f"a row for {item.agent_id} alone",
                    ),
                ),
                explains=(item.agent_id,),
            )


@check(needs=(TenantAsked, Selected, RosterRead), finds=(UnknownAgent,))
def agents_known(case: Case) -> Iterator[Finding]:
    """Is each agent that the user named on the roster?"""
    roster = case[RosterRead]
    whole = case.roll.roster_complete
    for typed in case[Selected].unknown:
        yield UnknownAgent(
            typed=typed,
            strength=Strength.PROVEN if whole else Strength.SUSPECTED,
            settle="" if whole else "read the whole roster",
            evidence=(
                Evidence(
                    f"{roster.agents} agents on {roster.pages} pages, none of them {typed}",
                    roster.exchange,
                    case[TenantAsked].roster_rows,
                    f"{roster.agents} agents",
                ),
            ),
            explains=(typed,),
        )
