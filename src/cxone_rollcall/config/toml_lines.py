"""The lines of a TOML text on which its values stand. The standard parser does not say them."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from typing import Any


def line_of(text: str, path: Sequence[str | int]) -> int:
    """The line, from 1, of the statement with a path's value. `text` is valid TOML.

    The text up to the end of each statement is valid, too, and has the values up to there.
    """
    lines = text.split("\n")
    low, high = 0, len(lines)  # the path is not in the first `low` lines, and it is in the first `high`
    while high - low > 1:
        middle = (low + high) // 2
        end = middle
        while (values := _values(lines[:end])) is None:
            end += 1
        if _has(values, path):
            high = middle
        else:
            low = middle
    return high


def _values(lines: Sequence[str]) -> dict[str, Any] | None:
    """The values of these lines, None if they end within a statement."""
    try:
        return tomllib.loads("\n".join(lines))
    except tomllib.TOMLDecodeError:
        return None


def _has(values: object, path: Sequence[str | int]) -> bool:
    for step in path:
        try:
            values = values[step]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            return False
    return True
