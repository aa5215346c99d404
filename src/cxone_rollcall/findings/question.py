"""RC401, RC402, RC406: did we ask for the right agents?"""

from __future__ import annotations

from collections import Counter
from shlex import quote
from typing import TYPE_CHECKING

from cxone_rollcall.findings.base import Evidence, Finding, Strength, check
from cxone_rollcall.model.observation import RosterRead, Selected, StatesFiltered, StatesSeen, TenantAsked
from cxone_rollcall.model.probed import StateRespelt, TypedIdsAsked
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.state import meant_state

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cxone_rollcall.findings.base import Case

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


class StateFilterHides(Finding, frozen=True, kw_only=True):
    """
    The state filter hides agents who are logged in.

    ## What was seen
    No row with the filter, and a row in another logged-in state without it.
    ## Why agents go missing
    Busy, Break and Not Ready are logged-in states; a filter on Available leaves them out.
    ## Fix
    Drop the filter, or ask for every logged-in state.
    ## Not this when
    The agents have no row without the filter either (RC601, RC602).
    ## Try it
        rollcall check --demo --state Available
    """

    code = "RC406"
    name = "state-filter-hides"
    message = "{agents} logged in, but not {asked}: {others}"
    fix = "drop --state {asked}: each of these states is a logged-in one"

    asked: str
    others: str


class StateFilterMisspelt(Finding, frozen=True, kw_only=True):
    """
    The state filter is not spelt as the API spells the state.

    ## What was seen
    No row at all with the filter as given, and rows of the same agents with the spelling that the API itself uses.
    ## Why agents go missing
    The API compares names to the letter and does not complain about one that it does not know.
    ## Fix
    Spell the state as the API does, or drop the filter.
    ## Not this when
    The filter has rows: then it hides the other states (RC406).
    ## Try it
        rollcall check --demo --state Availble
    """

    code = "RC407"
    name = "state-filter-misspelt"
    message = "no state is spelt {asked}; spelt {meant} the same question has rows"
    fix = "write --state {written}, or drop the filter"

    asked: str
    meant: str
    written: str


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
                        claim=f"{item.agent_id} and {item.typed} asked in one request",
                        exchange=item.exchange,
                        pointer=ROWS,
                        seen=f"a row for {item.agent_id} alone",
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
                    claim=f"{roster.agents} agents on {roster.pages} pages, none of them {typed}",
                    exchange=roster.exchange,
                    pointer=case[TenantAsked].roster_rows,
                    seen=f"{roster.agents} agents",
                ),
            ),
            explains=(typed,),
        )


@check(needs=(StatesFiltered, StatesSeen), finds=(StateFilterHides,))
def state_filter(case: Case) -> Iterator[Finding]:
    """Does the state filter leave out agents who are logged in?"""
    filtered, rows = case[StatesFiltered], case[StatesSeen].rows
    misspelt = None if filtered.with_row else meant_state(filtered.state, (row.state for row in rows.values()))
    hidden = {
        agent_id: row.state
        for agent_id in filtered.asked
        if agent_id not in filtered.with_row
        and (row := rows.get(agent_id)) is not None
        and row.logged_in
        and row.state is not None
        and row.state not in (filtered.state, misspelt)
    }
    if hidden:
        counted = Counter(hidden.values()).most_common()
        first = next(iter(hidden))
        yield StateFilterHides(
            asked=filtered.state,
            others=", ".join(f"{state} {count}" for state, count in counted),
            evidence=(
                Evidence(
                    claim=f"no row for {first} with state={filtered.state}, and one without it",
                    exchange=filtered.asked[first],
                    pointer=ROWS,
                    seen=f"{hidden[first]} without the filter",
                ),
            ),
            explains=tuple(hidden),
        )


@check(needs=(StatesFiltered, StateRespelt), finds=(StateFilterMisspelt,))
def state_filter_spelling(case: Case) -> Iterator[Finding]:
    """Is the state filter spelt as the API spells the state?"""
    filtered, respelt = case[StatesFiltered], case[StateRespelt]
    asked = [agent_id for agent_id in respelt.agents if agent_id in filtered.asked]
    if respelt.rows and asked:
        yield StateFilterMisspelt(
            asked=filtered.state,
            meant=respelt.meant,
            written=quote(respelt.meant),
            evidence=(
                Evidence(
                    claim=f"state={filtered.state}", exchange=filtered.asked[asked[0]], pointer=ROWS, seen="no row"
                ),
                Evidence(
                    claim=f"state={respelt.meant}", exchange=respelt.exchange, pointer=ROWS, seen=f"{respelt.rows} rows"
                ),
            ),
            explains=tuple(asked),
        )
