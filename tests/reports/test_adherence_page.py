"""The page of adherence is true. Its example is computed."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.reports.floors import written

from cxone_rollcall.cli.main import run
from cxone_rollcall.history.interval import Status, unknown
from cxone_rollcall.history.reading import reading
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.groups import GROUPS
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.reports.adherence.activities import USUAL
from cxone_rollcall.reports.adherence.activity_file import parse_activities, read_activities
from cxone_rollcall.reports.adherence.layout import places
from cxone_rollcall.reports.adherence.measure import Terms
from cxone_rollcall.reports.adherence.reading import read_schedule
from cxone_rollcall.reports.adherence.report import COLUMNS, adherence, exceptions
from cxone_rollcall.reports.adherence.times import ORDERS
from cxone_rollcall.reports.options import Options
from cxone_rollcall.reports.report import Report
from cxone_rollcall.reports.window import Period

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLES = DOCS / "examples"
PAGE = (DOCS / "adherence.md").read_text(encoding="utf-8")
BERLIN = ZoneInfo("Europe/Berlin")
STATUSES: Mapping[str, Status] = {
    "logged out": Status(Standing.LOGGED_OUT),
    "InboundContact": Status(Standing.PRESENT, "InboundContact", None, "on-contact"),
    "Unavailable - Lunch": Status(Standing.PRESENT, "Unavailable", "Lunch", "unavailable"),
    "Unavailable - Coaching": Status(Standing.PRESENT, "Unavailable", "Coaching", "unavailable"),
    "Available": Status(Standing.PRESENT, "Available", None, "available"),
    "unknown": unknown("RC105"),
}


def table(first: str) -> list[list[str]]:
    """The rows of the page's table whose first column has this name."""
    lines = PAGE.partition(f"\n| {first} |")[2].splitlines()[2:]
    rows = lines[: next(at for at, line in enumerate(lines) if not line.startswith("|"))]
    return [[cell.strip().strip("`") for cell in line.strip("|").split(" | ")] for line in rows]


def block(language: str) -> str:
    """The page's example in a language."""
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


def at(clock: str) -> int:
    """Seconds since the epoch of a time on the example's day."""
    return int(datetime.fromisoformat(f"2026-03-02T{clock}").replace(tzinfo=BERLIN).timestamp())


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """The history of the example."""
    day = [(at(row[0]) * 1000, at(row[1]) * 1000, STATUSES[row[2]]) for row in table("from")]
    written(tmp_path / "floor.db", {Agent("100"): day}, first=day[0][0], last=day[-1][1])
    return tmp_path / "floor.db"


def report(history: Path, grace: int = 0, *, spans: bool = False) -> Report:
    """The report of the example."""
    period = Period(at("00:00"), at("23:59"), BERLIN)
    schedule = read_schedule(EXAMPLES / "schedule.csv", zone=BERLIN, begin=period.begin, end=period.end)
    with reading(history) as opened:
        terms = Terms(schedule=schedule, grace=grace)
        return (exceptions if spans else adherence)(opened, period, Options(), terms)


def test_the_figures_of_the_page(history: Path) -> None:
    """The page's figures are those of its history and schedule."""
    for column, grace in ((1, 0), (2, 300)):
        (row,) = report(history, grace).rows
        shown = [f"{value:.2f}" if isinstance(value, float) else str(value) for value in row[2:]]
        assert [[cells[0], cells[column]] for cells in table("column")] == [
            list(one) for one in zip(COLUMNS[2:], shown, strict=True)
        ]


def test_the_exceptions_of_the_page(history: Path) -> None:
    """The page's exceptions are those of its history and schedule."""
    rows = report(history, spans=True).rows
    clocks = [[f"{cell:%H:%M}" if isinstance(cell, datetime) else cell for cell in row[2:]] for row in rows]
    assert clocks == table("begin")


def test_the_commands_of_the_page(
    history: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The page's commands run as they stand. The note names the formula."""
    shutil.copy(EXAMPLES / "schedule.csv", history.parent)
    monkeypatch.chdir(history.parent)
    for command in block("sh").splitlines():
        words = shlex.split(command)
        assert words.pop(0) == "rollcall"
        assert run(words) == 0
        assert "Adherence = " in capfd.readouterr().out


def test_the_examples_say_the_same() -> None:
    """The three examples of a schedule have the same shifts. The page shows the first."""
    assert block("csv") == (EXAMPLES / "schedule.csv").read_text(encoding="utf-8")
    plans: list[Sequence[tuple[int, int, str]]] = []
    for name, zone in (("schedule.csv", BERLIN), ("agentScheduleDetail.txt", None), ("schedule.ics", None)):
        schedule = read_schedule(EXAMPLES / name, zone=zone, begin=at("00:00"), end=at("23:59"))
        plans.append([shift[:3] for shift in schedule.plans["100"].shifts])
    assert plans[0] == plans[1] == plans[2]
    assert [shift[2] for shift in plans[0]] == ["Open", "Lunch", "Open", "Coaching"]


def test_the_file_of_activities() -> None:
    """The page's file of activities is right. The page has each group."""
    activities, layout = read_activities(EXAMPLES / "activities.toml")
    assert parse_activities(block("toml"), named="page") == (activities, layout)
    assert set(activities.own) == {"phones", "back office", "lunch", "vacation"}
    assert all(f"`{word}`" in PAGE for word in (*ORDERS, *GROUPS, *(name.capitalize() for name in USUAL)))


def test_the_names_of_columns() -> None:
    """Each name of a column that the page has is known."""
    for of, names in zip(("who", "start", "end", "activity", "date"), table("column | usual names"), strict=True):
        for name in re.findall(r"[\w ]+", names[1].replace("`", "")):
            header = [name.strip() if one == of else one for one in ("who", "start", "end", "activity", "date")]
            if name.strip():
                assert places(header, {}, where="page").who  # it raises without one of them
