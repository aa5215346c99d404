"""The live screen, as lines."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

import pytest
from rich.console import Console
from rich.style import Style
from tests.support.many_values import together

from cxone_rollcall.findings.internal import CheckCrashed
from cxone_rollcall.live.board import Board
from cxone_rollcall.live.events import Polled
from cxone_rollcall.live.groups import Groups
from cxone_rollcall.live.seat import Span
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.groups import GROUPS
from cxone_rollcall.model.roll import RollEntry, Standing
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.struct import replace
from cxone_rollcall.views.screen.choices import GLYPHS, SORTS, Choices, pressed
from cxone_rollcall.views.screen.floor import Floor, arranged
from cxone_rollcall.views.screen.page import STYLES, Page, Scene, page
from cxone_rollcall.views.screen.rows import duration, row
from cxone_rollcall.views.text import width

LONG = "Not Ready - Waiting for the second-level desk to call back about the order of last week"
SIZES = pytest.mark.parametrize(("cells", "height"), [(80, 24), (140, 40), (200, 60), (60, 20), (40, 12), (20, 5)])
STATES = ("Available", "Busy", "Break", LONG, "Zebra", "\x1b[31mRed\x1b[0m", "休憩中")


def agent(number: int) -> Agent:
    """An agent; some have names that are long, wide or hostile."""
    names = ("Lee, Ann", "鈴木 翔", "A" * 300, "\x1b[2J\nOops", "Ωμέγα", None)
    return Agent(str(number), name=names[number % len(names)], team=("Support", "Billing", None, "T" * 99)[number % 4])


def board_of(number: int = 40, *, missed: int = 0) -> Board:
    """A board as of 1000. Of ten agents one is unknown, one absent, one logged out."""
    entries = []
    for one in range(number):
        standing = {7: Standing.ABSENT, 8: Standing.LOGGED_OUT, 9: Standing.UNKNOWN}.get(one % 10, Standing.PRESENT)
        state = AgentState(str(one), STATES[one % len(STATES)]) if standing is Standing.PRESENT else None
        entries.append(RollEntry(agent(one), standing, state))
    board = Board(Groups())
    board.settle(entries, Span(1000, 1000), roster_complete=True)
    for _ in range(missed):
        board.miss()
    return board


def scene_of(board: Board, **given: Any) -> Scene:
    """What a screen has of a board, a minute after its data."""
    polled = Polled(
        poll=7,
        as_of=1060.0,
        received_at=1060.0,
        ok=True,
        complete=True,
        age=1.0,
        counts=board.counts({}),
        requests=3,
        interval=10.0,
    )

    def clock(seconds: float) -> str:
        return datetime.fromtimestamp(seconds, UTC).strftime("%H:%M:%S")

    return Scene(**{"tenant": "Acme EU", "polled": polled, "age": 2.0, "clock": clock, **given})


def drawn(
    board: Board,
    choices: Choices | None = None,
    *,
    cells: int = 80,
    height: int = 24,
    over: Collection[str] = (),
    **given: Any,
) -> tuple[Page, Floor]:
    """The screen of a board."""
    choices = choices or Choices()
    floor = arranged(tuple(board.seats.values()), choices, over)
    return page(scene_of(board, **given), floor, choices, cells=cells, height=height), floor


def text_of(page: Page) -> str:
    """All lines of a screen."""
    return "\n".join(line for line, _ in page.lines)


@SIZES
@pytest.mark.parametrize("missed", [0, 2, 3])
@together("number", [0, 1, 40, 400])
def test_nothing_is_wider_or_higher_than_the_terminal(cells: int, height: int, missed: int, number: int) -> None:
    """Each screen fills the terminal, with printable lines that fit."""
    made, _ = drawn(board_of(number, missed=missed), cells=cells, height=height)
    assert len(made.lines) == height
    assert [line for line, _ in made.lines if width(line) > cells] == []
    assert text_of(made).replace("\n", "").isprintable()
    assert made.text().plain == text_of(made)
    assert "".join(one.text for one in Console(width=cells).render(made.text())) == text_of(made)


@pytest.mark.parametrize(("cells", "height"), [(80, 24), (140, 40)])
def test_a_state_is_never_cut(cells: int, height: int) -> None:
    """A long state takes the room beside it, or further lines."""
    board = board_of(40)
    for state in (LONG, "Wait " * 20):
        only = Board(Groups())
        only.settle(
            [RollEntry(agent(0), Standing.PRESENT, AgentState("0", state))], Span(1000, 1000), roster_complete=True
        )
        made, _ = drawn(only, cells=cells, height=height)
        assert "".join(state.split()) in "".join(text_of(made).split())
    assert board.seats


def test_a_long_word_has_lines_of_its_own() -> None:
    """A word that is too long for a line is cut. No line is empty."""
    for letters, pieces in ((29, [29]), (30, [30]), (31, [30, 1]), (60, [30, 30])):
        board = Board(Groups())
        entry = RollEntry(agent(0), Standing.PRESENT, AgentState("0", "W" * letters))
        board.settle([entry], Span(1000, 1000), roster_complete=True)
        lines = row(board.seats["0"], 40, now=1000, clock=str).lines
        assert [line.strip() for line in lines[1:]] == ["◆", *("W" * piece for piece in pieces)]


@pytest.mark.parametrize(("height", "most"), [(29, 2), (30, 4)])
def test_some_findings_are_on_the_screen(height: int, most: int) -> None:
    """A high terminal shows four findings, a low one two. The others are counted, and a command shows them."""
    crashed = [CheckCrashed(evidence=(), check=f"c{one}", error="x") for one in range(most + 1)]
    for findings, alerts, rest in (
        (crashed[:most], (), []),
        (crashed, (), ["1 more findings: rollcall check"]),
        (crashed[:most], ("few",), ["1 more alerts and findings"]),
    ):
        made, _ = drawn(board_of(1), height=height, findings=findings, alerts=alerts)
        lines = [line for line, style in made.lines if style == "trouble"]
        shown = [*(f"! {one}" for one in alerts), *(f"RC901 check-crashed: {one.text}" for one in findings)]
        assert lines == [*shown[:most], *rest]


def test_a_floor_where_nobody_is_logged_in() -> None:
    """Nobody of one agent is 0."""
    board = Board(Groups())
    board.settle([RollEntry(agent(0), Standing.LOGGED_OUT)], Span(1000, 1000), roster_complete=True)
    made, _ = drawn(board)
    assert "0 of 1 agent logged in, 1 logged out, 0 absent, 0 unknown" in text_of(made)


def test_the_counts_are_those_of_the_poll() -> None:
    """Totals, groups and teams count each agent once, whatever the list shows."""
    made, floor = drawn(board_of(40), Choices(groups=("available",)))
    assert "28 of 40 agents logged in, 4 logged out, 4 absent, 4 unknown (4 unexplained)" in text_of(made)
    assert sum(floor.columns.values()) == 40
    assert sum(sum(counts.values()) for counts in floor.teams.values()) == 40
    (heading,) = [line for line, style in made.lines if style == "heading" and line.startswith("team")]
    assert heading.split()[0] == "team"
    assert tuple(floor.teams) == ("(no team)", "Billing", "Support", "T" * 99)


def test_what_a_filter_hides_is_counted() -> None:
    """The screen counts who is hidden, above and below."""
    board = board_of(40)
    made, floor = drawn(board, Choices(groups=("available",), top=2), left_out=5)
    assert len(floor.listed) + floor.hidden == 40
    text = text_of(made)
    assert f"{floor.hidden} hidden by the filter (available)" in text
    assert "2 above" in text
    assert "5 not watched (--agent, --team)" in text
    below = len(floor.listed) - 2 - made.rows
    assert (f"{below} below" in text) is (below > 0)


@pytest.mark.parametrize("choices", [Choices(groups=("available",)), Choices(states=("break",))])
def test_a_filter_of_states_keeps_the_unknown(choices: Choices) -> None:
    """Whoever is unknown may be in the state that is looked for."""
    _, floor = drawn(board_of(40), choices)
    assert sum(seat.shown is Standing.UNKNOWN for seat in floor.listed) == 4
    assert {seat.shown for seat in floor.listed} == {Standing.PRESENT, Standing.UNKNOWN}


def test_states_are_found_by_either_name() -> None:
    """A filter takes state, sub-state or both, in any letter case."""
    board = Board(Groups())
    state = AgentState("1", "Break", "Break - Lunch")
    board.settle([RollEntry(Agent("1"), Standing.PRESENT, state)], Span(0, 0), roster_complete=True)
    seat = board.seats["1"]
    assert Choices(states=("BREAK",)).shows(seat)
    assert Choices(states=("break - lunch",)).shows(seat)
    assert not Choices(states=("Lunchtime",)).shows(seat)


def test_who_is_longest_in_a_state_comes_first() -> None:
    """Over-limit agents come first, then the longest in their state."""
    board = Board(Groups())
    people = [Agent(name, name=name) for name in ("late", "early", "over")]
    for place, person in enumerate(people):
        entries = [RollEntry(one, Standing.PRESENT, AgentState(one.agent_id, "Break")) for one in people[: place + 1]]
        order = 100 - place * 10 if person.agent_id == "early" else 200
        board.settle(entries, Span(order, order), roster_complete=True)
    made, floor = drawn(board, over={"over"}, limits={"over": 1800.0})
    assert [seat.agent.agent_id for seat in floor.listed] == ["over", "early", "late"]
    assert any(line.startswith("!") and "limit 30:00" in line for line, _ in made.lines)


def test_stale_states_are_the_last_known_without_a_timer() -> None:
    """A stale state has its time and no duration."""
    fresh, _ = drawn(board_of(10, missed=1))
    stale, _ = drawn(board_of(10, missed=2))
    blind, _ = drawn(board_of(10, missed=3))
    assert "last known" not in text_of(fresh)
    assert "≥01:00" in text_of(fresh)
    assert "▲ Available, last known 00:16:40" in text_of(stale)
    assert "? Available, last known 00:16:40" in text_of(blind)
    for made in (stale, blind):
        assert "≥" not in "".join(line for line, style in made.lines if style == "stale")
    assert "? unknown 10" in text_of(blind)


def test_a_missed_poll_is_on_the_screen() -> None:
    """What is not up to date says since when and why."""
    board = board_of(10)
    made, _ = drawn(board, polled=_missed(scene_of(board).polled), age=125.0)
    assert "NOT UP TO DATE since 00:17:40: no whole answer within 10 s" in text_of(made)
    assert "data 02:05 old" in text_of(made)
    empty, _ = drawn(Board(Groups()), polled=None, age=None)
    assert "calling the roll" in text_of(empty)
    assert "no agent is known yet" in text_of(empty)


def _missed(polled: Polled | None) -> Polled:
    assert polled is not None
    return replace(polled, ok=False, missed="no whole answer within 10 s")


def test_plain_terminals_get_letters() -> None:
    """Without Unicode no sign of a group looks like that of unknown."""
    made, _ = drawn(board_of(10), is_unicode=False)
    assert "A available" in text_of(made)
    assert not set(GLYPHS.values()) & set(text_of(made))


def test_each_group_has_a_glyph() -> None:
    """The screen knows the groups in their order. Each has a colour."""
    assert tuple(GLYPHS) == GROUPS
    assert all(STYLES[group] != STYLES["aside"] for group in GROUPS)
    assert all(Style.parse(style) for style in STYLES.values())


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-3, "00:00"), (61.9, "01:01"), (3600, "1:00:00"), (359_999, "99:59:59"), (360_000, "4 d"), (864_000, "10 d")],
)
def test_durations(seconds: float, text: str) -> None:
    """Durations are cut to seconds, long ones to days."""
    assert duration(seconds) == text


HERE = Choices(groups=("available",), team="B", text="an", sort="state", top=20)
AT_TOP = replace(HERE, top=0)


@together(
    "pressed_here",
    {
        "the next group": ("g", replace(AT_TOP, groups=("on-contact",))),
        "the next team": ("t", replace(AT_TOP, team=None)),
        "the next order": ("s", replace(AT_TOP, sort="since")),
        "another name": ("/", replace(AT_TOP, text="", typing=True)),
        "everybody": ("c", Choices(sort="state")),
        "everybody by esc": ("esc", Choices(sort="state")),
        "one up": ("up", replace(HERE, top=19)),
        "one up by k": ("k", replace(HERE, top=19)),
        "one down": ("down", replace(HERE, top=21)),
        "one down by j": ("j", replace(HERE, top=21)),
        "a page up": ("pgup", replace(HERE, top=10)),
        "a page down": ("pgdn", replace(HERE, top=30)),
        "a page down by the space bar": (" ", replace(HERE, top=30)),
        "the first": ("home", replace(HERE, top=0)),
        "the last page": ("end", replace(HERE, top=25)),
        "no key of ours": ("G", HERE),
    },
)
def test_each_key_changes_one_thing(pressed_here: tuple[str, Choices]) -> None:
    """A key changes what it is for. A filter begins at the top, and scrolling leaves the filters."""
    key, after = pressed_here
    assert pressed(HERE, key, teams=("A", "B"), rows=10, listed=35) == after


@together(
    "typed",
    {
        "a letter": ("x", Choices(text="abcx", typing=True)),
        "a blank": (" ", Choices(text="abc ", typing=True)),
        "a letter that is a key elsewhere": ("q", Choices(text="abcq", typing=True)),
        "a letter taken back": ("backspace", Choices(text="ab", typing=True)),
        "keep": ("enter", Choices(text="abc", top=3)),
        "clear": ("esc", Choices(top=3)),
        "a control character": ("\x1b", Choices(text="abc", typing=True, top=3)),
        "a key without a letter": ("up", Choices(text="abc", typing=True, top=3)),
    },
)
def test_while_a_name_is_typed_keys_are_letters(typed: tuple[str, Choices]) -> None:
    """Letters go into the name, and the list begins at its top. Enter and esc end the typing."""
    key, after = typed
    assert pressed(Choices(text="abc", typing=True, top=3), key, teams=(), rows=10, listed=35) == after


def test_scrolling_ends_at_both_ends() -> None:
    """No key scrolls beyond the list. An empty one stays at its top."""
    for listed, last in ((35, 34), (1, 0), (0, 0)):
        for key, top in (("pgdn", last), ("home", 0)):
            assert pressed(Choices(top=min(30, last)), key, teams=(), rows=10, listed=listed).top == top
    assert pressed(Choices(), "end", teams=(), rows=10, listed=5).top == 0
    assert pressed(Choices(), "up", teams=(), rows=10, listed=5).top == 0


@together(
    "turns",
    {
        "two teams": (("A", "B"), (None, "A", "B", None)),
        "none": ((), (None, None)),
    },
)
def test_a_filter_goes_round(turns: tuple[tuple[str, ...], tuple[str | None, ...]]) -> None:
    """A key goes through everybody, each team alone, and everybody again. A team that left goes to everybody."""
    teams, order = turns
    choices, seen = Choices(), []
    for _ in order:
        seen.append(choices.team)
        choices = pressed(choices, "t", teams=teams, rows=1, listed=1)
    assert tuple(seen) == order
    assert pressed(Choices(team="gone"), "t", teams=teams, rows=1, listed=1).team is None
    assert pressed(Choices(groups=("available", "other")), "g", teams=teams, rows=1, listed=1).groups == ()


def test_names_are_found_by_any_part() -> None:
    """A text is part of any name, in any letter case. Filters must all pass."""
    board = Board(Groups())
    ann = Agent("77", name="Ann Lee", user_name="alee", email="ann@acme.example", team="Support")
    board.settle(
        [RollEntry(ann, Standing.PRESENT, AgentState("77", "Break", "Lunch"))], Span(0, 0), roster_complete=True
    )
    seat = board.seats["77"]
    for text in ("N LEE", "alee", "ACME", "7"):
        assert Choices(text=text).shows(seat)
    assert not Choices(text="Bo").shows(seat)
    assert Choices(team="Support", groups=("unavailable",), states=("Lunch",), text="ann").shows(seat)
    for other in (Choices(team="(no team)"), Choices(groups=("available",)), Choices(states=("Busy",))):
        assert not other.shows(seat)


def test_keys() -> None:
    """Keys filter, sort, find and scroll. c shows everybody again."""
    choices = Choices()

    def press(*keys: str) -> Choices:
        nonlocal choices
        for key in keys:
            choices = pressed(choices, key, teams=("Billing", "Support"), rows=10, listed=35)
        return choices

    assert press("g").groups == ("available",)
    assert press(*"ggggg").groups == ("other",)
    assert press("g").groups == ()
    assert press("t", "t").team == "Support"
    assert press("s").sort == SORTS[1]
    assert press("/", *"qg", "backspace").text == "q"
    assert choices.typing
    assert press("enter").text == "q"
    assert press("c") == Choices(sort=SORTS[1])
    assert press("pgdn", "down").top == 11
    assert press("end").top == 25
    assert press("home", "up").top == 0
    assert press("x", "\x00") == Choices(sort=SORTS[1])
    assert press("/", *"a" * 99).text == "a" * 40
    assert press("esc").text == ""
