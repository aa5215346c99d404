"""The rows of a report as a table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from cxone_rollcall.model.wording import counted
from cxone_rollcall.views.html.escape import isolated
from cxone_rollcall.views.reports.words import clock, duration, in_a_day, percentage

if TYPE_CHECKING:
    from cxone_rollcall.reports.report import Cell, Report

MOST_ROWS = 1_000
MOST_UNFOLDED = 100
"""Rows that are shown at once, and printed: three pages of paper."""


def rows(report: Report, name: str = "rows", heading: str = "Rows") -> Iterator[str]:
    """Yield the section of the rows. A page has at most `MOST_ROWS`."""
    yield f"<section id={name}><h2>{heading}</h2>"
    if not report.rows:
        yield "<p>There are none.</section>"
        return
    left = len(report.rows) - MOST_ROWS
    yield "<p>Time spans are hours, minutes and seconds."
    if left > 0:
        yield f" <strong>Rows not on this page: {left:,}</strong>; <code>--format csv</code> has all of them."
    folded = "class=long" if len(report.rows) > MOST_UNFOLDED else "open"
    yield f"<details {folded}><summary>{counted(len(report.rows), 'row')}</summary>"
    yield f'<div class=wide tabindex=0 role=region aria-label="{heading}">'
    yield "<table class=rows><thead><tr>"
    yield "".join(f"<th scope=col{_numeric(name)}>{_heading(name)}" for name in report.columns)
    yield "</thead><tbody>"
    one_day = in_a_day(report.begin, report.end)
    for row in report.rows[:MOST_ROWS]:
        cells = zip(report.columns, row, strict=True)
        yield (
            "<tr>"
            + "".join(f"<td{_numeric(column)}>{_cell(column, cell, report, one_day=one_day)}" for column, cell in cells)
            + "\n"
        )
    yield "</tbody></table></div></details></section>"


def _heading(column: str) -> str:
    """The name of a column for people. Its time spans are not in seconds here."""
    return column.removesuffix("_seconds").replace("_", " ").replace("seconds", "time").capitalize()


def _numeric(column: str) -> str:
    return " class=n" if column.endswith(("seconds", "_low", "_high", "_slack")) or column == "agents" else ""


def _cell(column: str, cell: Cell, report: Report, *, one_day: bool) -> str:
    if isinstance(cell, datetime):
        if one_day:
            return "24:00" if cell.date() > report.begin.date() else clock(cell)
        return f"{cell:%Y-%m-%d} {clock(cell)}"
    if isinstance(cell, int) and column.endswith("seconds"):
        return duration(cell)
    if isinstance(cell, float):
        return percentage(cell)
    return isolated(cell) if isinstance(cell, str) else "" if cell is None else str(cell)
