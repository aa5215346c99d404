"""Which values of a test are for every run, and which for the thorough ones alone (`python3 dev.py test`)."""

from __future__ import annotations

from collections.abc import Iterable

import pytest


def mostly_thorough(values: Iterable[object], *, quick: int) -> list[object]:
    """Return the values, those after the first few marked as thorough."""
    return [
        value if place < quick else pytest.param(value, marks=pytest.mark.thorough)
        for place, value in enumerate(values)
    ]
