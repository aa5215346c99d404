"""Agents as a table of fixed columns. Rows can be printed as they arrive."""

from __future__ import annotations

from collections.abc import Iterable

from cxone_rollcall.model.roll import RollEntry
from cxone_rollcall.views.columns import Column, RowWriter
from cxone_rollcall.views.text import brief, fit


def rows(columns: tuple[Column, ...]) -> RowWriter:
    """A header and a line per agent; skips `columns` without a width."""
    shown = [column for column in columns if column.cells]
    header = _joined(fit(column.name.replace("_", " "), column.cells) for column in shown)
    return RowWriter(f"{header}\n".encode(), lambda entry: f"{line(shown, entry)}\n".encode())


def line(columns: Iterable[Column], entry: RollEntry) -> str:
    """The line of one agent as text, safe on a terminal."""
    values = ((column.value(entry), column.cells) for column in columns)
    return _joined(fit("" if value is None else brief(str(value), cells), cells) for value, cells in values)


def _joined(cells: Iterable[str]) -> str:
    return "  ".join(cells).rstrip()
