"""RC409: were all states requested, or only recent changes?"""

from __future__ import annotations

from collections.abc import Iterator

from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.check import check
from cxone_rollcall.findings.contract_facts import row_of
from cxone_rollcall.findings.finding import Finding, proven_if
from cxone_rollcall.findings.noise import RUN_AGAIN
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.observations.access import AnswersDated
from cxone_rollcall.model.observations.base import TenantAsked
from cxone_rollcall.model.observations.states import DeltaAsked, StatesAsked, StatesSeen
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.timestamp import parse_timestamp

MOST_SKEW = 30.0
"""Seconds that two clocks may differ without a finding."""


class DeltaNotSnapshot(Finding, frozen=True, kw_only=True):
    """
    A request with `updatedSince` leaves out agents whose state did not change.

    ## What was seen
    No row in the response with `updatedSince`, and a row with a logged-in state in the list without it. SUSPECTED if
    that was not the same when both requests were repeated, the one for changes twice.
    ## Why agents go missing
    A delta has the agents whose state changed after that time. An agent who has been Available, or on a break, for
    longer is logged in all the same. An empty list is a normal response.
    ## Fix
    Request the states once without `updatedSince`, keep the rows, and apply deltas to them. Send the `lastPollTime` of
    the last response as the next `updatedSince`.
    ## Not this when
    The agents have no row in the whole list either (RC601, RC902), or changed while the clocks differ (RC701).
    ## Try it
        rollcall check --demo --contract incontact --updated-since now
    """

    code = "RC409"
    name = "delta-not-snapshot"
    message = "{agents} logged in, but not in the response with updatedSince={since}: {has} only later changes"
    fix = "request once without updatedSince, and apply the responses with it to those rows"

    since: str
    has: str


@check(needs=(TenantAsked, DeltaAsked, StatesSeen, StatesAsked), uses=(AnswersDated,), finds=(DeltaNotSnapshot,))
def whole_list_asked(case: Case) -> Iterator[Finding]:
    """Does the response with `updatedSince` have every logged-in agent?"""
    delta, tenant = case[DeltaAsked], case[TenantAsked]
    by_clock = set(lost_by_the_clock(case))
    agents = tuple(agent for agent in left_out(case) if agent not in by_clock)
    if agents:
        first = agents[0]
        yield DeltaNotSnapshot(
            since=delta.since,
            has="it has" if delta.repeated else "it probably has",
            **proven_if(delta.repeated, settle=RUN_AGAIN),
            evidence=(
                Evidence(f"updatedSince={delta.since}", delta.exchange, tenant.states_rows, f"no row for {first}"),
                row_of(case, first, ", requested without it"),
            ),
            explains=agents,
        )


def left_out(case: Case) -> tuple[str, ...]:
    """Agents logged in by the whole list and missing from the delta.

    Leaves out agents whose state changed after the server last polled: the delta could not have them.
    """
    delta, rows = case[DeltaAsked], case[StatesSeen].rows
    polled = parse_timestamp(delta.polled)
    return tuple(
        agent
        for agent in case.roll.ids(Standing.PRESENT)
        if agent not in delta.with_row
        and agent in rows
        and (polled is None or (changed := parse_timestamp(rows[agent].since)) is None or changed <= polled)
    )


def lost_by_the_clock(case: Case) -> tuple[str, ...]:
    """Those of `left_out` that agreeing clocks would have kept.

    `since` is later than the server's last poll, but not in the future of this machine, so the difference of the clocks
    put it there. Without that difference, the agent changed after `since`.
    """
    delta, dated = case[DeltaAsked], case.get(AnswersDated)
    since = parse_timestamp(delta.since)
    if dated is None or dated.ahead is None or delta.ahead is None or since is None:
        return ()
    ours = -dated.ahead  # seconds that this machine is ahead of the server
    if ours <= MOST_SKEW or not MOST_SKEW < delta.ahead <= ours + MOST_SKEW:
        return ()
    rows = case[StatesSeen].rows
    return tuple(
        agent
        for agent in left_out(case)
        if (changed := parse_timestamp(rows[agent].since)) is not None and since - ours < changed <= since
    )
