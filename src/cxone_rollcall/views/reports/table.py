"""A report as a table that fits the terminal. Coverage and notes follow it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import zip_longest
from typing import TYPE_CHECKING

from cxone_rollcall.views.reports.words import Texts, in_a_day, offset, sentences, shows_twice, title
from cxone_rollcall.views.table import BETWEEN, LONGEST
from cxone_rollcall.views.text import brief, by_words, padded, printable, width, wrapped

if TYPE_CHECKING:
    from cxone_rollcall.reports.report import Cell, Report

CUT = {"name": 8, "team": 8}
"""Columns that a narrow terminal cuts, and their least cells. Ids, states and figures stay whole."""


def report(report: Report, cells: int | None) -> Iterator[bytes]:
    """Yield heading, rows, coverage and notes to fit `cells`. In a pipe (None) nothing is cut."""
    yield _encoded(f"{title(report)} ({report.tz}), {printable(report.tenant)}\n\n")
    if report.rows:
        yield from _rows(report, cells)
    else:
        yield b"No rows.\n"
    yield b"\n"
    for sentence in sentences(report):
        yield _encoded(wrapped(printable(sentence), cells, "  ") + "\n")


def _rows(report: Report, cells: int | None) -> Iterator[bytes]:
    brief_times = cells is not None and in_a_day(report.begin, report.end)
    made = Texts(lambda text: brief(text, LONGEST), lambda moment: _time(moment, report, brief_times=brief_times))
    texts = [[str(made.of(cell)) for cell in row] for row in report.rows]
    headings = [name.split("_") if cells is not None else [name] for name in report.columns]
    numeric = [all(cell is None or isinstance(cell, int | float) for cell in column) for column in _columns(report)]
    widths = [
        max(map(width, (*names, *column))) for names, column in zip(headings, zip(*texts, strict=True), strict=True)
    ]
    shown = list(range(len(widths)))
    if cells is not None:
        shown = _fitting(report, widths, cells)
    for line in (*zip_longest(*headings, fillvalue=""), *texts):
        parts = [_cell(line[place], widths[place], to_the_right=numeric[place]) for place in shown]
        yield _encoded(BETWEEN.join(parts).rstrip() + "\n")
    if left := [name for place, name in enumerate(report.columns) if place not in shown]:
        words = f"Not shown, because the same in every row: {', '.join(left)}."
        yield _encoded(f"\n{wrapped(words, cells, '  ')}\n")


def _columns(report: Report) -> Iterator[tuple[Cell, ...]]:
    return zip(*report.rows, strict=True)


def _fitting(report: Report, widths: list[int], cells: int) -> list[int]:
    """The places of the columns that are shown. `widths` becomes what they take.

    Columns that say the same in every row leave first, if there are several rows. Then names are cut.
    """
    shown = list(range(len(widths)))
    if _total(widths, shown) > cells and len(report.rows) > 1:
        shown = [place for place, column in enumerate(_columns(report)) if len(set(column)) > 1] or shown
    for place in shown:
        least = CUT.get(report.columns[place], widths[place])
        over = max(_total(widths, shown) - cells, 0)
        widths[place] -= min(over, max(widths[place] - least, 0))
    return shown


def _total(widths: Sequence[int], shown: Sequence[int]) -> int:
    return sum(widths[place] for place in shown) + len(BETWEEN) * (len(shown) - 1)


def _cell(text: str, cells: int, *, to_the_right: bool) -> str:
    if to_the_right:
        return text.rjust(cells)
    return padded(text if width(text) <= cells else by_words(text, cells), cells)


def _time(moment: datetime, report: Report, *, brief_times: bool) -> str:
    """A time in the zone of the heading. A report of one day shows no date."""
    if brief_times and moment.date() > report.begin.date():
        return "24:00:00"
    date = "" if brief_times else f"{moment:%Y-%m-%d} "
    return f"{date}{moment:%H:%M:%S}{f' {offset(moment)}' if shows_twice(moment) else ''}"


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")
