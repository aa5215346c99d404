"""The formats of the commands that list agents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from cxone_rollcall.cli import terminal

if TYPE_CHECKING:
    from cxone_rollcall.model.roll import RollEntry
    from cxone_rollcall.views.columns import Column


class Rows(Protocol):
    """Writes agents one by one."""

    def begin(self) -> bytes:
        """Return what stands before the first row."""

    def row(self, entry: RollEntry) -> bytes:
        """Return one agent's row."""

    def end(self) -> bytes:
        """Return what follows the last row."""


def rows_of(format_: str, columns: tuple[Column, ...], *, to_file: bool) -> Rows:
    """Return the writer of a format; only what it needs is imported."""
    if format_ == "csv":
        from cxone_rollcall.views.csv import Csv

        return Csv(columns, show=str if to_file else terminal.shown())
    if format_ == "table":
        from cxone_rollcall.views.table import Table

        return Table(columns)
    from cxone_rollcall.views import json

    return json.Rows(columns, array=format_ == "json")
