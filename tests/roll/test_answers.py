"""What one response says, and what controls ask. Pure values."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxone_rollcall.contracts.protocol import StateRows
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.roll.by_id.answer import FEW_STRAYS, Answer, Batch, halves, pieces, read_answer
from cxone_rollcall.roll.by_id.controls import Control, fixed_controls, in_order, random_controls, spread

IDS = st.lists(st.integers(0, 999).map(str), unique=True, max_size=40).map(tuple)


def answer(asked: str, rows: str, *, complaint: str = "", owner: str | None = None, **states: str) -> Answer:
    """The answer with these rows to these ids, each a letter. `states` are states other than Available."""
    found = tuple(AgentState(one, states.get(one, "Available")) for one in rows)
    return read_answer(tuple(asked), StateRows(rows=found, complaint=complaint), 7, owner)


def test_rows_are_sorted_by_what_was_asked() -> None:
    """Requested agents have a row or none. Rows of other agents are strays."""
    read = answer("abc", "bz")
    assert read.with_row == {"b"}
    assert read.without_row == ("a", "c")
    assert [row.agent_id for row in read.strays] == ["z"]
    assert read.named == {"b", "z"}
    assert (read.fits, answer("abc", "ab").fits) == (False, True)


@pytest.mark.parametrize(
    ("rows", "first", "end"), [("ad", 0, 4), ("bc", 1, 3), ("c", 2, 3), ("a", 0, 1), ("d", 3, 4), ("", 0, 0)]
)
def test_where_the_rows_are(rows: str, first: int, end: int) -> None:
    """A batch knows the places of its first and last row."""
    assert answer("abcd", rows).batch == Batch(("a", "b", "c", "d"), len(rows), 7, first, end)


def test_a_batch_without_rows() -> None:
    """A batch has no places of rows unless they are given."""
    assert Batch(("a", "b"), 0, 7) == answer("ab", "").batch


def test_two_rows_of_one_agent() -> None:
    """The first of two rows counts. If one of them is logged out, nothing is known of the agent."""
    rows = (AgentState("a", "Available"), AgentState("a", "Break"), AgentState("b", "Busy"))
    read = read_answer(("a", "b"), StateRows(rows=rows), 7, None)
    assert read.rows["a"].state == "Available"
    assert [(one.first.state, one.second.state) for one in read.second_rows] == [("Available", "Break")]
    assert (read.disputed, read.batch.rows) == (frozenset(), 2)
    rows = (AgentState("a", "Available"), AgentState("a", "LoggedOut"), AgentState("b", "Busy"))
    read = read_answer(("a", "b"), StateRows(rows=rows), 7, None)
    assert (read.disputed, set(read.rows), read.batch.rows) == (frozenset("a"), {"b"}, 1)
    assert read.with_row == {"a", "b"}
    assert read.without_row == ()


@pytest.mark.parametrize(("asked", "sent"), [("ABC", "abc"), ("abc", "ABC"), ("7", "007"), ("007", "7"), ("0", "000")])
def test_an_id_in_another_spelling(asked: str, sent: str) -> None:
    """Letter case and leading zeros of an id make no difference. The id as requested counts."""
    read = read_answer((asked, "x"), StateRows(rows=(AgentState(sent, "Busy", "Email", "now"),)), 7, None)
    assert read.rows == {asked: AgentState(asked, "Busy", "Email", "now")}
    assert read.fits


def test_an_id_of_two_spellings_is_nobodys() -> None:
    """A third spelling of two requested ids is a stray."""
    read = read_answer(("7", "07"), StateRows(rows=(AgentState("007", "Busy"),)), 7, None)
    assert (read.fits, read.without_row) == (False, ("7", "07"))
    exact = read_answer(("7", "07"), StateRows(rows=(AgentState("07", "Busy"),)), 7, None)
    assert set(exact.rows) == {"07"}


@pytest.mark.parametrize(
    ("asked", "rows", "other"),
    [("a", "xyz", True), ("a", "xy", False), ("abcd", "abcdwxyz", False), ("abc", "abcwxyz", True)],
)
def test_rows_of_another_question(asked: str, rows: str, *, other: bool) -> None:
    """Mostly strays are those of another question. Two are not."""
    assert FEW_STRAYS == 2
    assert answer(asked, rows).is_of_another_question is other


def test_what_confirms_an_absence() -> None:
    """A complete and fitting answer with a row confirms absence. The token's own row does not count."""
    assert answer("ab", "a").confirms_absence
    assert answer("ab", "a", owner="b").confirms_absence
    assert answer("ab", "ab", owner="b").confirms_absence
    assert not answer("ab", "b", owner="b").confirms_absence
    assert not answer("ab", "").confirms_absence
    assert not answer("ab", "az").confirms_absence
    assert not answer("ab", "a", complaint="cut").confirms_absence
    both = StateRows(rows=(AgentState("a", "Busy"), AgentState("a", "LoggedOut")))
    assert not read_answer(("a", "b"), both, 7, None).confirms_absence


@given(IDS, st.integers(0, 50))
def test_ids_in_pieces(ids: tuple[str, ...], size: int) -> None:
    """Halves and pieces have every id once, in order. They are as large as allowed."""
    first, second = halves(ids)
    assert (*first, *second) == ids
    assert 0 <= len(first) - len(second) <= 1
    parts = list(pieces(ids, size))
    assert tuple(one for part in parts for one in part) == ids
    assert all(len(part) == max(1, size) for part in parts[:-1])
    assert all(0 < len(part) <= max(1, size) for part in parts)


KNOWN = tuple(f"k{number:03}" for number in range(300))
ABSENT = tuple(f"a{number:03}" for number in range(300))


@given(st.integers(1, 300), st.integers(0, 300), st.integers(1, 120), st.integers(2, 40), st.integers(0, 99))
def test_random_controls(known: int, absent: int, size: int, most: int, seed: int) -> None:
    """Half of a control's agents have a row. The others are absent. It has no more than its size."""
    made = list(random_controls(KNOWN[:known], ABSENT[:absent], size, Random(seed), most=most))
    assert 2 <= len(made) <= max(most, 4)
    for control in made:
        ids = set(control.agent_ids)
        assert len(ids) == len(control.agent_ids) <= max(size, 1)
        assert control.present <= ids & set(KNOWN[:known])
        assert ids - control.present <= set(ABSENT[:absent])
        assert len(control.present) == min(known, max(1, size // 2))
        assert len(ids - control.present) == min(absent, size - len(control.present))
        assert not control.ordered


@pytest.mark.parametrize(
    ("size", "most", "count"), [(100, 9, 4), (20, 20, 10), (20, 4, 4), (2, 500, 100), (1, 500, 100)]
)
def test_the_number_of_random_controls(size: int, most: int, count: int) -> None:
    """Random controls ask for a hundred known rows in all. There are four at least."""
    assert len(list(random_controls(KNOWN, ABSENT, size, Random(1), most=most))) == count


@given(st.integers(0, 20), st.integers(0, 40), st.integers(0, 99))
def test_a_varied_control(known: int, absent: int, seed: int) -> None:
    """A varied control has all known agents, and most absent ones. An ordered one stays."""
    control = Control((*KNOWN[:known], *ABSENT[:absent]), frozenset(KNOWN[:known]))
    varied = control.varied(Random(seed))
    assert set(varied.agent_ids) <= set(control.agent_ids)
    assert varied.present == control.present <= set(varied.agent_ids)
    assert absent // 2 <= len(varied.agent_ids) - known <= absent
    assert len(set(varied.agent_ids)) == len(varied.agent_ids)
    ordered = control._replace(ordered=True)
    assert ordered.varied(Random(seed)) is ordered


def test_variations_differ() -> None:
    """Variations of a control differ in their order and their number."""
    control = Control((*KNOWN[:20], *ABSENT[:40]), frozenset(KNOWN[:20]))
    varied = [control.varied(Random(seed)).agent_ids for seed in range(20)]
    assert len(set(varied)) == 20
    assert len({len(one) for one in varied}) > 5


def batch(ids: tuple[str, ...], rows: int) -> Batch:
    """A batch that had this many rows."""
    return Batch(ids, rows, 7)


def numbers(*values: int) -> tuple[str, ...]:
    """Ids in the order of their numbers."""
    return tuple(map(str, values))


def test_a_fixed_control_between_two_known_agents() -> None:
    """If all absent agents fit, they stand between two known ones."""
    absent = numbers(20, 30, 40)
    (control,) = fixed_controls([batch(numbers(20, 30, 40, 50, 60), 3)], absent, numbers(10, 50, 90), 3)
    assert control == Control(numbers(10, 20, 30, 40, 90), frozenset(numbers(10, 90)), ordered=True)


def test_a_fixed_control_with_more_rows_than_any_answer() -> None:
    """A control is as large as the largest batch. It has more known rows than any answer."""
    absent, known = numbers(*range(20, 29)), numbers(10, 11, 12, 13, 90)
    (control,) = fixed_controls([batch(absent, 3), batch(absent[:4], 1)], absent, known, 3)
    assert len(control.agent_ids) == 9
    assert control.present == frozenset(numbers(10, 12, 13, 90))
    assert control.agent_ids == numbers(10, 20, 21, 22, 23, 24, 12, 13, 90)
    assert control.ordered


def test_absent_agents_in_between_come_first() -> None:
    """Absent agents between the known ones fill a control first. Numbers count, not letters."""
    absent = numbers(5, 100, 1000, 200, 2000, 6)
    (control,) = fixed_controls([batch(absent, 2)], absent, numbers(9, 10, 500), 2)
    assert control.agent_ids == ("9", "100", "200", "5", "10", "500")


def test_too_few_known_agents() -> None:
    """A single known agent stands at the end, then first. Full batches are asked for again."""
    absent = numbers(*range(20, 26))
    doubtful = [batch(absent[:4], 1), batch(absent[2:], 0)]
    controls = list(fixed_controls(doubtful, absent, numbers(10), 1))
    assert [one.agent_ids for one in controls] == [
        numbers(20, 21, 22, 10),
        numbers(10, 20, 21, 22),
        numbers(20, 21, 22, 23),
    ]
    assert [one.present for one in controls] == [frozenset({"10"}), frozenset({"10"}), frozenset()]
    assert all(one.ordered for one in controls)


def test_no_more_known_rows_than_an_answer_had() -> None:
    """With few known agents, one stands behind a full batch's absent ones."""
    absent = numbers(*range(20, 26))
    controls = list(fixed_controls([batch(absent, 2)], absent, numbers(10, 90), 2))
    assert [one.agent_ids for one in controls] == [
        numbers(10, 20, 21, 22, 23, 90),
        numbers(20, 21, 22, 23, 24, 90),
        numbers(25, 90),
    ]
    assert [one.present for one in controls[1:]] == [frozenset({"90"})] * 2


def test_the_order_of_ids() -> None:
    """Ids of digits are in the order of their numbers."""
    assert sorted(("10", "9", "100", "11"), key=in_order) == ["9", "10", "11", "100"]


@given(IDS, IDS, st.integers(1, 50))
def test_known_agents_spread_among_others(present: tuple[str, ...], others: tuple[str, ...], size: int) -> None:
    """Known agents stand at both ends and at even distances. Each id is there once, up to the size."""
    others = tuple(f"x{one}" for one in others)
    present = present[:size]
    mixed = spread(present, others, size)
    assert len(mixed) == len(set(mixed)) == min(size, len(present) + len(others))
    assert set(mixed) <= {*present, *others}
    places = [place for place, one in enumerate(mixed) if one in present]
    assert [mixed[place] for place in places] == list(present[: len(places)])
    assert set(present) <= set(mixed)
    if len(present) > 1:
        assert (places[0], places[-1]) == (0, len(mixed) - 1)
        gaps = [after - before for before, after in pairwise(places)]
        assert max(gaps) - min(gaps) <= 1


@given(st.integers(1, 60), st.integers(1, 40), st.integers(1, 40), st.integers(0, 40))
def test_no_fixed_control_is_too_large(size: int, known: int, absent: int, rows: int) -> None:
    """A fixed control is no larger than the largest batch. Each id is there once."""
    doubtful = [batch(ABSENT[:size], min(rows, size)), batch(ABSENT[: (size + 1) // 2], 0)]
    for control in fixed_controls(doubtful, ABSENT[:absent], KNOWN[:known], rows):
        assert len(control.agent_ids) == len(set(control.agent_ids)) <= size
        assert control.present <= set(control.agent_ids)
