"""RC403 to RC405, RC408, RC410: batches without a complete answer."""

from __future__ import annotations

from typing import Any

import pytest

from cxone_rollcall.findings.finding import Strength
from cxone_rollcall.model.observations.base import Selected
from cxone_rollcall.model.observations.states import BatchLimit, PoisonedBatch, Separators, Truncation
from cxone_rollcall.model.struct import replace

from .build import AGAIN, ROSTER, STATES, Example, Situation, called, situation, states_of


def silent(letters: str, **said: Any) -> Situation:
    """Return a run without any row for these agents."""
    roll = called(unknown=letters)
    selected = Selected(roster=9, kept=len(roll), exchange=ROSTER, **said)
    return situation(roll, states_of(roll, unvouched=tuple(letters), unvouched_exchange=STATES), selected)


POISONED = called("ab", unknown="c")
SPOILT = PoisonedBatch(agent_id="c", batch_exchange=STATES, alone_exchange=AGAIN, status=200, healed=2, repeated=True)
FULL = called("ab", absent="c")
UNREAD = called("ab", unknown="c")
STRAY = {"unasked_rows": 1, "unasked_exchange": STATES, "unasked_agent": "z"}

EXAMPLES = (
    Example(
        "RC403",
        seen=situation(POISONED, states_of(POISONED, poisoned=(SPOILT,))),
        explains="c",
        unlike=situation(FULL, states_of(FULL, too_many=BatchLimit(3, 400, 2, STATES))),  # it was the number of ids
        instead="RC404",
    ),
    Example(
        "RC404",
        seen=situation(FULL, states_of(FULL, too_many=BatchLimit(3, 414, 2, STATES))),
        strength=Strength.NOTE,
        unlike=situation(POISONED, states_of(POISONED, poisoned=(replace(SPOILT, status=400),))),  # it was one id
        instead="RC403",
    ),
    Example(
        "RC405",
        seen=situation(FULL, states_of(FULL, cut=Truncation(37, STATES, AGAIN, 1))),
        strength=Strength.NOTE,
        unlike=situation(FULL, states_of(FULL, late={"b": AGAIN})),  # the full batch has the row now: they came late
        instead="RC604",
    ),
    Example(
        "RC408",
        seen=situation(UNREAD, states_of(UNREAD, ignored_exchange=AGAIN, ignored_rows=20, **STRAY)),
        explains="c",
        unlike=situation(UNREAD, states_of(UNREAD, **STRAY)),  # a made-up id got nothing: one row strayed
        instead="RC510",
    ),
    Example(
        "RC410",
        seen=situation(FULL, states_of(FULL, separator=Separators("a comma", "%2C", STATES, AGAIN))),
        strength=Strength.NOTE,
        unlike=silent("ab"),  # silent in both forms
        instead="RC605",
    ),
)


def test_one_row_does_not_prove_that_ids_are_ignored() -> None:
    """A single row for a made-up id may be a stray one. Ignored ids are only suspected then."""
    found = situation(UNREAD, states_of(UNREAD, ignored_exchange=AGAIN, ignored_rows=1, **STRAY)).only("RC408")
    assert found.strength is Strength.SUSPECTED
    assert found.settle


def poisoned(letters: str, **said: Any) -> Situation:
    """Return a run in which these ids were isolated from one batch."""
    roll = called("a", unknown=letters)
    each_one = (replace(SPOILT, agent_id=one, alone_exchange=10 + at, **said) for at, one in enumerate(letters))
    return situation(roll, states_of(roll, poisoned=tuple(each_one)))


def test_one_spoiling_id_is_named() -> None:
    """An id that spoils its batch is named, with the agents healed."""
    found = poisoned("b").only("RC403")
    assert found.text == "the id b spoils every batch that it is in; 2 agents answered without it"
    assert found.fix_text.startswith("report the id b to NICE's support, and leave it out")


def test_a_spoiling_id_that_was_not_repeated() -> None:
    """An id is only suspected if its batch was not repeated."""
    found = poisoned("b", repeated=False).only("RC403")
    assert found.strength is Strength.SUSPECTED
    assert "may spoil" in found.text


def test_many_spoiling_ids_are_one_finding() -> None:
    """All ids that spoil batches are one finding. It has the first three ids and their exchanges."""
    found = poisoned("bcdefghij").only("RC403")
    assert found.strength is Strength.PROVEN
    assert found.text == (
        "the ids b, c, d and 6 more spoil every batch that they are in; at least 2 agents answered without them"
    )
    assert found.explains == tuple("bcdefghij")
    assert [one.exchange for one in found.evidence] == [STATES, 10, 11, 12]


@pytest.mark.parametrize("letters", ["b", "bcdef"])
def test_a_spoiling_id_is_suspected_if_no_agent_was_answered_without_it(letters: str) -> None:
    """If no agent was answered without them, ids are only suspected."""
    found = poisoned(letters, healed=0).only("RC403")
    assert found.strength is Strength.SUSPECTED
    assert found.settle == "request each of them together with an agent who is present"
    assert " may spoil every batch " in found.text
    assert "no agent answered" in found.text


def test_smaller_batches_explain_nothing() -> None:
    """Agents answered in smaller batches need no explanation."""
    for said in ({"cut": (37, STATES, AGAIN, 1)}, {"too_many": (3, 414, 2, STATES)}):
        findings = situation(FULL, states_of(FULL, **said)).findings()
        assert {letter for one in findings for letter in one.explains} == {"c"}
