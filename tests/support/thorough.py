"""Which values of a test are for every run, and which for the thorough ones alone (`python3 dev.py test`)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import Any

import pytest
from hypothesis import settings


def mostly_thorough(values: Iterable[Any], *, quick: int) -> list[Any]:
    """Return the values, those after the first few marked as thorough."""
    return [value if place < quick else _thorough(value) for place, value in enumerate(values)]


def sampled(values: Iterable[Any], *, every: int) -> list[Any]:
    """Return the values, all but each so-and-so-manieth marked as thorough; for a table whose rows are of a kind."""
    return [_thorough(value) if place % every else value for place, value in enumerate(values)]


def crossed(*lists: Iterable[Any], every: int) -> list[Any]:
    """Return each value with each of the others, all but each so-and-so-manieth row marked as thorough.

    ValueError where some value would be met in thorough runs alone: another `every` reaches it.
    """
    columns = [list(values) for values in lists]
    rows = list(product(*columns))
    for column, met in zip(columns, zip(*rows[::every], strict=True), strict=True):
        if left_out := [value for value in column if value not in met]:
            raise ValueError(f"left out of every run by every={every}: {left_out}")
    return sampled(rows, every=every)


def examples(thorough: int) -> settings:
    """Return the bounds of a property that is worth so many examples in a thorough run, and a third of them else."""
    quick = settings().max_examples < settings.get_profile("thorough").max_examples
    return settings(max_examples=-(-thorough // 3) if quick else thorough)


def _thorough(value: Any) -> Any:
    if isinstance(value, type(pytest.param())):
        return pytest.param(*value.values, id=value.id, marks=[*value.marks, pytest.mark.thorough])
    values = value if isinstance(value, tuple) else (value,)
    return pytest.param(*values, marks=pytest.mark.thorough)
