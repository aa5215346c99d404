"""The formats of commands that list agents."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cxone_rollcall.cli import terminal
from cxone_rollcall.model.roll import RollEntry
from cxone_rollcall.model.struct import Record
from cxone_rollcall.views.columns import Column, RowWriter

if TYPE_CHECKING:
    from cxone_rollcall.views.table import TableColumn


class Listing(Record):
    """A list that is being written.

    `write` writes an agent. Set `complete` once the list has every agent of the roster.
    """

    write: Callable[[RollEntry], None]
    complete: bool = False


@contextmanager
def listing(
    given: dict[str, Any], stream: str, columns: tuple[Column, ...], table: tuple[TableColumn, ...]
) -> Iterator[Listing]:
    """Yield what writes agents in the command's format.

    `table` are the columns of the table, `columns` those of the other formats. `stream` is the list's name for Singer.
    """
    rows = _rows_of(given["format_"], stream, columns, table, to_file=given["output"] is not None)
    with terminal.Output(given["output"]) as output:
        output.write(rows.begin)
        listed = Listing(lambda entry: output.write(rows.row(entry)))
        yield listed
        output.write(rows.end)
        if listed.complete:
            output.write(rows.if_complete)


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
