"""The order of agents and teams on the screen, and their room."""

from __future__ import annotations

import pytest

from cxone_rollcall.live.seat import Certainty, Seat, Since
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.views.screen.choices import Choices
from cxone_rollcall.views.screen.floor import arranged
from cxone_rollcall.views.screen.rows import heading, row


def seat(agent_id: str, state: str | None = "Busy", team: str | None = None) -> Seat:
    """A present agent; an absent one without a state."""
    known = AgentState(agent_id, state or None) if state is not None else None
    standing = Standing.PRESENT if known else Standing.ABSENT
    return Seat(Agent(agent_id, team=team), standing, known, None, Since(9.0, Certainty.EXACT, 9.0), as_of=9.0)


def test_states_are_in_order_of_their_names() -> None:
    """A state without a name comes first, an absent agent last."""
    seats = [seat("1", None), seat("2", "Zebra"), seat("3", "break"), seat("4", "Available"), seat("5", "")]
    listed = arranged(seats, Choices(sort="state")).listed
    assert [one.agent.agent_id for one in listed] == ["5", "4", "3", "2", "1"]


def test_teams_are_in_order_of_their_names() -> None:
    """Letter case does not matter."""
    seats = [seat(str(number), team=team) for number, team in enumerate(("b", "C", "a", None))]
    assert list(arranged(seats, Choices()).teams) == ["(no team)", "a", "b", "C"]


def test_names_and_teams_have_bounded_room() -> None:
    """A wide screen gives them more room, a narrow one less."""
    names = [heading(cells, "since").index("team") - heading(cells, "since").index("name") for cells in (40, 60, 100)]
    assert names == [16, 16, 26]
    assert heading(148, "since") == heading(200, "since")
    assert heading(144, "since") == heading(147, "since") != heading(148, "since")


@pytest.mark.parametrize(
    ("cells", "state", "pieces"),
    [
        (1, "休憩中", ["◆", "休", "憩", "中"]),
        (2, "休憩中", ["◆", "休", "憩", "中"]),
        (5, "休憩中", ["◆", "休憩", "中"]),
        (2, "Busy", ["◆", "Bu", "sy"]),
    ],
)
def test_a_state_has_lines_of_its_own(cells: int, state: str, pieces: list[str]) -> None:
    """However narrow the screen, each line has a letter."""
    lines = row(seat("1", state), cells, now=9.0, clock=str).lines
    assert [line.strip() for line in lines[1:]] == pieces
