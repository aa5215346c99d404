"""One condition over time: pending, firing, blind, ended. Pure values."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from cxone_rollcall.alerts.spells import Spells
from cxone_rollcall.alerts.unit import Truth, Unit
from cxone_rollcall.live.seat import Certainty, Seat, Since
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.struct import replace

T, F, D, U = Truth.TRUE, Truth.FALSE, Truth.DOUBTFUL, Truth.UNSEEN


def play(
    truths: Sequence[Truth], *, for_: float = 0.0, keep: float = 0.0, step: float = 10.0
) -> tuple[Unit, list[bool]]:
    """A unit that takes these truths, and whether it went on. One each ten seconds, from 100 on."""
    unit = Unit(rule="rule", team="", subject="1", began=100.0)
    goes_on = [
        unit.take(truth, 100.0 + step * number, for_=for_, keep_firing_for=keep) for number, truth in enumerate(truths)
    ]
    return unit, goes_on


def test_nothing_is_known_before_the_first_poll() -> None:
    """Before its first poll a unit has only name and begin."""
    fresh = Unit(rule="rule", team="", subject="1", began=100.0)
    assert {name for name in Unit.__struct_fields__ if getattr(fresh, name)} == {"rule", "subject", "began"}


def test_a_condition_fires_at_once() -> None:
    """Without a time to wait, a condition fires and ends at once."""
    unit, goes_on = play([T])
    assert (unit.firing, unit.fired, goes_on) == (True, 100.0, [True])
    assert play([T, T, F])[1] == [True, True, False]


@pytest.mark.parametrize(("truths", "fired"), [([T, T], None), ([T, T, T], 120.0), ([T, T, T, T], 120.0)])
def test_a_condition_is_pending_first(truths: list[Truth], fired: float | None) -> None:
    """A condition fires once it was seen true for its time."""
    unit, goes_on = play(truths, for_=20.0)
    assert (unit.firing, unit.fired) == (fired is not None, fired)
    assert all(goes_on)


def test_a_pending_condition_ends_at_once() -> None:
    """A pending condition that is false ends at once."""
    assert play([T, F], for_=60.0, keep=60.0)[1] == [True, False]


def test_a_firing_condition_may_go_on() -> None:
    """A firing condition goes on for its time while it is false. A true poll in between begins that time again."""
    assert play([T, F, F, F], keep=20.0)[1] == [True, True, True, False]
    assert play([T, F, F, T, F, F, F], keep=20.0)[1] == [True, True, True, True, True, True, False]


@pytest.mark.parametrize("gap", [D, U])
def test_no_time_passes_without_a_sight(gap: Truth) -> None:
    """Time between polls that show nothing counts for nothing."""
    unit, _ = play([T, gap, gap, T, T], for_=20.0)
    assert (unit.firing, unit.held) == (False, 10.0)
    unit, goes_on = play([T, F, gap, F, F], keep=20.0)
    assert (goes_on[-1], unit.calm) == (True, 10.0)


def test_a_change_of_mind_counts_no_time() -> None:
    """The time between false and true counts for neither."""
    unit, _ = play([T, F, T], keep=100.0)
    assert (unit.held, unit.calm) == (0.0, 0.0)


def test_a_clock_that_goes_back_counts_nothing() -> None:
    """A clock that goes back takes no time away."""
    assert play([T, T], step=-10.0)[0].held == 0.0


@pytest.mark.parametrize(
    ("truths", "blind"),
    [
        ([T, U, U], False),
        ([T, U, U, U], True),
        ([T, U, U, D, U], False),
        ([T, U, U, U, D], True),
        ([T, U, U, U, T], False),
        ([T, U, U, U, F], False),
        ([T, D, D, D, D], False),
    ],
)
def test_a_firing_condition_goes_blind(truths: list[Truth], *, blind: bool) -> None:
    """Three polls without data make a firing condition blind. One that settles it ends that."""
    unit, goes_on = play(truths, keep=100.0)
    assert (unit.blind, unit.firing) == (blind, True)
    assert all(goes_on)


def test_a_pending_condition_is_not_blind() -> None:
    """A pending condition goes on without data. It is not blind."""
    unit, goes_on = play([T, U, U, U, U], for_=60.0)
    assert (unit.blind, unit.firing, goes_on[-1], unit.unseen) == (False, False, True, 4)


def seat(state: str = "Available", *, missed: int = 0, standing: Standing = Standing.PRESENT) -> Seat:
    """Agent 1 in this state. A sub-state follows a slash."""
    named, _, sub_state = state.partition("/")
    row = AgentState("1", named, sub_state or None) if standing is Standing.PRESENT else None
    since = Since(0.0, Certainty.AT_LEAST)
    return Seat(Agent("1"), standing, row, None, since, 0.0, missed)


def seen(*seats: tuple[float, Seat | None], longest: float = 100.0) -> Spells:
    """Spells after these boards of one agent."""
    spells = Spells(longest)
    for as_of, one in seats:
        spells.update({} if one is None else {"1": one}, frozenset(), as_of)
    return spells


def test_changes_are_counted_at_their_poll() -> None:
    """A change counts from its poll, while the rule looks back."""
    spells = seen((0.0, seat()), (50.0, seat("Break")), (60.0, seat("Break")), (100.0, seat()))
    assert spells.changes("1", within=100.0) == (2, True)
    assert spells.changes("1", within=50.0) == (1, True)
    assert spells.changes("1", within=51.0) == (2, True)
    assert spells.changes("1", within=101.0) == (2, False)
    assert spells.changes("2", within=100.0) == (0, False)


def test_each_part_of_a_state_may_change() -> None:
    """The standing, the state and the sub-state count. Time alone does not."""
    states = "Break", "Break/Lunch", "Break/Coffee", "Meeting/Coffee"
    boards = [(float(at), seat(state)) for at, state in enumerate(states)]
    out = seat(standing=Standing.LOGGED_OUT), seat(standing=Standing.ABSENT), seat(standing=Standing.ABSENT)
    boards += [(10.0 + at, one) for at, one in enumerate(out)]
    assert seen(*boards).changes("1", within=50.0) == (5, False)


def test_old_changes_are_forgotten() -> None:
    """Changes older than the longest rule are forgotten."""
    boards = [(float(at), seat("Break" if at % 20 else "Available")) for at in range(0, 300, 10)]
    assert seen(*boards).changes("1", within=1000.0) == (10, False)


def test_out_of_sight() -> None:
    """An agent out of sight counts nothing. Seen again, a new state is a change, and its sight begins anew."""
    for gap in (seat(missed=1), seat(standing=Standing.UNKNOWN)):
        spells = seen((0.0, seat()), (10.0, gap))
        assert spells.changes("1", within=5.0) == (0, False)
        spells.update({"1": seat("Break")}, frozenset(), 20.0)
        assert spells.changes("1", within=20.0) == (1, False)
        spells.update({"1": seat("Break")}, frozenset(), 40.0)
        assert spells.changes("1", within=20.0) == (0, True)


def test_who_left_the_roster_is_forgotten() -> None:
    """An agent who left the roster begins anew."""
    assert seen((0.0, seat()), (10.0, None), (20.0, seat("Break"))).changes("1", within=50.0) == (0, False)


def test_a_doubted_absence_is_no_change() -> None:
    """An absence that says nothing is no change. Another one is."""
    absent = seat(standing=Standing.ABSENT)
    for doubted, count in ((frozenset({"1"}), 0), (frozenset[str](), 1)):
        spells = seen((0.0, seat()))
        spells.update({"1": absent}, doubted, 10.0)
        spells.update({"1": replace(absent)}, doubted, 20.0)
        assert spells.changes("1", within=50.0)[0] == count


def test_without_a_rule_nothing_is_kept() -> None:
    """Nothing is kept without a rule on changes, or before a look."""
    assert seen((0.0, seat()), (10.0, seat("Break")), longest=0.0).changes("1", within=50.0) == (0, False)
    spells = Spells(100.0)
    spells.update({"1": seat()}, frozenset(), None)
    assert spells.changes("1", within=1.0) == (0, False)


def test_each_agent_is_counted_by_itself() -> None:
    """A new or unseen agent keeps no other from being counted."""
    spells = Spells(100.0)
    boards = ({"2": seat()}, {"1": seat(), "2": seat("Break")}, {"1": seat(missed=1), "2": seat()})
    for as_of, board in enumerate(boards):
        spells.update(board, frozenset(), 10.0 * as_of)
    assert spells.changes("2", within=100.0) == (2, False)
    assert spells.changes("1", within=100.0) == (0, False)
