"""Sections and tables of the campaigns' pages, as lines of Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

_UNIT = re.compile(r"(?<=\d) (?=(?:s|ms|us|x|kB|MB|GB)\b)")
_NO_BREAK = "\N{NO-BREAK SPACE}"


def section(title: str, *parts: Iterable[str]) -> Iterator[str]:
    """Yield a heading and each part's lines. An empty line follows each."""
    yield f"## {title}\n"
    for part in parts:
        yield from part
        yield ""


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table. A number and its unit stay on one line."""
    for row in (columns, ["---"] * len(columns), *rows):
        yield f"| {' | '.join(_UNIT.sub(_NO_BREAK, cell) for cell in row)} |"
