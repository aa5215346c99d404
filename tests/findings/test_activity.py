"""RC605, RC606: other signs of activity, and lists without a row."""

from __future__ import annotations

from cxone_rollcall.findings.finding import Strength
from cxone_rollcall.model.observations.base import Selected
from cxone_rollcall.model.observations.probes import Activity, ActivityAsked
from cxone_rollcall.model.struct import replace

from .build import AGAIN, ROSTER, STATES, Example, Situation, called, listed, situation, states_of

ODD = called("a", logged_out="b", absent="c", b={"active": True})
CONTACT = Activity(
    agent_id="c", what="an open contact", exchange=AGAIN, pointer="/activeContacts/0", seen="contactId 7", repeated=True
)
SILENT = called(unknown="ab")


def looked_for(*items: Activity) -> Situation:
    """A run in which c lacks a row, unlike others logged out. c was looked for elsewhere."""
    return listed(ODD, ActivityAsked(asked=("c",), items=items))


EXAMPLES = (
    Example(
        "RC606",
        seen=looked_for(CONTACT),
        explains="c",
        unlike=looked_for(),  # no sign of c anywhere
        instead="RC902",
    ),
    Example(
        "RC605",
        seen=listed(SILENT, states_of(SILENT, listed=True, unvouched=("a", "b"), unvouched_exchange=STATES)),
        strength=Strength.SUSPECTED,
        explains="ab",
        all=True,
        unlike=listed(called("a", logged_out="b")),
        instead="RC601",
    ),
)


def test_no_more_is_claimed_than_was_seen() -> None:
    """The message says what was seen in both places. Both exchanges are the evidence."""
    found = looked_for(CONTACT).only("RC606")
    assert found.text == "1 agent without a row among the states, but with an open contact"
    assert [one.exchange for one in found.evidence] == [STATES, AGAIN]


def test_a_login_without_an_end_is_suspected() -> None:
    """A login without a known end proves nothing."""
    found = looked_for(replace(CONTACT, what="a login", certain=False)).only("RC606")
    assert found.strength is Strength.SUSPECTED
    assert found.settle


def test_a_contact_seen_once_is_suspected() -> None:
    """A contact that was requested only once proves nothing.

    Proof needs another request for it, in turns with the agent's state.
    """
    found = looked_for(replace(CONTACT, repeated=False)).only("RC606")
    assert found.strength is Strength.SUSPECTED
    assert found.settle


def test_an_agent_that_appeared_is_not_seen_elsewhere() -> None:
    """Activity of an agent with a row is no contradiction."""
    seen = listed(called("ac", logged_out="b"), ActivityAsked(asked=("c",), items=(CONTACT,)))
    assert "RC606" not in seen.codes()


def test_an_empty_list_has_words_of_its_own() -> None:
    """An empty list on incontact has its own text.

    There is no presence:read: registration and owner are named instead.
    """
    found = EXAMPLES[1].seen.only("RC605")
    assert "presence:read" not in found.fix_text
    assert "the access key's owner" in found.fix_text
    assert "the list of states of 2 agents was read and there was no row" in found.text
    assert found.evidence[0].pointer == "/agentStates"


def test_an_id_that_the_roster_lacks_is_explained_once() -> None:
    """An id that the roster lacks is RC402's alone."""
    selected = Selected(roster=1, kept=1, exchange=ROSTER, agents=("a", "b"), unknown=("b",))
    seen = situation(SILENT, states_of(SILENT, unvouched=("a", "b"), unvouched_exchange=STATES), selected)
    assert {found.code: found.explains for found in seen.findings()} == {"RC402": ("b",), "RC605": ("a",)}
    assert seen.only("RC605").text.startswith("1 agent requested by id and there was no row")
