"""What is said of the people who are expected."""

from __future__ import annotations

from cxone_rollcall.findings.attendance import Attendance, Person, Presence
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.struct import replace
from cxone_rollcall.views.attendance import headline, lines, named


def test_all_who_may_be_meant_are_counted() -> None:
    """Of many agents a few are named, and the rest counted."""
    agents = tuple(Agent(str(number), "Ann Lee") for number in range(1, 6))
    person = Person(line=2, asked_as="Ann Lee", presence=Presence.AMBIGUOUS, agents=agents)
    few = "Ann Lee (line 2) is Ann Lee (1) or Ann Lee (2) or Ann Lee (3)"
    for rest, more in ((2, " or one of 2 more"), (1, " or one of 1 more"), (0, "")):
        assert named(replace(person, agents=agents[: 3 + rest])) == few + more


def test_one_expected_person_is_no_people() -> None:
    """If everybody who is expected is there, nothing else is said."""
    present = Person(line=2, asked_as="7", presence=Presence.LOGGED_IN, agents=(Agent("7"),))
    attendance = Attendance(file="people.csv", people=(present,), not_expected=())
    assert headline(attendance) == "1 of 1 expected person logged in"
    assert list(lines(attendance)) == []


def test_a_long_name_keeps_its_id() -> None:
    """A name is cut, its id is not."""
    person = Person(line=2, asked_as="7", presence=Presence.UNKNOWN, agents=(Agent("30000000007", "N" * 300),))
    assert named(person).startswith("NNNN")
    assert named(person).endswith(" (30000000007)")
