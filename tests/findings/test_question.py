"""RC4xx: whether we asked rightly."""

from __future__ import annotations

from typing import Any

import pytest

from cxone_rollcall.findings.finding import Strength
from cxone_rollcall.model.observations.base import Observation, Selected
from cxone_rollcall.model.observations.probes import StateRespelt, TypedId, TypedIdsAsked
from cxone_rollcall.model.observations.states import BatchLimit, PoisonedBatch, Separators, StatesFiltered, Truncation
from cxone_rollcall.model.roll import Roll, Standing
from cxone_rollcall.model.struct import replace

from .build import AGAIN, ROSTER, STATES, Example, Situation, called, situation, states_of


def typed_ids(roll: Roll, *, row: bool = False, vouched: bool = True) -> Situation:
    """Return a run that requested a by e-mail.

    `row` is whether the e-mail had one, `vouched` whether the canary did.
    """
    asked = TypedId(typed="a@example.com", agent_id="a", row=row, vouched=vouched, exchange=AGAIN)
    return situation(roll, TypedIdsAsked(items=(asked,)))


def named(roll: Roll, *unknown: str) -> Situation:
    """Return a run for named agents and some unknown texts."""
    selected = Selected(
        agents=roll.ids(*Standing), roster=9, kept=len(roll), unknown=unknown, exchange=ROSTER, teams_seen=("Billing",)
    )
    return situation(roll, selected)


def filtered(roll: Roll, *with_row: str, state: str = "Available", respelt: int | None = None) -> Situation:
    """Return a run with --state, in which these agents had a row.

    `respelt` of them had one when requested as Available.
    """
    asked = dict.fromkeys(roll.ids(*Standing), STATES)
    seen: list[Observation] = [StatesFiltered(state=state, with_row=frozenset(with_row), asked=asked)]
    if respelt is not None:
        agents = roll.ids(Standing.PRESENT)
        seen.append(StateRespelt(meant="Available", rows=respelt, exchange=AGAIN, agents=agents))
    return situation(roll, *seen)


def silent(letters: str, **said: Any) -> Situation:
    """Return a run without any row for these agents."""
    roll = called(unknown=letters)
    selected = Selected(roster=9, kept=len(roll), exchange=ROSTER, **said)
    return situation(roll, states_of(roll, unvouched=tuple(letters), unvouched_exchange=STATES), selected)


BY_MAIL = called("a", a={"typed": "a@example.com"})
POISONED = called("ab", unknown="c")
SPOILT = PoisonedBatch(agent_id="c", batch_exchange=STATES, alone_exchange=AGAIN, status=200, healed=2)
FULL = called("ab", absent="c")
UNREAD = called("ab", unknown="c")
STRAY = {"unasked_rows": 1, "unasked_exchange": STATES, "unasked_agent": "z"}
ON_BREAK = called("ab", states={"b": "Break"})

EXAMPLES = (
    Example(
        "RC401",
        seen=typed_ids(BY_MAIL),
        explains="a",
        unlike=typed_ids(BY_MAIL, vouched=False),  # not even the internal id had a row in that answer
        instead=None,
    ),
    Example(
        "RC402",
        seen=named(called("a", absent="z"), "z"),
        explains="z",
        unlike=named(BY_MAIL),  # the roster has it, under another id
        instead="RC801",
    ),
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
        "RC406",
        seen=filtered(ON_BREAK, "a"),
        explains="b",
        unlike=filtered(called("a", absent="b"), "a"),  # no row without the filter either
        instead="RC601",
    ),
    Example(
        "RC407",
        seen=filtered(called("ab", absent="c"), state="Availble", respelt=2),
        explains="ab",
        unlike=filtered(ON_BREAK, "a"),  # spelt as the API does, and it hides the other states
        instead="RC406",
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


def test_typed_id_with_a_row_is_internal() -> None:
    """A text with a row of its own is an internal id."""
    assert "RC401" not in typed_ids(BY_MAIL, row=True).codes()


def test_typed_id_of_an_absent_agent_proves_nothing() -> None:
    """If the internal id has no row either, the text is no cause."""
    assert "RC401" not in typed_ids(called("b", absent="a", a={"typed": "a@example.com"})).codes()


def test_unknown_agent_needs_the_whole_roster() -> None:
    """With an incomplete roster, an unknown agent is only suspected."""
    found = named(called("a", absent="z", complete=False), "z").only("RC402")
    assert found.strength is Strength.SUSPECTED
    assert found.settle


def test_unknown_agent_is_not_also_logged_out() -> None:
    """An agent that no roster has is not called off shift."""
    assert named(called("a", absent="z"), "z").codes() == {"RC402", "RC801"}
    assert "RC601" not in silent("z", agents=("z",), unknown=("z",)).codes()


def poisoned(letters: str, **said: Any) -> Situation:
    """Return a run in which these ids were isolated from one batch."""
    roll = called("a", unknown=letters)
    each_one = (replace(SPOILT, agent_id=one, alone_exchange=10 + at, **said) for at, one in enumerate(letters))
    return situation(roll, states_of(roll, poisoned=tuple(each_one)))


def test_one_poison_is_named() -> None:
    """An id that spoils its batch is named, with the agents healed."""
    found = poisoned("b").only("RC403")
    assert found.text == "the id b spoils every batch that it is in; 2 agents answered without it"
    assert found.fix_text.startswith("report the id b to NICE's support, and leave it out")


def test_many_poisons_are_one_finding() -> None:
    """However many ids spoil batches, they are one finding with the first three ids and the exchanges of these."""
    found = poisoned("bcdefghij").only("RC403")
    assert found.strength is Strength.PROVEN
    assert found.text == (
        "the ids b, c, d and 6 more spoil every batch that they are in; at least 2 agents answered without them"
    )
    assert found.explains == tuple("bcdefghij")
    assert [one.exchange for one in found.evidence] == [STATES, 10, 11, 12]


@pytest.mark.parametrize("letters", ["b", "bcdef"])
def test_poison_that_healed_nobody_is_suspected(letters: str) -> None:
    """If no agent was answered without them, ids are only suspected."""
    found = poisoned(letters, healed=0).only("RC403")
    assert found.strength is Strength.SUSPECTED
    assert found.settle == "request each of them together with an agent who is present"
    assert " may spoil every batch " in found.text
    assert "no agent answered" in found.text


def test_healed_is_not_mended() -> None:
    """Agents answered in smaller batches need no explanation."""
    for said in ({"cut": (37, STATES, AGAIN, 1)}, {"too_many": (3, 414, 2, STATES)}):
        findings = situation(FULL, states_of(FULL, **said)).findings()
        assert {letter for one in findings for letter in one.explains} == {"c"}


def test_filter_in_another_case_hides_nobody() -> None:
    """An agent in the state, in another spelling, is not hidden."""
    assert "RC406" not in filtered(called("ab"), state="available", respelt=2).codes()


def test_spelling_without_rows_proves_nothing() -> None:
    """If the other spelling has no rows either, it is no cause."""
    assert "RC407" not in filtered(called("ab"), state="Availble", respelt=0).codes()


def test_filter_does_not_hide_the_logged_out() -> None:
    """A filter on a logged-in state hides no logged-out agent."""
    seen = filtered(called("a", logged_out="b"), "a")
    assert "RC406" not in seen.codes()
    assert seen.only("RC601").strength is Strength.PROVEN
