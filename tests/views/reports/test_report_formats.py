"""Reports as CSV, JSON and NDJSON."""

from __future__ import annotations

import csv as reader
import io
import json as decoder
from datetime import datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.views.reports.made import ADHERENCE, BERLIN, TIMELINE, at, gap, report, spell

from cxone_rollcall.reports.report import Report
from cxone_rollcall.views.reports import csv, json

HOSTILE = ("=1+2", "+1", "-1", "@SUM(A1)", "\tx", 'a "quoted", name', "two\nlines", "a;b", "Ann\ud800", "\u202eeeL")


def read_csv(shown: Report, **options: Any) -> list[list[str]]:
    """The cells of a report as a spreadsheet reads them."""
    data = b"".join(csv.report(shown, **options))
    delimiter = options.get("delimiter", ",")
    return list(reader.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def test_csv_has_the_columns_and_a_line_per_row() -> None:
    """Times are ISO and seconds are integers. What does not exist is empty."""
    shown = report(rows=[spell(9, 10, sub_state="Chat"), gap(10, 10.5)])
    first = "1,Ann Lee,2026-03-02T09:00:00+01:00,2026-03-02T10:00:00+01:00,3600,present,available,Available,Chat,0"
    second = "1,Ann Lee,2026-03-02T10:00:00+01:00,2026-03-02T10:30:00+01:00,1800,unknown,,,,0"
    assert read_csv(shown) == [list(TIMELINE), f"{first},observed".split(","), f"{second},observed".split(",")]


def test_times_that_occur_twice_have_their_own_offset() -> None:
    """Two times that Python takes for equal keep their offsets."""
    day = datetime(2026, 10, 25, tzinfo=BERLIN)
    shown = report(rows=[spell(2.5, 3.5, day=day)], begin=day)
    begin, end = "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"
    assert at(2.5, day) == at(3.5, day)
    assert read_csv(shown)[1][2:4] == [begin, end]
    (row,) = decoder.loads(b"".join(json.report(shown)))["rows"]
    assert (row["begin"], row["end"]) == (begin, end)


def test_csv_percentages_have_a_point() -> None:
    """A percentage has a point in each delimiter. A value that does not exist is empty."""
    shown = report("adherence", ADHERENCE, [("1", "Ann", 10, 5, 4, 1, 0, 50.0, 60.004, 9, None, None)])
    for delimiter in (",", ";", "\t"):
        row = read_csv(shown, delimiter=delimiter)[1]
        assert row == ["1", "Ann", "10", "5", "4", "1", "0", "50.00", "60.00", "9", "", ""]


def test_csv_begins_with_a_mark_if_asked() -> None:
    """A file for Excel begins with the mark of UTF-8. A pipe does not."""
    assert b"".join(csv.report(report(), mark=b"\xef\xbb\xbf")).startswith(b"\xef\xbb\xbfagent_id,")
    assert b"".join(csv.report(report())).startswith(b"agent_id,")


def test_names_are_no_formulas_and_keep_their_cell() -> None:
    """No cell begins a formula, and no name breaks the table."""
    shown = report(rows=[spell(9, 10, name=name, state=name) for name in HOSTILE])
    for delimiter in (",", ";", "\t"):
        rows = read_csv(shown, delimiter=delimiter)
        assert {len(row) for row in rows} == {len(TIMELINE)}
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\n")) for row in rows for cell in row)


def test_json_is_one_object() -> None:
    """The object has schema, window, coverage, notes and rows."""
    shown = report(rows=[spell(9, 10), gap(10, 11)], notes=("Formula: a / b.",))
    data = decoder.loads(b"".join(json.report(shown)))
    rows = data.pop("rows")
    assert data == {
        "schema": "rollcall/report/1",
        "kind": "timeline",
        "tenant": "Acme EU",
        "from": "2026-03-02T00:00:00+01:00",
        "to": "2026-03-03T00:00:00+01:00",
        "tz": "Europe/Berlin",
        "coverage": 90.0,
        "known_seconds": 90,
        "window_seconds": 100,
        "notes": ["Formula: a / b."],
        "columns": list(TIMELINE),
    }
    assert [row["standing"] for row in rows] == ["present", "unknown"]
    assert rows[0]["begin"] == "2026-03-02T09:00:00+01:00"
    assert rows[1]["state"] is None


def test_json_without_rows_is_valid() -> None:
    """A report without rows has an empty list. Without agents it has no coverage."""
    data = decoder.loads(b"".join(json.report(report(window=0))))
    assert (data["rows"], data["coverage"]) == ([], None)


@given(st.lists(st.text(), max_size=3))
def test_ndjson_has_the_same_rows(names: list[str]) -> None:
    """NDJSON is the object without rows, then each row, one a line."""
    shown = report(rows=[spell(9, 10, name=name) for name in names])
    whole = decoder.loads(b"".join(json.report(shown)))
    head, *rows = (decoder.loads(line) for line in b"".join(json.report_lines(shown)).splitlines())
    assert [{**row, "type": None} for row in rows] == [{**row, "type": None} for row in whole.pop("rows")]
    assert {one["type"] for one in rows} <= {"row"}
    assert head == {"type": "report", **whole}


def test_many_rows_are_all_there() -> None:
    """A report that is written in several pieces loses no row."""
    shown = report(rows=[spell(0, 1, agent_id=str(number)) for number in range(4_321)])
    assert len(read_csv(shown)) == 4_322
    assert len(decoder.loads(b"".join(json.report(shown)))["rows"]) == 4_321
    assert len(list(json.report_lines(shown))) > 2
