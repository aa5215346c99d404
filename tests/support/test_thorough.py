"""Quick runs leave out marked rows, but no value altogether."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.thorough import crossed, mostly_thorough, sampled


def quick(rows: list[Any]) -> list[Any]:
    """Return the rows that are not marked."""
    return [row for row in rows if not getattr(row, "marks", ())]


def test_few_values_are_unmarked() -> None:
    """Only the first few values, or every `every`-th, are unmarked. All others are marked, and keep their marks."""
    assert quick(mostly_thorough("abcd", quick=2)) == ["a", "b"]
    assert quick(sampled("abcdefg", every=3)) == ["a", "d", "g"]
    mine = pytest.param("b", id="mine", marks=pytest.mark.skip)
    _, late = mostly_thorough(["a", mine], quick=1)
    assert (late.values, late.id, {mark.name for mark in late.marks}) == (("b",), "mine", {"skip", "thorough"})


def test_each_value_is_in_a_quick_run() -> None:
    """Each value is in a quick run. Each combination is in a thorough one."""
    rows = crossed("ab", [1, 2, 3], every=2)
    assert quick(rows) == [("a", 1), ("a", 3), ("b", 2)]
    assert [row.values for row in rows if row not in quick(rows)] == [("a", 2), ("b", 1), ("b", 3)]


def test_a_value_that_would_be_left_out_is_refused() -> None:
    """A step that would leave out a value is an error."""
    assert len(crossed("abc", "xyz", every=2)) == 9
    with pytest.raises(ValueError, match=r"every=3: \['y', 'z'\]"):
        crossed("abc", "xyz", every=3)
