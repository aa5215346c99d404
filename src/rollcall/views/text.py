"""Making any text safe and measurable on a terminal."""

from __future__ import annotations

import unicodedata

from rich.cells import cell_len, set_cell_size

ELLIPSIS = "…"

# Cc: controls (escapes, newlines). Cf: invisible marks (right-to-left overrides, zero-width). Cs, Co: no character.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def printable(text: str) -> str:
    r"""Return a text in which nothing can move the cursor, turn the direction of reading or hide: `\x1b`, `\u202e`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(character) if unicodedata.category(character) in _HIDDEN else character for character in text)


def _shown(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def width(text: str) -> int:
    """Return how many cells a printable text takes on a terminal."""
    return len(text) if text.isascii() else cell_len(text)


def shortened(text: str, cells: int) -> str:
    """Return a printable text in at most so many cells, cut with an ellipsis where it is longer."""
    return text if width(text) <= cells else fit(text, cells)


def fit(text: str, cells: int) -> str:
    """Return a printable text in exactly so many cells: padded, or cut with an ellipsis."""
    length = width(text)
    if length <= cells:
        return text + " " * (cells - length)
    return set_cell_size(text, cells - 1) + ELLIPSIS if cells > 1 else ELLIPSIS[:cells]
