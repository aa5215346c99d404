"""RC5xx: responses that are incomplete, damaged, refused or contradictory."""

from __future__ import annotations

import pytest

from cxone_rollcall.findings.finding import Strength
from cxone_rollcall.model.failure import FailureKind, Stage
from cxone_rollcall.model.observations.access import Throttling
from cxone_rollcall.model.observations.base import Failures
from cxone_rollcall.model.observations.roster import Irregular, RowsFound
from cxone_rollcall.model.observations.states import Contradiction, StatesAsked, StatesSeen

from .build import (
    AGAIN,
    STATES,
    Example,
    called,
    failed,
    situation,
    states_of,
    struck,
)

TRIO = called("ab", absent="c")
SHORT = called("ab", complete=False)
LOST = called("a", unknown="b")
NOBODY = called()
WITHOUT_STATES = (StatesAsked, StatesSeen)
THROTTLED = Throttling(count=3, exchange=STATES, seconds_waited=2.5, requests_per_second=4.0, retry_after="1")


EXAMPLES = (
    Example(
        "RC506",
        seen=situation(TRIO, RowsFound(elsewhere={"states": Irregular(STATES, "/items", 2)})),
        strength=Strength.NOTE,
        unlike=situation(
            TRIO, RowsFound(no_content={"states": Irregular(STATES, "", 1)})
        ),  # there was no body to hold rows
        instead="RC513",
    ),
    Example(
        "RC507",
        seen=struck(FailureKind.DAMAGED, LOST, status=200),
        explains="b",
        unlike=struck(FailureKind.NOT_THE_API, LOST, status=200),  # it never was JSON
        instead="RC104",
    ),
    Example(
        "RC508",
        seen=situation(called("ab", states={"b": None})),
        strength=Strength.NOTE,
        unlike=situation(called("a", logged_out="b")),  # not a logged-in state, and a known one
        instead="RC601",
    ),
    Example(
        "RC509",
        seen=situation(TRIO, states_of(TRIO, contradicted={"b": Contradiction(STATES, "Busy and Break")})),
        explains="b",
        unlike=situation(TRIO, states_of(TRIO, late={"b": AGAIN})),  # two answers of two moments
        instead="RC604",
    ),
    Example(
        "RC510",
        seen=situation(TRIO, states_of(TRIO, unasked_rows=1, unasked_exchange=STATES, unasked_agent="z")),
        strength=Strength.NOTE,
        unlike=situation(  # any id gets these rows
            TRIO,
            states_of(TRIO, unasked_rows=2, unasked_exchange=STATES, unasked_agent="z", ignored_exchange=AGAIN),
        ),
        instead="RC408",
    ),
    Example(
        "RC511",
        seen=struck(FailureKind.RATE_LIMITED, LOST, THROTTLED, status=429),
        explains="b",
        unlike=struck(FailureKind.SERVER_TROUBLE, LOST, status=503),  # 503 may carry Retry-After, and is trouble
        instead="RC105",
    ),
    Example(
        "RC512",
        seen=struck(FailureKind.UNREACHABLE, LOST),
        explains="b",
        unlike=struck(FailureKind.UNREACHABLE, called(unknown="ab")),  # nobody at all was answered
        instead="RC102",
    ),
    Example(
        "RC513",
        seen=situation(TRIO, RowsFound(no_content={"states": Irregular(STATES, "", 1)})),
        strength=Strength.NOTE,
        unlike=struck(FailureKind.DAMAGED, LOST, status=200),  # a body that was cut is not one that was never there
        instead="RC507",
    ),
    Example(
        "RC514",
        seen=situation(LOST, states_of(LOST, unvouched=("b",), unvouched_exchange=AGAIN)),
        explains="b",
        unlike=struck(FailureKind.UNREACHABLE, LOST),  # there was no answer at all
        instead="RC512",
    ),
)


@pytest.mark.parametrize("state", ["Wrapping Up", "", None])
def test_unknown_state_is_present(state: str | None) -> None:
    """A new, empty or missing state is kept as written. It explains no absence."""
    found = situation(called("ab", states={"b": state})).only("RC508")
    assert found.explains == ()


def test_known_states_are_named() -> None:
    """The contract's own states cause no remark."""
    states = dict(zip("abcd", ("Available", "Busy", "Break", "Not Ready"), strict=True))
    assert situation(called("abcd", states=states)).codes() == set()


def test_healed_throttling_is_a_note() -> None:
    """429s that waiting healed are a note with the pace."""
    found = situation(TRIO, THROTTLED).only("RC511")
    assert (found.strength, found.explains) == (Strength.NOTE, ())
    assert "2.5 s" in found.text


@pytest.mark.parametrize(
    "kind",
    [
        FailureKind.NOT_THE_API,
        FailureKind.SERVER_TROUBLE,
        FailureKind.TIMED_OUT,
        FailureKind.DAMAGED,
        FailureKind.UNAUTHORIZED,
        FailureKind.FORBIDDEN,
    ],
)
def test_failure_with_a_code_is_reported_once(kind: FailureKind) -> None:
    """A failure with its own code is not reported twice."""
    seen = struck(kind, LOST, status=500)
    assert seen.codes()
    assert "RC512" not in seen.codes()


@pytest.mark.parametrize("kind", list(FailureKind))
@pytest.mark.parametrize("stage", [Stage.TOKEN, Stage.ROSTER, Stage.STATES])
def test_each_failure_is_reported(kind: FailureKind, stage: Stage) -> None:
    """Each failure leads to some finding, at any stage."""
    failures = Failures(items=(failed(kind, stage, "b" if stage is Stage.STATES else ""),), answered=2)
    throttled = [THROTTLED] if kind is FailureKind.RATE_LIMITED else []
    assert situation(LOST, failures, *throttled).codes()


def test_rows_of_unknown_agents_do_not_contradict() -> None:
    """Two rows of an agent that was not requested are no finding."""
    roll = called("ab")
    assert (
        situation(roll, states_of(roll, contradicted={"z": Contradiction(STATES, "Busy and Break")})).codes() == set()
    )
    both = {"z": Contradiction(STATES, "Busy and Break"), "a": Contradiction(STATES, "Busy and Break")}
    assert situation(roll, states_of(roll, contradicted=both)).only("RC509").explains == ("a",)


def test_a_damaged_response_replaced_by_another_is_a_note() -> None:
    """A damaged response is a note if its agents are known. From another response."""
    healed = struck(FailureKind.DAMAGED, LOST, status=200)
    assert healed.only("RC507").strength is Strength.PROVEN
    known = situation(called("ab"), Failures(items=(failed(FailureKind.DAMAGED, agents="b"),), answered=4))
    assert (known.only("RC507").strength, known.only("RC507").explains) == (Strength.NOTE, ())
