"""Agents as a table of fixed columns, line by line, so that the first one is shown before the last one is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.views.text import brief, fit

if TYPE_CHECKING:
    from cxone_rollcall.model.roll import RollEntry
    from cxone_rollcall.views.columns import Column


class Table:
    """Writes a header and rows; `columns` without a width are left out."""

    def __init__(self, columns: tuple[Column, ...]) -> None:
        self._columns = tuple(column for column in columns if column.cells)

    def begin(self) -> bytes:
        """Return the header."""
        names = (fit(column.name.replace("_", " "), column.cells) for column in self._columns)
        return ("  ".join(names).rstrip() + "\n").encode()

    def row(self, entry: RollEntry) -> bytes:
        """Return one agent's line."""
        return (self.line(entry) + "\n").encode()

    def end(self) -> bytes:
        """Return what follows the last row: nothing."""
        return b""

    def line(self, entry: RollEntry) -> str:
        """Return one agent's line as text, safe on a terminal."""
        cells = (
            fit("" if (value := column.value(entry)) is None else brief(str(value), column.cells), column.cells)
            for column in self._columns
        )
        return "  ".join(cells).rstrip()
