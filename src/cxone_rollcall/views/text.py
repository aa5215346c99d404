"""Makes any text safe and measurable on a terminal."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from rich.cells import cell_len, get_character_cell_size, set_cell_size

if TYPE_CHECKING:
    from cxone_rollcall.model.exchange import Exchange

ELLIPSIS = "…"
FEWEST_LETTERS = 6
MOST_MARKS = 8
"""Most accents on one letter. No script needs more, and a flood of them covers other lines."""
_BLANK = (
    *((0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2800, 0x2800), (0x3164, 0x3164)),
    *((0xFE00, 0xFE0F), (0xFFA0, 0xFFA0), (0x16FE4, 0x16FE4), (0x1D159, 0x1D159), (0xE0100, 0xE01EF)),
)
FILLERS = "".join(chr(point) for first, last in _BLANK for point in range(first, last + 1))
"""Characters drawn as nothing or as blanks. A name made of them looks empty, or like another.

Those of Default_Ignorable_Code_Point (UAX 44) that have a category of their own: joiners, Hangul fillers and
variation selectors; and three blanks that are no spaces: of Braille, Khitan script and musical notes."""

# Cc: controls (escapes, newlines). Cf: invisible marks (bidi overrides, zero width). Cs, Co, Cn: no character.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_BLANKS = re.compile("( +)")


def printable(text: str) -> str:
    r"""A text with escapes for deceptive characters, such as `\x1b` or `\u202e`.

    They could move the cursor, change the reading direction, or hide. Accents on one letter beyond `MOST_MARKS` are
    escaped too.
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
    """How a character is shown, and whether it takes a cell."""
    if unicodedata.category(character) in _HIDDEN or character in FILLERS:
        return _escaped(character), True
    return character, get_character_cell_size(character) > 0


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def width(text: str) -> int:
    """The cells of a printable text on a terminal."""
    return len(text) if text.isascii() else cell_len(text)


def brief(text: str, cells: int) -> str:
    """Any text, made printable and cut to `cells`. It reads only the beginning of a huge one."""
    return shortened(printable(text[: (cells + 1) * (MOST_MARKS + 1)]), cells)


def by_words(text: str, cells: int) -> str:
    """A text made printable and cut to `cells`, between two words.

    Fewer than `FEWEST_LETTERS` of a word are not worth showing.
    """
    shown = printable(text[: (cells + 1) * (MOST_MARKS + 1)])
    if width(shown) <= cells:
        return shown
    words = set_cell_size(shown, max(cells - 1, 0)).rpartition(" ")[0].rstrip()
    if words:
        return f"{words} {ELLIPSIS}"
    return shortened(shown, cells) if cells > FEWEST_LETTERS else ELLIPSIS[:cells]


def padded(text: str, cells: int) -> str:
    """A printable text with blanks up to `cells`. A longer one stays whole."""
    return text + " " * max(cells - width(text), 0)


def shortened(text: str, cells: int) -> str:
    """A printable text in at most `cells`, cut with an ellipsis."""
    return text if width(text) <= cells else fit(text, cells)


def fit(text: str, cells: int) -> str:
    """A printable text in exactly `cells`: padded, or cut with an ellipsis."""
    length = width(text)
    if length <= cells:
        return text + " " * (cells - length)
    return set_cell_size(text, cells - 1) + ELLIPSIS if cells > 0 else ""


def wrapped(line: str, cells: int | None, indent: str) -> str:
    """A printable line wrapped at blanks, further lines indented.

    Words are never broken, so they can be copied. Without `cells` the line is not wrapped.
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


def contents(exchange: Exchange) -> Iterator[str]:
    """Headers and bodies of an exchange, line by line. `>` marks what was sent, `<` what was received."""
    for mark, headers, body in (
        (">", exchange.request_headers, exchange.request_body),
        ("<", exchange.response_headers, exchange.response_body),
    ):
        yield from (f"  {mark} {printable(name)}: {printable(value)}" for name, value in headers)
        yield from (f"  {mark} {printable(line)}" for line in body.splitlines())
