"""The formats of commands that list agents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from cxone_rollcall.cli import terminal

if TYPE_CHECKING:
    from cxone_rollcall.model.roll import RollEntry
    from cxone_rollcall.views.columns import Column


class Rows(Protocol):
    """Writes agents one at a time."""

    def begin(self) -> bytes:
        """What precedes the first row."""

    def row(self, entry: RollEntry) -> bytes:
        """The row of one agent."""

    def end(self) -> bytes:
        """What follows the last row."""


def rows_of(format_: str, columns: tuple[Column, ...], *, to_file: bool) -> Rows:
    """The writer of a format; imports only what that format needs."""
    if format_ == "csv":
        from cxone_rollcall.views.csv import Csv

        return Csv(columns, show=str if to_file else terminal.shown())
    if format_ == "table":
        from cxone_rollcall.views.table import Table

        return Table(columns)
    from cxone_rollcall.views import json

    return json.Rows(columns, array=format_ == "json")
