"""Marks most values of a test as thorough. `python3 dev.py quick` leaves them out, `python3 dev.py test` runs them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import Any

import pytest
from hypothesis import settings


def mostly_thorough(values: Iterable[Any], *, quick: int) -> list[Any]:
    """Return the values; all but the first `quick` are marked as thorough."""
    return [value if place < quick else _thorough(value) for place, value in enumerate(values)]


def sampled(values: Iterable[Any], *, every: int) -> list[Any]:
    """Return the values; all but every `every`-th are marked as thorough."""
    return [_thorough(value) if place % every else value for place, value in enumerate(values)]


def crossed(*lists: Iterable[Any], every: int) -> list[Any]:
    """The product of the lists, with most rows marked as thorough. Every `every`-th row is not.

    ValueError if a value would be in thorough rows only: choose another `every`.
    """
    columns = [list(values) for values in lists]
    rows = list(product(*columns))
    for column, met in zip(columns, zip(*rows[::every], strict=True), strict=True):
        if left_out := [value for value in column if value not in met]:
            raise ValueError(f"left out of every run by every={every}: {left_out}")
    return sampled(rows, every=every)


def examples(thorough: int) -> settings:
    """Hypothesis settings with this many examples in a thorough run. A quick one has a fifth of them."""
    quick = settings().max_examples < settings.get_profile("thorough").max_examples
    return settings(max_examples=-(-thorough // 5) if quick else thorough)


def _thorough(value: Any) -> Any:
    if isinstance(value, type(pytest.param())):
        return pytest.param(*value.values, id=value.id, marks=[*value.marks, pytest.mark.thorough])
    values = value if isinstance(value, tuple) else (value,)
    return pytest.param(*values, marks=pytest.mark.thorough)
