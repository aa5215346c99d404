"""RC401, RC402: agents requested by something else than their internal id."""

from __future__ import annotations

from typing import Any

from cxone_rollcall.findings.finding import Strength
from cxone_rollcall.model.observations.base import Selected
from cxone_rollcall.model.observations.probes import TypedId, TypedIdsAsked
from cxone_rollcall.model.roll import Roll, Standing

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


def silent(letters: str, **said: Any) -> Situation:
    """Return a run without any row for these agents."""
    roll = called(unknown=letters)
    selected = Selected(roster=9, kept=len(roll), exchange=ROSTER, **said)
    return situation(roll, states_of(roll, unvouched=tuple(letters), unvouched_exchange=STATES), selected)


BY_MAIL = called("a", a={"typed": "a@example.com"})

EXAMPLES = (
    Example(
        "RC401",
        seen=typed_ids(BY_MAIL),
        strength=Strength.NOTE,
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
)


def test_typed_id_with_a_row_is_internal() -> None:
    """A text with a row of its own is an internal id."""
    assert "RC401" not in typed_ids(BY_MAIL, row=True).codes()


def test_typed_id_of_an_absent_agent_proves_nothing() -> None:
    """If the internal id has no row either, the text proves nothing."""
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
