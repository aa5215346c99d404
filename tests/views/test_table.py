"""The table fits its terminal. No state is cut, no word broken, no agent takes two lines."""

from __future__ import annotations

import pytest

from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.roll import RollEntry, Standing
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.struct import replace
from cxone_rollcall.views import table
from cxone_rollcall.views.text import width

WIDTHS = (60, 78, 80, 92, 100, 140, 200)
STATES_SEEN = ("OutboundContact", "OutboundConsult", "Available", "Waiting for a supervisor to approve it")


def entry(state: str | None = "Available", sub: str | None = None, **agent: str) -> RollEntry:
    """Return an entry with this state, or an absent agent."""
    known = replace(Agent("30000000001", name="Ann Lee", team="Billing"), **agent)
    if state is None:
        return RollEntry(known, Standing.ABSENT)
    return RollEntry(known, Standing.PRESENT, AgentState(known.agent_id, state, sub))


def line(of: RollEntry, cells: int | None) -> str:
    """Return the line of an agent at this width."""
    return table.rows(table.STATES, cells).row(of).decode().removesuffix("\n")


def headings(cells: int | None, columns: tuple[table.TableColumn, ...] = table.STATES) -> list[str]:
    """Return the headings at this width."""
    return [column.heading for column in table.fitted(columns, cells)]


@pytest.mark.parametrize("cells", WIDTHS)
@pytest.mark.parametrize("state", STATES_SEEN)
def test_a_state_is_never_shortened(state: str, cells: int) -> None:
    """The name of a state is complete at every width."""
    agent = entry(state, "After-call work", name="Maximilian Featherstonehaugh-Smythe", team="Support Tier 2")
    shown = line(agent, cells)
    assert f"{state} - After-call work" in shown or cells < width(state) + 40
    assert state in shown
    assert width(shown) <= cells


@pytest.mark.parametrize("cells", WIDTHS)
def test_no_word_is_broken(cells: int) -> None:
    """A name that does not fit ends between two words."""
    words = ["Ann", "Maria", "Ludovica", "Featherstone", "Carter", "Montgomery"]
    shown = line(entry(name=" ".join(words), team="Support Tier 2 Europe Middle East"), cells)
    said = shown.removeprefix("30000000001").split("  ")
    assert {word for text in said for word in text.split()} <= {
        *words, *["Support", "Tier", "2", "Europe", "Middle", "East", "present", "Available"], "…"
    }  # fmt: skip


def test_the_least_important_columns_leave_first() -> None:
    """A narrow terminal has no standing, then no team. Id, name and state stay."""
    assert headings(140) == headings(92) == ["agent id", "name", "team", "standing", "state"]
    assert headings(80) == headings(78) == ["agent id", "name", "team", "state"]
    assert headings(60) == headings(30) == ["agent id", "name", "state"]
    assert headings(None) == headings(140)
    assert headings(40, table.ROSTER) == ["agent id", "name"]


def test_columns_shrink_and_grow_within_bounds() -> None:
    """The state shrinks and grows first. Each column has bounds."""

    def cells(most: int | None) -> list[int]:
        return [column.cells for column in table.fitted(table.STATES, most)]

    assert cells(30) == cells(40) == [13, 8, 15]
    assert cells(44) == [13, 12, 15]
    assert cells(52) == [13, 18, 17]
    assert cells(78) == [13, 18, 14, 27]
    assert cells(90) == cells(None) == [13, 18, 14, 10, 27]
    assert cells(112) == [13, 25, 24, 10, 32]
    assert cells(130) == [13, 30, 24, 10, 32]


def test_an_agent_without_a_state_has_its_standing() -> None:
    """Where the standing has no column, the state says "(absent)"."""
    assert line(entry(None), 80).endswith("  (absent)")


def test_a_wide_terminal_shows_more_of_a_name() -> None:
    """Columns grow with the terminal."""
    name = "Maximilian Featherstonehaugh"
    assert name not in line(entry(name=name), 80)
    assert name in line(entry(name=name), 140)


def test_nothing_is_cut_in_a_pipe() -> None:
    """In a pipe each text is whole."""
    long = entry("Waiting for a supervisor", "Second line " * 4, name="N" * 60, team="T" * 40)
    assert {"N" * 60, "T" * 40} <= set(line(long, None).split("  "))


def test_an_id_longer_than_its_column_stays_whole() -> None:
    """A UUID as an id is whole. The name beside it makes room."""
    uuid = "3f2b8c1e-5d4a-4b6f-9e8d-1a2b3c4d5e6f"
    shown = line(entry("OutboundContact", agent_id=uuid, name="Maximilian Featherstonehaugh"), 80)
    assert shown.startswith(f"{uuid}  ")
    assert shown.endswith("OutboundContact")
    assert width(shown) <= 80
