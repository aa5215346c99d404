"""The reports of adherence. Their figures can be checked by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.reports.floors import ABSENT, AVAILABLE, BREAK, LOGGED_OUT, LUNCH, ON_CONTACT, UNKNOWN, written

from cxone_rollcall.errors import SettingError
from cxone_rollcall.history.interval import Person, Status
from cxone_rollcall.history.reading import reading
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.reports.adherence.activities import Activities, Fit
from cxone_rollcall.reports.adherence.measure import Terms
from cxone_rollcall.reports.adherence.reading import read_schedule
from cxone_rollcall.reports.adherence.report import COLUMNS, EXCEPTION_COLUMNS, adherence, exceptions
from cxone_rollcall.reports.options import Options
from cxone_rollcall.reports.report import Cell, Report
from cxone_rollcall.reports.window import Period
from cxone_rollcall.views.reports.words import TITLES

NINE = int(datetime(2026, 3, 2, 9, tzinfo=UTC).timestamp())
HOUR = 3600
ANN = Agent("100", "Lee, Ann", "ann", "ann@example.com", team="Support", user_id="u-100")
BOB = Agent("101", "Okoro, Bob", "bob", "bob@example.com", team="Billing")
Day = list[tuple[int, int, Status]]


def at(hours: float) -> int:
    """Milliseconds since the epoch, some hours after nine."""
    return round((NINE + hours * HOUR) * 1000)


def shift(who: str, begin: float, end: float, activity: str) -> str:
    """A row of a schedule, in hours after nine."""
    times = (datetime.fromtimestamp(NINE + hours * HOUR, UTC).isoformat() for hours in (begin, end))
    return ",".join((who, *times, activity)) + "\n"


class Floor:
    """A history and a schedule in files."""

    def __init__(self, folder: Path, days: Mapping[Agent, Day], plan: str, *, recorded: tuple[float, float] = (0, 8)):
        self.folder = folder
        (folder / "plan.csv").write_text("who,start,end,activity\n" + plan, encoding="utf-8")
        written(folder / "history.db", days, first=at(recorded[0]), last=at(recorded[1]), later=self.later())

    def later(self) -> list[Person]:
        """What the roster said later."""
        return []

    def report(
        self,
        *,
        spans: bool = False,
        grace: int = 0,
        activities: Mapping[str, Fit] | None = None,
        window: tuple[float, float] = (0, 8),
        options: Options | None = None,
    ) -> Report:
        """The report over a window in hours after nine."""
        begin, end = (round(NINE + hours * HOUR) for hours in window)
        schedule = read_schedule(self.folder / "plan.csv", zone=None, begin=begin, end=end)
        terms = Terms(schedule=schedule, activities=Activities(activities or {}), grace=grace)
        with reading(self.folder / "history.db") as history:
            kind = exceptions if spans else adherence
            return kind(history, Period(begin, end, ZoneInfo("UTC")), options or Options(), terms)


def rows(report: Report) -> dict[Cell, dict[str, Cell]]:
    """The rows by agent."""
    return {row[0]: dict(zip(report.columns, row, strict=True)) for row in report.rows}


def note(report: Report, begin: str) -> str:
    """The note that begins so, "" without one."""
    return next((one for one in report.notes if one.startswith(begin)), "")


PLAN = shift("100", 0, 3, "Open") + shift("ann", 3, 4, "Lunch") + shift("Ann@Example.com", 4, 8, "Open")


def test_a_day(tmp_path: Path) -> None:
    """The seconds sum up to the scheduled ones, and give a range."""
    day = [
        (at(0), at(2), AVAILABLE),
        (at(2), at(3.5), ON_CONTACT),
        (at(3.5), at(4.5), LUNCH),
        (at(4.5), at(6), UNKNOWN),
        (at(6), at(7.5), ON_CONTACT),
        (at(7.5), at(8), LOGGED_OUT),
    ]
    floor = Floor(tmp_path, {ANN: day}, PLAN)
    report = floor.report()
    assert report.columns == COLUMNS
    assert rows(report)["100"] == {
        "agent_id": "100",
        "name": "Lee, Ann",
        "scheduled_seconds": 8 * HOUR,
        "in_seconds": 5 * HOUR,
        "out_seconds": 1.5 * HOUR,
        "unknown_seconds": 1.5 * HOUR,
        "unmapped_seconds": 0,
        "adherence_low": 62.5,
        "adherence_high": 81.25,
        "worked_seconds": 5.5 * HOUR,
        "conformance_low": 68.75,
        "conformance_high": 87.5,
    }
    assert (report.known_seconds, report.window_seconds) == (6.5 * HOUR, 8 * HOUR)
    assert note(report, "Adherence = ")
    assert note(report, "Conformance = ")
    assert note(report, "Vendors differ: NICE")
    assert not note(report, "Grace")
    out = floor.report(spans=True)
    assert out.columns == EXCEPTION_COLUMNS
    assert {report.kind, out.kind} <= set(TITLES)
    assert [(row[2].hour + row[2].minute / 60 - 9, *row[4:]) for row in out.rows if isinstance(row[2], datetime)] == [
        (3, "Lunch", "InboundContact", "positive"),
        (4, "Open", "Unavailable - Lunch", "negative"),
        (7.5, "Open", "logged_out", "negative"),
    ]
    assert out.notes == report.notes


def test_grace_forgives_edges(tmp_path: Path) -> None:
    """Being out for five minutes at an edge is forgiven. Six, or five in the middle, are not."""
    minute = 1 / 60
    day = [
        (at(0), at(5 * minute), LOGGED_OUT),
        (at(5 * minute), at(1), AVAILABLE),
        (at(1), at(1 + 5 * minute), BREAK),
        (at(1 + 5 * minute), at(3 - 6 * minute), AVAILABLE),
        (at(3 - 6 * minute), at(4 + 2 * minute), LUNCH),
        (at(4 + 2 * minute), at(8), AVAILABLE),
    ]
    floor = Floor(tmp_path, {ANN: day}, PLAN)
    assert rows(floor.report())["100"]["out_seconds"] == (5 + 5 + 6 + 2) * 60
    report = floor.report(grace=300)
    assert rows(report)["100"]["out_seconds"] == (5 + 6) * 60
    assert "within 5 min of its activity's begin or end" in note(report, "Grace")
    assert "This is so for 420 s of 1 agent." in note(report, "Grace")
    assert len(floor.report(spans=True, grace=300).rows) == 2


def test_unknown_time_beside_a_forgiven_span(tmp_path: Path) -> None:
    """A span that unknown time may make too long is unknown."""
    minute = 1 / 60
    day = [(at(0), at(3 * minute), LOGGED_OUT), (at(3 * minute), at(8 * minute), UNKNOWN)]
    floor = Floor(tmp_path, {ANN: [*day, (at(8 * minute), at(1), AVAILABLE)]}, shift("100", 0, 1, "Open"))
    row = rows(floor.report(grace=300))["100"]
    assert (row["out_seconds"], row["unknown_seconds"]) == (0, 8 * 60)
    assert rows(floor.report(grace=480))["100"]["unknown_seconds"] == 5 * 60
    assert rows(floor.report())["100"]["out_seconds"] == 3 * 60


def test_windows_add_up(tmp_path: Path) -> None:
    """With grace, two windows sum up to the whole one."""
    minute = 1 / 60
    day = [(at(0), at(4 * minute), LOGGED_OUT), (at(4 * minute), at(8 - 4 * minute), AVAILABLE)]
    floor = Floor(tmp_path, {ANN: [*day, (at(8 - 4 * minute), at(8), LOGGED_OUT)]}, shift("100", 0, 8, "Open"))
    assert rows(floor.report(grace=300))["100"]["in_seconds"] == 8 * HOUR
    for cut in (minute, 4, 8 - minute):
        halves = [rows(floor.report(grace=300, window=one))["100"] for one in ((0, cut), (cut, 8))]
        for name in ("scheduled_seconds", "in_seconds", "out_seconds", "worked_seconds"):
            assert sum(row[name] for row in halves) == rows(floor.report(grace=300))["100"][name]  # type: ignore[misc]


def test_unmapped_not_scheduled_and_no_schedule(tmp_path: Path) -> None:
    """These are three things: seconds apart, 0 seconds, and no value."""
    cid, dan = Agent("102", "Cid"), Agent("103", "Dan")
    day = [(at(0), at(8), AVAILABLE)]
    plan = shift("100", 0, 2, "Coaching") + shift("100", 2, 4, "Open") + shift("101", 20, 22, "Open")
    plan += shift("103", 0, 8, "Vacation")
    floor = Floor(tmp_path, {Agent("99", "Eve"): [], ANN: day, BOB: day, cid: day, dan: day}, plan)
    report = floor.report(activities={"vacation": Fit(off=True)})
    assert "99" not in rows(report)  # neither present nor scheduled
    ann, bob, other, away = (rows(report)[one] for one in ("100", "101", "102", "103"))
    assert (ann["unmapped_seconds"], ann["in_seconds"], ann["scheduled_seconds"]) == (2 * HOUR, 2 * HOUR, 4 * HOUR)
    assert (ann["adherence_low"], ann["adherence_high"]) == (50, 100)
    for row in (bob, away):
        assert (row["scheduled_seconds"], row["adherence_low"], row["conformance_high"]) == (0, None, None)
    assert set(list(other.values())[2:]) == {None}
    assert "'Coaching' (7,200 s)" in note(report, "Activities that no state is mapped to")
    assert "2 agents: 103 'Dan', 101 'Okoro, Bob'" in note(report, "Nothing is scheduled in this window")
    assert "1 agent: 102 'Cid'" in note(report, "No schedule is known")
    assert note(report, "Logged in outside of scheduled time").endswith("72,000 s of 3 agents.")


def test_an_id_as_pandas_writes_it(tmp_path: Path) -> None:
    """Ids with a decimal point and e-mails after names are read."""
    plan = shift("100.0", 0, 1, "Open") + shift("Bob <bob@example.com>", 0, 1, "Open")
    bob = Agent("101", "Bob", "bob", email="bob@example.com")
    day = [(at(0), at(8), AVAILABLE)]
    report = Floor(tmp_path, {ANN: day, bob: day}, plan).report()
    assert [rows(report)[one]["in_seconds"] for one in ("100", "101")] == [HOUR, HOUR]


def test_people_of_the_schedule(tmp_path: Path) -> None:
    """Unknown people are listed. A name of two agents counts for neither."""
    twin = Agent("200", "Twin", "bob")
    plan = shift("nobody", 0, 1, "Open") + shift("bob", 0, 1, "Open") + shift("u-100", 0, 1, "Open")
    day = [(at(0), at(8), AVAILABLE)]
    report = Floor(tmp_path, {ANN: day, BOB: day, twin: day}, plan).report()
    assert rows(report)["100"]["in_seconds"] == HOUR
    assert rows(report)["101"]["scheduled_seconds"] is None
    assert note(report, "Not counted, since nobody in the history has this id, user name or e-mail").endswith(
        "'nobody', line 2."
    )
    assert note(report, "Not counted, since more than one").endswith("'bob', line 3.")


def test_names_as_of_the_window(tmp_path: Path) -> None:
    """A name means who had it in the window, or else ever."""

    class Renamed(Floor):
        def later(self) -> list[Person]:
            return [Person(at(4), Agent("100", "Lee, Ann", "ann2")), Person(at(4), Agent("101", "New", "ann"))]

    day = [(at(0), at(8), AVAILABLE)]
    floor = Renamed(tmp_path, {ANN: day, BOB: day}, shift("ann", 0, 7, "Open") + shift("bob", 7, 8, "Lunch"))
    before, after = floor.report(window=(0, 3)), floor.report(window=(5, 8))
    assert (rows(before)["100"]["in_seconds"], rows(before)["101"]["scheduled_seconds"]) == (3 * HOUR, 0)
    assert rows(after)["100"]["scheduled_seconds"] is None
    assert (rows(after)["101"]["in_seconds"], rows(after)["101"]["out_seconds"]) == (2 * HOUR, HOUR)


def test_two_names_of_one_agent(tmp_path: Path) -> None:
    """Plans under two names unite. Where they contradict, both lines are named."""
    plan = shift("100", 0, 2, "Open") + shift("ann", 1, 3, "Open")
    floor = Floor(tmp_path, {ANN: [(at(0), at(8), AVAILABLE)]}, plan)
    assert rows(floor.report())["100"]["scheduled_seconds"] == 3 * HOUR
    (tmp_path / "plan.csv").write_text(
        "who,start,end,activity\n" + plan.replace("Open\nann", "Open\nann", 1)[:-5] + "Lunch\n"
    )
    with pytest.raises(SettingError, match=r"line 3 \(with line 2\): 'Open' and 'Lunch' of '100 and ann' overlap"):
        floor.report()


def test_not_on_the_roster(tmp_path: Path) -> None:
    """An agent who is not on the roster is out. Time without a recording is unknown."""
    floor = Floor(tmp_path, {ANN: [], BOB: [(at(1), at(2), ABSENT)]}, shift("100", -1, 9, "Open"), recorded=(0, 8))
    row = rows(floor.report(window=(-1, 9)))["100"]
    assert (row["out_seconds"], row["unknown_seconds"]) == (8 * HOUR, 2 * HOUR)
    report = floor.report()
    assert note(report, "Scheduled but not on the roster").endswith("28,800 s of 1 agent.")
    assert [row[5:] for row in floor.report(spans=True).rows] == [("not_on_roster", "negative")]
    nothing = floor.report(window=(-1, 0))
    assert rows(nothing)["100"]["unknown_seconds"] == HOUR
    assert nothing.coverage == 0
    assert (rows(nothing)["100"]["adherence_low"], rows(nothing)["100"]["adherence_high"]) == (0, 100)


def test_teams(tmp_path: Path) -> None:
    """A report of a team counts the time in the team."""

    class Moved(Floor):
        def later(self) -> list[Person]:
            return [Person(at(4), Agent("100", "Lee, Ann", "ann", team="Billing"))]

    floor = Moved(tmp_path, {ANN: [(at(0), at(8), AVAILABLE)], BOB: []}, shift("100", 0, 6, "Open"))
    support, billing = (floor.report(options=Options(teams=(team,))) for team in ("Support", "Billing"))
    assert list(rows(support)) == ["100"]
    assert (rows(support)["100"]["in_seconds"], rows(billing)["100"]["in_seconds"]) == (4 * HOUR, 2 * HOUR)
    assert "7,200 s of 1 agent" in note(billing, "Logged in outside")
    assert list(rows(floor.report(options=Options(agents=("bob",))))) == ["101"]
    with pytest.raises(SettingError, match="--by team does not fit adherence"):
        floor.report(options=Options(by="team"))


def test_impacts(tmp_path: Path) -> None:
    """Work in a break is positive, a break at work negative."""
    day = [(at(0), at(1), BREAK), (at(1), at(2), AVAILABLE), (at(2), at(3), LUNCH), (at(3), at(4), BREAK)]
    plan = "".join(shift("100", hour, hour + 1, name) for hour, name in enumerate(["Open", "Break", "Break", "Phones"]))
    floor = Floor(tmp_path, {ANN: day}, plan)
    found = floor.report(spans=True, activities={"phones": Fit(states=frozenset({"available"}))})
    assert [row[4:] for row in found.rows] == [
        ("Open", "Break", "negative"),
        ("Break", "Available", "positive"),
        ("Break", "Unavailable - Lunch", "neutral"),
        ("Phones", "Break", "negative"),
    ]


@pytest.mark.parametrize("grace", [0, HOUR])
def test_a_state_without_a_second_splits_nothing(tmp_path: Path, grace: int) -> None:
    """Work for less than a second does not end an exception."""
    day = [(at(0), at(6.5), AVAILABLE), (at(6.5), at(7.25) + 100, BREAK), (at(7.25) + 200, at(8), BREAK)]
    flicker = [*day[:2], (at(7.25) + 100, at(7.25) + 200, ON_CONTACT), day[2]]
    for place, one in enumerate((day, flicker)):
        (tmp_path / str(place)).mkdir()
        report = Floor(tmp_path / str(place), {ANN: one}, shift("100", 0, 8, "Open")).report(spans=True, grace=grace)
        assert [(row[4], row[5]) for row in report.rows] == [("Open", "Break")]


def test_an_agent_who_left_before_the_window_has_no_row(tmp_path: Path) -> None:
    """Agents who were neither scheduled nor on the roster are left out. Those after them are not."""
    days = {ANN: [(at(0), at(2), AVAILABLE)], BOB: [(at(0), at(8), AVAILABLE)]}
    report = Floor(tmp_path, days, shift("100", 0, 2, "Open") + shift("101", 4, 8, "Open")).report(window=(4, 8))
    assert list(rows(report)) == ["101"]
