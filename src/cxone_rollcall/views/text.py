"""Making any text safe and measurable on a terminal."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rich.cells import cell_len, get_character_cell_size, set_cell_size

ELLIPSIS = "…"
MOST_MARKS = 8
"""So many accents may stand on one letter; no script needs more, and a flood of them covers the lines above."""
FILLERS = "\u115f\u1160\u17b4\u17b5\u3164\uffa0"
"""Letters that are drawn as nothing: a name of them looks like no name."""

# Cc: controls (escapes, newlines). Cf: invisible marks (right-to-left overrides, zero-width). Cs, Co: no character.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_BLANKS = re.compile("( +)")


def printable(text: str) -> str:
    r"""Return a text in which nothing can move the cursor, turn the direction of reading or hide: `\x1b`, `\u202e`.

    Of many accents on one letter the first `MOST_MARKS` are drawn, and the others are escaped too.
    """
    if text.isascii() and text.isprintable():
        return text
    shown, marks = [], 0
    for character in text:
        safe, takes_room = _shown(character)
        marks = 0 if takes_room else marks + 1
        shown.append(safe if marks <= MOST_MARKS else _escaped(character))
    return "".join(shown)


@lru_cache(maxsize=4096)
def _shown(character: str) -> tuple[str, bool]:
    """Return how a character is shown, and whether it takes a cell of its own."""
    if unicodedata.category(character) in _HIDDEN or character in FILLERS:
        return _escaped(character), True
    return character, get_character_cell_size(character) > 0


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def width(text: str) -> int:
    """Return how many cells a printable text takes on a terminal."""
    return len(text) if text.isascii() else cell_len(text)


def brief(text: str, cells: int) -> str:
    """Return any text, made printable, in at most so many cells; of a huge one no more is looked at than is shown."""
    return shortened(printable(text[: (cells + 1) * (MOST_MARKS + 1)]), cells)


def shortened(text: str, cells: int) -> str:
    """Return a printable text in at most so many cells, cut with an ellipsis where it is longer."""
    return text if width(text) <= cells else fit(text, cells)


def fit(text: str, cells: int) -> str:
    """Return a printable text in exactly so many cells: padded, or cut with an ellipsis."""
    length = width(text)
    if length <= cells:
        return text + " " * (cells - length)
    return set_cell_size(text, cells - 1) + ELLIPSIS if cells > 1 else ELLIPSIS[:cells]


def wrapped(line: str, cells: int | None, indent: str) -> str:
    """Break a long printable line at blanks, the rest behind the indent; a word is never broken, so it can be copied.

    Without `cells` the line stays whole.
    """
    if cells is None or width(line) <= cells:
        return line.rstrip()
    lines: list[str] = []
    now, taken, begun = "", 0, False
    for part in _BLANKS.split(line):
        room = width(part)
        if part and not part.isspace() and begun and taken + room > cells:
            lines.append(now.rstrip())
            now, taken = indent, len(indent)
        now, taken, begun = now + part, taken + room, begun or bool(part.strip())
    return "\n".join((*lines, now.rstrip()))
