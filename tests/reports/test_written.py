"""Whole reports with their notes, and whole refusals."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.history.test_batches import DAY, START, three_runs
from tests.reports.floors import AVAILABLE, BREAK, LUNCH, ON_CONTACT, UNKNOWN, written
from tests.reports.schedules import read
from tests.reports.test_activities import MISTAKES
from tests.reports.test_activities import refused as refused_activities
from tests.reports.test_calendar import CALENDAR, DAMAGES
from tests.reports.test_schedule import BAD_TABLES
from tests.reports.test_window import BAD_WINDOWS, NOW
from tests.support.written import assert_as_written

from cxone_rollcall.errors import SettingError
from cxone_rollcall.history.interval import Status
from cxone_rollcall.history.reading import reading
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.reports.adherence.activities import Activities, Fit
from cxone_rollcall.reports.adherence.measure import Terms
from cxone_rollcall.reports.adherence.report import adherence, exceptions
from cxone_rollcall.reports.kinds import KINDS
from cxone_rollcall.reports.options import Options
from cxone_rollcall.reports.report import Report
from cxone_rollcall.reports.window import Period, period_of
from cxone_rollcall.reports.zones import zone_of

BESIDE = Path(__file__).parent
BERLIN = ZoneInfo("Europe/Berlin")


def in_words(report: Report) -> Iterator[str]:
    """A report, one line for each row and note. Times are as on a clock."""
    times = f"{report.begin.isoformat()} to {report.end.isoformat()} {report.tz}"
    yield f"{report.kind} of {report.tenant}, {times}, {report.known_seconds} of {report.window_seconds} s"
    yield "  " + " | ".join(report.columns)
    for row in report.rows:
        cells = (f"{one:%d %H:%M:%S}" if isinstance(one, datetime) else "" if one is None else str(one) for one in row)
        yield "  " + " | ".join(cells)
    yield from (f"  note: {note}" for note in report.notes)


WHOLE = Period(START - 10, START + DAY + 8450, BERLIN)
BEGIN = Period(START - 10, START + 95, BERLIN)
BETWEEN = Period(START + 100, START + 500, BERLIN)
END = Period(START + DAY + 8400, START + DAY + 8440, BERLIN)
ASKED: dict[str, tuple[Period, Options]] = {
    "all": (BEGIN, Options()),
    "a team": (BEGIN, Options(teams=("support",))),
    "an agent": (BEGIN, Options(agents=("BEN LEE",))),
    "in between": (BETWEEN, Options()),
    "the end": (END, Options()),
    "all of one, who left": (WHOLE, Options(agents=("102",))),
}
DIVIDED: dict[str, tuple[Period, Options]] = {
    "by team": (BEGIN, Options(by="team")),
    "by state": (BEGIN, Options(by="state")),
    "by day": (WHOLE, Options(interval="1d", by="state")),
}


def test_each_report_of_a_small_history(tmp_path: Path) -> None:
    """Each kind has its rows in order, the coverage, and its notes."""
    three_runs(tmp_path / "h.db")
    text: list[str] = []
    with reading(tmp_path / "h.db") as history:
        for kind, made in KINDS.items():
            asked = {**ASKED, **(DIVIDED if kind == "time-in-state" else {})}
            if kind == "occupancy":
                asked["by day"] = WHOLE, Options(interval="1d", by="team")
            for name, (period, options) in asked.items():
                text += [f"{name}:", *in_words(made(history, period, options))]
    assert_as_written(BESIDE / "reports.txt", "\n".join(text) + "\n")


NINE = 1_772_442_000
"""2026-03-02T09:00Z, in seconds."""
PEOPLE = [Agent(str(100 + number), f"Name {number:02}", f"user{number}") for number in range(26)]
PLAN = "who,start,end,activity\n" + "".join(
    f"{who},2026-03-02T{begin}Z,2026-03-02T{end}Z,{activity}\n"
    for who, begin, end, activity in (
        ("100", "09:00", "10:00", "Open"),
        ("100", "10:00", "10:30", "Lunch"),
        ("user1", "09:00", "10:00", "Coaching"),
        ("user1", "10:00", "11:00", "Open"),
        ("user1", "09:30", "09:40", "Coaching"),
        ("102", "09:00", "11:00", "Open"),
        ("103", "09:00", "10:00", "Open"),
        ("104", "20:00", "21:00", "Open"),
        ("nobody", "09:00", "10:00", "Open"),
        *((f"stranger{number}", "09:00", "10:00", "Open") for number in range(11)),
        ("twin", "09:00", "10:00", "Open"),
        *((str(105 + number), "09:00", "09:30", f"Odd {number:02}") for number in range(11)),
    )
)


def test_adherence_of_a_small_floor(tmp_path: Path) -> None:
    """The figures have notes about grace, unmapped time, and people. A long list is cut."""
    hour = 3600
    usual = (0, hour, AVAILABLE), (hour, 2 * hour, LUNCH)
    days = {agent: [*usual] for agent in PEOPLE}
    days[PEOPLE[1]] = [(0, hour, BREAK), (hour, 2 * hour, ON_CONTACT)]
    days[PEOPLE[2]] = [(0, 200, Status(Standing.LOGGED_OUT)), (200, hour, AVAILABLE), (hour, 2 * hour, UNKNOWN)]
    days[PEOPLE[3]] = []
    for number, name in ((126, "Twin A"), (127, "Twin B")):
        days[Agent(str(number), name, "twin")] = [(0, 2 * hour, AVAILABLE)]
    made = {
        agent: [((NINE + begin) * 1000, (NINE + end) * 1000, status) for begin, end, status in day]
        for agent, day in days.items()
    }
    written(tmp_path / "h.db", made, first=NINE * 1000, last=(NINE + 2 * hour) * 1000)
    schedule = read(tmp_path, PLAN, zone=None, window=(NINE, NINE + 2 * hour))
    period = Period(NINE, NINE + 2 * hour, ZoneInfo("UTC"))
    text: list[str] = []
    some = Options(agents=("100", "user1", "102", "103"))
    with reading(tmp_path / "h.db") as history:
        for grace in (300, 100, 0):
            fits = Activities({"lunch": Fit(groups=frozenset({"available"}))})
            terms = Terms(schedule=schedule, activities=fits, grace=grace)
            everybody = Options() if grace == 300 else some
            text += [f"grace {grace}:", *in_words(adherence(history, period, everybody, terms))]
            text += in_words(exceptions(history, period, some, terms))
    assert_as_written(BESIDE / "adherence.txt", "\n".join(text).replace(f"{tmp_path}/", "") + "\n")


def said(call: Callable[[], object]) -> str:
    """The refusal of a call and its example."""
    with pytest.raises(SettingError) as raised:
        call()
    return f"{raised.value}\n{raised.value.example}"


def test_each_refusal_is_written_out(tmp_path: Path) -> None:
    """Each message and its example are written beside this test."""
    refusals = [refused_activities(text) for text, _, _ in MISTAKES]
    tables: Iterable[tuple[str, str]] = [("plan.csv", text) for text, _ in BAD_TABLES]
    calendars = [("team.ics", CALENDAR.replace(old, new)) for old, new, _ in DAMAGES]
    for name, content in (*tables, *calendars):
        refusals.append(said(lambda name=name, content=content: read(tmp_path, content, name=name)))  # type: ignore[misc]
    for name, content in (("team.ics", CALENDAR), ("plan.csv", PLAN.replace("Z,", ","))):
        refusals.append(said(lambda name=name, content=content: read(tmp_path, content, name=name, zone=None)))  # type: ignore[misc]
    for begin, end, _ in BAD_WINDOWS.values():
        refusals.append(said(lambda begin=begin, end=end: period_of(begin, end, BERLIN, now=NOW)))  # type: ignore[misc]
    refusals += [said(lambda name=name: zone_of(name)) for name in ("europe/berlni", "Nowhere at all")]  # type: ignore[misc]
    three_runs(tmp_path / "h.db")
    with reading(tmp_path / "h.db") as history:
        for options in (
            Options(agents=("Ann Le",)),
            Options(agents=("102", "zzzzzz")),
            Options(teams=("Suport",)),
            Options(teams=("zzzzzz",)),
            Options(by="state"),
            Options(interval="1h"),
        ):
            refusals.append(said(lambda options=options: KINDS["sessions"](history, BEGIN, options)))  # type: ignore[misc]
        refusals.append(said(lambda: KINDS["occupancy"](history, BEGIN, Options(by="state"))))
    text = "\n\n".join(refusals).replace(f"{tmp_path}/", "")
    text = re.sub("(this event cannot be read|this is no iCalendar): .*", r"\1: ...", text)  # the library's own words
    assert_as_written(BESIDE / "refusals.txt", text + "\n")
