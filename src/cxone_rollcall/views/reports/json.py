"""A report as JSON, or as NDJSON. Fields are only ever added."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cxone_rollcall.views.json import encode
from cxone_rollcall.views.reports.words import Texts, iso

if TYPE_CHECKING:
    from cxone_rollcall.reports.report import Cell, Report

SCHEMA = "rollcall/report/1"
_AT_ONCE = 1_000
"""Rows per piece, of about 200 kB."""


def report(report: Report) -> Iterator[bytes]:
    """Yield one object. It says what the report is, and has its `rows` as objects, one per line."""
    head = encode({"schema": SCHEMA, **_head(report)})
    yield head[:-1] + b',"rows":['
    separator, times = b"\n", Texts(str, iso)
    for some in _pieces(report):
        yield separator + b",\n".join([encode(_object(report.columns, row, times)) for row in some])
        separator = b",\n"
    yield b"\n]}\n"


def report_lines(report: Report) -> Iterator[bytes]:
    """Yield NDJSON. The line of type `report` says what it is; then each row is a line of type `row`."""
    times = Texts(str, iso)
    yield encode({"type": "report", "schema": SCHEMA, **_head(report)}) + b"\n"
    for some in _pieces(report):
        yield b"".join([encode({"type": "row", **_object(report.columns, row, times)}) + b"\n" for row in some])


def _pieces(report: Report) -> Iterator[Sequence[tuple[Cell, ...]]]:
    for start in range(0, len(report.rows), _AT_ONCE):
        yield report.rows[start : start + _AT_ONCE]


def _head(report: Report) -> dict[str, Any]:
    return {
        "kind": report.kind,
        "tenant": report.tenant,
        "from": iso(report.begin),
        "to": iso(report.end),
        "tz": report.tz,
        "coverage": report.coverage,
        "known_seconds": report.known_seconds,
        "window_seconds": report.window_seconds,
        "notes": list(report.notes),
        "columns": list(report.columns),
    }


def _object(columns: tuple[str, ...], row: tuple[Cell, ...], times: Texts) -> dict[str, Any]:
    return {
        name: times.of(cell) if isinstance(cell, datetime) else cell for name, cell in zip(columns, row, strict=True)
    }
