"""RC801: agents left out by our own options."""

from __future__ import annotations

from typing import Any

import pytest

from cxone_rollcall.findings.finding import Strength
from cxone_rollcall.model.observations.base import Selected

from .build import ROSTER, Example, Situation, called, situation

PAIR = called("ab")


def selected(*, kept: int, roster: int = 5, **said: Any) -> Situation:
    """Return a run whose options kept this many agents of the roster."""
    options = Selected(roster=roster, kept=kept, exchange=ROSTER, teams_seen=("Billing", "Orders"), **said)
    return situation(PAIR, options)


EXAMPLES = (
    Example(
        "RC801",
        seen=selected(kept=2, teams=("Billing",)),
        strength=Strength.NOTE,
        unlike=selected(kept=2, roster=2, teams=("Billing",)),  # an option that leaves no agent out
        instead=None,
    ),
)


@pytest.mark.parametrize(
    ("seen", "explains"),
    [
        (selected(kept=0, teams=("Nowhere",)), ()),
        (selected(kept=1, agents=("a", "c"), teams=("Billing",), dropped=("c",)), ("c",)),
    ],
    ids=["no agent is in the team", "the agent is of another team"],
)
def test_contradiction_is_proven(seen: Situation, explains: tuple[str, ...]) -> None:
    """Options that contradict the tenant or each other are the proven cause."""
    found = seen.only("RC801")
    assert (found.strength, found.explains) == (Strength.PROVEN, explains)


@pytest.mark.parametrize(
    ("complete", "kept", "named"), [(True, 2, True), (True, 0, True), (False, 0, True), (False, 2, False)]
)
def test_a_team_that_nobody_is_in(complete: bool, kept: int, named: bool) -> None:
    """A team without agents is named with the real teams. It is not if it may be on an unread page."""
    options = Selected(
        roster=5, kept=kept, exchange=ROSTER, teams_seen=("Billing", "Orders"), teams=("billing ", "Order")
    )
    found = situation(called("ab", complete=complete), options).only("RC801")
    assert ('no agent is in team "Order"; did you mean "Orders"?' in found.text) is named
    assert found.strength is (Strength.PROVEN if named else Strength.NOTE)
    assert "the teams of this roster: Billing, Orders" in f"{found.text} {found.fix_text}"


def test_without_options_nothing_is_ours() -> None:
    """Without options, agents that were not requested were not left out."""
    assert "RC801" not in selected(kept=2).codes()


def test_unknown_agent_is_not_left_out() -> None:
    """An agent that is not on the roster was not left out."""
    options = Selected(agents=("a", "z"), roster=1, kept=1, unknown=("z",), exchange=ROSTER)
    assert "RC801" not in situation(called("a", absent="z"), options).codes()
