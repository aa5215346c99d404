"""What a report's page leaves out, and the numbers on its axes."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from msgspec.json import decode
from tests.support.many_values import together
from tests.views.reports.made import (
    ADHERENCE,
    BERLIN,
    DAY,
    OCCUPANCY,
    at,
    bucket,
    gap,
    pictures,
    report,
    spell,
)

from cxone_rollcall.reports import sessions
from cxone_rollcall.reports.pictures import Pictures
from cxone_rollcall.reports.report import Cell, Report
from cxone_rollcall.views.reports import csv, html, json, singer
from cxone_rollcall.views.reports.html.places import state_text
from cxone_rollcall.views.reports.html.scale import Scale, Tick, days
from cxone_rollcall.views.reports.html.svg import axis, grid, marks, round_top
from cxone_rollcall.views.reports.words import Texts, in_a_day

LONG = "N" * 61


def of(shown: Report, drawn: Pictures | None = None) -> str:
    """The page of a report."""
    return b"".join(html.report(shown, drawn or pictures())).decode()


def listed(number: int) -> str:
    """The page of so many rows."""
    return of(report(rows=[spell(9, 10)] * number))


def in_states(number: int) -> str:
    """The page of so many states, which last longer and longer."""
    return of(report(), pictures(stacked=[bucket(9, one + 1, state=f"S{one:03}") for one in range(number)]))


def in_days(number: int) -> str:
    """The page of so many days."""
    return of(report(end=at(24 * number)), pictures([spell(9, 33)], end=at(24 * number)))


def judged(number: int) -> str:
    """The page of so many judged agents."""
    row = ("x", 9, 9, 0, 0, 0, 100.0, 100.0, 9, 100.0, 100.0)
    return of(report("adherence", ADHERENCE, [(str(one), *row) for one in range(number)]))


def of_teams(number: int) -> str:
    """The page of so many teams."""
    rows: list[tuple[Cell, ...]] = [(at(9), at(10), f"T{one}", 1, 1, 1, 1, 1, 60.0, 80.0) for one in range(number)]
    return of(report("occupancy", OCCUPANCY, rows))


def drawn(number: int) -> str:
    """The page of a tenant with so many agents. Two are drawn."""
    timeline = [spell(9, 10), gap(9, 10, agent_id="2")]
    return of(report(), pictures(timeline, agents=number))


BOUNDS: dict[str, tuple[Callable[[int], str], int, str, str]] = {
    "rows": (listed, 1_000, "<tr><td><bdi>1</bdi>", "Rows not on this page: 1<"),
    "unfolded rows": (listed, 100, "<details open>", "<details class=long><summary>101 rows"),
    "states": (in_states, 100, "<tr><th scope=row><bdi>S", "<strong>1 state left out</strong>"),
    "days": (in_days, 7, "<h3>", "Days not drawn: the last 1 of 8<"),
    "agents": (judged, 200, "<tr><th scope=row><span title=", "Agents not drawn: 1<"),
    "teams": (of_teams, 40, "<h3><bdi>T", "Teams not drawn: 1<"),
    "lanes": (drawn, 2, "<li><span class=who", "Agents without a lane here: 1 of 3<"),
}


@together("bound", BOUNDS)
def test_the_rest_is_counted(bound: tuple[Callable[[int], str], int, str, str]) -> None:
    """Up to a bound a page shows everything. Beyond it the rest is counted."""
    page, most, each, said = bound
    whole, cut = page(most), page(most + 1)
    assert said not in whole
    assert " left out" not in whole
    assert "not drawn" not in whole
    assert said in cut
    assert each == "<details open>" or whole.count(each) == cut.count(each) > 0


def test_columns_of_days_that_are_not_drawn_have_no_figures() -> None:
    """The table of figures ends with the last day that is drawn."""
    stacked = [bucket(24 * day, 900) for day in range(8)]
    page = of(report(end=at(24 * 8)), pictures(stacked=stacked, end=at(24 * 8)))
    assert page.partition("The figures of the columns")[2].partition("</table>")[0].count("<tr><th scope=row>") == 7


def test_the_longest_states_are_listed() -> None:
    """Of too many states those with the least time are left out."""
    page = in_states(101)
    assert "S000" not in page.partition("<h3>States</h3>")[2]
    assert page.partition("<h3>States</h3>")[2].index("S100") < page.partition("<h3>States</h3>")[2].index("S001")


def test_the_lowest_agents_are_drawn() -> None:
    """Of too many agents the highest are left out. All together are shown if several have a schedule."""
    row = (9, 9, 0, 0, 0)
    rows = [(str(one), f"n{one}", *row, float(one % 100), 100.0, 9, 100.0, 100.0) for one in range(201)]
    picture = of(report("adherence", ADHERENCE, rows)).partition("<section id=days>")[0]
    assert [f"<bdi>n{one}</bdi>" in picture for one in (0, 100, 200, 99, 199)] == [True, True, True, True, False]
    assert "<tr class=all>" in picture
    assert "<tr class=all>" not in of(report("adherence", ADHERENCE, rows[:1]))


def test_long_names_are_cut_in_pictures() -> None:
    """A long name is cut beside its picture. It is whole in the rows."""
    timeline = [spell(9, 10, name=LONG)]
    page = of(report(rows=timeline), pictures(timeline, teams={"1": LONG}))
    cut = f"{'N' * 59}…"
    assert f"<h4><bdi>{cut}</bdi></h4>" in page
    assert f'title="1"><bdi>{cut}</bdi></span>' in page
    assert f'aria-label="{cut}: Available 1:00:00"' in page
    assert f"<td><bdi>{LONG}</bdi>" in page
    judged_page = of(report("adherence", ADHERENCE, [("1", LONG, 9, 9, 0, 0, 0, 1.0, 2.0, 9, 1.0, 2.0)]))
    assert f'<th scope=row><span title="1"><bdi>{cut}</bdi></span>' in judged_page
    shares = of(report("occupancy", OCCUPANCY, [(at(9), at(10), LONG, 1, 1, 1, 1, 1, 60.0, 80.0)]))
    assert f"<h3><bdi>{cut}</bdi></h3>" in shares
    assert f'aria-label="Occupancy of {cut} over time;' in shares


UTC = ZoneInfo("UTC")
HALF = ZoneInfo("Australia/Lord_Howe")
"""Its clock is put back by half an hour. That is on 5 April 2026 at 02:00."""


@together(
    "written",
    {
        "10 minutes": (at(9), at(9 + 1 / 6), "09:00 09:01 09:02 09:03 09:04 09:05 09:06 09:07 09:08 09:09"),
        "an hour": (at(9), at(10), "09:00 09:05 09:10 09:15 09:20 09:25 09:30 09:35 09:40 09:45 09:50 09:55"),
        "a part": (at(9.1), at(10.6), "09:10 09:20 09:30 09:40 09:50 10:00 10:10 10:20 10:30"),
        "12 hours": (at(8), at(20), " ".join(f"{hour:02}:00" for hour in range(8, 20))),
        "13 hours": (at(8), at(21), " ".join(f"{hour:02}:00" for hour in range(8, 21, 2))),
        "a day": (DAY, at(24), " ".join(f"{hour:02}:00" for hour in range(0, 24, 2))),
        "two days": (DAY, at(48), "00:00 06:00 12:00 18:00 00:00 06:00 12:00 18:00"),
        "12 days": (DAY, at(288), " ".join(f"{day} Mar" for day in range(2, 14))),
        "a month": (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC), "4 Jan 11 Jan 18 Jan 25 Jan"),
        "spring": (
            datetime(2026, 3, 29, tzinfo=BERLIN),
            datetime(2026, 3, 29, 6, tzinfo=BERLIN),
            "00:00 00:30 01:00 01:30 03:00 03:30 04:00 04:30 05:00 05:30",
        ),
        "autumn": (
            datetime(2026, 10, 25, tzinfo=BERLIN),
            datetime(2026, 10, 25, 6, tzinfo=BERLIN),
            "00:00 01:00 02:00 02:00 03:00 04:00 05:00",
        ),
        "half an hour back": (
            datetime(2026, 4, 5, tzinfo=HALF),
            datetime(2026, 4, 5, 5, tzinfo=HALF),
            "00:00 00:30 01:00 01:30 01:30 02:00 02:30 03:00 03:30 04:00 04:30",
        ),
    },
)  # fmt: skip
def test_an_axis_follows_the_clock(written: tuple[datetime, datetime, str]) -> None:
    """An axis has at most 13 times. They are whole steps of the zone's clock."""
    begin, end, texts = written
    assert " ".join(tick.text for tick in Scale(begin, end).ticks()) == texts


def test_each_third_time_stays_on_a_narrow_screen() -> None:
    """Times are placed in percent. Of three, two are left out where there is little room."""
    ticks = Scale(at(9), at(9 + 1 / 15)).ticks()
    assert [(round(tick.place, 6), tick.text, tick.minor) for tick in ticks] == [
        *((0, "09:00", False), (25, "09:01", True), (50, "09:02", True), (75, "09:03", False))
    ]
    assert [Scale(DAY, at(24)).place(moment) for moment in (at(-1), DAY, at(6), at(24), at(30))] == [0, 0, 25, 100, 100]


def test_the_ends_of_an_axis_keep_their_texts_inside() -> None:
    """A text at the left end stands beside its place. One at the right end would not fit."""
    ticks = [Tick(place, f"{place}", minor=place > 50) for place in (0.0, 0.99, 1.0, 98.99, 99.0)]
    texts = re.findall(r'class="(.*?)">(.*?)<', axis(ticks))
    assert texts == [("first", "0.0"), ("first", "0.99"), ("", "1.0"), ("minor", "98.99")]
    assert grid(ticks).count("<line ") == 5


def test_days_are_cut_to_the_window() -> None:
    """The parts of a window are its days of the calendar. Some have 23 or 25 hours."""
    begin, end = datetime(2026, 3, 28, 22, 30, tzinfo=BERLIN), datetime(2026, 3, 30, 1, tzinfo=BERLIN)
    parts = days(begin, end)
    assert [(f"{part.begin:%d %H:%M}", f"{part.end:%d %H:%M}") for part in parts] == [
        ("28 22:30", "29 00:00"),
        ("29 00:00", "30 00:00"),
        ("30 00:00", "30 01:00"),
    ]
    assert [part.seconds for part in parts] == [5_400, 23 * 3_600, 3_600]
    back = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=1)
    assert [part.seconds for part in days(back, back.replace(fold=0) + timedelta(days=1))] == [
        21.5 * 3_600,
        2.5 * 3_600,
    ]


@together(
    "top",
    {
        "1": (0.2, 1.0, [0, 1]),
        "just 1": (1.0, 1.0, [0, 1]),
        "2": (1.2, 2.0, [0, 1, 2]),
        "3": (2.5, 3.0, [0, 1, 2, 3]),
        "5": (5.0, 5.0, [0, 1, 2, 3, 4, 5]),
        "6": (5.1, 6.0, [0, 2, 4, 6]),
        "8": (7.0, 8.0, [0, 2, 4, 6, 8]),
        "10": (8.1, 10.0, [0, 2, 4, 6, 8, 10]),
        "20": (11.0, 20.0, [0, 5, 10, 15, 20]),
        "40": (31.0, 40.0, [0, 10, 20, 30, 40]),
        "100": (99.0, 100.0, [0, 20, 40, 60, 80, 100]),
        "80000": (60_001.0, 80_000.0, [0, 20_000, 40_000, 60_000, 80_000]),
    },
)
def test_the_numbers_beside_a_plot(top: tuple[float, float, list[int]]) -> None:
    """The top is the least round number that fits. Few whole numbers are below it."""
    value, round_, numbers = top
    assert round_top(value) == round_
    assert marks(round_) == numbers


@together(
    "words",
    {
        "only a state": (("present", "Break", None), "Break"),
        "both": (("present", "Break", "Lunch"), "Break - Lunch"),
        "a sub-state that repeats it": (("present", "Break", "BREAK - Lunch"), "BREAK - Lunch"),
        "no name": (("present", None, None), "Logged in"),
        "only a sub-state": (("present", None, "Chat"), "Logged in - Chat"),
        "hostile": (("present", "\x1b[2J", "\u202e"), "\\x1b[2J - \\u202e"),
        "not present": (("logged_out", "Break", "Lunch"), "Logged out"),
        "unknown": (("unknown", None, None), "Unknown"),
    },
)
def test_the_words_for_a_state(words: tuple[tuple[str, str | None, str | None], str]) -> None:
    """A state has both its names once. An agent who is not present has the standing, and never an old state."""
    row, text = words
    assert state_text(*row) == text


def test_a_text_is_made_once() -> None:
    """Each text and each time is made once. Many rows have the same."""
    made: list[object] = []

    def text(of: object) -> str:
        made.append(of)
        return f"t{of}" if isinstance(of, str) else "m"

    texts = Texts(text, text)
    moment = at(9)
    assert [texts.of(cell) for cell in ("a", moment, "a", moment, 7, 0, None, 1.0, "b")] == [
        *("ta", "m", "ta", "m", 7, 0, "", "1.00", "tb")
    ]
    assert made == ["a", moment, "b"]


def test_a_window_may_lie_in_a_day() -> None:
    """A window lies in a day up to the midnight after it."""
    assert in_a_day(at(9), at(10))
    assert in_a_day(DAY, at(24))
    assert not in_a_day(at(9), at(24))
    assert not in_a_day(DAY, at(48))


@pytest.mark.parametrize("rows", [1_000, 1_001, 2_000, 2_001])
def test_no_row_is_lost_between_pieces(rows: int) -> None:
    """The pieces of a report have each row once, in order."""
    made = report("gaps", ("row", "agent_id"), [(at, str(at)) for at in range(rows)])
    every = [str(at) for at in range(rows)]
    pieces = list(csv.report(made))
    assert [line.split(",")[0] for line in b"".join(pieces).decode().split()[1:]] == every
    assert len(pieces) == 1 + -(-rows // 2_000)
    for written, around in ((json.report, 2), (json.report_lines, 1), (singer.report, 4)):
        pieces = list(written(made))
        assert b"".join(pieces).count(b'"agent_id":"') == rows
        assert len(pieces) == around + -(-rows // 1_000)


def test_singer_has_the_types_of_sessions() -> None:
    """Logins are times, and slacks whole numbers."""
    _, _, line, _ = singer.report(report("sessions", sessions.COLUMNS))
    properties = decode(line)["schema"]["properties"]
    times = {name for name, one in properties.items() if one.get("format") == "date-time"}
    assert times == {"login", "logout", "window_begin", "window_end"}
    numbers = {name for name, one in properties.items() if "integer" in one["type"]}
    assert numbers == {"row", "seconds", "login_slack", "logout_slack"}
