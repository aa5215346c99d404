"""What is said of the people who are expected."""

from __future__ import annotations

from cxone_rollcall.findings.attendance import Person, Presence
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.views.attendance import named


def test_all_who_may_be_meant_are_counted() -> None:
    """Of many agents a few are named, and the rest counted."""
    agents = tuple(Agent(str(number), "Ann Lee") for number in range(1, 6))
    person = Person(line=2, asked_as="Ann Lee", presence=Presence.AMBIGUOUS, agents=agents)
    few = "Ann Lee (line 2) is Ann Lee (1) or Ann Lee (2) or Ann Lee (3)"
    assert named(person) == f"{few} or one of 2 more"
    assert named(Person(line=2, asked_as="Ann Lee", presence=Presence.AMBIGUOUS, agents=agents[:3])) == few


def test_a_long_name_keeps_its_id() -> None:
    """A name is cut, its id is not."""
    person = Person(line=2, asked_as="7", presence=Presence.UNKNOWN, agents=(Agent("30000000007", "N" * 300),))
    assert named(person).startswith("NNNN")
    assert named(person).endswith(" (30000000007)")
