"""RC501 to RC505: whether the roster is the whole roster."""

from __future__ import annotations

import pytest

from cxone_rollcall.findings.finding import Strength
from cxone_rollcall.model.failure import FailureKind, Stage
from cxone_rollcall.model.observations.base import Failures
from cxone_rollcall.model.observations.roster import PagingIgnored, RosterRead
from cxone_rollcall.model.observations.states import RowsLost, StatesAsked, StatesSeen

from .build import AGAIN, ROSTER, STATES, Example, Situation, called, failed, roster_of, situation, states_of

TRIO = called("ab", absent="c")
SHORT = called("ab", complete=False)
NOBODY = called()
WITHOUT_STATES = (StatesAsked, StatesSeen)


def roster(**said: object) -> Situation:
    """Return a run over three agents with this roster."""
    return situation(TRIO, roster_of(TRIO, **said))


TWICE = {"readings": 2, "agreed": True}
EXAMPLES = (
    Example(
        "RC501",
        seen=situation(NOBODY, roster_of(NOBODY, total=0), without=WITHOUT_STATES),
        strength=Strength.SUSPECTED,
        all=True,
        unlike=situation(NOBODY, roster_of(NOBODY, total=5), without=WITHOUT_STATES),  # it counts five, names none
        instead="RC504",
    ),
    Example(
        "RC502",
        seen=roster(capped=2, pages=2),
        strength=Strength.NOTE,
        unlike=roster(),  # a short page, and the whole roster
        instead=None,
    ),
    Example(
        "RC503",
        seen=roster(repeated=1, repeat_exchange=ROSTER, readings=3),
        strength=Strength.NOTE,
        unlike=situation(SHORT, roster_of(SHORT, total=5, totals=(5,))),  # too high a total that stands still
        instead="RC504",
    ),
    Example(
        "RC504",
        seen=situation(SHORT, roster_of(SHORT, total=5, **TWICE)),
        unlike=situation(  # a page failed: who was on it is no secret of the server's
            SHORT,
            roster_of(SHORT, total=5, failed_pages=1),
            Failures(items=(failed(FailureKind.SERVER_TROUBLE, Stage.ROSTER, status=503),), answered=2),
        ),
        instead="RC105",
    ),
    Example(
        "RC505",
        seen=roster(from_zero=2, zero_exchange=AGAIN),
        strength=Strength.NOTE,
        unlike=roster(zero_exchange=AGAIN),  # page 0 repeats page 1
        instead=None,
    ),
    Example(
        "RC517",
        seen=roster(paging_ignored=PagingIgnored(AGAIN, 3, True, "3 rows came where 1 was requested"), repeated=3),
        strength=Strength.NOTE,
        unlike=roster(repeated=1, repeat_exchange=AGAIN, readings=3),  # one agent came twice, and no whole page
        instead="RC503",
    ),
)


def test_refused_roster_is_not_empty() -> None:
    """A refused roster says nothing about the number of agents."""
    failures = Failures(items=(failed(FailureKind.FORBIDDEN, Stage.ROSTER, status=403),), answered=0)
    seen = situation(NOBODY, failures, without=(RosterRead, *WITHOUT_STATES))
    assert "RC501" not in seen.codes()


def test_rows_without_ids_are_no_empty_roster() -> None:
    """Rows without ids are agents: the roster is not empty."""
    seen = situation(NOBODY, roster_of(NOBODY, total=0, unnamed_rows=2), without=WITHOUT_STATES)
    assert "RC501" not in seen.codes()


def test_shift_that_settled_is_a_note() -> None:
    """A roster whose readings agree in the end is a note."""
    found = roster(totals=(3, 4), readings=3, settled=True).only("RC503")
    assert (found.strength, found.explains) == (Strength.NOTE, ())
    assert found.text == "the roster changed while it was read (total 3 then 4); settled after 3 readings"


def test_pages_that_never_agree_are_no_proof_of_a_shift() -> None:
    """Pages that contradict each other to the end are no proven shift.

    The finding says what would settle it: they may be broken.
    """
    found = roster(repeated=2, repeat_exchange=ROSTER, readings=4, settled=False).only("RC503")
    assert (found.strength, found.explains) == (Strength.SUSPECTED, ())
    assert found.text == "the pages contradict one another (2 agents came twice); not settled after 4 readings"
    assert found.settle == "read the roster while agents are not being edited"
    assert "moved" not in found.text


@pytest.mark.parametrize(
    ("gone", "text"),
    [
        (2, "the readings contradict one another (the last one lacks 2 agents of the earlier ones)"),
        (0, "no reading of the roster is surely whole (3 agents in the last one)"),
    ],
)
def test_a_roster_that_did_not_settle_says_so(gone: int, text: str) -> None:
    """An unsettled roster is a finding. Without it, an exit of 3 would have no reason."""
    found = roster(gone=gone, readings=4, settled=False, total=None).only("RC503")
    assert (found.strength, found.text) == (Strength.SUSPECTED, f"{text}; not settled after 4 readings")


@pytest.mark.parametrize("why", [{"failed_pages": 1}, {"cut_short": True}, {"total": 5}, {"settled": True}])
def test_an_unsettled_roster_is_explained_once(why: dict[str, object]) -> None:
    """Failed pages, an interrupt and a higher total have other findings."""
    assert "RC503" not in roster(**{"gone": 2, "readings": 4, "settled": False, "total": None, **why}).codes()


@pytest.mark.parametrize("total", [None, 3, 2])
def test_full_roster_is_not_short(total: int | None) -> None:
    """A roster is short only with fewer agents than its total."""
    assert "RC504" not in roster(total=total).codes()


def test_a_page_given_twice_may_stand_for_another() -> None:
    """After repeated agents, others may be missing: suspected."""
    twice = situation(SHORT, roster_of(SHORT, total=5, repeated=2, repeat_exchange=ROSTER, **TWICE))
    assert twice.only("RC504").strength is Strength.SUSPECTED
    assert situation(SHORT, roster_of(SHORT, total=5, **TWICE)).only("RC504").strength is Strength.PROVEN


def test_two_readings_must_agree() -> None:
    """A roster is proven short only if two readings agree. They must have the same agents and total."""
    for read in ({}, {"readings": 2}):
        found = situation(SHORT, roster_of(SHORT, total=5, **read)).only("RC504")
        assert (found.strength, bool(found.settle)) == (Strength.SUSPECTED, True)


def test_a_server_that_loses_rows_may_lose_agents_too() -> None:
    """If states come and go, a short roster is suspected."""
    short = roster_of(SHORT, total=5, **TWICE)
    noisy = situation(SHORT, short, states_of(SHORT, lost=RowsLost(STATES, AGAIN, 3, 50)))
    assert noisy.only("RC504").strength is Strength.SUSPECTED
    assert situation(SHORT, short, states_of(SHORT)).only("RC504").strength is Strength.PROVEN


@pytest.mark.parametrize("endless", [False, True])
def test_paging_that_may_hide_agents(endless: bool) -> None:
    """A page that may be truncated and an endless list are suspected.

    They may be of agents or of states. That agents are hidden is no fact.
    """
    ignored = PagingIgnored(AGAIN, 100, False, "the list may be cut at 100 rows", endless=endless)
    of_states = situation(TRIO, roster_of(TRIO), states_of(TRIO, paging_ignored=ignored))
    for which, seen in (("roster", roster(paging_ignored=ignored)), ("states", of_states)):
        found = seen.only("RC517")
        assert found.strength is Strength.SUSPECTED
        assert f"of the {which}: the list may be cut at 100 rows" in found.text
