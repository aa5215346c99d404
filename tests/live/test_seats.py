"""Since when a state lasts, and what a seat shows; pure values."""

from __future__ import annotations

import pytest

from cxone_rollcall.live.board import Board
from cxone_rollcall.live.groups import Groups
from cxone_rollcall.live.seat import MOST_MISSED, STALE, Certainty, Seat, Since, Span, since_of, still
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.groups import Group
from cxone_rollcall.model.roll import RollEntry, Standing
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.struct import replace
from cxone_rollcall.model.timestamp import format_timestamp

ANN = Agent("1", name="Ann Lee", team="Support")
SEAT = Seat(
    agent=ANN,
    standing=Standing.PRESENT,
    state=AgentState("1", "Available"),
    group="available",
    since=Since(50.0, Certainty.EXACT, 50.0),
    as_of=100.0,
)
LOOK = Span(110.0, 111.0)


def row(state: str, began: float | None = None, sub_state: str | None = None) -> AgentState:
    """Ann's row. `began` is the server's time of it."""
    return AgentState("1", state, sub_state, None if began is None else format_timestamp(began))


@pytest.mark.parametrize(
    ("missed", "stale", "shown"), [(0, False, True), (1, False, True), (2, True, True), (3, True, False)]
)
def test_missed_polls(missed: int, *, stale: bool, shown: bool) -> None:
    """From the second missed poll a state is the last known. After the third the agent is unknown."""
    assert (STALE, MOST_MISSED) == (2, 3)
    seat = replace(SEAT, missed=missed)
    assert seat.is_stale is stale
    assert seat.shown is (Standing.PRESENT if shown else Standing.UNKNOWN)
    assert not replace(seat, standing=Standing.UNKNOWN, state=None).is_stale


@pytest.mark.parametrize(
    ("began", "since"),
    [
        (100.0, Since(100.0, Certainty.EXACT, 100.0)),
        (105.0, Since(105.0, Certainty.EXACT, 105.0)),
        (111.0, Since(111.0, Certainty.EXACT, 111.0)),
        (99.0, Since(111.0, Certainty.BETWEEN, 100.0)),
        (112.0, Since(111.0, Certainty.BETWEEN, 100.0)),
        (None, Since(111.0, Certainty.BETWEEN, 100.0)),
    ],
)
def test_a_new_state_begins_between_two_looks(began: float | None, since: Since) -> None:
    """A row's time is the begin only between the two looks."""
    assert since_of(SEAT, row("Break", began), LOOK) == since


def test_a_server_whose_clock_was_set_back() -> None:
    """A look that seems to be later bounds no begin. Nothing begins after it is known."""
    later = replace(SEAT, as_of=400.0, since=Since(390.0, Certainty.BETWEEN, 380.0))
    assert since_of(later, row("Break", 105.0), LOOK) == Since(111.0, Certainty.AT_LEAST)
    back = replace(later, as_of=100.0, state=row("Available", 50.0))
    assert still(back, row("Available", 105.0), LOOK) == Since(105.0, Certainty.AT_LEAST)


def test_an_absence_begins_between_two_looks() -> None:
    """An agent without a row left between the two looks."""
    assert since_of(SEAT, None, LOOK) == Since(111.0, Certainty.BETWEEN, 100.0)
    assert since_of(replace(SEAT, as_of=111.0), None, LOOK) == Since(111.0, Certainty.BETWEEN, 111.0)


@pytest.mark.parametrize("before", [None, replace(SEAT, standing=Standing.UNKNOWN, state=None)])
def test_what_was_not_seen_before_lasts_at_least(before: Seat | None) -> None:
    """An unseen state lasts at least since the look. The row's time is no proof."""
    assert since_of(before, row("Break", 105.0), LOOK) == Since(111.0, Certainty.AT_LEAST)


def test_a_state_that_goes_on_keeps_its_begin() -> None:
    """The same state keeps its begin. So does one whose row has a time outside the two looks."""
    seat = replace(SEAT, state=row("Break", 50.0))
    for began in (50.0, 99.0, 112.0, None):
        assert still(seat, row("Break", began), LOOK) == SEAT.since
    assert still(seat, None, LOOK) == SEAT.since
    assert still(replace(SEAT, state=None), row("Break", 105.0), LOOK) == SEAT.since


def test_a_state_that_may_have_begun_again() -> None:
    """A new time of the same state is the latest begin. The earliest stays."""
    seat = replace(SEAT, state=row("Break", 50.0))
    assert still(seat, row("Break", 105.0), LOOK) == Since(105.0, Certainty.BETWEEN, 50.0)
    for edge in (100.0, 111.0):
        assert still(seat, row("Break", edge), LOOK).latest == edge
    same = replace(seat, since=Since(105.0, Certainty.EXACT, 105.0))
    assert still(same, row("Break", 105.0), LOOK) == Since(105.0, Certainty.BETWEEN, 105.0)
    first_seen = replace(seat, since=Since(101.0, Certainty.AT_LEAST))
    assert still(first_seen, row("Break", 105.0), LOOK) == Since(105.0, Certainty.AT_LEAST)


@pytest.mark.parametrize(
    "change",
    [
        {"standing": Standing.LOGGED_OUT},
        {"state": row("Break")},
        {"state": row("Available", sub_state="Email")},
        {"state": None},
        {"since": Since(51.0, Certainty.EXACT, 51.0)},
        {"missed": 2},
        {"missed": 3},
        {"agent": replace(ANN, name="Ann Okoro")},
        {"agent": replace(ANN, team="Billing")},
        {"agent": replace(ANN, active=False)},
    ],
    ids=lambda change: str(next(iter(change))),
)
def test_what_a_reader_sees_differs(change: dict[str, object]) -> None:
    """Two seats differ in anything that a reader sees."""
    assert not SEAT.looks_like(replace(SEAT, **change))
    assert not replace(SEAT, **change).looks_like(SEAT)


def test_what_a_reader_does_not_see_makes_no_difference() -> None:
    """The moment of a look and one missed poll are not seen. Nor is a last login."""
    assert SEAT.looks_like(replace(SEAT, as_of=200.0, missed=1))
    assert SEAT.looks_like(replace(SEAT, agent=replace(ANN, last_login="2026-03-02T08:00:00Z")))


def entry(state: AgentState | None, standing: Standing = Standing.PRESENT) -> RollEntry:
    """Ann in a roll."""
    return RollEntry(ANN, standing, state)


def board_of(*seats: Seat, interval: float = 10.0, as_of: float = 110.0) -> Board:
    """A board with the seats of an earlier run."""
    board = Board(Groups())
    board.restore(seats, Span(as_of, as_of + 1), interval=interval)
    return board


@pytest.mark.parametrize(("as_of", "shown"), [(101.0, True), (129.9, True), (130.0, False), (500.0, False)])
def test_seats_of_an_earlier_run(as_of: float, *, shown: bool) -> None:
    """A seat of an earlier run is the last known. After three intervals the agent is unknown."""
    board = board_of(SEAT, as_of=as_of)
    seat = board.seats["1"]
    assert (seat.shown is Standing.PRESENT, seat.is_stale) == (shown, True)
    assert board.counts({})["unknown"] == (not shown)


def test_no_seat_of_an_earlier_run_is_from_the_future() -> None:
    """Another machine may have read a later time from the server. Its seat is as of this look."""
    assert board_of(replace(SEAT, as_of=400.0)).seats["1"] == replace(SEAT, as_of=110.0, missed=STALE)


def test_a_restart_keeps_a_begin_that_was_not_lost() -> None:
    """After a short gap the same state goes on. After a long one it does only if its row is the same."""
    short = board_of(SEAT)
    short.settle([entry(row("Available"))], LOOK, roster_complete=True)
    assert short.seats["1"].since == SEAT.since
    long = board_of(SEAT, as_of=500.0)
    long.settle([entry(row("Available"))], Span(500.0, 501.0), roster_complete=True)
    assert long.seats["1"].since == Since(501.0, Certainty.AT_LEAST)
    same = board_of(replace(SEAT, state=row("Available", 50.0)), as_of=500.0)
    same.settle([entry(row("Available", 50.0))], Span(500.0, 501.0), roster_complete=True)
    assert same.seats["1"].since == SEAT.since


def test_who_leaves_the_roster() -> None:
    """An agent who is not on a whole roster leaves the board. One missing from a partial roster has missed a poll."""
    board = board_of(SEAT)
    ((before, after),) = board.settle([], LOOK, roster_complete=True)
    assert (before is not None, after) == (True, None)
    assert board.counts({})["roster"] == 0
    board = board_of(SEAT)
    ((_, after),) = board.settle([], LOOK, roster_complete=False)
    assert after is not None
    assert (after.missed, after.shown) == (3, Standing.UNKNOWN)


def test_an_unknown_agent_has_missed_a_poll() -> None:
    """An agent that a look could not account for keeps its state. The third time it is unknown."""
    board = Board(Groups())
    board.settle([entry(row("Available"))], Span(100.0, 101.0), roster_complete=True)
    shown = []
    for _ in range(4):
        moved = board.settle([entry(None, Standing.UNKNOWN)], LOOK, roster_complete=True)
        shown.append((board.seats["1"].shown, board.seats["1"].is_stale, len(moved)))
    assert shown == [
        (Standing.PRESENT, False, 0),
        (Standing.PRESENT, True, 1),
        (Standing.UNKNOWN, True, 1),
        (Standing.UNKNOWN, True, 0),
    ]


def test_counts_add_up_and_are_the_callers() -> None:
    """Counts add up by standing. Whoever changes them changes no other's."""
    board = Board(Groups())
    agents = [Agent(str(number)) for number in range(5)]
    standings = (Standing.PRESENT, Standing.PRESENT, Standing.LOGGED_OUT, Standing.ABSENT, Standing.UNKNOWN)
    entries = [
        RollEntry(agent, standing, AgentState(agent.agent_id, "Available") if standing is Standing.PRESENT else None)
        for agent, standing in zip(agents, standings, strict=True)
    ]
    board.settle(entries, LOOK, roster_complete=True)
    codes: dict[str, tuple[str, ...]] = {}
    counts = board.counts(codes)
    assert counts == {
        "roster": 5,
        "present": 2,
        "logged_in": 2,
        "logged_out": 1,
        "absent": 1,
        "explained": 0,
        "unexplained": 1,
        "unknown": 1,
    }
    counts["roster"] = 99
    assert board.counts(codes)["roster"] == 5
    assert board.counts({"3": ("RC601",)})["explained"] == 1
    board.apply({"0": AgentState("0", "LoggedOut"), "9": AgentState("9", "Available")}, LOOK)
    assert board.counts(codes)["logged_out"] == 2
    assert board.counts(codes)["roster"] == 5


GROUPS: tuple[tuple[str, str | None, Group], ...] = (
    ("Available", None, "available"),
    ("Busy", None, "on-contact"),
    ("InboundContact", None, "on-contact"),
    ("Outbound Contact", None, "on-contact"),
    ("InboundConsult", None, "on-contact"),
    ("OutboundConsult", None, "on-contact"),
    ("Dialer", None, "on-contact"),
    ("ACW", None, "after-contact"),
    ("After Call Work", None, "after-contact"),
    ("Wrap-Up", None, "after-contact"),
    ("Break", None, "unavailable"),
    ("Not Ready", None, "unavailable"),
    ("Unavailable", None, "unavailable"),
    ("LoggedIn", None, "unavailable"),
    ("Unavailable", "Unavailable - ACW", "after-contact"),
    ("Unavailable", "After Contact Work", "after-contact"),
    ("Unavailable", "Lunch", "unavailable"),
    ("Unavailable", "No ACW", "unavailable"),
    ("Available", "ACW", "available"),
    ("LogoffPending", None, "pending"),
    ("-4", None, "pending"),
    (" -12 ", None, "pending"),
    ("4", None, "other"),
    ("Gone Fishing", None, "other"),
)


@pytest.mark.parametrize(("state", "sub_state", "group"), GROUPS, ids=[f"{one[0]} {one[1]}" for one in GROUPS])
def test_the_group_of_a_state(state: str, sub_state: str | None, group: Group) -> None:
    """Each state of both APIs has its group. A name never seen is another."""
    assert Groups().of(row(state, sub_state=sub_state)) == group


def test_a_group_of_ones_own() -> None:
    """A group of one's own counts for states and sub-states. The nearest name decides."""
    groups = Groups({"break": "available", "not-ready": "pending", "Lunch": "other"})
    assert groups.of(row("Break")) == "available"
    assert groups.of(row("Not Ready")) == "pending"
    assert groups.of(row("Unavailable", sub_state="LUNCH")) == "other"
    assert groups.of(row("Break", sub_state="Lunch")) == "other"
    assert groups.of(row("Busy")) == "on-contact"


def test_the_words_of_certainty() -> None:
    """Readers of the JSON know three certainties."""
    assert [str(one) for one in Certainty] == ["exact", "between", "at_least"]


def test_a_whole_look_is_newer_than_the_delta_before() -> None:
    """A change lies after the last whole look, not an earlier delta."""
    board = Board(Groups())
    board.settle([entry(row("Available"))], Span(100.0, 101.0), roster_complete=True)
    board.apply({}, Span(200.0, 201.0))
    board.settle([entry(row("Available"))], Span(300.0, 301.0), roster_complete=True)
    board.apply({"1": row("Break")}, Span(310.0, 311.0))
    assert board.seats["1"].since == Since(311.0, Certainty.BETWEEN, 300.0)


def test_a_state_that_may_have_begun_again_between_two_looks() -> None:
    """A new time of the same state is its latest begin."""
    board = Board(Groups())
    board.settle([entry(row("Break", 50.0))], Span(100.0, 101.0), roster_complete=True)
    board.apply({"1": row("Break", 105.0)}, LOOK)
    assert board.seats["1"].since == Since(105.0, Certainty.AT_LEAST)
