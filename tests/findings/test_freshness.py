"""RC7xx: whether the answer is of now."""

from __future__ import annotations

import pytest

from cxone_rollcall.findings.finding import Strength
from cxone_rollcall.model.observations.access import AnswersDated

from .build import STATES, TOKEN, Example, Situation, called, situation

PAIR = called("ab")


def dated(*, ahead: float | None = 0.2, age: float = 0.0) -> Situation:
    """Return a run with this clock difference and oldest response, in seconds."""
    return situation(PAIR, AnswersDated(ahead=ahead, ahead_exchange=TOKEN, age=age, age_exchange=STATES))


EXAMPLES = (
    Example(
        "RC701",
        seen=dated(ahead=-45.0),
        strength=Strength.NOTE,
        unlike=dated(age=45.0),  # an answer that took its time is no clock that is wrong
        instead=None,
    ),
    Example(
        "RC702",
        seen=dated(age=300.0),
        unlike=dated(ahead=300.0),  # the clocks differ, and the answer is fresh
        instead="RC701",
    ),
)


@pytest.mark.parametrize("ahead", [None, 0.0, 29.0, -29.0])
def test_small_skew_is_ignored(ahead: float | None) -> None:
    """Clocks within half a minute, or of unknown difference, agree."""
    assert dated(ahead=ahead).codes() == set()


@pytest.mark.parametrize(("ahead", "direction"), [(120.0, "120 s ahead of"), (-120.0, "120 s behind")])
def test_direction_is_reported(ahead: float, direction: str) -> None:
    """The finding says how far the server's clock is ahead or behind."""
    assert direction in dated(ahead=ahead).only("RC701").text


@pytest.mark.parametrize(
    ("is_dated", "strength", "clock"),
    [(True, Strength.PROVEN, "the date of its response"), (False, Strength.SUSPECTED, "this machine's time")],
)
def test_an_undated_poll_is_suspected(is_dated: bool, strength: Strength, clock: str) -> None:
    """A poll that is old by our clock only is suspected. The evidence names the clock."""
    polled = AnswersDated(
        ahead=0.0,
        ahead_exchange=TOKEN,
        age=0.0,
        age_exchange=0,
        poll_age=300.0,
        poll_exchange=STATES,
        poll_is_dated=is_dated,
    )
    found = situation(PAIR, polled).only("RC702")
    assert found.strength is strength
    assert found.evidence[0].claim.endswith(f" against {clock}")
    assert ("this machine's time" in found.text) is not is_dated
