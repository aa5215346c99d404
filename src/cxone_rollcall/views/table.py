"""Agents as a table of fixed columns, so that rows can be printed as they arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.views.text import brief, fit

if TYPE_CHECKING:
    from cxone_rollcall.model.roll import RollEntry
    from cxone_rollcall.views.columns import Column


class Table:
    """Writes a header and rows; skips `columns` without a width."""

    def __init__(self, columns: tuple[Column, ...]) -> None:
        self._columns = tuple(column for column in columns if column.cells)

    def begin(self) -> bytes:
        """The header."""
        names = (fit(column.name.replace("_", " "), column.cells) for column in self._columns)
        return ("  ".join(names).rstrip() + "\n").encode()

    def row(self, entry: RollEntry) -> bytes:
        """The line of one agent."""
        return (self.line(entry) + "\n").encode()

    def end(self) -> bytes:
        """What follows the last row: nothing."""
        return b""

    def line(self, entry: RollEntry) -> str:
        """The line of one agent as text, safe on a terminal."""
        cells = (
            fit("" if (value := column.value(entry)) is None else brief(str(value), column.cells), column.cells)
            for column in self._columns
        )
        return "  ".join(cells).rstrip()
