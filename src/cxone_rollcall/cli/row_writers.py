"""The formats of commands that list agents."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cxone_rollcall.cli import terminal
from cxone_rollcall.model.roll import RollEntry
from cxone_rollcall.views.columns import Column, RowWriter

if TYPE_CHECKING:
    from cxone_rollcall.views.table import TableColumn


class Listing:
    """A list that is being written to an output, agent by agent."""

    def __init__(self, output: terminal.Output, rows: RowWriter) -> None:
        self._output, self._rows = output, rows
        output.write(rows.begin)

    def write(self, entry: RollEntry) -> None:
        """Write an agent."""
        self._output.write(self._rows.row(entry))

    def end(self, *, complete: bool) -> None:
        """Write the end. `complete` is whether the list has every agent of the roster."""
        self._output.write(self._rows.end + (self._rows.if_complete if complete else b""))


@contextmanager
def listing(
    given: dict[str, Any], stream: str, columns: tuple[Column, ...], table: tuple[TableColumn, ...]
) -> Iterator[Listing]:
    """Yield what writes agents in the command's format. Call its `end` within the block.

    `table` are the columns of the table, `columns` those of the other formats. `stream` is the list's name for Singer.
    """
    rows = _rows_of(given["format_"], stream, columns, table, to_file=given["output"] is not None)
    with terminal.Output(given["output"]) as output:
        yield Listing(output, rows)


def _rows_of(
    format_: str, stream: str, columns: tuple[Column, ...], shown: tuple[TableColumn, ...], *, to_file: bool
) -> RowWriter:
    """The writer of a format; imports only what that format needs."""
    if format_ == "singer":
        from cxone_rollcall.views import singer

        return singer.rows(stream, columns, now=lambda: datetime.now(UTC))
    if format_ == "csv":
        from cxone_rollcall.views import csv

        return csv.rows(columns, show=str, mark=csv.UTF8_MARK) if to_file else csv.rows(columns, show=terminal.shown())
    if format_ == "table":
        from cxone_rollcall.views import table

        return table.rows(shown, None if to_file else terminal.cells())
    from cxone_rollcall.views import json

    return json.rows(columns, array=format_ == "json")
