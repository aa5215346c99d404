"""The account: the roll, what explains it, and the verdict that follows."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from cxone_rollcall.findings.finding import Strength
from cxone_rollcall.findings.internal import Unexplained
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.struct import Value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from cxone_rollcall.findings.case import Case
    from cxone_rollcall.findings.check import Outcome
    from cxone_rollcall.findings.finding import Finding
    from cxone_rollcall.model.exchange import Exchange
    from cxone_rollcall.model.roll import Roll

BENIGN = frozenset({"RC601", "RC602", "RC603", "RC604"})
"""Findings that explain an absence and need no mending: the agent is simply not there."""


class Verdict(StrEnum):
    """What the run comes to."""

    COMPLETE = "complete"
    MEND = "mend"
    CANNOT_TELL = "cannot-tell"
    REFUSED = "refused"
    NOT_REACHED = "not-reached"
    INTERRUPTED = "interrupted"


EXIT_CODES = {
    Verdict.COMPLETE: 0,
    Verdict.MEND: 1,
    Verdict.CANNOT_TELL: 3,
    Verdict.REFUSED: 4,
    Verdict.NOT_REACHED: 5,
    Verdict.INTERRUPTED: 130,
}


class Tenant(Value, frozen=True, kw_only=True):
    """Which tenant was asked, over which contract, and by which profile of the settings, if any.

    `chosen` says why this contract was spoken, "" where the settings name it.
    """

    instance: str
    contract: str
    profile: str | None = None
    chosen: str = ""


class Requests(Value, frozen=True, kw_only=True):
    """How many requests were sent, how many of them repeated another one, and how many were answered 429.

    `probes` is how many of those sent were asked to tell causes apart. `per_second` is the pace that was reached, in
    good answers a second, and `most_under_way` how many requests were under way at once at the most.
    """

    sent: int = 0
    retried: int = 0
    throttled: int = 0
    probes: int = 0
    per_second: float = 0.0
    most_under_way: int = 0


class Account(Value, frozen=True, kw_only=True, dict=True):
    """Every agent's standing, the findings with their evidence, the outcome of every check, and the verdict.

    `ended_early` says in words what cut the run short ("interrupted", "the time limit of 5 s was reached"), ""
    where nothing did. `exchanges` are all of the run, `cited` those that the evidence names. Times are UTC.
    """

    tenant: Tenant
    case: Case
    findings: tuple[Finding, ...]
    outcomes: tuple[Outcome, ...]
    requests: Requests
    cited: Mapping[int, Exchange]
    started_at: datetime
    finished_at: datetime
    interrupted: bool = False
    ended_early: str = ""
    exchanges: tuple[Exchange, ...] = ()

    @property
    def roll(self) -> Roll:
        """Every agent called, with its standing."""
        return self.case.roll

    @cached_property
    def codes_by_agent(self) -> dict[str, tuple[str, ...]]:
        """The codes of the findings that explain each agent, by id."""
        codes: dict[str, tuple[str, ...]] = {}
        for finding in self.findings:
            longer: dict[tuple[str, ...], tuple[str, ...]] = {}  # one copy of each, for all who have it
            for agent_id in finding.explains:
                before = codes.get(agent_id, ())
                codes[agent_id] = longer.setdefault(before, (*before, finding.code))
        return codes

    @cached_property
    def unexplained(self) -> tuple[str, ...]:
        """The ids of the absent agents that nothing explains."""
        codes = self.codes_by_agent
        nothing = (), (Unexplained.code,)
        return tuple([agent_id for agent_id in self.roll.ids(Standing.ABSENT) if codes.get(agent_id, ()) in nothing])

    @cached_property
    def counts(self) -> dict[str, int]:
        """The account in numbers.

        roster = present + logged_out + absent + unknown, and absent = explained + unexplained.
        """
        count = self.roll.count()
        absent = count[Standing.ABSENT]
        return {
            "roster": len(self.roll),
            "present": count[Standing.PRESENT],
            "logged_in": count[Standing.PRESENT],
            "logged_out": count[Standing.LOGGED_OUT],
            "absent": absent,
            "explained": absent - len(self.unexplained),
            "unexplained": len(self.unexplained),
            "unknown": count[Standing.UNKNOWN],
        }

    @property
    def verdict(self) -> Verdict:
        """What the run comes to: the first break on the road if it explains everything, else what cannot be told."""
        if self.interrupted:
            return Verdict.INTERRUPTED
        to_mend = [f for f in self.findings if f.strength is not Strength.NOTE and f.code not in BENIGN]
        breaks = [f.code for f in to_mend if f.explains_all and f.code < "RC4"]
        if breaks:
            return Verdict.NOT_REACHED if min(breaks) < "RC2" else Verdict.REFUSED
        count = self.counts
        if count["unknown"] or count["unexplained"] or not self.roll.roster_complete or self.ended_early:
            return Verdict.CANNOT_TELL
        if to_mend:
            return Verdict.CANNOT_TELL if any(f.explains_all for f in to_mend) else Verdict.MEND
        return Verdict.COMPLETE if count["roster"] else Verdict.CANNOT_TELL

    @property
    def exit_code(self) -> int:
        """The process's exit code that goes with the verdict."""
        return EXIT_CODES[self.verdict]
