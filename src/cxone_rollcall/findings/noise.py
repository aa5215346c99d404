"""RC515 and RC516: do the server's answers agree with each other?"""

from __future__ import annotations

from collections.abc import Iterator

from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.check import check
from cxone_rollcall.findings.contract_facts import unconfirmed
from cxone_rollcall.findings.finding import Finding, Strength, proven_if
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.observations.base import TenantAsked
from cxone_rollcall.model.observations.probes import StateRespelt
from cxone_rollcall.model.observations.states import DeltaAsked, Disagreement, StatesAsked, StatesFiltered
from cxone_rollcall.model.wording import counted

RUN_AGAIN = "run the check again: the server must answer both requests in the same way each time"
"""How to settle a finding from two requests that were not repeated."""
WITHOUT_CACHE = "run the check again without the cache that answers with other requests' rows"


class RowsComeAndGo(Finding, frozen=True, kw_only=True):
    """
    The server loses rows at random: one response has them, another not.

    ## What was seen
    Agents known to be present have a row in some responses and none in others, mostly of one request repeated word for
    word. There is no number of ids up to which each response is whole. SUSPECTED if any response had a row that
    was not requested (RC510, RC516): then a cache may have kept older rows. Also if no request, repeated word for
    word, lost and regained several rows: then agents may have logged out and in again; or if agents have two rows each.
    ## Why agents go missing
    A part of the server may time out, or something before it may drop rows. Rollcall asks again and keeps each row that
    it gets. An agent without any is unknown, not absent: the row may have been lost each time.
    ## Fix
    Report it to NICE's support with both exchanges. A script of yours must not take a missing row for a logout.
    ## Not this when
    The server answers up to a fixed number of ids (RC405), or an agent logged in meanwhile (RC604).
    ## Try it
        rollcall check --demo --fault rows-come-and-go
    """

    code = "RC515"
    name = "rows-come-and-go"
    message = "rows come and go: {lost} of {known} known to be present had no row in one response, and one in another"
    fix = "report to NICE's support that rows are lost, with both exchanges; run the check again later"

    lost: int
    known: str


class AnswersDisagree(Finding, frozen=True, kw_only=True):
    """
    The same request gets different responses, or the response to another request.

    ## What was seen
    One request, repeated word for word: some responses have rows and others none. Or most rows of a response are of
    agents that another request asked for; this is a NOTE if each request got its own response when it was repeated.
    SUSPECTED if no request asked for them: their ids may be of another kind than those of the roster. Also if only a
    request with `--state` or `--updated-since` got two different responses, or if they differ by one or two agents, who
    may have logged out and in again.
    ## Why agents go missing
    Several backends behind one address may differ, or a cache may confuse requests. Which response is right cannot be
    told, so agents without a row are unknown, not absent.
    ## Fix
    Look for a proxy or cache between you and the API; if there is none, report both exchanges to NICE's support.
    ## Not this when
    A single unrequested row comes with each response (RC510), or the ids are ignored altogether (RC408).
    ## Try it
        rollcall check --demo --fault two-backends
    """

    code = "RC516"
    name = "answers-disagree"
    message = "{what}"
    fix = "look for a proxy or cache before the API; if there is none, report the exchanges to NICE's support"

    what: str


@check(needs=(TenantAsked, StatesAsked), finds=(RowsComeAndGo,))
def rows_stay(case: Case) -> Iterator[Finding]:
    """Does a repeated request get the same rows?"""
    states, rows = case[StatesAsked], case[TenantAsked].states_rows
    lost, cached = states.lost, states.mixed_up is not None or states.unasked_rows > 0
    if lost is not None:
        yield RowsComeAndGo(
            lost=lost.lost,
            known=counted(lost.known, "agent"),
            **proven_if(lost.certain and not cached, settle=WITHOUT_CACHE if cached else RUN_AGAIN),
            evidence=(
                Evidence("agents known to be present", lost.lacking, rows, "no row for some of them"),
                Evidence("some of the same agents in another response", lost.showing, rows, "their rows"),
            ),
            explains=unconfirmed(case),
        )


@check(needs=(TenantAsked, StatesAsked), uses=(StatesFiltered, StateRespelt, DeltaAsked), finds=(AnswersDisagree,))
def answers_agree(case: Case) -> Iterator[Finding]:
    """Does each request get its own response, and always the same?"""
    states, rows = case[StatesAsked], case[TenantAsked].states_rows
    two, mixed = states.disagreement, states.mixed_up
    depending = () if states.lost is not None else unconfirmed(case)
    filtered, respelt, delta = case.get(StatesFiltered), case.get(StateRespelt), case.get(DeltaAsked)
    optional = [one.disagreement for one in (filtered, respelt, delta) if one is not None and one.disagreement]
    if two is not None:
        yield _in_two_ways(two, rows, "a request for states", certain=two.certain, explains=depending)
    elif mixed is not None and not states.ignored_exchange:
        claim = "rows of agents that this request did not ask for"
        called = any(entry.agent.agent_id == states.unasked_agent for entry in case.roll.entries)
        rows_of = "the rows of another request" if called else "rows of ids that were never requested"
        proof = proven_if(called, settle="compare the ids of these rows with those of the roster")
        yield AnswersDisagree(
            what=f"{counted(mixed.answers, 'response')} had {rows_of}",
            **(proof if depending else {"strength": Strength.NOTE, "settle": ""}),
            evidence=(Evidence(claim, mixed.exchange, rows, counted(mixed.rows, "row")),),
            explains=depending,
        )
    elif optional:
        # An agent may have changed meanwhile, and nobody's standing depends on it.
        yield _in_two_ways(optional[0], rows, "a request with an option of yours", certain=False)


def _in_two_ways(
    two: Disagreement,
    rows: str,
    claim: str,
    *,
    certain: bool,
    explains: tuple[str, ...] = (),
) -> AnswersDisagree:
    return AnswersDisagree(
        what=f"one request was answered in two ways: {counted(two.fewer_rows, 'row')}, and {two.more_rows}",
        **proven_if(certain, settle=RUN_AGAIN),
        evidence=(
            Evidence(claim, two.fewer, rows, counted(two.fewer_rows, "row")),
            Evidence("the same request again", two.more, rows, counted(two.more_rows, "row")),
        ),
        explains=explains,
    )
