"""The board's own rules, in seats and rows."""

from __future__ import annotations

import pytest

from cxone_rollcall.live.board import Board
from cxone_rollcall.live.groups import Groups
from cxone_rollcall.live.seat import Certainty, Seat, Since, Span
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.roll import RollEntry, Standing
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.struct import replace
from cxone_rollcall.model.timestamp import format_timestamp

ANN = Agent("1", name="Ann Lee", team="Support")
BEN = Agent("2", name="Ben Okoro", team="Billing")


def present(agent: Agent, state: str = "Available", began: float | None = None) -> RollEntry:
    """A present agent. `began` is the server's time of the row."""
    return RollEntry(agent, Standing.PRESENT, row(agent, state, began))


def row(agent: Agent, state: str, began: float | None = None) -> AgentState:
    """A row of this agent."""
    return AgentState(agent.agent_id, state, since=None if began is None else format_timestamp(began))


def span(seconds: float) -> Span:
    """A look that began then and took a second."""
    return Span(seconds, seconds + 1)


@pytest.fixture
def board() -> Board:
    """Ann and Ben, available, looked at from 100 to 101."""
    board = Board(Groups())
    board.settle([present(ANN), present(BEN)], span(100), roster_complete=True)
    return board


def test_a_state_seen_first_is_no_older_than_the_end_of_the_look(board: Board) -> None:
    """A state may have begun while the look was under way."""
    assert board.seats["1"].since == Since(101, Certainty.AT_LEAST)


def test_a_delta_confirms_who_has_no_row(board: Board) -> None:
    """A change lies after the last delta, not the last whole look."""
    board.apply({}, span(200))
    board.apply({"1": row(ANN, "Break")}, span(210))
    assert board.seats["1"].since == Since(211, Certainty.BETWEEN, 200)


def test_a_begin_before_the_last_delta_is_not_exact(board: Board) -> None:
    """A row's time counts only between the two looks around the change."""
    board.apply({}, span(200))
    board.apply({"1": row(ANN, "Break", began=150), "2": row(BEN, "Break", began=205)}, span(210))
    assert board.seats["1"].since.certainty is Certainty.BETWEEN
    assert board.seats["2"].since == Since(205, Certainty.EXACT, 205)


def test_the_last_known_state_has_the_time_of_the_last_delta(board: Board) -> None:
    """A state that a delta confirmed is known as of that delta."""
    board.apply({}, span(200))
    board.miss()
    board.miss()
    assert board.seats["1"].is_stale
    assert board.seats["1"].as_of == 200


def test_a_late_delta_ends_the_doubt_about_all(board: Board) -> None:
    """After missed polls a delta makes every state current. Also those without a row."""
    for _ in range(3):
        board.miss()
    assert board.counts({})["unknown"] == 2
    moved = board.apply({"1": row(ANN, "Break")}, span(200))
    assert {after.agent.agent_id for _, after in moved if after} == {"1", "2"}
    assert board.counts({})["present"] == 2
    assert board.seats["2"] == Seat(
        BEN, Standing.PRESENT, row(BEN, "Available"), "available", Since(201, Certainty.AT_LEAST), 200
    )


def test_seats_of_another_board(board: Board) -> None:
    """Seats of another board replace ours, and are counted. The next delta ends their doubt."""
    codes: dict[str, tuple[str, ...]] = {}
    assert board.counts(codes)["unknown"] == 0
    board.put({"1": replace(board.seats["1"], missed=3), "2": None}, confirmed_at=150)
    assert (board.counts(codes)["roster"], board.counts(codes)["unknown"]) == (1, 1)
    board.apply({}, span(200))
    assert (board.seats["1"].missed, board.counts(codes)["present"]) == (0, 1)


def test_a_new_name_or_team_is_a_change(board: Board) -> None:
    """A change of anything that a reader sees is reported. A new login time alone is not."""
    moved_ann = Agent("1", name="Ann Lee", team="Billing")
    login = Agent("2", name="Ben Okoro", team="Billing", last_login="2026-03-02T08:00:00Z")
    moved = board.settle([present(moved_ann), present(login)], span(110), roster_complete=True)
    assert [after.agent.team for _, after in moved if after] == ["Billing"]


def test_an_absence_is_open_unless_something_explains_it(board: Board) -> None:
    """A finding explains an absence. RC902 does not."""
    entries = [RollEntry(ANN, Standing.ABSENT, None), RollEntry(BEN, Standing.ABSENT, None)]
    board.settle(entries, span(110), roster_complete=True)
    counts = board.counts({"1": ("RC601",), "2": ("RC902",)})
    assert (counts["absent"], counts["explained"], counts["unexplained"]) == (2, 1, 1)
