"""What is reported about an agent, from values only. It is the sentence, the evidence and the next command."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.findings.build import AGAIN, STATES, called, listed, situation
from tests.findings.test_account import account, finding

from cxone_rollcall.findings.account import Account, Requests, RunRecord, Tenant
from cxone_rollcall.findings.case import Case
from cxone_rollcall.findings.finding import Finding, Strength
from cxone_rollcall.findings.judge import account_of
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.evidence import Evidence
from cxone_rollcall.model.observations.base import Observation, Selected
from cxone_rollcall.model.observations.probes import ExpectedLoggedIn, LookedCloser, Sign
from cxone_rollcall.model.roll import Roll, RollEntry, Standing
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.struct import replace
from cxone_rollcall.why import answers
from cxone_rollcall.why.answer import Answer

PROVEN, SUSPECTED, NOTE = Strength.PROVEN, Strength.SUSPECTED, Strength.NOTE
MOMENT = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
ANN = Agent("a", name="Ann Lee")


def found(code: str, strength: Strength = PROVEN, explains: str = "a", **said: Any) -> Finding:
    """Return a finding of this code with a text of its own."""
    one = finding(code, strength, explains)
    type(one).message, type(one).fix = f"text of {code}", f"fix of {code}"
    return replace(one, **said)


def asking(*typed: str, unknown: tuple[str, ...] = ()) -> Selected:
    """The selection of `rollcall why` with these texts."""
    return Selected(roster=9, kept=9, exchange=2, agents=typed, unknown=unknown, why=True)


def told(roll: Roll, *findings: Finding, unknown: tuple[str, ...] = ()) -> Account:
    """Return the account of a `rollcall why` for the agents of a roll."""
    typed = [entry.asked_as or entry.agent.agent_id for entry in roll.entries]
    return replace(account(roll, *findings), case=Case(roll, (asking(*typed, *unknown, unknown=unknown),)))


def answer(run: Account, agent_id: str = "a") -> Answer:
    """The answer about one agent, or about an unknown text."""
    return next(one for one in answers(run) if one.agent is None or one.agent.agent_id == agent_id)


def of(
    standing: Standing, *findings: Finding, state: AgentState | None = None, agent: Agent = ANN, typed: str = "a"
) -> Account:
    """Return an account of one agent and these findings."""
    return told(Roll([RollEntry(agent, standing, state, typed)], roster_complete=True), *findings)


AVAILABLE = AgentState("a", "Available")


def present(*findings: Finding, state: AgentState = AVAILABLE) -> str:
    """Return the sentence about a present agent."""
    return answer(of(Standing.PRESENT, *findings, state=state)).sentence


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("RC402", "; the roster that was read does not have it"),
        ("RC509", "; or not: it has two rows that contradict each other"),
        ("RC604", "; it had no row at first, and has one now"),
        ("RC406", "; a request with --state does not show it: text of RC406"),
        ("RC407", "; a request with --state does not show it: text of RC407"),
        ("RC801", "; a request with --state does not show it: text of RC801"),
        ("RC607", ""),
        ("RC305", ""),
    ],
)
def test_a_present_agent_with_a_finding(code: str, said: str) -> None:
    """A present agent's sentence has only findings about how it is requested."""
    assert present(found(code)) == f"Ann Lee (a) is logged in: Available{said}"
    assert present(found(code, explains="b")) == "Ann Lee (a) is logged in: Available"


def test_states_that_are_old() -> None:
    """Old states say what an agent was when they were read."""
    old = found("RC702", explains="")
    assert present(old) == "Ann Lee (a) was logged in at that time (text of RC702): Available"
    sentence = answer(of(Standing.LOGGED_OUT, old, state=AgentState("a", "LoggedOut"))).sentence
    assert sentence.startswith("Ann Lee (a) was not logged in when the API last polled, which is a while ago: the API")


@pytest.mark.parametrize(
    ("state", "doing"),
    [
        (AgentState("a", "Break", "Lunch"), "Break - Lunch"),
        (AgentState("a", "Break", "Break - Lunch"), "Break - Lunch"),
        (AgentState("a", "Break", ""), "Break"),
        (AgentState("a"), "in a state without a name"),
        (AgentState("a", "Busy", since="2026-03-02T09:05:00Z"), "Busy, since 09:05 UTC"),
        (AgentState("a", "Busy", since="2026-03-01T23:05:00Z"), "Busy, since 2026-03-01 23:05 UTC"),
        (AgentState("a", "Busy", since="this morning"), "Busy, since this morning"),
    ],
)
def test_what_an_agent_does(state: AgentState, doing: str) -> None:
    """A state is named once, with its sub-state and its start. The date is left out if it is today."""
    assert present(state=state) == f"Ann Lee (a) is logged in: {doing}"


def test_an_agent_without_a_name() -> None:
    """An agent without a name is called by its id."""
    state = AgentState("a", "Available")
    assert answer(of(Standing.PRESENT, state=state, agent=Agent("a"))).sentence == "a is logged in: Available"


def test_a_logged_out_agent() -> None:
    """A logged-out agent is described in the server's words. Without any it is called logged out."""
    state = AgentState("a", "LoggedOut", since="2026-03-02T09:05:00Z")
    said = "Ann Lee (a) is not logged in: the API says"
    assert answer(of(Standing.LOGGED_OUT, state=state)).sentence == f"{said} LoggedOut, since 09:05 UTC"
    assert answer(of(Standing.LOGGED_OUT)).sentence == f"{said} logged out"


@pytest.mark.parametrize(
    ("code", "strength", "said"),
    [
        ("RC601", SUSPECTED, "is probably not logged in: it had no state in a response that did include others"),
        ("RC602", PROVEN, "has no state because it is inactive, as the roster says"),
        ("RC603", PROVEN, "has no state because it has never logged in: its last login is empty in the roster"),
        ("RC606", PROVEN, "is active elsewhere, though it has no state: text of RC606"),
        ("RC606", SUSPECTED, "may be active elsewhere, though it has no state: text of RC606"),
        ("RC902", PROVEN, "has no row, although other logged-out agents have one: no finding explains it"),
        ("RC305", SUSPECTED, "has no state: text of RC305"),
        ("RC405", NOTE, "has no state, and no finding explains it"),
    ],
)
def test_an_absent_agent(code: str, strength: Strength, said: str) -> None:
    """The finding that explains an absent agent is its sentence. A NOTE explains nothing."""
    assert answer(of(Standing.ABSENT, found(code, strength))).sentence == f"Ann Lee (a) {said}"


def test_the_first_finding_to_fix_is_the_sentence() -> None:
    """The first finding that is no NOTE is the sentence. The command leads to it."""
    one = answer(of(Standing.ABSENT, found("RC405", NOTE), found("RC602"), found("RC606")))
    assert one.sentence == "Ann Lee (a) has no state because it is inactive, as the roster says"
    assert one.command == "rollcall explain RC602"
    assert [about.code for about in one.findings] == ["RC405", "RC602", "RC606"]
    assert one.fix == ("fix of RC602", "fix of RC606")


def test_an_absent_agent_without_a_login() -> None:
    """An empty last login is named only beside RC601. The roster must say so."""
    never = Agent("a", name="Ann Lee", last_login="")
    for code, agent, named in (("RC601", never, True), ("RC602", never, False), ("RC601", ANN, False)):
        sentence = answer(of(Standing.ABSENT, found(code, SUSPECTED), agent=agent)).sentence
        assert sentence.endswith("; the roster has no login of it either") is named


NOT_THERE = "No agent on the roster has Anne as id, user name, e-mail, name or user id"


@pytest.mark.parametrize(
    ("whole", "hiding", "said"),
    [
        (True, (), f"{NOT_THERE}: there is no such agent, or this account may not list it"),
        (True, ("RC304", "RC305"), f"{NOT_THERE}; it may be hidden from this account (RC304, RC305)"),
        (False, (), "No agent Anne is on the part of the roster that was read, which is not all of it"),
    ],
)
def test_an_agent_that_the_roster_lacks(whole: bool, hiding: tuple[str, ...], said: str) -> None:
    """An agent that the roster lacks may be hidden. It may be on an unread part, too."""
    findings = (replace(found("RC402"), explains=("Anne",)), *(found(code, explains="") for code in hiding))
    for standing in (Standing.ABSENT, Standing.UNKNOWN):
        roll = Roll([RollEntry(Agent("Anne"), standing, None, "Anne")], roster_complete=whole)
        assert answer(told(roll, *findings), "Anne").sentence == said


def test_an_unknown_agent() -> None:
    """An unknown agent may be logged in, and has a reason.

    It is a finding, the end of the run, or the empty response.
    """
    said = "Ann Lee (a) has no state, but it may be logged in: unknown, because"
    assert answer(of(Standing.UNKNOWN, found("RC512"))).sentence == f"{said} text of RC512"
    assert answer(of(Standing.UNKNOWN, found("RC512", NOTE))).sentence.startswith(f"{said} the response did not")
    early = replace(of(Standing.UNKNOWN), ended_early="the time limit of 5 s was reached")
    assert answer(early).sentence == f"{said} the time limit of 5 s was reached"


def test_no_state_was_requested() -> None:
    """If no state was requested, the finding that explains everything answers."""
    refused = replace(found("RC201", explains=""), explains_all=True, settle="ask the administrator")
    one = answer(told(called(complete=False), found("RC405", NOTE), refused, unknown=("Anne",)))
    assert one.sentence == "Nothing is known about Anne: text of RC201"
    assert not one.taken_for
    assert (one.command, one.fix) == ("rollcall explain RC201", ("fix of RC201",))
    assert (one.settle, [about.code for about in one.findings]) == (("ask the administrator",), ["RC201"])
    assert answer(told(called(complete=False), unknown=("Anne",))).command == ""


@pytest.mark.parametrize(
    ("standing", "findings", "command"),
    [
        (Standing.PRESENT, (), ""),
        (Standing.PRESENT, (found("RC405", NOTE),), ""),
        (Standing.PRESENT, (found("RC406"),), "rollcall explain RC406"),
        (Standing.ABSENT, (), "rollcall why a -v"),
        (Standing.ABSENT, (found("RC601", SUSPECTED),), "rollcall why a --expect-logged-in, if you see it logged in"),
        (Standing.LOGGED_OUT, (found("RC601"),), "rollcall explain RC601"),
        (Standing.ABSENT, (found("RC902"),), "rollcall why a --grace 60 --save case.json"),
        (Standing.ABSENT, (found("RC402"),), "rollcall explain RC402"),
    ],
)
def test_the_next_command(standing: Standing, findings: tuple[Finding, ...], command: str) -> None:
    """The next command settles what is open, or explains the finding. A present agent needs none."""
    assert answer(of(standing, *findings)).command == command


def judged(roll: Roll, *seen: Observation, is_listed: bool = False) -> Account:
    """Return the account of a situation, by all checks."""
    run = RunRecord(
        tenant=Tenant(instance="api-us-01.nice-incontact.com", contract="v2"),
        requests=Requests(),
        started_at=MOMENT,
        finished_at=MOMENT + timedelta(seconds=2),
    )
    make = listed if is_listed else situation
    return account_of(make(roll, *seen, asking("a")).case(), run)


def sign(seen: str, **said: Any) -> Sign:
    """Return a sign about agent a."""
    return Sign(agent_id="a", evidence=Evidence("asked alone", AGAIN, "/entities", seen), **said)


def test_a_doubt_is_beside_the_likelier_cause() -> None:
    """What may hide an agent is named beside RC601. What would settle it is, too, and the sign is shown as evidence."""
    looked = LookedCloser(signs=(sign("no row", or_else="the team may be hidden"),))
    one = answer(judged(called("b", absent="a"), looked))
    assert one.sentence.endswith("in a response that did include others; but the team may be hidden")
    assert one.settle[-1] == "the team may be hidden: run it with an account that may"
    assert [evidence.seen for evidence in one.proof] == ["no row"]
    assert one.command.startswith("rollcall why a --expect-logged-in")


def test_a_present_agent_is_not_doubted() -> None:
    """A present agent leaves nothing to settle. Its own row is the evidence."""
    looked = LookedCloser(signs=(sign("no row", or_else="the team may be hidden"),))
    one = answer(judged(called("ab"), looked))
    assert (one.sentence, one.settle) == ("a is logged in: Available", ())
    assert one.proof[0] == Evidence("the row of a", STATES, "/entities", "Available")


def test_a_sign_without_a_doubt_is_only_shown() -> None:
    """A sign that doubts nothing settles nothing. It is shown even if the finding cites its response."""
    plain = Sign(agent_id="a", evidence=Evidence("asked with others", STATES, "/entities", "no row"))
    one = answer(judged(called("b", absent="a"), LookedCloser(signs=(plain,))))
    assert STATES in {evidence.exchange for about in one.findings for evidence in about.evidence}
    assert one.proof == (plain.evidence,)
    assert not any("with an account that may" in said for said in one.settle)


def test_a_note_settles_nothing() -> None:
    """What would settle a note, and its fix, are left out."""
    note, doubt = (
        found(code, strength, settle=f"settle {code}") for code, strength in (("RC607", NOTE), ("RC601", SUSPECTED))
    )
    one = answer(of(Standing.ABSENT, note, doubt))
    assert (one.settle, one.fix) == (("settle RC601",), ("fix of RC601",))


def test_an_id_that_the_roster_lacks_has_one_answer() -> None:
    """An id that was requested all the same is answered once."""
    run = told(Roll([RollEntry(Agent("77"), Standing.ABSENT, None, "77")], roster_complete=True), unknown=("77", "x"))
    assert [one.asked_as for one in answers(run)] == ["77", "x"]


def test_a_contradiction_is_no_absence() -> None:
    """A login seen elsewhere or by the user rules out RC601. The sentence has both sides."""
    looked = LookedCloser(signs=(sign("a row of a: Busy", against="a row of a: Busy, asked alone"),))
    one = answer(judged(called("b", absent="a"), looked))
    assert [about.code for about in one.findings] == ["RC902"]
    assert one.sentence == (
        "a: the API has no row for it, and yet there is a row of a: Busy, asked alone: nothing shows which is true"
    )
    assert one.command == "rollcall why a --grace 60 --save case.json"
    assert one.proof == ()  # the finding cites it


def test_what_the_user_sees_comes_first() -> None:
    """A login that the user sees is reported with possible other places. The desktop may be logged in there."""
    expected = ExpectedLoggedIn(agents=("a",))
    for is_listed, roll, said in (
        (False, called("b", absent="a"), "the API has no row for it"),
        (True, called("b", logged_out="a"), "the API says LoggedOut"),
    ):
        one = answer(judged(roll, expected, is_listed=is_listed))
        assert one.sentence.startswith(f"a: {said}; you see a login: then the desktop is logged in to another tenant")
        assert one.sentence.endswith("(RC604, RC702)")
        assert "RC601" not in {about.code for about in one.findings}
    others = answer(judged(called("b", absent="a"), ExpectedLoggedIn(agents=("b",))))
    assert others.command == "rollcall explain RC601"


def test_answers_are_in_the_order_of_what_was_typed() -> None:
    """Texts are answered in the order typed. Those that mean no agent come last. A check has none."""
    entries = [RollEntry(Agent(one), Standing.PRESENT, AVAILABLE, typed) for one, typed in (("b", "Bo"), ("a", "Ann"))]
    roll = Roll(entries, roster_complete=True)
    run = replace(account(roll), case=Case(roll, (asking("Ann", "x", "Bo", unknown=("x",)),)))
    assert [one.asked_as for one in answers(run)] == ["Ann", "Bo", "x"]
    assert answers(replace(run, case=Case(roll, (replace(asking("Ann", "Bo"), why=False),)))) == ()
    assert answers(account(roll)) == ()


def test_an_agent_that_a_text_names_in_part() -> None:
    """An agent that a text names in part is shown beside it."""
    assert not answer(of(Standing.PRESENT, state=AVAILABLE, typed="ann lee")).taken_for
    assert answer(of(Standing.PRESENT, state=AVAILABLE, typed="ann")).taken_for
