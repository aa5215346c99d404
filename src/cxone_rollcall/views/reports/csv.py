"""A report as CSV: the header, then a line per row.

Formulas in texts are neutralised as in the CSV of agents. Coverage and notes are not in it, so that it stays a table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from cxone_rollcall.views.csv import lines, neutral
from cxone_rollcall.views.reports.words import Texts, iso

if TYPE_CHECKING:
    from cxone_rollcall.reports.report import Report

_AT_ONCE = 2_000
"""Rows per piece, of about 200 kB."""


def report(
    report: Report, *, delimiter: str = ",", show: Callable[[str], str] = str, mark: bytes = b""
) -> Iterator[bytes]:
    """Yield a report as CSV in UTF-8. `show` converts each text, and `mark` stands before the header."""
    yield mark + lines([report.columns], delimiter)
    texts = Texts(lambda text: show(neutral(text)), iso)
    for start in range(0, len(report.rows), _AT_ONCE):
        some = report.rows[start : start + _AT_ONCE]
        yield lines((map(texts.of, row) for row in some), delimiter)
