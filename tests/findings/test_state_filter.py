"""RC406, RC407: state filters that hide logged-in agents."""

from __future__ import annotations

import pytest

from cxone_rollcall.findings.finding import Strength
from cxone_rollcall.model.observations.base import Observation
from cxone_rollcall.model.observations.probes import StateRespelt
from cxone_rollcall.model.observations.states import StatesFiltered
from cxone_rollcall.model.roll import Roll, Standing

from .build import AGAIN, STATES, Example, Situation, called, situation


def filtered(
    roll: Roll, *with_row: str, state: str = "Available", respelt: int | None = None, repeated: bool = True
) -> Situation:
    """Return a run with --state, in which these agents had a row.

    `respelt` of them had one when requested as Available. `repeated` is whether each request was answered twice in the
    same way.
    """
    asked = dict.fromkeys(roll.ids(*Standing), STATES)
    seen: list[Observation] = [
        StatesFiltered(state=state, with_row=frozenset(with_row), asked=asked, repeated=repeated)
    ]
    if respelt is not None:
        agents = roll.ids(Standing.PRESENT)
        seen.append(StateRespelt(meant="Available", rows=respelt, exchange=AGAIN, agents=agents, repeated=repeated))
    return situation(roll, *seen)


ON_BREAK = called("ab", states={"b": "Break"})

EXAMPLES = (
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
)


def test_filter_in_another_case_hides_no_agent() -> None:
    """An agent in the state, in another spelling, is not hidden."""
    assert "RC406" not in filtered(called("ab"), state="available", respelt=2).codes()


def test_spelling_without_rows_proves_nothing() -> None:
    """If the other spelling has no rows either, it is no cause."""
    assert "RC407" not in filtered(called("ab"), state="Availble", respelt=0).codes()


@pytest.mark.parametrize("repeated", [True, False])
def test_proof_needs_repetition(repeated: bool) -> None:
    """A filter is PROVEN to hide agents only after equal repeated answers. So is a misspelt state."""
    strength = Strength.PROVEN if repeated else Strength.SUSPECTED
    assert filtered(ON_BREAK, "a", repeated=repeated).only("RC406").strength is strength
    misspelt = filtered(called("ab", absent="c"), state="Availble", respelt=2, repeated=repeated)
    assert misspelt.only("RC407").strength is strength


def test_filter_does_not_hide_the_logged_out() -> None:
    """A filter on a logged-in state hides no logged-out agent."""
    seen = filtered(called("a", logged_out="b"), "a")
    assert "RC406" not in seen.codes()
    assert seen.only("RC601").strength is Strength.PROVEN
