"""RC7xx: is it now?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.findings.check import check
from cxone_rollcall.findings.finding import Finding, Strength
from cxone_rollcall.findings.updated_since import MOST_SKEW, lost_by_the_clock
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.observations.access import AnswersDated
from cxone_rollcall.model.observations.probes import ServerTimeAsked
from cxone_rollcall.model.observations.states import DeltaAsked, StatesSeen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cxone_rollcall.findings.case import Case

OLDEST = 60.0
"""Seconds that an answer may have lain in a cache, or the server's last look may lie back, before it is not now."""


class ClockSkewed(Finding, frozen=True, kw_only=True):
    """
    The server's clock and this machine's differ.

    ## What was seen
    The `Date` of the token's answer, or the server's time, more than 30 s away from this machine's time. A NOTE, but
    PROVEN where states were asked with an `updatedSince` of this machine that lies after the server's last look, and
    agents changed in between.
    ## Why agents go missing
    They do not: rollcall judges the token's life by the server's clock. A script that does not may use a dead token;
    and one that takes `updatedSince` from a clock ahead of the server's misses who changed in that time.
    ## Fix
    Set this machine's clock (NTP). Send the last answer's `lastPollTime` as `updatedSince`, not a time of your own.
    ## Not this when
    The server tells no time, or the agents have not changed since (RC409).
    ## Try it
        rollcall check --demo --fault clock-skewed
    """

    code = "RC701"
    name = "clock-skewed"
    message = "the server's clock is {seconds} s {direction} this machine's{lost}"
    fix = "set this machine's clock; rollcall itself goes by the server's"

    seconds: int
    direction: str
    lost: str


class AnswerStale(Finding, frozen=True, kw_only=True):
    """
    An answer is older than a minute, or made of what the server saw more than a minute ago.

    ## What was seen
    An `Age` header of more than 60 s: a cache between us and the API kept the answer. Or a `lastPollTime` more than
    60 s before the answer that says it: the server's own last look at its agents.
    ## Why agents go missing
    The states are those of then, not of now: who logged in since is missing.
    ## Fix
    Look for a caching proxy between this machine and the API and exempt the API from it. A server that looks too
    rarely is NICE's to mend: run the check again, and report it if it stays.
    ## Not this when
    Neither is given: then nothing says how old the answer is.
    ## Try it
        rollcall check --demo --fault answer-stale
    """

    code = "RC702"
    name = "answer-stale"
    message = "{seen}: these are the states of then"
    fix = "{mend}"

    seen: str
    mend: str


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
                f"{delta.since}, {round(delta.ahead or 0)} s after the server's last look",
            )
        )
    yield ClockSkewed(
        seconds=seconds,
        direction=direction,
        lost=f", which hides {len(lost)} who changed from the answer with updatedSince" if lost else "",
        strength=Strength.PROVEN if lost else Strength.NOTE,
        evidence=tuple(evidence),
        explains=lost,
    )


@check(needs=(AnswersDated,), finds=(AnswerStale,))
def answers_fresh(case: Case) -> Iterator[Finding]:
    """Was each answer made just now, of what is now?"""
    dated = case[AnswersDated]
    if dated.age > OLDEST:
        yield AnswerStale(
            seen=f"an answer had lain in a cache for {dated.age:.0f} s",
            mend="exempt the API from the caching proxy between this machine and it",
            evidence=(Evidence("an answer out of a cache", dated.age_exchange, "Age", f"{dated.age:.0f}"),),
        )
    if dated.poll_age > OLDEST:
        yield AnswerStale(
            seen=f"the server last looked at its agents {dated.poll_age:.0f} s before it answered",
            mend="run the check again; if it stays, report the exchange to NICE's support",
            evidence=(
                Evidence(
                    "the server's last look against the date of its answer",
                    dated.poll_exchange,
                    "/lastPollTime",
                    f"{dated.poll_age:.0f} s before",
                ),
            ),
        )
