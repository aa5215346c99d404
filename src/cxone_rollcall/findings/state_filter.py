"""RC406, RC407: does a state filter hide logged-in agents?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from shlex import quote

from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.check import check
from cxone_rollcall.findings.finding import Finding, proven_if
from cxone_rollcall.findings.identifiers import ROWS
from cxone_rollcall.findings.noise import RUN_AGAIN
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.observations.probes import StateRespelt
from cxone_rollcall.model.observations.states import StatesFiltered, StatesSeen
from cxone_rollcall.model.state import meant_state
from cxone_rollcall.model.wording import counted


class StateFilterHides(Finding, frozen=True, kw_only=True):
    """
    The state filter hides agents who are logged in.

    ## What was seen
    No row with the filter, and without it a row with another logged-in state. SUSPECTED if that was not the same when
    both requests were repeated, the one with the filter twice.
    ## Why agents go missing
    Busy, Break and Not Ready are logged-in states; a filter on Available leaves them out.
    ## Fix
    Drop the filter, or request every logged-in state.
    ## Not this when
    The agents have no row without the filter either (RC601, RC602).
    ## Try it
        rollcall check --demo --state Available
    """

    code = "RC406"
    name = "state-filter-hides"
    message = "{agents} logged in, but not in state {asked}: {others}"
    fix = "drop --state {asked}: an agent in any of these states is logged in"

    asked: str
    others: str


class StateFilterMisspelt(Finding, frozen=True, kw_only=True):
    """
    The state filter has another spelling than the API.

    ## What was seen
    No row with the filter as given, and rows of the same agents with the API's own spelling. SUSPECTED if that was not
    the same when both requests were repeated, the one as given twice.
    ## Why agents go missing
    The API compares state names exactly, and returns no error for an unknown one.
    ## Fix
    Spell the state as the API does, or drop the filter.
    ## Not this when
    The filter has rows: then it hides the other states (RC406).
    ## Try it
        rollcall check --demo --state Availble
    """

    code = "RC407"
    name = "state-filter-misspelt"
    message = "{no} state is spelt {asked}; the same request with {meant} has rows"
    fix = "write --state {written}, or drop the filter"

    no: str
    asked: str
    meant: str
    written: str


@check(needs=(StatesFiltered, StatesSeen), finds=(StateFilterHides,))
def state_filter(case: Case) -> Iterator[Finding]:
    """Does the state filter let all logged-in agents through?"""
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
        claim = f"no row for {first} with state={filtered.state}, and one without it"
        yield StateFilterHides(
            asked=filtered.state,
            others=", ".join(f"{state} {count}" for state, count in counted),
            **proven_if(filtered.repeated, settle=RUN_AGAIN),
            evidence=(Evidence(claim, filtered.asked[first], ROWS, f"{hidden[first]} without the filter"),),
            explains=tuple(hidden),
        )


@check(needs=(StatesFiltered, StateRespelt), finds=(StateFilterMisspelt,))
def state_filter_spelling(case: Case) -> Iterator[Finding]:
    """Is the state filter spelt as the API spells the state?"""
    filtered, respelt = case[StatesFiltered], case[StateRespelt]
    asked = [agent_id for agent_id in respelt.agents if agent_id in filtered.asked]
    if respelt.rows and asked:
        yield StateFilterMisspelt(
            no="no" if respelt.repeated else "probably no",
            asked=filtered.state,
            meant=respelt.meant,
            written=quote(respelt.meant),
            **proven_if(respelt.repeated, settle=RUN_AGAIN),
            evidence=(
                Evidence(f"state={filtered.state}", filtered.asked[asked[0]], ROWS, "no row"),
                Evidence(f"state={respelt.meant}", respelt.exchange, ROWS, counted(respelt.rows, "row")),
            ),
            explains=tuple(asked),
        )
