"""RC303: whether the states are given without ids too."""

from __future__ import annotations

from cxone_rollcall.findings.finding import Strength
from cxone_rollcall.model.observations.probes import EverybodyAsked

from .build import AGAIN, STATES, Example, called, situation, states_of

EMPTY = EverybodyAsked(exchange=AGAIN, rows=0)
NO_ROW = states_of(called(unknown="ab"), unvouched=("a", "b"), unvouched_exchange=STATES)

EXAMPLES = (
    Example(
        "RC303",
        seen=situation(called("ab", absent="c"), EMPTY),
        strength=Strength.NOTE,
        unlike=situation(called(unknown="ab"), EMPTY, NO_ROW),  # with ids nobody has a row either
        instead="RC605",
    ),
)


def test_some_rows_are_enough() -> None:
    """If any rows come without ids, there is no finding."""
    assert "RC303" not in situation(called("abc"), EverybodyAsked(exchange=AGAIN, rows=1)).codes()
