"""The files of `rollcall history export`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from cxone_rollcall.cli import terminal
from cxone_rollcall.cli.signals import unfinished
from cxone_rollcall.errors import OutputError
from cxone_rollcall.history.export import COLUMNS, lines
from cxone_rollcall.history.parquet import write_parquet
from cxone_rollcall.history.private import make_private
from cxone_rollcall.history.reading import History, Window
from cxone_rollcall.views import csv

AT_ONCE = 5_000
"""Rows per piece, of about a megabyte."""


def write_day(history: History, window: Window, path: Path) -> None:
    """Write a window to a file, completely or not at all. Its suffix says the format."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot write to {path.parent}: {error.strerror}") from error
    if path.suffix == ".csv":
        with terminal.Output(path) as output:
            output.write(csv.UTF8_MARK)  # for Excel
            for piece in _csv(history, window, csv.neutral):
                output.write(piece)
        return
    names = [path.with_name(f".{path.name}.{os.urandom(8).hex()}") for _ in range(2)]
    unfinished.update(map(str, names))
    try:
        source, target = names
        for name in names:
            make_private(name)
        with source.open("wb") as file:
            file.writelines(_csv(history, window, str))
        write_parquet(source, target)
        target.replace(path)
    except OSError as error:
        raise OutputError(f"cannot write to {path}: {error.strerror or error}") from error
    finally:
        for name in names:
            name.unlink(missing_ok=True)
        unfinished.difference_update(map(str, names))


def _csv(history: History, window: Window, show: Callable[[str], str]) -> Iterator[bytes]:
    """The rows as CSV, with what `show` makes of a cell."""
    yield csv.lines([COLUMNS])
    rows = lines(history, window)
    while some := list(islice(rows, AT_ONCE)):
        yield csv.lines([["" if cell is None else show(cell) for cell in row] for row in some])
