"""RC7xx: do the clocks agree, and are the responses fresh?"""

from __future__ import annotations

from collections.abc import Iterator

from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.check import check
from cxone_rollcall.findings.finding import Finding, Strength, proven_if
from cxone_rollcall.findings.noise import RUN_AGAIN
from cxone_rollcall.findings.updated_since import MOST_SKEW, lost_by_the_clock
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.observations.access import AnswersDated
from cxone_rollcall.model.observations.probes import ServerTimeAsked
from cxone_rollcall.model.observations.states import DeltaAsked, StatesSeen
from cxone_rollcall.model.wording import counted

OLDEST = 60.0
"""Seconds. An older response, or an older poll by the server, is stale."""


class ClockSkewed(Finding, frozen=True, kw_only=True):
    """
    The server's clock and this machine's differ.

    ## What was seen
    The `Date` of the response with the token, or the server's time, more than 30 s away from this machine's time. A
    NOTE, but PROVEN if states were requested with an `updatedSince` from this machine that is later than the server's
    last poll, and agents changed in between; SUSPECTED if that was not the same when both requests were repeated.
    ## Why agents go missing
    They do not: rollcall judges the token's lifetime by the server's clock. A script that does not may use an expired
    token. If it takes `updatedSince` from a clock ahead of the server's, it misses agents that changed in that time.
    ## Fix
    Set this machine's clock (NTP). Send the `lastPollTime` of the last response as `updatedSince`, not your own time.
    ## Not this when
    The server gives no time, or the agents have not changed since (RC409).
    ## Try it
        rollcall check --demo --fault clock-skewed
    """

    code = "RC701"
    name = "clock-skewed"
    message = "the server's clock is {seconds} s {direction} this machine's{lost}"
    fix = "set this machine's clock; rollcall itself uses the server's"

    seconds: int
    direction: str
    lost: str


class AnswerStale(Finding, frozen=True, kw_only=True):
    """
    A response is older than a minute, or the server's data is.

    ## What was seen
    An `Age` header of more than 60 s: a cache between this machine and the API kept the response. Or a `lastPollTime`,
    the server's own last poll of its agents, more than 60 s before the `Date` of the same response. SUSPECTED if the
    response has no `Date`: then it is measured by this machine's clock.
    ## Why agents go missing
    The states are old: an agent that has logged in since is missing.
    ## Fix
    Look for a caching proxy between this machine and the API, and exempt the API from it. If the server itself polls
    too rarely, run the check again, and report it to NICE's support if it stays.
    ## Not this when
    The response has neither value: then nothing shows how old it is.
    ## Try it
        rollcall check --demo --fault answer-stale
    """

    code = "RC702"
    name = "answer-stale"
    message = "{seen}: these are the states at that time"
    fix = "{remedy}"

    seen: str
    remedy: str


@check(needs=(AnswersDated,), uses=(ServerTimeAsked, DeltaAsked, StatesSeen), finds=(ClockSkewed,))
def clocks_agree(case: Case) -> Iterator[Finding]:
    """Do the server's clock and ours agree?"""
    dated, told = case[AnswersDated], case.get(ServerTimeAsked)
    ahead, exchange, pointer = dated.ahead, dated.ahead_exchange, "Date"
    if ahead is None and told is not None:
        ahead, exchange, pointer = told.ahead, told.exchange, "/ServerTime"
    if ahead is None or abs(ahead) <= MOST_SKEW:
        return
    seconds = round(abs(ahead))
    direction = "ahead of" if ahead > 0 else "behind"
    delta = case.get(DeltaAsked)
    lost = () if delta is None or case.get(StatesSeen) is None else lost_by_the_clock(case)
    evidence = [
        Evidence("the server's date against this machine's time", exchange, pointer, f"{seconds} s {direction} ours")
    ]
    if lost and delta is not None:
        evidence.append(
            Evidence(
                f"no row for {lost[0]}, whose state changed in the time between the two clocks",
                delta.exchange,
                "updatedSince",
                f"{delta.since}, {round(delta.ahead or 0)} s after the server's last poll",
            )
        )
    certain = Strength.PROVEN if delta is not None and delta.repeated else Strength.SUSPECTED
    strength = certain if lost else Strength.NOTE
    yield ClockSkewed(
        seconds=seconds,
        direction=direction,
        lost=f", which hides {counted(len(lost), 'agent')} from the response with updatedSince" if lost else "",
        strength=strength,
        settle=RUN_AGAIN if strength is Strength.SUSPECTED else "",
        evidence=tuple(evidence),
        explains=lost,
    )


@check(needs=(AnswersDated,), finds=(AnswerStale,))
def answers_fresh(case: Case) -> Iterator[Finding]:
    """Is each response fresh, and the server's data too?"""
    dated = case[AnswersDated]
    if dated.age > OLDEST:
        yield AnswerStale(
            seen=f"a response was {dated.age:.0f} s old when it came from a cache",
            remedy="exempt the API from the caching proxy between this machine and it",
            evidence=(Evidence("a response from a cache", dated.age_exchange, "Age", f"{dated.age:.0f}"),),
        )
    if dated.poll_age > OLDEST:
        before, against = "it answered", "the date of its response"
        if not dated.poll_is_dated:
            before = against = "this machine's time"
        claim, age = f"the server's last poll against {against}", f"{dated.poll_age:.0f} s before"
        yield AnswerStale(
            seen=f"the server last polled its agents {age} {before}",
            remedy="run the check again; if it stays, report the exchange to NICE's support",
            **proven_if(dated.poll_is_dated, settle="check this machine's clock and run the check again"),
            evidence=(Evidence(claim, dated.poll_exchange, "/lastPollTime", age),),
        )
