"""One agent as lines of the screen. A state is never cut: what stands beside it makes room."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.struct import Value
from cxone_rollcall.views.screen.choices import GLYPHS, NO_TEAM, UNKNOWN
from cxone_rollcall.views.screen.floor import column_of
from cxone_rollcall.views.table import LONGEST
from cxone_rollcall.views.text import brief, fit, width, wrapped

if TYPE_CHECKING:
    from cxone_rollcall.live.seat import Seat

MARKS = {"exact": " ", "between": "~", "at_least": "≥"}
"""How exactly it is known since when a state lasts."""
_TIME, _NAME, _LEAST_NAME, _TEAM = 9, 24, 10, 18
_LEFT = 2 + _TIME + 2
"""Cells of the limit's mark, the time and a gap."""
_OUT = {Standing.ABSENT: "○", Standing.LOGGED_OUT: "○", Standing.PRESENT: "◆", Standing.UNKNOWN: UNKNOWN}


class Row(Value, frozen=True):
    """The lines of one agent, and the name of their style."""

    lines: tuple[str, ...]
    style: str


def heading(cells: int, sort: str) -> str:
    """The line above the list."""
    name, team = _widths(cells)
    return f"  {fit('in state', _TIME)}  {fit('name', name)}  {fit('team', team)}    state (by {sort})"


def row(
    seat: Seat,
    cells: int,
    *,
    now: float,
    clock: Callable[[float], str],
    limit: float | None = None,
    codes: Sequence[str] = (),
) -> Row:
    """The lines of an agent within `cells`.

    `now` is the server's time of the last look, so that no time runs on without data. `clock` writes such a time as
    people read it. `limit` is the limit in seconds that the agent is over.
    """
    glyph = GLYPHS.get(column_of(seat), _OUT[seat.shown])
    state = f"{glyph} {brief(_state(seat, clock, codes), LONGEST)}"
    if limit is not None:
        state += f"  limit {duration(limit)}"
    name, team = _widths(cells)
    needed = max(0, width(state) - (cells - _LEFT - name - team - 4))
    given = min(needed, team - 1)
    team, needed = team - given, needed - given
    name -= min(needed, name - _LEAST_NAME)
    left = (
        f"{'!' if limit is not None else ' '} {fit(_time(seat, now), _TIME)}"
        f"  {fit(brief(seat.agent.name or seat.agent.agent_id, name), name)}"
        f"  {fit(brief(seat.agent.team or NO_TEAM, team), team)}  "
    )
    lines: tuple[str, ...] = (f"{left}{state}",)
    if width(lines[0]) > cells:
        lines = (left.rstrip(), *_indented(state, cells))
    return Row(lines, "stale" if seat.is_stale else column_of(seat))


def duration(seconds: float) -> str:
    """A time span as people read it: 47:12, 3:05:00, 12 d."""
    whole = int(max(0.0, seconds))
    minutes, hours = whole // 60, whole // 3600
    if hours >= 100:
        return f"{hours // 24} d"
    if hours:
        return f"{hours}:{minutes % 60:02}:{whole % 60:02}"
    return f"{minutes:02}:{whole % 60:02}"


def _widths(cells: int) -> tuple[int, int]:
    """Cells of name and team. A wide screen gives them more, a narrow one less."""
    extra = max(-10, min(12, (cells - 100) // 4))
    return _NAME + extra, max(8, _TEAM + extra)


def _time(seat: Seat, now: float) -> str:
    """How long the state lasts. Nothing for a state that is not current, and for who is not at work."""
    if seat.shown is not Standing.PRESENT or seat.is_stale:
        return ""
    text = MARKS[seat.since.certainty.value] + duration(now - seat.since.latest)
    return f"{text:>{_TIME}}"


def _state(seat: Seat, clock: Callable[[float], str], codes: Sequence[str]) -> str:
    name = (seat.state.both_names if seat.state else None) or "(not named)"
    last = name if seat.standing is Standing.PRESENT else seat.standing.value.replace("_", " ")
    if seat.is_stale:
        return f"{last}, last known {clock(seat.as_of)}"
    if seat.shown is Standing.PRESENT:
        return name
    why = f" {' '.join(codes)}" if codes else ""
    return f"({seat.shown.value.replace('_', ' ')}){why}"


def _indented(text: str, cells: int) -> list[str]:
    """A text on lines of its own, between words if possible."""
    indent = " " * min(_LEFT, cells // 4)
    room = max(2, cells - len(indent))  # a letter takes two cells at most
    pieces: list[str] = []
    for line in wrapped(text, room, "").split("\n"):
        rest = line
        while width(rest) > room:
            cut = next(place for place in range(len(rest), 0, -1) if width(rest[:place]) <= room)
            pieces.append(rest[:cut])
            rest = rest[cut:]
        pieces.append(rest)
    return [indent + piece for piece in pieces]
