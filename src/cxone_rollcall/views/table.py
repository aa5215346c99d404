"""Agents as a table that fits the terminal. Rows can be printed as they arrive."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cxone_rollcall.model.roll import RollEntry
from cxone_rollcall.model.struct import Value, replace
from cxone_rollcall.views.columns import RowWriter
from cxone_rollcall.views.text import brief, by_words, padded, width

BETWEEN = "  "
LONGEST = 120
"""Cells of a text that is not cut to its column. Texts from others can be of any length."""


class TableColumn(Value, frozen=True):
    """A column: its heading, its text, and its usual cells.

    On a narrow terminal it shrinks to `least` cells, on a wide one it grows to `most`. The column with the highest
    `may_leave` is left out first, one with 0 never. `kept` is what is never cut: the columns beside it make room.
    """

    heading: str
    text: Callable[[RollEntry], str | None]
    cells: int
    least: int
    most: int
    may_leave: int = 0
    kept: Callable[[RollEntry], str | None] = lambda _: None


def whole_state(entry: RollEntry) -> str:
    """State and sub-state, or the standing of an agent without a row."""
    if entry.state is None:
        return f"({entry.standing.value.replace('_', ' ')})"
    return entry.state.both_names or "(not named)"


def _agent_id(entry: RollEntry) -> str:
    return entry.agent.agent_id


def _state_name(entry: RollEntry) -> str:
    return (entry.state.state if entry.state else None) or whole_state(entry)


ROSTER: tuple[TableColumn, ...] = (
    TableColumn("agent id", _agent_id, 13, 13, 13, kept=_agent_id),
    TableColumn("name", lambda entry: entry.agent.name, 18, 8, 30),
    TableColumn("team", lambda entry: entry.agent.team, 14, 14, 24, may_leave=1),
)
STATE = TableColumn("state", whole_state, 27, 15, 32, kept=_state_name)
AGENTS: tuple[TableColumn, ...] = (*ROSTER, STATE)
"""These take 78 cells: in the account they stand behind an indent."""
STATES: tuple[TableColumn, ...] = (
    *ROSTER,
    TableColumn("standing", lambda entry: entry.standing.value, 10, 10, 10, may_leave=2),
    STATE,
)


def rows(columns: Sequence[TableColumn], cells: int | None) -> RowWriter:
    """A header and a line per agent, to fit `cells`. In a pipe (None) nothing is cut."""
    shown = fitted(columns, cells)
    header = BETWEEN.join(padded(column.heading, column.cells) for column in shown).rstrip()
    return RowWriter(f"{header}\n".encode(), lambda entry: f"{line(shown, entry, cells)}\n".encode())


def fitted(columns: Sequence[TableColumn], cells: int | None) -> tuple[TableColumn, ...]:
    """The columns that fit, as wide as there is room. Without `cells` all, in their usual width."""
    shown = list(columns)
    if cells is None:
        return tuple(shown)
    while _total(shown) > cells and (leaving := max(shown, key=lambda one: one.may_leave)).may_leave:
        shown.remove(leaving)
    room = cells - _total(shown)
    for place, column in reversed(list(enumerate(shown))):  # the state first
        taken = min(max(column.cells + room, column.least), column.most)
        room -= taken - column.cells
        shown[place] = replace(column, cells=taken)
    return tuple(shown)


def _total(columns: Sequence[TableColumn]) -> int:
    return sum(column.cells for column in columns) + len(BETWEEN) * (len(columns) - 1)


def line(columns: Sequence[TableColumn], entry: RollEntry, cells: int | None) -> str:
    """The line of one agent, safe on a terminal. In a pipe (`cells` is None) nothing is cut."""
    texts = [column.text(entry) or "" for column in columns]
    taken = [column.cells for column in columns]
    if cells is None:
        texts = [brief(text, LONGEST) for text in texts]
    else:
        kept = [brief(column.kept(entry) or "", LONGEST) for column in columns]
        taken = _room_made(taken, [width(text) for text in kept], width(brief(texts[-1], LONGEST)))
        shown = map(by_words, texts, taken)
        texts = [text if text.startswith(whole) else whole for text, whole in zip(shown, kept, strict=True)]
    return BETWEEN.join(map(padded, texts, taken)).rstrip()


def _room_made(cells: Sequence[int], kept: Sequence[int], last: int) -> list[int]:
    """The columns' cells, changed so that important texts fit.

    `kept` are the cells of each column's important text. The last column also needs `last`. The columns before the last
    give room first, from the right.
    """
    taken = list(map(max, cells, (*kept[:-1], max(kept[-1], last))))
    over = sum(taken) - sum(cells)
    for place in (*reversed(range(len(taken) - 1)), len(taken) - 1):
        given = min(over, taken[place] - max(kept[place], 1))
        taken[place] -= given
        over -= given
    return taken
