"""The formats of commands that list agents."""

from __future__ import annotations

from cxone_rollcall.cli import terminal
from cxone_rollcall.views.columns import Column, RowWriter


def rows_of(format_: str, columns: tuple[Column, ...], *, to_file: bool) -> RowWriter:
    """The writer of a format; imports only what that format needs."""
    if format_ == "csv":
        from cxone_rollcall.views import csv

        return csv.rows(columns, show=str if to_file else terminal.shown())
    if format_ == "table":
        from cxone_rollcall.views import table

        return table.rows(columns)
    from cxone_rollcall.views import json

    return json.rows(columns, array=format_ == "json")
