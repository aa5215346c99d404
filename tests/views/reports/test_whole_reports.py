"""Whole reports in each view, as in `whole.txt`.

After a change that is meant, delete the file and run this test, which writes it anew. Read the difference before you
commit it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from tests.support.written import assert_as_written
from tests.views.reports.made import (
    ADHERENCE,
    BERLIN,
    EXCEPTIONS,
    IN_STATE,
    OCCUPANCY,
    at,
    bucket,
    gap,
    pictures,
    report,
    spell,
)

from cxone_rollcall.reports.pictures import Pictures
from cxone_rollcall.reports.report import Cell, Report
from cxone_rollcall.version import __version__
from cxone_rollcall.views.csv import UTF8_MARK
from cxone_rollcall.views.reports import csv, html, json, singer, table

WRITTEN = Path(__file__).with_name("whole.txt")
HOSTILE = "=Bo \x1b[2J<b>\u202e\ud800"
NOTES = ("Formula: a / b.", f"1 activity is unmapped: {HOSTILE}.")
BACK = datetime(2026, 10, 25, tzinfo=BERLIN)
"""The day on which the clock is put back."""


def ann() -> list[tuple[Cell, ...]]:
    """Ann's day. It has each place, and each way to know a state."""
    return [
        spell(0, 8, standing="not_on_roster"),
        spell(8, 9, standing="logged_out"),
        spell(9, 10),
        spell(10, 10.5, "Working", group="on-contact", sub_state="Working - Inbound"),
        spell(10.5, 11, "ACW", group="after-contact", source="filled"),
        spell(11, 12, "Break", group="unavailable", sub_state="Lunch"),
        gap(12, 13),
        spell(13, 13.25, "Dialing", group="pending"),
        spell(13.25, 14, None, group=None),
        spell(14, 24, standing="absent"),
    ]


def bo() -> list[tuple[Cell, ...]]:
    """The day of an agent with hostile texts. Another has no name."""
    return [
        spell(9, 17, HOSTILE, agent_id=HOSTILE, name=HOSTILE, sub_state=HOSTILE),
        gap(3, 4, agent_id="3", name=None),
    ]


def of_a_day() -> Pictures:
    """The pictures of that day. Ann is out of her schedule twice."""
    places = ("available", "on-contact", "after-contact", "unavailable", "pending", None)
    stacked = [bucket(9, 150 * at, group=group, state=f"State {at}") for at, group in enumerate(places, 1)]
    stacked += [bucket(9, 700, standing="unknown"), bucket(9.25, 900, sub_state="Chat"), bucket(9.25, 900)]
    stacked += [bucket(9.25, 30, standing="absent"), bucket(9.25, 60, standing="not_on_roster")]
    out = [
        ("1", "Ann Lee", at(9.5), at(10), "Break", "Available", "negative"),
        ("1", "Ann Lee", at(11), at(11.25), HOSTILE, HOSTILE, HOSTILE),
    ]
    teams: dict[str, str | None] = {"1": "Support", HOSTILE: HOSTILE}
    return pictures([*ann(), *bo()], stacked, agents=9, teams=teams, exceptions=out)


def reports() -> Iterator[tuple[Report, Pictures]]:
    """Yield a report of each form, with the pictures of its page."""
    yield report(rows=[*ann(), *bo()], notes=NOTES, tenant=HOSTILE), of_a_day()
    judged: list[tuple[Cell, ...]] = [
        ("1", "Ann Lee", 28_800, 20_000, 7_000, 1_800, 0, 69.4449, 75.6951, 36_000, 125.0, 131.25),
        ("2", HOSTILE, 3_600, 3_600, 0, 0, 0, 100.0, 100.0, 1_800, 50.0, 50.0),
        ("3", None, None, None, None, None, None, None, None, None, None, None),
    ]
    yield report("adherence", ADHERENCE, judged, known=30, window=30, notes=NOTES[:1]), of_a_day()
    shares: list[tuple[Cell, ...]] = [
        (at(9), at(9.25), "Sales", 300, 60, 500, 40, 0, 40.0, 40.0),
        (at(9.25), at(9.5), "Sales", 0, 0, 0, 900, 0, None, None),
        (at(9), at(10), None, 900, 0, 900, 0, 1_800, 25.0, 75.0),
        (at(9), at(10), HOSTILE, 3_600, 0, 0, 0, 0, 100.0, 100.0),
    ]
    yield report("occupancy", OCCUPANCY, shares, begin=at(9), end=at(10.5)), pictures()
    in_states = [bucket(9, 900), bucket(9.25, 800, state=HOSTILE), bucket(9.25, 100, standing="unknown")]
    yield report("time-in-state", IN_STATE, in_states, end=at(72)), pictures(ann(), in_states, agents=1, end=at(72))
    twice = [spell(2.5, 3.5, day=BACK), gap(24, 25)]
    yield report(rows=twice, begin=BACK), pictures(twice, begin=BACK)
    exceptions = [("1", "Ann", at(9), at(9.5), "Open", HOSTILE, "negative")]
    yield report("adherence-exceptions", EXCEPTIONS, exceptions, known=0, window=0), pictures(agents=0)
    yield report("gaps", ("begin", "end", "seconds", "reason"), known=0), pictures(agents=0)


def page(shown: Report, drawn: Pictures) -> str:
    """A report as HTML without its style, an element a line."""
    text = b"".join(html.report(shown, drawn)).decode().replace(__version__, "VERSION")
    return re.sub("<style>.*?</style>", "", text, flags=re.DOTALL).replace("><", ">\n<")


def sections() -> Iterator[str]:
    """Yield each report in each view, under its name."""
    for place, (shown, drawn) in enumerate(reports()):
        views = {
            "table": table.report(shown, None),
            "table of 100 columns": table.report(shown, 100),
            "table of 60 columns": table.report(shown, 60),
            "csv": csv.report(shown),
            "csv for Excel": csv.report(shown, delimiter=";", show=str.upper, mark=UTF8_MARK),
            "json": json.report(shown),
            "ndjson": json.report_lines(shown),
            "singer": singer.report(shown),
        }
        for view, pieces in views.items():
            yield f"=== {place} {shown.kind}: {view}\n{b''.join(pieces).decode()}".replace("\r\n", "\n")
        yield f"=== {place} {shown.kind}: html\n{page(shown, drawn)}"


def test_reports_are_as_written() -> None:
    """Each view shows a whole report as `whole.txt` has it."""
    assert_as_written(WRITTEN, "".join(sections()))
