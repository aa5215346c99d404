"""The board: every agent with the standing that may be shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from cxone_rollcall.live.groups import Groups
from cxone_rollcall.live.seat import Seat, Since, Span, since_of
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.roll import RollEntry, Standing
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.struct import replace

Moved = tuple[Seat | None, Seat | None]
"""A seat before and after."""


class Board:
    """The seats of all agents, by id, in roster order. Only its methods change them.

    Each method yields or returns what became visible: the seats before and after, of agents whose shown standing or
    state differs.
    """

    def __init__(self, groups: Groups) -> None:
        self._groups = groups
        self._seats: dict[str, Seat] = {}
        self.seats: Final = MappingProxyType(self._seats)

    def counts(self, unexplained: Iterable[str] = ()) -> dict[str, int]:
        """Agents by shown standing, with the members of `Account.counts`.

        roster = present + logged_out + absent + unknown. `unexplained` are agents whose absence nothing explains.
        """
        count = Counter([seat.shown for seat in self._seats.values()])
        seats = (self._seats.get(agent_id) for agent_id in unexplained)
        open_ = sum(seat is not None and seat.shown is Standing.ABSENT for seat in seats)
        return {
            "roster": len(self._seats),
            "present": count[Standing.PRESENT],
            "logged_in": count[Standing.PRESENT],
            "logged_out": count[Standing.LOGGED_OUT],
            "absent": count[Standing.ABSENT],
            "explained": count[Standing.ABSENT] - open_,
            "unexplained": open_,
            "unknown": count[Standing.UNKNOWN],
        }

    def settle(self, entries: Iterable[RollEntry], span: Span, *, roster_complete: bool) -> list[Moved]:
        """Take a whole look. An agent that it could not account for has missed a poll.

        Agents who are not in it leave the board if the roster is complete, else they have missed a poll, too.
        """
        moved: list[Moved] = []
        left = dict(self._seats)
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
        return moved

    def miss(self) -> list[Moved]:
        """Note that a poll had no answer."""
        return [moved for seat in tuple(self._seats.values()) for moved in self._miss(seat)]

    def strangers(self, agent_ids: Collection[str]) -> bool:
        """Whether any of these agents is not on the board."""
        return any(agent_id not in self._seats for agent_id in agent_ids)

    def _see(self, agent: Agent, standing: Standing, state: AgentState | None, span: Span) -> Iterator[Moved]:
        before = self._seats.get(agent.agent_id)
        if standing is Standing.UNKNOWN and before is not None:
            yield from self._miss(before)
            return
        since = self._since(before, standing, state, span)
        group = self._groups.of(state) if standing is Standing.PRESENT and state is not None else None
        after = Seat(agent, standing, state, group, since, span.as_of)
        self._seats[agent.agent_id] = after
        if before is None or before.is_stale or before.shown is not after.shown or not before.same_as(standing, state):
            yield before, after

    def _since(self, before: Seat | None, standing: Standing, state: AgentState | None, span: Span) -> Since:
        """Since when the state lasts. As before, if it is the same and was never lost from sight."""
        if before is not None and before.same_as(standing, state):
            seen_all_along = before.shown is standing
            same_row = state is not None and state.since is not None and state == before.state
            if seen_all_along or same_row:
                return before.since
            return since_of(None, state, span)
        return since_of(before, state, span)

    def _miss(self, seat: Seat) -> Iterator[Moved]:
        after = replace(seat, missed=seat.missed + 1)
        self._seats[seat.agent.agent_id] = after
        if after.shown is not seat.shown or after.is_stale is not seat.is_stale:
            yield seat, after
