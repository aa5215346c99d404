"""The report of a run: standings, findings, verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from cxone_rollcall.findings.attendance import Attendance, Expected, attendance
from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.check import Outcome
from cxone_rollcall.findings.contradiction import Contradicted
from cxone_rollcall.findings.finding import Finding, Strength
from cxone_rollcall.findings.internal import Unexplained
from cxone_rollcall.model.exchange import Exchange
from cxone_rollcall.model.observations.base import Selected
from cxone_rollcall.model.roll import Roll, RollEntry, Standing
from cxone_rollcall.model.struct import Value, replace

BENIGN = frozenset({"RC601", "RC602", "RC603", "RC604"})
"""Codes that explain an absence and need no fix. The agent is simply not there."""


HIDING = frozenset({"RC304", "RC305", "RC306"})
"""Codes that say that agents are hidden from this account. The roster may have more of them."""


class Verdict(StrEnum):
    """The result of a run, in one word."""

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
    """The tenant of a run, the contract used, and the profile.

    `chosen` is why rollcall chose this contract, "" if the settings name it. `options` are those of the command line
    that choose the tenant, for the next command to type.
    """

    instance: str
    contract: str
    profile: str | None = None
    chosen: str = ""
    options: tuple[str, ...] = ()


class Requests(Value, frozen=True, kw_only=True):
    """Counts of a run's requests: sent, retries among them, and 429s.

    `probes` counts those that probes sent. `per_second` is the pace reached, in usable responses a second, and
    `most_under_way` the most requests that were under way at once.
    """

    sent: int = 0
    retried: int = 0
    throttled: int = 0
    probes: int = 0
    per_second: float = 0.0
    most_under_way: int = 0


class RunRecord(Value, frozen=True, kw_only=True):
    """A run without its case: tenant, times in UTC, requests, exchanges.

    `ended_early` says what cut the run short ("interrupted", "the time limit of 5 s was reached"), or is "".
    """

    tenant: Tenant
    requests: Requests
    started_at: datetime
    finished_at: datetime
    interrupted: bool = False
    ended_early: str = ""
    exchanges: tuple[Exchange, ...] = ()

    @property
    def cut_short(self) -> bool:
        """Whether the run ended before everything was asked."""
        return self.interrupted or bool(self.ended_early)


def record_fields(record: object) -> dict[str, Any]:
    """The fields of a `RunRecord`, for another value that has them too."""
    return {name: getattr(record, name) for name in RunRecord.__struct_fields__}


class Account(RunRecord, frozen=True, kw_only=True, dict=True):
    """The report of a run: its case, findings and checks' outcomes.

    `attendance` are the people who are expected, None if the user named no file of them.
    """

    case: Case
    findings: tuple[Finding, ...]
    outcomes: tuple[Outcome, ...]
    attendance: Attendance | None = None

    @property
    def roll(self) -> Roll:
        """Every agent that was asked for, with its standing."""
        return self.case.roll

    @property
    def lists_all(self) -> bool:
        """Whether it has every agent of the roster. An empty roster may be one that the token may not see."""
        return bool(self.roll) and self.roll.roster_complete and not self.ended_early

    @cached_property
    def cited(self) -> dict[int, Exchange]:
        """The exchanges that the evidence names, by number."""
        numbers = {evidence.exchange for finding in self.findings for evidence in finding.evidence}
        return {exchange.number: exchange for exchange in self.exchanges if exchange.number in numbers}

    @cached_property
    def codes_by_agent(self) -> dict[str, tuple[str, ...]]:
        """The codes of the findings that explain each agent, by id."""
        codes: dict[str, tuple[str, ...]] = {}
        for finding in self.findings:
            longer: dict[tuple[str, ...], tuple[str, ...]] = {}  # agents with the same codes share one tuple
            for agent_id in finding.explains:
                before = codes.get(agent_id, ())
                codes[agent_id] = longer.setdefault(before, (*before, finding.code))
        return codes

    @cached_property
    def unexplained(self) -> tuple[str, ...]:
        """Ids of the absent agents that nothing explains."""
        codes = self.codes_by_agent
        nothing = (), (Unexplained.code,)
        return tuple([agent_id for agent_id in self.roll.ids(Standing.ABSENT) if codes.get(agent_id, ()) in nothing])

    @cached_property
    def doubted(self) -> frozenset[str]:
        """Ids of the absent agents who may be logged in.

        Nothing explains their absence, or a cause that is not benign does.
        """
        absent = self.roll.ids(Standing.ABSENT)
        if any(finding.explains_all and finding.code not in BENIGN for finding in self.findings):
            return frozenset(absent)
        codes = self.codes_by_agent
        return frozenset(one for one in absent if not (its := codes.get(one)) or not BENIGN.issuperset(its))

    @property
    def hiding(self) -> tuple[str, ...]:
        """The codes found that say that agents are hidden from this account."""
        return tuple(finding.code for finding in self.findings if finding.code in HIDING)

    @cached_property
    def counts(self) -> dict[str, int]:
        """Agents by standing.

        roster = present + logged_out + absent + unknown, and absent = explained + unexplained.
        """
        return self.counts_of(self.roll.entries)

    def counts_of(self, entries: Sequence[RollEntry]) -> dict[str, int]:
        """The same of some of the agents."""
        count = Counter(entry.standing for entry in entries)
        nothing = set(self.unexplained)
        unexplained = sum(entry.agent.agent_id in nothing for entry in entries) if nothing else 0
        absent = count[Standing.ABSENT]
        return {
            "roster": len(entries),
            "present": count[Standing.PRESENT],
            "logged_in": count[Standing.PRESENT],
            "logged_out": count[Standing.LOGGED_OUT],
            "absent": absent,
            "explained": absent - unexplained,
            "unexplained": unexplained,
            "unknown": count[Standing.UNKNOWN],
        }

    def to_json(self) -> str:
        """The account as `rollcall check --format json` prints it (docs/json.md)."""
        from cxone_rollcall.views.json import account

        return b"".join(account(self)).decode()

    def with_attendance(self, expected: Sequence[Expected], file: str) -> Account:
        """The same with the people of a file who are expected.

        A person who is not on the roster is unknown if the roster may have more agents than this account may see. So is
        an absent agent who is `doubted`.
        """
        not_there = set(self.roll.ids(Standing.ABSENT)) - self.doubted
        whole = self.lists_all and len(self.roll) > 1 and not self.hiding
        return replace(self, attendance=attendance(expected, self.roll, not_there=not_there, whole=whole, file=file))

    @property
    def verdict(self) -> Verdict:
        """The result of the run.

        If one finding explains everything, the earliest stage decides; otherwise unknown agents count first. People who
        are expected and not logged in need attention, as a finding does.
        """
        of_roll, people = self.verdict_on_roll, self.attendance
        if people is None or of_roll not in (Verdict.COMPLETE, Verdict.MEND):
            return of_roll
        if people.is_open:
            return Verdict.CANNOT_TELL
        return of_roll if people.is_met else Verdict.MEND

    @property
    def verdict_on_roll(self) -> Verdict:
        """The result without the people who are expected."""
        if self.interrupted:
            return Verdict.INTERRUPTED
        to_fix = [f for f in self.findings if f.strength is not Strength.NOTE and f.code not in BENIGN]
        breaks = [f.code for f in to_fix if f.explains_all and f.code < "RC4"]
        if breaks:
            return Verdict.NOT_REACHED if min(breaks) < "RC2" else Verdict.REFUSED
        count = self.counts
        if count["unknown"] or count["unexplained"] or self.ended_early:
            return Verdict.CANNOT_TELL
        if not (self.roll.roster_complete or self._has_all_named):
            return Verdict.CANNOT_TELL
        if any(isinstance(finding, Contradicted) for finding in self.findings):
            return Verdict.CANNOT_TELL
        if to_fix:
            return Verdict.CANNOT_TELL if any(f.explains_all for f in to_fix) else Verdict.MEND
        return Verdict.COMPLETE if count["roster"] else Verdict.CANNOT_TELL

    @property
    def _has_all_named(self) -> bool:
        """Whether each agent that the user named has a row. Then the rest of the roster does not matter.

        Several agents may have one name, and the others may be on the rest of the roster.
        """
        selected, entries = self.case.get(Selected), self.roll.entries
        return bool(selected and selected.agents and entries) and all(
            entry.standing in (Standing.PRESENT, Standing.LOGGED_OUT)
            and entry.asked_as is not None
            and entry.agent.is_only(entry.asked_as)
            for entry in entries
        )

    @property
    def exit_code(self) -> int:
        """The exit code for the verdict."""
        return EXIT_CODES[self.verdict]
