"""RC506 to RC510, RC513: are rows and fields where they belong?"""

from __future__ import annotations

from collections.abc import Iterator

from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.check import check
from cxone_rollcall.findings.contract_facts import row_of
from cxone_rollcall.findings.failures import (
    STAGES,
    UNREADABLE,
    agents_hit,
    evidence_of,
    hits_everyone,
    of_kind,
    stages_of,
)
from cxone_rollcall.findings.finding import Finding, Strength, proven_if
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.failure import FailureKind, Stage
from cxone_rollcall.model.observations.access import CompressionUndone
from cxone_rollcall.model.observations.base import Failures, TenantAsked
from cxone_rollcall.model.observations.roster import RowsFound
from cxone_rollcall.model.observations.states import StatesAsked, StatesSeen
from cxone_rollcall.model.roll import Standing


class RowsUnderAnotherKey(Finding, frozen=True, kw_only=True):
    """
    The rows are not under the key that the API documents.

    ## What was seen
    A bare list, or a list under another key, whose elements are rows.
    ## Why agents go missing
    They do not: rollcall read the rows where they are. A script that looks under the documented key finds nothing.
    ## Fix
    Nothing for rollcall. In a script of yours: read the key named here as well.
    ## Not this when
    There is no list of rows anywhere (RC507).
    ## Try it
        rollcall check --demo --fault rows-elsewhere
    """

    code = "RC506"
    name = "rows-under-another-key"
    message = "the rows of the {asked} are {place}, not under {expected}; rollcall read them there"
    fix = "nothing to do here; a script of yours must look there too"

    asked: str
    place: str
    expected: str


class BodyDamaged(Finding, frozen=True, kw_only=True):
    """
    The response was truncated, garbled, too large or misshapen on every try.

    ## What was seen
    A success (2xx) whose body is JSON that ends too early, is invalid, is wrongly encoded, or has no rows anywhere,
    or a body that is too large, decompressed or decoded: the reason names the limit.
    If a compressed body cannot be read, the next tries ask for an uncompressed one (`Accept-Encoding: identity`). If
    that can be read, this is a NOTE.
    ## Why agents go missing
    The agents in that request are unknown, unless another response has them: then this is a NOTE, except of a request
    with an option of yours. A script that swallows the error sees no agent.
    ## Fix
    Look for a proxy that cuts or changes responses; if there is none, report the exchange to NICE's support.
    Rollcall has no setting for a response that is too large.
    ## Not this when
    The body is a page instead of JSON (RC104), or the rows are only under another key (RC506).
    ## Try it
        rollcall check --demo --fault body-cut
    """

    code = "RC507"
    name = "body-damaged"
    message = "the response for {asked} was {how} {when}: {reason}"
    fix = "{remedy}"

    asked: str
    how: str
    when: str
    reason: str
    remedy: str


class StateNotNamed(Finding, frozen=True, kw_only=True):
    """
    A row has an unknown state name.

    ## What was seen
    A row of an agent whose state is not one of the API's known states, or that says only that the agent is logged in.
    ## Why agents go missing
    They do not: the agent has a row with a state. Rollcall shows the name as the server sent it.
    ## Fix
    Nothing. If it is a state name of your own, it is shown as it is.
    ## Not this when
    The row has no state, or one that may mean logged out ("Offline Work"): it says nothing, and the agent is unknown
    (RC507).
    ## Try it
        rollcall check --demo --fault state-unnamed=how=novel
    """

    code = "RC508"
    name = "state-not-named"
    message = "rows whose state is {state}: {count}; shown as the server sent it"
    fix = "nothing to do: a row means that the agent is logged in"

    count: int
    state: str


class RowsContradict(Finding, frozen=True, kw_only=True):
    """
    One response has two rows of one agent, with different states.

    ## What was seen
    The same id twice among the rows of one response, with different states. SUSPECTED if the rows are on different
    pages of a list: they are of different times.
    ## Why agents go missing
    Nothing shows which state is true. If both are logged-in states, rollcall shows the first; if one of them is
    logged out, the agent is unknown.
    ## Fix
    Run the check again; if it stays, report the exchange to NICE's support.
    ## Not this when
    The rows are in different readings of a list.
    ## Try it
        rollcall check --demo --fault rows-contradict
    """

    code = "RC509"
    name = "rows-contradict"
    message = "two rows with different states in one {where}: {agents}"
    fix = "run the check again; if it stays, report the exchange to NICE's support"

    where: str


class UnaskedRow(Finding, frozen=True, kw_only=True):
    """
    A response has the row of an agent that was not requested.

    ## What was seen
    A row whose id was not in the request, while a made-up id alone gets no row.
    ## Why agents go missing
    They do not. Rollcall uses the row of an agent of the roster, and leaves out any other.
    ## Fix
    Nothing. If the roster does not have the id, the account may not list that agent.
    ## Not this when
    Any id gets the same rows (RC408).
    ## Try it
        rollcall check --demo --fault unasked-row
    """

    code = "RC510"
    name = "unasked-row"
    message = "rows of agents that the request did not ask for: {count}"
    fix = "nothing to do; an agent that is not on the roster may be hidden from this account"

    count: int


class NoContent(Finding, frozen=True, kw_only=True):
    """
    The server answered a request for rows without a body.

    ## What was seen
    204, or a success with an empty body.
    ## Why agents go missing
    Rollcall reads it as "no rows" and has to confirm that, as for any other response without rows.
    ## Fix
    Nothing for rollcall. In a script of yours: an empty body is not an error, and not JSON.
    ## Not this when
    The body is cut off or garbled (RC507).
    ## Try it
        rollcall check --demo --fault no-content=when=always
    """

    code = "RC513"
    name = "no-content"
    message = "responses without a body for the {asked}: {count}; read as no rows"
    fix = "nothing to do here; a script of yours must read an empty body as no rows"

    count: int
    asked: str


@check(needs=(TenantAsked, RowsFound), finds=(RowsUnderAnotherKey,))
def rows_in_place(case: Case) -> Iterator[Finding]:
    """Are the rows under the key that the API documents?"""
    tenant = case[TenantAsked]
    for asked, found in case[RowsFound].elsewhere.items():
        yield RowsUnderAnotherKey(
            asked=asked,
            place=f"under {found.pointer}" if found.pointer else "in a bare list",
            expected=tenant.roster_rows if asked == "roster" else tenant.states_rows,
            strength=Strength.NOTE,
            evidence=(Evidence("rows were found here", found.exchange, found.pointer, "a list of rows"),),
        )


_DAMAGED = "look for a proxy that cuts or changes responses; if there is none, report the exchange to NICE's support"
_TOO_LARGE = "report the exchange to NICE's support: rollcall reads no larger response"


@check(needs=(CompressionUndone,), finds=(BodyDamaged,))
def bodies_decompressed(case: Case) -> Iterator[Finding]:
    """Could every compressed response be read?"""
    items = case[CompressionUndone].items
    if items:
        first = items[0]
        yield BodyDamaged(
            asked=" and ".join(dict.fromkeys(STAGES[one.asked] for one in items)),
            how="damaged",
            when="until rollcall asked for an uncompressed one",
            reason=first.reason,
            remedy="nothing to do here; a script of yours must send Accept-Encoding: identity",
            strength=Strength.NOTE,
            evidence=(
                Evidence("a compressed response", first.unread, "body", first.reason),
                Evidence("the same request, with Accept-Encoding: identity", first.read, "body", "readable"),
            ),
        )


@check(needs=(Failures,), finds=(BodyDamaged,))
def bodies_whole(case: Case) -> Iterator[Finding]:
    """Could every response be read to its end?"""
    damaged = of_kind(case[Failures].items, *UNREADABLE)
    if damaged:
        agents, unknown = agents_hit(damaged), frozenset(case.roll.ids(Standing.UNKNOWN))
        known_otherwise = unknown.isdisjoint(agents) if agents else not unknown
        healed = known_otherwise and len(case.roll) > 0 and all(one.stage is Stage.STATES for one in damaged)
        mended = healed and not any(one.option for one in damaged)
        too_much = damaged[0].kind is FailureKind.TOO_MUCH
        yield BodyDamaged(
            asked=stages_of(damaged),
            how="too large" if too_much else "damaged",
            when="on every try",
            reason=damaged[0].detail,
            remedy=_TOO_LARGE if too_much else _DAMAGED,
            strength=Strength.NOTE if mended else Strength.PROVEN,
            evidence=evidence_of(damaged),
            explains=() if healed else agents,
            explains_all=hits_everyone(case, damaged),
        )


@check(needs=(TenantAsked, StatesSeen, StatesAsked), finds=(StateNotNamed,))
def states_named(case: Case) -> Iterator[Finding]:
    """Does each row have a state that the API knows?"""
    tenant = case[TenantAsked]
    unknown: dict[str | None, list[str]] = {}
    for agent_id, row in case[StatesSeen].rows.items():
        if row.state not in tenant.known_states and row.logged_in:
            unknown.setdefault(row.state, []).append(agent_id)
    for state, agents in unknown.items():
        yield StateNotNamed(
            count=len(agents),
            state="not named" if state is None else repr(state),
            strength=Strength.NOTE,
            evidence=(row_of(case, agents[0]),),
        )


@check(needs=(TenantAsked, StatesAsked), finds=(RowsContradict,))
def rows_agree(case: Case) -> Iterator[Finding]:
    """Does each agent have one state in one response?"""
    two_rows, rows = case[StatesAsked].contradicted, case[TenantAsked].states_rows
    called = set(case.roll.ids(*Standing)) if two_rows else ()
    for one_response in (True, False):
        contradicted = {
            one: said for one, said in two_rows.items() if one in called and said.one_response is one_response
        }
        if contradicted:
            yield RowsContradict(
                where="response" if one_response else "reading of the list, on different pages",
                **proven_if(one_response, settle="run the check again: an agent may have moved between two pages"),
                evidence=tuple(
                    Evidence(f"two rows of {agent_id}", one.exchange, rows, one.states)
                    for agent_id, one in list(contradicted.items())[:3]
                ),
                explains=tuple(contradicted),
            )


@check(needs=(TenantAsked, StatesAsked), finds=(UnaskedRow,))
def rows_asked_for(case: Case) -> Iterator[Finding]:
    """Was each row requested?"""
    tenant, states = case[TenantAsked], case[StatesAsked]
    if states.unasked_rows and not states.ignored_exchange:
        claim = "the row of an agent that this request did not ask for"
        yield UnaskedRow(
            count=states.unasked_rows,
            strength=Strength.NOTE,
            evidence=(Evidence(claim, states.unasked_exchange, tenant.states_rows, states.unasked_agent),),
        )


@check(needs=(RowsFound,), finds=(NoContent,))
def answers_have_bodies(case: Case) -> Iterator[Finding]:
    """Did each response have a body?"""
    for asked, found in case[RowsFound].no_content.items():
        yield NoContent(
            count=found.responses,
            asked=asked,
            strength=Strength.NOTE,
            evidence=(Evidence("a response without a body", found.exchange, "", "0 bytes"),),
        )
