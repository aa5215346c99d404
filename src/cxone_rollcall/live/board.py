"""The board: every agent with the standing that may be shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from cxone_rollcall.findings.internal import Unexplained
from cxone_rollcall.live.groups import Groups
from cxone_rollcall.live.seat import MOST_MISSED, STALE, Seat, Since, Span, since_of, still
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.roll import RollEntry, Standing
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.struct import replace

Moved = tuple[Seat | None, Seat | None]
"""A seat before and after."""


class Board:
    """The seats of all agents, by id, in roster order. Only its methods change them.

    Each method yields or returns what became visible: the seats before and after, of agents who differ in anything that
    is shown.
    """

    def __init__(self, groups: Groups) -> None:
        self._groups = groups
        self._seats: dict[str, Seat] = {}
        self._counted: tuple[Mapping[str, tuple[str, ...]], dict[str, int]] | None = None
        """What was counted since the last seat changed, and for which codes. An idle poll counts nobody again."""
        self._confirmed_at = 0.0
        """When the last delta confirmed the agents without a row."""
        self.seats: Final = MappingProxyType(self._seats)

    def counts(self, codes: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
        """Agents by shown standing, with the members of `Account.counts`.

        roster = present + logged_out + absent + unknown. `codes` are those of the findings that explain each agent.
        """
        if self._counted is not None and self._counted[0] is codes:
            return dict(self._counted[1])
        count = Counter([seat.shown for seat in self._seats.values()])
        open_ = 0
        if count[Standing.ABSENT]:
            absent = (one for one, seat in self._seats.items() if seat.shown is Standing.ABSENT)
            open_ = sum(codes.get(agent_id, ()) in ((), (Unexplained.code,)) for agent_id in absent)
        counts = {
            "roster": len(self._seats),
            "present": count[Standing.PRESENT],
            "logged_in": count[Standing.PRESENT],
            "logged_out": count[Standing.LOGGED_OUT],
            "absent": count[Standing.ABSENT],
            "explained": count[Standing.ABSENT] - open_,
            "unexplained": open_,
            "unknown": count[Standing.UNKNOWN],
        }
        self._counted = codes, counts
        return dict(counts)

    def restore(self, seats: Iterable[Seat], span: Span, *, interval: float) -> None:
        """Put the seats of an earlier run on an empty board.

        Each has missed the polls since then: one that missed many keeps no `since`, unless its row is the same.
        Another machine may have read the server's clock as later: no seat is from after this look.
        """
        for seat in seats:
            lost = span.as_of - seat.as_of >= MOST_MISSED * interval
            missed, as_of = MOST_MISSED if lost else STALE, min(seat.as_of, span.as_of)
            self._seats[seat.agent.agent_id] = replace(seat, missed=missed, as_of=as_of)
        self._counted = None

    def put(self, seats: Mapping[str, Seat | None], *, confirmed_at: float) -> None:
        """Take seats of another board, None for an agent who left it. It confirmed all others at `confirmed_at`."""
        for agent_id, seat in seats.items():
            if seat is None:
                self._seats.pop(agent_id, None)
            else:
                self._seats[agent_id] = seat
        self._counted = None if seats else self._counted
        self._confirmed_at = confirmed_at

    def settle(self, entries: Iterable[RollEntry], span: Span, *, roster_complete: bool) -> list[Moved]:
        """Take a whole look. An agent that it could not account for has missed a poll.

        Agents who are not in it leave the board if the roster is complete, else they have missed a poll, too.
        """
        moved: list[Moved] = []
        left = dict(self._seats)
        self._counted = None
        for entry in entries:
            left.pop(entry.agent.agent_id, None)
            moved += self._see(entry.agent, entry.standing, entry.state, span)
        for agent_id, seat in left.items():
            if roster_complete:
                del self._seats[agent_id]
                moved.append((seat, None))
            else:
                moved += self._miss(seat)
        return moved

    def apply(self, rows: Mapping[str, AgentState], span: Span) -> list[Moved]:
        """Take the rows of a delta. All other agents are as they were at the look before."""
        moved: list[Moved] = []
        for agent_id, row in rows.items():
            if agent_id in self._seats:
                standing = Standing.PRESENT if row.logged_in else Standing.LOGGED_OUT
                moved += self._see(self._seats[agent_id].agent, standing, row, span)
        for seat in tuple(self._seats.values()):
            if seat.missed:
                moved += self._see(seat.agent, seat.standing, seat.state, span)
        self._confirmed_at = span.as_of
        return moved

    def miss(self) -> list[tuple[Seat, Seat]]:
        """Note that a poll had no answer."""
        return [moved for seat in tuple(self._seats.values()) for moved in self._miss(seat)]

    def _see(self, agent: Agent, standing: Standing, state: AgentState | None, span: Span) -> Iterator[Moved]:
        before = self._current(self._seats.get(agent.agent_id))
        if standing is Standing.UNKNOWN and before is not None:
            yield from self._miss(before)
            return
        since = self._since(before, standing, state, span)
        group = self._groups.of(state) if standing is Standing.PRESENT and state is not None else None
        after = Seat(agent, standing, state, group, since, span.as_of)
        self._seats[agent.agent_id] = after
        self._counted = None
        if before is None or not before.looks_like(after):
            yield before, after

    def _since(self, before: Seat | None, standing: Standing, state: AgentState | None, span: Span) -> Since:
        """Since when the state lasts. As before, if it is the same and was never lost from sight."""
        if before is not None and before.same_as(standing, state):
            seen_all_along = before.shown is standing
            same_row = state is not None and state.since is not None and state == before.state
            if seen_all_along or same_row:
                return still(before, state, span)
            return since_of(None, state, span)
        return since_of(before, state, span)

    def _current(self, seat: Seat | None) -> Seat | None:
        """A seat, with the time at which a delta confirmed it."""
        if seat is None or seat.missed or seat.as_of >= self._confirmed_at:
            return seat
        return replace(seat, as_of=self._confirmed_at)

    def _miss(self, seat: Seat) -> Iterator[tuple[Seat, Seat]]:
        self._counted = None
        after = replace(self._current(seat) or seat, missed=seat.missed + 1)
        self._seats[seat.agent.agent_id] = after
        if after.shown is not seat.shown or after.is_stale is not seat.is_stale:
            yield seat, after
