"""The formats of commands that list agents."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cxone_rollcall.cli import terminal
from cxone_rollcall.model.roll import RollEntry
from cxone_rollcall.views.columns import Column, RowWriter

if TYPE_CHECKING:
    from cxone_rollcall.views.table import TableColumn


@contextmanager
def listing(
    given: dict[str, Any], columns: tuple[Column, ...], table: tuple[TableColumn, ...]
) -> Iterator[Callable[[RollEntry], None]]:
    """Yield a function that writes one agent, in the command's format.

    `table` are the columns of the table, `columns` those of the other formats.
    """
    rows = _rows_of(given["format_"], columns, table, to_file=given["output"] is not None)
    with terminal.Output(given["output"]) as output:
        output.write(rows.begin)
        yield lambda entry: output.write(rows.row(entry))
        output.write(rows.end)


def _rows_of(format_: str, columns: tuple[Column, ...], shown: tuple[TableColumn, ...], *, to_file: bool) -> RowWriter:
    """The writer of a format; imports only what that format needs."""
    if format_ == "csv":
        from cxone_rollcall.views import csv

        return csv.rows(columns, show=str, mark=csv.UTF8_MARK) if to_file else csv.rows(columns, show=terminal.shown())
    if format_ == "table":
        from cxone_rollcall.views import table

        return table.rows(shown, None if to_file else terminal.cells())
    from cxone_rollcall.views import json

    return json.rows(columns, array=format_ == "json")
