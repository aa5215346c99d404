"""The page of a report is safe and self-contained. It is of limited size, and readable without its pictures."""

from __future__ import annotations

import re
from datetime import datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.many_values import together
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
from cxone_rollcall.reports.report import Report
from cxone_rollcall.views.reports import html
from cxone_rollcall.views.reports.html.days import MOST_DAYS, MOST_SPANS
from cxone_rollcall.views.reports.html.ranges import MOST_RANGES
from cxone_rollcall.views.reports.html.rows import MOST_ROWS
from cxone_rollcall.views.text import printable

HOSTILE = ("<script>alert(1)</script>", "\"><img src=x onerror='alert(1)'>", "\u202eeeL\u2066", "]]>", "Ann\ud800")
_ELEMENTS = """
html head meta title style body header main footer nav section h1 h2 h3 h4 p a b strong small span div ul li table
caption thead tbody tfoot tr th td details summary code bdi svg defs pattern path circle rect line text
"""
ELEMENTS = frozenset(_ELEMENTS.split())
"""The page's elements: none runs, loads or sends anything."""


class Page(HTMLParser):
    """A parsed page: its elements with their attributes, and its text."""

    def __init__(self, shown: Report, drawn: Pictures | None = None) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.pieces: list[str] = []
        self.source = b"".join(html.report(shown, drawn or pictures())).decode()
        self.feed(self.source)
        self.close()
        self.text = "\n".join(self.pieces)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record an element."""
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        """Record a text."""
        self.pieces.append(data)

    def having(self, name: str, value: str) -> list[dict[str, str]]:
        """The elements that have this word in an attribute."""
        return [attributes for _, attributes in self.elements if value in attributes.get(name, "").split()]

    def labels(self) -> list[str]:
        """What the pictures say in words."""
        return [attributes["aria-label"] for _, attributes in self.elements if attributes.get("role") == "img"]


def everything(name: str) -> tuple[Report, Pictures]:
    """A report with this text in each place for a text."""
    spells = [spell(9, 10, name, agent_id=name, name=name, sub_state=name, source=name), gap(10, 11, agent_id=name)]
    drawn = pictures(
        spells,
        [bucket(9, 900, state=name, sub_state=name)],
        teams={name: name},
        exceptions=[(name, name, at(9), at(10), name, name, name)],
    )
    rows = [(name, name, 10, 5, 4, 1, 0, 50.0, 60.0, 9, 50.0, 120.0)]
    return report("adherence", ADHERENCE, rows, tenant=name, notes=(name,)), drawn


@given(st.text(st.characters()))
def test_any_text_stays_text(name: str) -> None:
    """No name, team, state, activity or note becomes an element."""
    page = Page(*everything(name))
    assert {tag for tag, _ in page.elements} <= ELEMENTS
    assert printable(name) in page.text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_texts_stay_text_in_each_place(hostile: str) -> None:
    """Hostile texts stay text in tables, lanes, titles and labels."""
    page = Page(*everything(hostile))
    assert {tag for tag, _ in page.elements} <= ELEMENTS
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    assert page.text.count(printable(hostile)[:20]) > 10


def test_the_page_needs_nothing_from_elsewhere() -> None:
    """No element loads anything. Links and fills stay in the page, and the policy forbids the rest."""
    page = Page(*everything("Ann"))
    assert not any({"src", "style"} & set(attributes) for _, attributes in page.elements)
    links = [attributes["href"] for _, attributes in page.elements if "href" in attributes]
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert links
    assert {link.removeprefix("#") for link in links} <= set(ids)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([^)]+)\)", page.source)) <= set(ids)
    assert "url(" not in re.sub(r"url\(#", "", page.source)
    policy = next(attributes for tag, attributes in page.elements if "http-equiv" in attributes)
    assert policy["content"].startswith("default-src 'none'; style-src 'unsafe-inline'")


def test_the_page_begins_with_what_it_is_and_how_sure() -> None:
    """Before the first section stand tenant, title, coverage, window and notes."""
    page = Page(report("gaps", ("begin",), notes=("Formula: a / b.",)))
    head = page.text.partition("The day\n")[0]
    for said in ("Acme EU", "Gaps, Monday 2 March 2026", "Coverage: 90.00 %", "Europe/Berlin", "Formula: a / b."):
        assert said in head
    assert [tag for tag, _ in page.elements].count("h1") == 1


def test_lanes_are_by_team_and_name() -> None:
    """Each team has its lanes, in order of names. Agents without a team come last."""
    people = [("4", "Zoe", None), ("3", "bea", "Sales"), ("2", "Abe", "Sales"), ("1", "Cy", "Billing")]
    timeline = [spell(9, 10, agent_id=agent_id, name=name) for agent_id, name, _ in people]
    page = Page(report(), pictures(timeline, teams={agent_id: team for agent_id, _, team in people}, agents=4))
    names = ("Billing", "Cy", "Sales", "Abe", "bea", "(no team)", "Zoe")
    places = [page.pieces.index(name) for name in names]
    assert places == sorted(places)


def test_a_lane_says_in_words_what_it_shows() -> None:
    """The label of a lane has each place with its time. Beside it stand logged-in and unknown time."""
    timeline = [spell(0, 9, standing="logged_out"), spell(9, 11), spell(11, 12, group="on-contact"), gap(12, 12.5)]
    page = Page(report(), pictures(timeline))
    (lane,) = (label for label in page.labels() if label.startswith("Ann Lee"))
    assert lane == ("Ann Lee: On contact 1:00:00, Available 2:00:00, Unknown 0:30:00, Logged out or absent 9:00:00")
    assert {"3:00:00", "0:30:00"} <= set(page.pieces)


def test_unknown_is_never_drawn_as_logged_out() -> None:
    """A gap has a fill of its own. Its title says that it is unknown. A minute of a day is drawn, too."""
    page = Page(report(), pictures([gap(9, 10), spell(10, 10 + 1 / 60, standing="absent")]))
    (lane,) = re.findall(r"<svg class=\"lane.*?</svg>", page.source, re.DOTALL)
    unknown, out = re.findall(r"<rect class=f-(\S+).*?<title>(.*?)</title>", lane)
    assert unknown == ("unknown", "09:00 to 10:00: Unknown")
    assert out == ("out", "10:00 to 10:01: Absent")


def test_exceptions_are_marked_on_their_lane() -> None:
    """A span out of the schedule is marked. Its title says what was scheduled and what was done."""
    row = ("1", "Ann Lee", at(9.5), at(10), "Open", "Break", "negative")
    page = Page(report(), pictures([spell(9, 10)], exceptions=[row]))
    assert "09:30 to 10:00: scheduled Open, was Break (negative)" in page.text
    assert "Out of the schedule" in page.text
    assert "Out of the schedule" not in Page(report(), pictures([spell(9, 10)])).text


@given(st.lists(st.tuples(st.integers(0, 95), st.integers(0, 9_000), st.sampled_from(["present", "unknown"]))))
def test_columns_have_the_height_of_their_agents(drawn: list[tuple[int, int, str]]) -> None:
    """The heights of a column are in proportion to the agents. No column is higher than the plot."""
    rows = [bucket(quarter / 4, seconds, standing=standing) for quarter, seconds, standing in drawn]
    page = Page(report(), pictures(stacked=rows))
    (plot,) = re.findall(r"<svg class=plot.*?</svg>", page.source, re.DOTALL)
    heights = [float(height) for height in re.findall(r" height=([\d.]+)><title>", plot)]
    total = sum(seconds for _, seconds, _ in drawn) / 900
    tops = [float(text) for text in re.findall(r"<text x=\"100%\"[^>]*>([\d.e+]+)</text>", page.source)]
    assert sum(heights) * max(tops) / html.svg.PLOT_HEIGHT == pytest.approx(total, abs=0.06 * max(tops) / 20 + 0.1)
    assert all(float(y) >= 0 for y in re.findall(r" y=([-\d.]+) height", plot))


@together("most", {f"up to {most}": most for most in (0.2, 1, 1.2, 3, 7, 9, 12, 49, 81, 700)})
def test_agents_are_counted_in_whole_numbers(most: float) -> None:
    """The numbers beside a plot are whole, and few. The last of them is the top."""
    top = html.svg.round_top(most)
    marks = html.svg.marks(top)
    assert (marks[0], marks[-1]) == (0, top)
    assert 2 <= len(marks) <= 6


def test_the_sums_balance() -> None:
    """The sum of all places is the time of all agents. States are counted within their place."""
    rows = [bucket(9, 800), bucket(9, 60, standing="unknown"), bucket(9, 40, standing="not_on_roster")]
    page = Page(report(), pictures(stacked=rows))
    sums = page.text.partition("Each second of each agent")[2]
    assert {"0:13:20", "0:01:00", "0:00:40", "0:15:00"} <= set(sums.split("\n"))


@together(
    "day",
    {
        "spring": (datetime(2026, 3, 29, tzinfo=BERLIN), "23 hours", ["00:00", "04:00", "06:00"]),
        "autumn": (datetime(2026, 10, 25, tzinfo=BERLIN), "25 hours", ["00:00", "02:00", "04:00"]),
        "usual": (datetime(2026, 3, 2, tzinfo=BERLIN), "", ["00:00", "02:00", "04:00"]),
    },
)
def test_days_on_which_clocks_change(day: tuple[datetime, str, list[str]]) -> None:
    """A day of 23 or 25 hours says so. Its axis follows the clock; an hour that comes twice is written once."""
    begin, said, first = day
    page = Page(report(begin=begin), pictures([spell(9, 10, day=begin)], begin=begin))
    (axis, *_) = re.findall(r"<svg class=axis.*?</svg>", page.source, re.DOTALL)
    assert re.findall(r">(\d\d:\d\d)<", axis)[: len(first)] == first
    assert (f"({said}, because the clocks change)" in page.text) == bool(said)
    assert said or "clocks change" not in page.text


def test_a_window_of_days_has_a_picture_of_each() -> None:
    """Each day is drawn by itself, up to a limit. What is left out is counted."""
    page = Page(report(), pictures([spell(9, 33)], end=at(24 * 3)))
    assert page.text.count("Tuesday 3 March 2026") == 1
    assert sum(label.startswith("Ann Lee: Available") for label in page.labels()) == 2
    many = Page(report(), pictures([spell(9, 33)], end=at(24 * 20)))
    assert f"Days not drawn: the last {20 - MOST_DAYS} of 20" in many.text
    assert len(many.having("class", "plot")) == MOST_DAYS


def test_what_is_not_drawn_is_counted() -> None:
    """Agents without a lane are counted, and so are rows left out."""
    timeline = [spell(9, 10, agent_id=str(number), name=f"N{number}") for number in range(45)]
    page = Page(report(rows=timeline * 30), pictures(timeline, agents=10_000))
    assert f"Agents without a lane here: {10_000 - 45:,} of 10,000" in page.text
    assert len(page.having("class", "lane")) == 45
    assert f"Rows not on this page: {30 * 45 - MOST_ROWS:,}" in page.text
    few = Page(report(rows=timeline[:3]), pictures(timeline[:3], agents=3))
    assert "without a lane" not in few.text
    assert "not on this page" not in few.text


def test_a_busy_team_is_cut_between_agents() -> None:
    """The page has a limit of intervals. An agent is drawn with all of its intervals or not at all."""
    each = MOST_SPANS // 2 - 10
    timeline = [
        spell(one / each, (one + 1) / each, agent_id=agent_id, name=agent_id)
        for agent_id in ("a", "b", "c")
        for one in range(each)
    ]
    page = Page(report(), pictures(timeline, agents=3))
    assert len(page.having("class", "lane")) == 2
    assert "Agents without a lane here: 1 of 3" in page.text


def test_adherence_is_drawn_as_a_range() -> None:
    """The certain part is solid, the rest of the range hatched. The lowest come first."""
    rows = [
        ("1", "High", 100, 90, 0, 10, 0, 90.0, 100.0, 90, 90.0, 100.0),
        ("2", "Low", 100, 25, 75, 0, 0, 25.0, 25.0, 125, 125.0, 125.0),
        ("3", "None", None, None, None, None, None, None, None, None, None, None),
    ]
    page = Page(report("adherence", ADHERENCE, rows))
    table = page.source.partition("<table class=ranges>")[2].partition("</table>")[0]
    assert re.findall(r"<bdi>(\w+)</bdi>", table) == ["Low", "High", "None"]
    assert "<tr class=all><th scope=row>2 agents<td class=n>0:03:20<td class=n>0:00:10" in table
    assert "57.50 to 62.50 %" in table
    assert 'class=f-sure width="90.00%"/><rect class=f-unknown x="90.00%" width="10.00%"' in table
    assert "90.00 to 100.00 %" in table
    assert "25.00 %" in table
    assert table.count("no value") == 2


def test_many_ranges_are_bounded() -> None:
    """So many agents have a bar. The others are counted."""
    rows = [(str(one), "x", 9, 9, 0, 0, 0, 100.0, 100.0, 9, 100.0, 100.0) for one in range(MOST_RANGES + 3)]
    page = Page(report("adherence", ADHERENCE, rows))
    assert "Agents not drawn: 3" in page.text
    assert len(page.having("class", "range")) == 2 * (MOST_RANGES + 1)


def test_occupancy_is_drawn_along_the_day() -> None:
    """Each team has a plot with its ranges. A time without a value has no column."""
    rows = [
        (at(9), at(9.25), "Sales", 1, 1, 1, 1, 1, 60.0, 80.0),
        (at(9.25), at(9.5), "Sales", 0, 0, 0, 0, 0, None, None),
    ]
    page = Page(report("occupancy", OCCUPANCY, rows))
    (plot, *_) = re.findall(r"<svg class=plot.*?</svg>", page.source, re.DOTALL)
    assert re.findall(r"<title>(.*?)</title>", plot) == ["09:00 to 09:15: 60.00 to 80.00 %"] * 2


def test_a_page_without_anything_is_whole() -> None:
    """A window without agents has a page that says so."""
    page = Page(report("time-in-state", IN_STATE, known=0, window=0), pictures(agents=0))
    assert "there is no agent in this window" in page.text
    assert page.source.endswith("</html>\n")


def test_exceptions_are_a_report_of_their_own() -> None:
    """A report of exceptions lists each span that is out."""
    page = Page(report("adherence-exceptions", EXCEPTIONS, [("1", "Ann", at(9), at(9.5), "Open", "Break", "out")]))
    assert {"09:00", "09:30", "Open", "Break"} <= set(page.pieces)
