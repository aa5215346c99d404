"""The formats of commands that list agents."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from cxone_rollcall.cli import terminal
from cxone_rollcall.model.roll import RollEntry
from cxone_rollcall.views.columns import Column, RowWriter


@contextmanager
def listing(given: dict[str, Any], columns: tuple[Column, ...]) -> Iterator[Callable[[RollEntry], None]]:
    """A function that writes an agent in the command's format."""
    rows = _rows_of(given["format_"], columns, to_file=given["output"] is not None)
    with terminal.Output(given["output"]) as output:
        output.write(rows.begin)
        yield lambda entry: output.write(rows.row(entry))
        output.write(rows.end)


def _rows_of(format_: str, columns: tuple[Column, ...], *, to_file: bool) -> RowWriter:
    """The writer of a format; imports only what that format needs."""
    if format_ == "csv":
        from cxone_rollcall.views import csv

        return csv.rows(columns, show=str if to_file else terminal.shown())
    if format_ == "table":
        from cxone_rollcall.views import table

        return table.rows(columns)
    from cxone_rollcall.views import json

    return json.rows(columns, array=format_ == "json")
