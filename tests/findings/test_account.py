"""The account balances, and its verdict follows from it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.many_values import together

from cxone_rollcall.findings.account import BENIGN, Account, Requests, Tenant, Verdict
from cxone_rollcall.findings.attendance import Expected, Presence
from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.catalogue import FINDINGS
from cxone_rollcall.findings.check import Ended
from cxone_rollcall.findings.finding import Finding, Strength
from cxone_rollcall.findings.internal import Unexplained
from cxone_rollcall.findings.judge import account_of
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.exchange import Exchange
from cxone_rollcall.model.observations.base import Selected
from cxone_rollcall.model.roll import Roll, RollEntry, Standing
from cxone_rollcall.model.struct import replace

from .build import called, situation

MOMENT = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
SEEN = (Evidence("asked", 1, "/entities", "[]"),)
PROVEN, SUSPECTED, NOTE = Strength.PROVEN, Strength.SUSPECTED, Strength.NOTE

ALL_WELL = called("ab")
ONE_ABSENT = called("a", absent="b")
ONE_UNKNOWN = called("a", unknown="b")
ALL_UNKNOWN = called(unknown="ab")
NOT_WHOLE = called("ab", complete=False)
NOBODY = called()


def finding(code: str, strength: Strength = PROVEN, explains: str = "", *, everything: bool = False) -> Finding:
    """Return a finding of this code that explains these agents."""

    class Found(Finding, frozen=True, kw_only=True):
        """A finding of any code."""

        message = fix = name = ""

    Found.code = code
    return Found(strength=strength, evidence=SEEN, explains=tuple(explains), explains_all=everything)


def account(roll: Roll, *findings: Finding, interrupted: bool = False, ended_early: str = "") -> Account:
    """Return the account of a roll with these findings."""
    return Account(
        tenant=Tenant(instance="api-us-01.nice-incontact.com", contract="v2"),
        case=Case(roll, ()),
        findings=findings,
        outcomes=(),
        requests=Requests(),
        started_at=MOMENT,
        finished_at=MOMENT,
        interrupted=interrupted,
        ended_early=ended_early,
    )


def all_of(code: str, strength: Strength = PROVEN) -> Finding:
    """Return a finding that explains everything."""
    return finding(code, strength, "ab", everything=True)


BENIGN_ABSENCE = finding("RC601", SUSPECTED, "b")

RULES: tuple[tuple[str, Account, Verdict, int], ...] = (
    ("all present", account(ALL_WELL), Verdict.COMPLETE, 0),
    ("absence explained by a benign finding", account(ONE_ABSENT, BENIGN_ABSENCE), Verdict.COMPLETE, 0),
    ("only notes beside it", account(ALL_WELL, finding("RC405", NOTE), finding("RC511", NOTE)), Verdict.COMPLETE, 0),
    ("something to fix", account(ONE_ABSENT, finding("RC305", SUSPECTED, "b")), Verdict.MEND, 1),
    ("no agent missing, and still to fix", account(ALL_WELL, finding("RC509", explains="b")), Verdict.MEND, 1),
    ("an absence that nothing explains", account(ONE_ABSENT), Verdict.CANNOT_TELL, 3),
    ("an absence that is only said to be unexplained", account(ONE_ABSENT, finding("RC902")), Verdict.CANNOT_TELL, 3),
    ("an unknown agent, explained", account(ONE_UNKNOWN, finding("RC512", explains="b")), Verdict.CANNOT_TELL, 3),
    ("an unknown agent comes before a fix", account(ONE_UNKNOWN, finding("RC509")), Verdict.CANNOT_TELL, 3),
    ("refused in part only", account(ONE_UNKNOWN, finding("RC302", explains="b")), Verdict.CANNOT_TELL, 3),
    ("not the whole roster", account(NOT_WHOLE), Verdict.CANNOT_TELL, 3),
    ("no agent on the roster", account(NOBODY), Verdict.CANNOT_TELL, 3),
    ("no row", account(ALL_UNKNOWN, all_of("RC605", SUSPECTED)), Verdict.CANNOT_TELL, 3),
    ("an answer that cannot be read", account(ALL_UNKNOWN, all_of("RC507")), Verdict.CANNOT_TELL, 3),
    ("cut short by the time limit", account(ALL_WELL, ended_early="the time limit"), Verdict.CANNOT_TELL, 3),
    ("refused at the door", account(NOBODY, all_of("RC201")), Verdict.REFUSED, 4),
    ("refused for all", account(ALL_UNKNOWN, all_of("RC301")), Verdict.REFUSED, 4),
    ("refused for all, by suspicion", account(ALL_UNKNOWN, all_of("RC301", SUSPECTED)), Verdict.REFUSED, 4),
    ("not reached", account(NOBODY, all_of("RC102")), Verdict.NOT_REACHED, 5),
    ("server trouble for all", account(ALL_UNKNOWN, all_of("RC105")), Verdict.NOT_REACHED, 5),
    ("the lowest code decides", account(ALL_UNKNOWN, all_of("RC301"), all_of("RC105")), Verdict.NOT_REACHED, 5),
    ("a note breaks nothing", account(ALL_WELL, all_of("RC204", NOTE)), Verdict.COMPLETE, 0),
    ("interrupted", account(ALL_UNKNOWN, all_of("RC102"), interrupted=True), Verdict.INTERRUPTED, 130),
)


@pytest.mark.parametrize(("drawn", "verdict", "code"), [rule[1:] for rule in RULES], ids=[rule[0] for rule in RULES])
def test_verdict_and_exit_code(drawn: Account, verdict: Verdict, code: int) -> None:
    """Verdict and exit code follow the design's rules."""
    assert (drawn.verdict, drawn.exit_code) == (verdict, code)


@pytest.mark.parametrize(
    ("typed", "standing", "verdict"),
    [
        ("a", Standing.PRESENT, Verdict.MEND),
        ("Ann@example.com", Standing.PRESENT, Verdict.MEND),
        ("a", Standing.LOGGED_OUT, Verdict.MEND),
        ("Ann Lee", Standing.PRESENT, Verdict.CANNOT_TELL),
        ("a", Standing.ABSENT, Verdict.CANNOT_TELL),
        ("a", Standing.UNKNOWN, Verdict.CANNOT_TELL),
        (None, Standing.PRESENT, Verdict.CANNOT_TELL),
    ],
)
def test_named_agents_on_a_short_roster(typed: str | None, standing: Standing, verdict: Verdict) -> None:
    """A row of a named agent is an answer. Another agent may have the same name."""
    ann = Agent("a", "Ann Lee", email="ann@example.com")
    roll = Roll([RollEntry(ann, standing, asked_as=typed)], roster_complete=False)
    short = account(roll, finding("RC504"), finding("RC601", SUSPECTED, "a"))
    selected = Selected(agents=(typed,) if typed else ())
    assert replace(short, case=Case(roll, (selected,))).verdict is verdict
    beside = Roll([*roll.entries, RollEntry(Agent("b"), Standing.UNKNOWN, asked_as="b")], roster_complete=False)
    assert replace(short, case=Case(beside, (selected,))).verdict is Verdict.CANNOT_TELL


@pytest.mark.parametrize(
    ("findings", "doubted"),
    [
        ((), "b"),
        ((BENIGN_ABSENCE,), ""),
        ((finding("RC305", SUSPECTED, "b"),), "b"),
        ((BENIGN_ABSENCE, finding("RC606", SUSPECTED, "b")), "b"),
        ((BENIGN_ABSENCE, all_of("RC605", SUSPECTED)), "b"),
    ],
)
def test_only_benign_causes_leave_no_doubt_about_an_absence(findings: tuple[Finding, ...], doubted: str) -> None:
    """Without a benign cause alone, an absent agent may be logged in."""
    assert account(ONE_ABSENT, *findings).doubted == set(doubted)


HIDDEN_TEAM = finding("RC305", SUSPECTED, "b")
PEOPLE: tuple[tuple[str, Account, str, Presence, Verdict], ...] = (
    ("all are logged in", account(ALL_WELL), "ab", Presence.LOGGED_IN, Verdict.COMPLETE),
    ("a finding beside them", account(ALL_WELL, finding("RC509")), "ab", Presence.LOGGED_IN, Verdict.MEND),
    ("one is logged out", account(called("a", logged_out="b")), "ab", Presence.NOT_LOGGED_IN, Verdict.MEND),
    ("one is simply absent", account(ONE_ABSENT, BENIGN_ABSENCE), "ab", Presence.NOT_LOGGED_IN, Verdict.MEND),
    ("one may be hidden", account(ONE_ABSENT, HIDDEN_TEAM), "ab", Presence.UNKNOWN, Verdict.CANNOT_TELL),
    ("one is on no roster", account(ALL_WELL), "az", Presence.NOT_ON_ROSTER, Verdict.MEND),
    ("some are hidden", account(ALL_WELL, finding("RC304", NOTE)), "az", Presence.UNKNOWN, Verdict.CANNOT_TELL),
    ("a roster of one", account(called("a")), "az", Presence.UNKNOWN, Verdict.CANNOT_TELL),
    ("a roster of nobody", account(NOBODY), "z", Presence.UNKNOWN, Verdict.CANNOT_TELL),
    ("a part of the roster", account(NOT_WHOLE), "az", Presence.UNKNOWN, Verdict.CANNOT_TELL),
    ("a run out of time", account(ALL_WELL, ended_early="no time"), "az", Presence.UNKNOWN, Verdict.CANNOT_TELL),
    ("refused", account(NOBODY, all_of("RC201")), "z", Presence.UNKNOWN, Verdict.REFUSED),
    ("interrupted", account(ALL_WELL, interrupted=True), "ab", Presence.LOGGED_IN, Verdict.INTERRUPTED),
)


@together("case", {name: case for name, *case in PEOPLE})
def test_the_people_who_are_expected(case: tuple[Account, str, Presence, Verdict]) -> None:
    """A missing person needs attention like a finding. Who may be hidden is unknown."""
    drawn, names, presence, verdict = case
    of_all = drawn.with_attendance([Expected(line=2, names=(name,)) for name in names], "people.csv")
    assert of_all.attendance is not None
    assert (of_all.attendance.people[-1].presence, of_all.verdict) == (presence, verdict)
    assert of_all.verdict_on_roll is drawn.verdict


ALPHABET = "abcdefghixyz"
"""Agents are lettered from a on. Some letters belong to no agent of the roll."""
LETTERS = st.lists(st.sampled_from(ALPHABET), unique=True, max_size=7).map("".join)
FOUND = st.builds(
    finding,
    st.sampled_from([one.code for one in FINDINGS]),
    st.sampled_from(Strength),
    LETTERS,
    everything=st.booleans(),
)
UNEXPLAINED = st.builds(lambda letters: Unexplained(evidence=SEEN, explains=tuple(letters)), LETTERS)
ROLLS = st.builds(
    lambda standings, complete: Roll(
        [RollEntry(Agent(letter), standing) for letter, standing in zip(ALPHABET, standings, strict=False)], complete
    ),
    st.lists(st.sampled_from(Standing), max_size=9),
    st.booleans(),
)


@given(roll=ROLLS, findings=st.lists(FOUND | UNEXPLAINED, max_size=5))
def test_account_balances(roll: Roll, findings: list[Finding]) -> None:
    """The account balances, whichever agents the findings explain."""
    drawn = account(roll, *findings)
    count = drawn.counts
    assert count["roster"] == len(roll.entries)
    assert count["roster"] == count["present"] + count["logged_out"] + count["absent"] + count["unknown"]
    assert count["absent"] == count["explained"] + count["unexplained"]
    assert count["logged_in"] == count["present"]
    assert min(count.values()) >= 0
    assert set(drawn.unexplained) <= set(roll.ids(Standing.ABSENT))
    assert sum(roll.states().values()) <= count["present"]


@given(roll=ROLLS, findings=st.lists(FOUND, max_size=5))
def test_complete_means_complete(roll: Roll, findings: list[Finding]) -> None:
    """Exit 0 requires that every agent was requested. None is unknown or unexplained, and nothing needs a fix."""
    drawn = account(roll, *findings)
    if drawn.verdict is Verdict.COMPLETE:
        assert drawn.counts["unknown"] == drawn.counts["unexplained"] == 0
        assert drawn.counts["roster"] > 0
        assert roll.roster_complete
        assert {one.code for one in findings if one.strength is not NOTE} <= BENIGN


@given(roll=ROLLS, findings=st.lists(FOUND, max_size=5))
def test_codes_are_those_that_explain(roll: Roll, findings: list[Finding]) -> None:
    """An agent's codes are the findings that explain it, in order."""
    codes = account(roll, *findings).codes_by_agent
    for letter in ALPHABET:
        assert list(codes.get(letter, ())) == [one.code for one in findings if letter in one.explains]


def test_only_a_whole_roster_lists_all() -> None:
    """Nothing less lists all: no empty roster, and no early end."""
    assert account(ALL_WELL).lists_all
    for less in (account(NOBODY), account(NOT_WHOLE), account(ALL_WELL, ended_early="the time limit")):
        assert not less.lists_all


def test_only_exchanges_of_the_evidence_are_cited() -> None:
    """The cited exchanges are those of the findings' evidence, by number."""
    first, second = (
        Exchange(number=number, method="GET", target="/", purpose="asked", status=200, fault="", milliseconds=1.0)
        for number in (1, 2)
    )
    assert replace(account(ALL_WELL, BENIGN_ABSENCE), exchanges=(first, second)).cited == {1: first}


def test_order_does_not_decide() -> None:
    """The verdict does not depend on the order of the findings."""
    findings = (all_of("RC507"), all_of("RC302"), all_of("RC104"), finding("RC601", SUSPECTED))
    drawn = account(ALL_UNKNOWN, *findings)
    assert replace(drawn, findings=findings[::-1]).verdict is drawn.verdict is Verdict.NOT_REACHED


@pytest.mark.parametrize("cut", [{}, {"interrupted": True}, {"ended_early": "the time limit"}])
def test_a_run_that_was_cut_short_clears_no_check(cut: dict[str, Any]) -> None:
    """After a run that was cut short, no check is clear. Each says why."""
    outcomes = account_of(situation().case(), account(ALL_WELL, **cut)).outcomes
    assert any(one.ended is Ended.CLEAR for one in outcomes) is (not cut)
    assert any(one.why == "the run was cut short" for one in outcomes) is bool(cut)


def test_a_run_begins_without_requests() -> None:
    """Nothing is counted before it is sent."""
    begun = Requests()
    assert not any(getattr(begun, name) for name in Requests.__struct_fields__)
