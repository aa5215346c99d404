"""Reports as a table that fits its terminal."""

from __future__ import annotations

from datetime import datetime

import pytest
from tests.views.reports.made import ADHERENCE, BERLIN, IN_STATE, at, bucket, gap, report, spell

from cxone_rollcall.reports.report import Report
from cxone_rollcall.views.reports import table
from cxone_rollcall.views.text import width

LONG = "Maximilian Featherstonehaugh-Smythe"


def lines(shown: Report, cells: int | None = None) -> list[str]:
    """The lines of a report at this width."""
    return b"".join(table.report(shown, cells)).decode().splitlines()


def test_a_pipe_gets_whole_rows() -> None:
    """In a pipe the headings are the columns' names. Times have their date."""
    shown = lines(report(rows=[spell(9, 10, name=LONG), gap(10, 24)]))
    assert shown[0] == "Timeline, Monday 2 March 2026 (Europe/Berlin), Acme EU"
    assert shown[2].split() == list(report().columns)
    assert shown[3].startswith(f"1         {LONG}  2026-03-02 09:00:00  2026-03-02 10:00:00     3600  present")
    assert "2026-03-03 00:00:00" in shown[4]


def test_coverage_and_notes_follow() -> None:
    """Below the rows stand the coverage, then the notes."""
    shown = lines(report(rows=[spell(9, 10)], notes=("Formula: a / b.", "1 activity is unmapped.")))
    assert shown[-3].startswith("Coverage: 90.00 %.")
    assert shown[-2:] == ["Formula: a / b.", "1 activity is unmapped."]


def test_no_rows_are_said() -> None:
    """A report without rows says so, and keeps its coverage."""
    shown = lines(report(known=0))
    assert "No rows." in shown
    assert shown[-1].startswith("Coverage: 0.00 %.")


@pytest.mark.parametrize("cells", [80, 100, 140])
def test_rows_fit_the_terminal(cells: int) -> None:
    """Columns without a difference leave, then names are cut. Figures, ids and states stay."""
    rows = [
        (str(30000000001 + one), f"{LONG} {one}", 100, 90, 9, 1, 0, 80.0 + one, 91.0, 99, 99.0, 100.0)
        for one in range(3)
    ]
    shown = lines(report("adherence", ADHERENCE, rows), cells)
    assert max(map(width, shown)) <= cells
    assert any("30000000002" in line for line in shown)


def test_what_leaves_is_named() -> None:
    """Columns that are left out are named below the rows."""
    rows = [bucket(9, 900, state=LONG), bucket(9.25, 800, state="Busy")]
    shown = lines(report("time-in-state", IN_STATE, rows), 60)
    left = " ".join(" ".join(shown).partition("Not shown")[2].partition("Coverage")[0].split())
    assert left == ", because the same in every row: agent_id, name, team, standing, group, sub_state."
    assert any(LONG in line for line in shown)


def test_a_single_row_keeps_its_columns() -> None:
    """In one row everything is the same. Nothing leaves then."""
    shown = lines(report(rows=[spell(9, 10)]), 60)
    assert not any(line.startswith("Not shown") for line in shown)


def test_a_day_shows_times_without_dates() -> None:
    """On a terminal, a report of one day has times alone. The end of the day is 24:00."""
    shown = lines(report(rows=[spell(9, 24)]), 120)
    row = next(line for line in shown if "Ann Lee" in line)
    assert "09:00:00  24:00:00" in row
    assert "2026-03" not in row


def test_times_that_occur_twice_have_an_offset() -> None:
    """On the day with 25 hours, both times 02:30 differ."""
    day = datetime(2026, 10, 25, tzinfo=BERLIN)
    text = "\n".join(lines(report(rows=[spell(2.5, 3.5, day=day)], begin=day), 120))
    assert "02:30:00 +02:00  02:30:00 +01:00" in text
    assert at(2.5, day) != at(3.5, day).replace(tzinfo=None)


def test_names_cannot_move_the_cursor() -> None:
    """Control characters of names are escaped on terminals and in pipes."""
    for cells in (None, 80):
        text = "\n".join(lines(report(rows=[spell(9, 10, name="\x1b[2JAnn")], tenant="\x1b]0;x\x07"), cells))
        assert "\x1b" not in text
        assert "\\x1b" in text
