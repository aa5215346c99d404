"""Each of several values in one test is tested."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from tests.support.many_values import together

NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4}


def is_odd(number: int, seen: list[int]) -> None:
    """Assert that a number is odd."""
    seen.append(number)
    assert number % 2


def runs(test: Any) -> list[Any]:
    """Return the runs that pytest makes of a test."""
    (mark,) = test.pytestmark
    return list(mark.args[1])


def test_each_value_that_fails_is_shown() -> None:
    """Each failing value is named, and all are tested. Other fixtures still work."""
    test, seen = together("number", NUMBERS)(is_odd), list[int]()
    (run,) = runs(test)
    assert list(inspect.signature(test).parameters) == ["_values", "seen"]
    with pytest.raises(ExceptionGroup, match="2 of 4 numbers") as raised:
        test(*run.values, seen=seen)
    assert seen == [1, 2, 3, 4]
    assert [error.__notes__ for error in raised.value.exceptions] == [["number: two"], ["number: four"]]


def test_what_is_thorough_is_a_run_of_its_own() -> None:
    """Thorough values have their own runs, marked as thorough."""
    first, *others = runs(together("number", NUMBERS, thorough={"two", "four"})(is_odd))
    assert (first.values, first.marks) == (({"one": 1, "three": 3},), ())
    assert [one.values for one in others] == [({"four": 4},), ({"two": 2},)]
    assert [mark.name for one in others for mark in one.marks] == ["thorough", "thorough"]
