"""A report as Singer messages. Its rows are one stream, its coverage and notes another.

Each record has the window of the report. The row's number completes its key, since a row may have no agent, team or
state. Times are in UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cxone_rollcall.views.singer import (
    NUMBER,
    TEXT,
    TIME,
    WHOLE_NUMBER,
    Property,
    record_line,
    schema_line,
    state_line,
    utc,
)

if TYPE_CHECKING:
    from cxone_rollcall.reports.report import Cell, Report

COVERAGE = "coverage"
"""The stream with one record for each report. It holds what belongs beside the figures."""
_TIMES = frozenset({"from", "to", "begin", "end", "login", "logout", "window_begin", "window_end"})
_WHOLE_NUMBERS = frozenset({"seconds", "agents", "row", "rows", "begin_slack", "login_slack", "logout_slack"})
_WINDOW = ("window_begin", "window_end")
_OF_COVERAGE = ("kind", "tenant", "tz", "rows", "coverage", "known_seconds", "window_seconds", "notes")
_AT_ONCE = 1_000
"""Records per piece, of about 300 kB."""


def report(report: Report) -> Iterator[bytes]:
    """Yield the messages of a report. Its STATE is the end of the window."""
    stream = stream_of(report.kind)
    window = {"window_begin": utc(report.begin), "window_end": utc(report.end)}
    yield _schema(COVERAGE, _OF_COVERAGE, key="kind")
    yield record_line(COVERAGE, {**window, **_coverage(report)})
    yield _schema(stream, ("row", *report.columns), key="row")
    for start in range(0, len(report.rows), _AT_ONCE):
        some = enumerate(report.rows[start : start + _AT_ONCE], start)
        yield b"".join([record_line(stream, {**window, **_record(report.columns, row, at)}) for at, row in some])
    yield state_line(stream, {"window_end": window["window_end"]})


def stream_of(kind: str) -> str:
    """The stream of a kind of report. A table can have the same name."""
    return kind.replace("-", "_")


def _schema(stream: str, columns: tuple[str, ...], *, key: str) -> bytes:
    properties = {name: _property(name) for name in (*_WINDOW, *columns)}
    return schema_line(stream, properties, key=(*_WINDOW, key), bookmark="window_end")


def _property(name: str) -> Property:
    if name in _TIMES:
        return TIME
    if name in _WHOLE_NUMBERS or name.endswith("_seconds"):
        return WHOLE_NUMBER
    return NUMBER if name == "coverage" or name.endswith(("_low", "_high")) else TEXT


def _coverage(report: Report) -> Mapping[str, Any]:
    return {
        "kind": report.kind,
        "tenant": report.tenant,
        "tz": report.tz,
        "rows": len(report.rows),
        "coverage": report.coverage,
        "known_seconds": report.known_seconds,
        "window_seconds": report.window_seconds,
        "notes": "\n".join(report.notes),
    }


def _record(columns: tuple[str, ...], row: tuple[Cell, ...], at: int) -> Mapping[str, Any]:
    cells = (utc(cell) if isinstance(cell, datetime) else cell for cell in row)
    return {"row": at, **dict(zip(columns, cells, strict=True))}
