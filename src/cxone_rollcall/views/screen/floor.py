"""A board arranged for the screen. It has counts and the ordered list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.struct import Value
from cxone_rollcall.views.screen.choices import NO_TEAM, UNKNOWN, Choices

if TYPE_CHECKING:
    from cxone_rollcall.live.seat import Seat

OUT = "out"
"""The column of agents who are logged out or absent."""
_ORDER = {Standing.PRESENT: 1, Standing.UNKNOWN: 2, Standing.ABSENT: 3, Standing.LOGGED_OUT: 4}


class Floor(Value, frozen=True, kw_only=True):
    """What a screen shows of a board.

    `listed` are the agents who pass the filters, over-limit ones first, then the present, the unknown, the absent and
    the logged out. `hidden` counts the others. `columns` count agents by group, `UNKNOWN` or `OUT`, and `teams` do that
    for each team.
    """

    listed: tuple[Seat, ...]
    hidden: int
    columns: Mapping[str, int]
    teams: Mapping[str, Mapping[str, int]]


def arranged(seats: Collection[Seat], choices: Choices, over: Collection[str] = ()) -> Floor:
    """Arrange a board. `over` are the ids of agents over a limit."""
    columns: Counter[str] = Counter()
    teams: dict[str, Counter[str]] = {}
    for seat in seats:
        column = column_of(seat)
        columns[column] += 1
        teams.setdefault(seat.agent.team or NO_TEAM, Counter())[column] += 1
    listed = _ordered((seat for seat in seats if choices.shows(seat)), choices.sort, over)
    return Floor(
        listed=tuple(listed),
        hidden=len(seats) - len(listed),
        columns=columns,
        teams=dict(sorted(teams.items(), key=lambda item: item[0].casefold())),
    )


def column_of(seat: Seat) -> str:
    """Where an agent is counted: its group, unknown, or out."""
    if seat.shown is Standing.UNKNOWN:
        return UNKNOWN
    return seat.group or OUT


def _ordered(seats: Iterable[Seat], sort: str, over: Collection[str]) -> list[Seat]:
    def key(seat: Seat) -> tuple[Any, ...]:
        agent, state = seat.agent, seat.state
        name = (agent.name or agent.agent_id).casefold()
        first = {
            "since": seat.since.latest,
            "name": name,
            "team": (agent.team or NO_TEAM).casefold(),
            "state": ((state.both_names if state else None) or "").casefold(),
        }[sort]
        section = 0 if agent.agent_id in over else _ORDER[seat.shown]
        return section, first, name, agent.agent_id

    return sorted(seats, key=key)
