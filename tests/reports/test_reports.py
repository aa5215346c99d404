"""Each kind of report of one small day, written out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.support.many_values import together

from cxone_rollcall.errors import SettingError
from cxone_rollcall.history.interval import RECORDER_DOWN, Interval, Open, Person, Poll, Status, unknown
from cxone_rollcall.history.reading import History, reading
from cxone_rollcall.history.recorder import Batch
from cxone_rollcall.history.store import Store
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.reports.gaps import gaps
from cxone_rollcall.reports.kinds import KINDS
from cxone_rollcall.reports.occupancy import occupancy
from cxone_rollcall.reports.options import Options
from cxone_rollcall.reports.report import Kind, Report
from cxone_rollcall.reports.sessions import sessions
from cxone_rollcall.reports.tally import Legend, shown
from cxone_rollcall.reports.time_in_state import time_in_state
from cxone_rollcall.reports.timeline import timeline
from cxone_rollcall.reports.window import Period

BERLIN = ZoneInfo("Europe/Berlin")
ALL = Options()

AVAILABLE = Status(Standing.PRESENT, "Available", None, "available")
CONTACT = Status(Standing.PRESENT, "InboundContact", None, "on-contact")
LUNCH = Status(Standing.PRESENT, "Unavailable", "Lunch", "unavailable")
OUT = Status(Standing.LOGGED_OUT)

LEE = Agent("1", "Lee, Ann", "ann", "ann@example.com", "Support")
OKORO = Agent("2", "Okoro, Kwame", "kwame", None, "Billing")


def at(clock: str) -> int:
    """A time of 20 November in Berlin, in milliseconds since the epoch."""
    return int(datetime.fromisoformat(f"2026-11-20T{clock}+01:00").timestamp() * 1000)


@contextmanager
def morning(path: Path) -> Iterator[History]:
    """Two agents from 8 to 12.

    Nothing is recorded from 10:00 to 10:10. One gets another name and team at 9."""
    first = Batch(Poll("a", 1, at("08:00"), at("08:00"), True, True))
    first.people = [
        Person(at("08:00"), LEE),
        Person(at("08:00"), OKORO),
        Person(at("09:00"), Agent("2", "Okoro-Smith, Kwame", "kwame", None, "Support")),
    ]
    last = Batch(Poll("a", 2, at("10:00"), at("10:00"), True, True))
    again = Batch(
        Poll("b", 1, at("10:10"), at("10:10"), True, True), down=(at("10:00") + 1, at("10:10"), RECORDER_DOWN)
    )
    end = Batch(Poll("b", 2, at("12:00"), at("12:00"), True, True))
    down = unknown(RECORDER_DOWN)
    last.closed = [
        ("1", Interval(at("08:00"), at("08:30"), OUT)),
        ("1", Interval(at("08:30"), at("09:15"), AVAILABLE, 10_000)),
        ("1", Interval(at("09:15"), at("10:00") + 1, CONTACT, 0)),
        ("2", Interval(at("08:00"), at("08:30"), AVAILABLE)),
        ("2", Interval(at("08:30"), at("10:00") + 1, OUT, 0)),
    ]
    end.closed = [
        ("1", Interval(at("10:00") + 1, at("10:10"), down)),
        ("1", Interval(at("10:10"), at("11:00"), CONTACT)),
        ("2", Interval(at("10:00") + 1, at("10:10"), down)),
        ("2", Interval(at("10:10"), at("11:30"), LUNCH)),
    ]
    end.opened = {"1": Open(at("11:00"), OUT, 4_500), "2": Open(at("11:30"), AVAILABLE, 0)}
    with closing(Store(path, "Acme")) as store:
        for batch in (first, last, again, end):
            store.write(batch)
    with reading(path) as history:
        yield history


def period(begin: str = "08:00", end: str = "12:00") -> Period:
    """A window of that day."""
    return Period(at(begin) // 1000, at(end) // 1000, BERLIN)


def plain(report: Report) -> list[tuple[object, ...]]:
    """The rows of a report, with times as on a clock."""
    return [tuple(f"{one:%H:%M}" if isinstance(one, datetime) else one for one in row) for row in report.rows]


def test_time_in_state(tmp_path: Path) -> None:
    """Each agent's seconds sum up to the window, in its teams."""
    with morning(tmp_path / "h.db") as history:
        report = time_in_state(history, period(), ALL)
    ann, kwame = ("08:00", "12:00", "1", "Lee, Ann"), ("08:00", "12:00", "2", "Okoro-Smith, Kwame")
    assert plain(report) == [
        (*ann, "Support", "present", "available", "Available", None, 2700),
        (*ann, "Support", "present", "on-contact", "InboundContact", None, 5700),
        (*ann, "Support", "logged_out", None, None, None, 5400),
        (*ann, "Support", "unknown", None, None, None, 600),
        (*kwame, "Billing", "present", "available", "Available", None, 1800),
        (*kwame, "Billing", "logged_out", None, None, None, 1800),
        (*kwame, "Support", "present", "available", "Available", None, 1800),
        (*kwame, "Support", "present", "unavailable", "Unavailable", "Lunch", 4800),
        (*kwame, "Support", "logged_out", None, None, None, 3600),
        (*kwame, "Support", "unknown", None, None, None, 600),
    ]
    assert (report.known_seconds, report.window_seconds) == (2 * 4 * 3600 - 1200, 2 * 4 * 3600)
    assert (report.tenant, report.tz, report.notes) == ("Acme", "Europe/Berlin", ())


def test_time_in_state_by_team(tmp_path: Path) -> None:
    """A team's time is that of the agents who were in it."""
    with morning(tmp_path / "h.db") as history:
        report = time_in_state(history, period("08:00", "10:00"), Options(by="team", interval="1h"))
    nine, ten = ("08:00", "09:00", None, None), ("09:00", "10:00", None, None)
    assert plain(report) == [
        (*nine, "Billing", "present", "available", "Available", None, 1800),
        (*nine, "Billing", "logged_out", None, None, None, 1800),
        (*nine, "Support", "present", "available", "Available", None, 1800),
        (*nine, "Support", "logged_out", None, None, None, 1800),
        (*ten, "Support", "present", "available", "Available", None, 900),
        (*ten, "Support", "present", "on-contact", "InboundContact", None, 2700),
        (*ten, "Support", "logged_out", None, None, None, 3600),
    ]


def test_timeline(tmp_path: Path) -> None:
    """One state after the other, with how exactly its begin is known."""
    with morning(tmp_path / "h.db") as history:
        report = timeline(history, period(), Options(agents=("Lee, Ann",)))
    assert plain(report) == [
        ("1", "Lee, Ann", "08:00", "08:30", 1800, "logged_out", None, None, None, None, "observed"),
        ("1", "Lee, Ann", "08:30", "09:15", 2700, "present", "available", "Available", None, 10, "observed"),
        ("1", "Lee, Ann", "09:15", "10:00", 2700, "present", "on-contact", "InboundContact", None, 0, "observed"),
        ("1", "Lee, Ann", "10:00", "10:10", 600, "unknown", None, None, None, None, None),
        ("1", "Lee, Ann", "10:10", "11:00", 3000, "present", "on-contact", "InboundContact", None, None, "observed"),
        ("1", "Lee, Ann", "11:00", "12:00", 3600, "logged_out", None, None, None, 5, "observed"),
    ]
    assert report.notes == ("Filtered: 1 of the 2 agents in the history.",)


def test_sessions(tmp_path: Path) -> None:
    """A gap ends a session. A login in a gap after a logged out time lies within the gap."""
    with morning(tmp_path / "h.db") as history:
        report = sessions(history, period(), ALL)
        early = sessions(history, period("08:00", "09:30"), Options(agents=("1",)))
    kwame = ("2", "Okoro-Smith, Kwame")
    assert plain(report) == [
        ("1", "Lee, Ann", "Support", "08:30", "10:00", 5400, 10, None, "gap"),
        ("1", "Lee, Ann", "Support", "10:10", "11:00", 3000, None, 5, "logout"),
        (*kwame, "Billing", "08:00", "08:30", 1800, None, 0, "logout"),
        (*kwame, "Support", "10:10", "12:00", 6600, 600, None, "still-open"),
    ]
    assert plain(early) == [("1", "Lee, Ann", "Support", "08:30", "09:30", 3600, 10, None, "window")]


def test_gaps(tmp_path: Path) -> None:
    """Equal gaps share a row. Time before the first poll and after the last is one, too."""
    with morning(tmp_path / "h.db") as history:
        report = gaps(history, period("07:00", "13:00"), ALL)
    assert plain(report) == [
        ("07:00", "08:00", 3600, "not-recorded", 2),
        ("10:00", "10:10", 600, "recorder-down", 2),
        ("12:00", "13:00", 3600, "not-recorded", 2),
    ]
    assert report.notes == (
        "Nothing was recorded before the first poll at 2026-11-20 08:00:00+01:00"
        " and after the last poll at 2026-11-20 12:00:00+01:00: that time is unknown.",
    )


def test_occupancy(tmp_path: Path) -> None:
    """Unknown time makes occupancy a range; 0/0 is no value."""
    with morning(tmp_path / "h.db") as history:
        report = occupancy(history, period(), ALL)
        idle = occupancy(history, period("08:30", "08:31"), Options(teams=("Billing",)))
    low, high = 100 * 5700 / (5700 + 4500 + 1200), 100 * (5700 + 1200) / (5700 + 4500 + 1200)
    assert plain(report) == [
        ("08:00", "12:00", "Billing", 0, 0, 1800, 0, 0, 0.0, 0.0),
        ("08:00", "12:00", "Support", 5700, 0, 4500, 4800, 1200, low, high),
    ]
    assert plain(idle) == [("08:30", "08:31", "Billing", 0, 0, 0, 0, 0, None, None)]
    assert report.notes[0].startswith("Occupancy = ")


@pytest.mark.parametrize("kind", KINDS)
@together("window", {"until the first poll": ("07:00", "08:00"), "from the last on": ("12:00", "13:00")})
def test_unrecorded_time_is_unknown(
    kind: Kind, window: tuple[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Time without a recording has a coverage of 0, and a note."""
    with morning(tmp_path_factory.mktemp("h") / "h.db") as history:
        report = KINDS[kind](history, period(*window), ALL)
    assert (report.known_seconds, report.window_seconds, report.coverage) == (0, 7200, 0.0)
    assert "Nothing was recorded in this window" in report.notes[-1]
    assert not any("logged_out" in row for row in report.rows)


def test_a_file_without_polls(tmp_path: Path) -> None:
    """Each report of a history that has just begun is empty. Its note says why."""
    with closing(Store(tmp_path / "h.db", "Acme")), reading(tmp_path / "h.db") as history:
        reports = [made(history, period(), ALL) for made in KINDS.values()]
    assert [plain(one) for one in reports] == [[] for _ in KINDS]
    assert {one.notes[-1] for one in reports} == {"Nothing has been recorded in this file."}
    assert {(one.known_seconds, one.window_seconds) for one in reports} == {(0, 0)}


@together(
    "case",
    {
        "a misspelt agent": (Options(agents=("Lee, An",)), "no agent was called 'Lee, An' .*did you mean 'Lee, Ann'"),
        "one of two": (Options(agents=("1", "nobody-at-all")), "no agent was called 'nobody-at-all'"),
        "a misspelt team": (Options(teams=("Suport",)), "did you mean 'Support'"),
        "a team of others": (Options(agents=("1",), teams=("Billing",)), "none of these agents"),
    },
)
def test_unknown_people_are_refused(case: tuple[Options, str], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Agents and teams that were not there are refused with a suggestion."""
    options, message = case
    with (
        morning(tmp_path_factory.mktemp("h") / "h.db") as history,
        pytest.raises(SettingError, match=message),
    ):
        timeline(history, period(), options)


def test_names_are_those_of_the_window(tmp_path: Path) -> None:
    """Before a change the agent has its old name and team."""
    with morning(tmp_path / "h.db") as history:
        early = period("08:00", "09:00")
        for name in ("okoro, kwame", "KWAME", "2"):
            report = time_in_state(history, early, Options(agents=(name,)))
            assert {row[2:5] for row in report.rows} == {("2", "Okoro, Kwame", "Billing")}
        with pytest.raises(SettingError, match="Okoro, Kwame"):
            time_in_state(history, early, Options(agents=("Okoro-Smith, Kwame",)))
        with pytest.raises(SettingError, match="Okoro-Smith, Kwame"):
            time_in_state(history, period("09:00", "10:00"), Options(agents=("Okoro, Kwame",)))


def test_who_had_a_name_before_is_not_meant(tmp_path: Path) -> None:
    """A name means whom it names in the window. A new one cuts no state."""
    first = Batch(Poll("a", 1, at("08:00"), at("08:00"), True, False))
    names = (("08:00", "1", "Ann"), ("08:30", "1", "Ann Lee"), ("08:00", "2", "Ann"))
    first.people = [Person(at(clock), Agent(who, name=name, team="Support")) for clock, who, name in names]
    first.opened = {who: Open(at("08:00"), unknown("RC104")) for who in ("1", "2")}
    with closing(Store(tmp_path / "h.db")) as store:
        store.write(first)
        store.write(Batch(Poll("a", 2, at("09:00"), at("09:00"), True, False)))
    with reading(tmp_path / "h.db") as history:
        late = timeline(history, period("08:40", "09:00"), Options(agents=("Ann",)))
        whole = timeline(history, period("08:00", "09:00"), Options(teams=("Support",)))
    assert [row[:2] for row in late.rows] == [("2", "Ann")]
    assert [(row[0], row[1], row[4]) for row in whole.rows] == [("2", "Ann", 3600), ("1", "Ann Lee", 3600)]


def test_a_piece_is_cut_where_the_team_changes(tmp_path: Path) -> None:
    """A gap and a state count for the team of the time. No part without a length is shown."""
    first = Batch(Poll("a", 1, at("08:00"), at("08:00"), True, False))
    teams = {"08:00": "Support", "08:10": "Billing", "08:15": "Support", "08:40": "Billing"}
    first.people = [Person(at(clock), Agent("1", team=team)) for clock, team in teams.items()]
    last = Batch(Poll("a", 2, at("09:00"), at("09:00"), True, False))
    last.closed = [
        ("1", Interval(at("08:00"), at("08:30"), unknown("RC104"))),
        ("1", Interval(at("08:30"), at("08:40"), AVAILABLE)),
    ]
    last.opened = {"1": Open(at("08:40"), CONTACT)}
    with closing(Store(tmp_path / "h.db")) as store:
        store.write(first)
        store.write(last)
    hour, options = period("08:00", "09:00"), Options(teams=("support",))
    with reading(tmp_path / "h.db") as history:
        support, billing = gaps(history, hour, options), gaps(history, hour, Options(teams=("billing",)))
        states = timeline(history, hour, options)
    assert plain(support) == [("08:00", "08:10", 600, "RC104", 1), ("08:15", "08:30", 900, "RC104", 1)]
    assert plain(billing) == [("08:10", "08:15", 300, "RC104", 1)]
    assert (support.known_seconds, support.window_seconds) == (600, 2100)
    assert [row[2:6] for row in plain(states)] == [
        ("08:00", "08:10", 600, "unknown"),
        ("08:15", "08:30", 900, "unknown"),
        ("08:30", "08:40", 600, "present"),
    ]
    assert states.notes == ("Filtered: 1 of the 1 agents in the history.",)


def test_an_agent_is_asked_for_by_its_id(tmp_path: Path) -> None:
    """Another agent whose user name is this id is not meant. Only who is asked for is shown without a state."""
    batch = Batch(Poll("a", 1, at("08:00"), at("08:00"), True, False))
    agents = Agent("1", "Ann"), Agent("2", "Ben", "1"), Agent("3", "Cat")
    batch.people = [Person(at("08:00"), one) for one in agents]
    batch.opened = {who: Open(at("08:00"), AVAILABLE) for who in ("1", "2")}
    with closing(Store(tmp_path / "h.db")) as store:
        store.write(batch)
        store.write(Batch(Poll("a", 2, at("09:00"), at("09:00"), True, False)))
    with reading(tmp_path / "h.db") as history:
        reports = [timeline(history, period("08:00", "09:00"), Options(agents=ids)) for ids in ((" 1 ", "3"), ())]
    assert [[(row[1], *row[4:6]) for row in one.rows] for one in reports] == [
        [("Ann", 3600, "present"), ("Cat", 3600, "not_on_roster")],
        [("Ann", 3600, "present"), ("Ben", 3600, "present")],
    ]


def test_divisions_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    """Only some kinds have intervals, or sums by team or state."""
    with morning(tmp_path / "h.db") as history:
        for kind in ("timeline", "sessions", "gaps"):
            for options in (Options(interval="1h"), Options(by="team")):
                with pytest.raises(SettingError, match=kind):
                    KINDS[kind](history, period(), options)
        with pytest.raises(SettingError, match="it takes only team"):
            occupancy(history, period(), Options(by="state"))


def test_the_database_sums_as_we_do(tmp_path: Path) -> None:
    """The database computes the same sums as the rows have."""
    with morning(tmp_path / "h.db") as history:
        for begin, end in (("08:00", "12:00"), ("08:10", "11:59"), ("10:05", "10:06"), ("11:00", "13:00")):
            window = period(begin, end).window
            rows = {
                number: {
                    status: sum(one.end // 1000 - one.begin // 1000 for one in its if one.status == status)
                    for status in {one.status for one in its}
                }
                for number, its in history.rows(window).items()
            }
            assert history.seconds(window) == rows


def test_the_order_of_states() -> None:
    """States are ordered by standing, group and name. One without a name comes before those with one."""
    named = [("Break", None), ("Break", "Lunch"), ("Meeting", None)]
    break_, lunch, meeting = (Status(Standing.PRESENT, *one, "unavailable") for one in named)
    nameless, of_no_group = Status(Standing.PRESENT, None, None, "unavailable"), Status(Standing.PRESENT, "A")
    seen = [OUT, meeting, unknown("RC105"), lunch, nameless, CONTACT, break_, of_no_group, AVAILABLE]
    history: Any = SimpleNamespace(statuses={0: unknown("RC104"), **dict(enumerate(seen, 1))})
    ordered = [of_no_group, AVAILABLE, CONTACT, nameless, break_, lunch, meeting, OUT, unknown("RC105"), None]
    assert Legend(history).states == [shown(one) for one in ordered]
