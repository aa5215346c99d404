"""RC7xx: is it now?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rollcall.findings.base import Evidence, Finding, Strength, check
from rollcall.model.observation import AnswersDated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rollcall.findings.base import Case

MOST_SKEW = 30.0
"""Seconds by which two clocks may differ before it is worth a word."""
OLDEST = 60.0
"""Seconds that an answer may have lain in a cache before it is no longer now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockSkewed(Finding):
    """
    The server's clock and this machine's differ.

    ## What was seen
    The `Date` of the token's answer, more than 30 s away from this machine's time.
    ## Why agents go missing
    They do not: rollcall judges the token's life by the server's clock. A script that does not may use a dead token.
    ## Fix
    Set this machine's clock (NTP).
    ## Not this when
    The server gives no `Date`.
    ## Try it
        rollcall check --demo --fault clock-skewed
    """

    code = "RC701"
    name = "clock-skewed"
    message = "the server's clock is {seconds} s {direction} this machine's"
    fix = "set this machine's clock; rollcall itself goes by the server's"

    seconds: int
    direction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerStale(Finding):
    """
    An answer is older than a minute.

    ## What was seen
    An `Age` header of more than 60 s: a cache between us and the API kept the answer.
    ## Why agents go missing
    The states are those of then, not of now: who logged in since is missing.
    ## Fix
    Look for a caching proxy between this machine and the API and exempt the API from it.
    ## Not this when
    The header is absent: then nothing says how old the answer is.
    ## Try it
        rollcall check --demo --fault answer-stale
    """

    code = "RC702"
    name = "answer-stale"
    message = "an answer had lain in a cache for {seconds} s: these are the states of then"
    fix = "exempt the API from the caching proxy between this machine and it"

    seconds: int


@check(needs=(AnswersDated,), finds=(ClockSkewed,))
def clocks_agree(case: Case) -> Iterator[Finding]:
    """Do the server's clock and ours agree?"""
    dated = case[AnswersDated]
    if dated.ahead is not None and abs(dated.ahead) > MOST_SKEW:
        seconds = round(abs(dated.ahead))
        direction = "ahead of" if dated.ahead > 0 else "behind"
        yield ClockSkewed(
            seconds=seconds,
            direction=direction,
            strength=Strength.NOTE,
            evidence=(
                Evidence(
                    claim="the server's date against this machine's time",
                    exchange=dated.ahead_exchange,
                    pointer="Date",
                    seen=f"{seconds} s {direction} ours",
                ),
            ),
        )


@check(needs=(AnswersDated,), finds=(AnswerStale,))
def answers_fresh(case: Case) -> Iterator[Finding]:
    """Was each answer made just now?"""
    dated = case[AnswersDated]
    if dated.age > OLDEST:
        yield AnswerStale(
            seconds=round(dated.age),
            evidence=(
                Evidence(
                    claim="an answer out of a cache",
                    exchange=dated.age_exchange,
                    pointer="Age",
                    seen=f"{dated.age:.0f}",
                ),
            ),
        )
