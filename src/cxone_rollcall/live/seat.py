"""One agent on the board: the standing, the state, and since when."""

from __future__ import annotations

from enum import StrEnum

from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.groups import Group
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.struct import Value
from cxone_rollcall.model.timestamp import parse_timestamp

MOST_MISSED = 3
"""Missed polls in a row that make an agent unknown."""
STALE = 2
"""Missed polls in a row that make a state the last known."""


class Certainty(StrEnum):
    """How exactly it is known since when a state lasts."""

    EXACT = "exact"
    BETWEEN = "between"
    AT_LEAST = "at_least"


class Since(Value, frozen=True):
    """Since when a state lasts, by the server's clock.

    In seconds since the epoch.

    It began not later than `latest`. For BETWEEN it began after `earliest`; for EXACT both are the same; for AT_LEAST
    `earliest` is None: it was so when first seen.
    """

    latest: float
    certainty: Certainty
    earliest: float | None = None


class Seat(Value, frozen=True, gc=False):
    """An agent of the roster as last seen.

    `standing` and `state` are those of the last usable response, at `as_of`. `missed` counts the polls since then that
    had none; from `MOST_MISSED` on the standing is unknown, whatever the last one was.
    """

    agent: Agent
    standing: Standing
    state: AgentState | None
    group: Group | None
    since: Since
    as_of: float
    missed: int = 0

    @property
    def shown(self) -> Standing:
        """The standing that may be shown now."""
        return Standing.UNKNOWN if self.missed >= MOST_MISSED else self.standing

    @property
    def is_stale(self) -> bool:
        """Whether the state is only the last known one."""
        return self.missed >= STALE and self.standing is not Standing.UNKNOWN

    def looks_like(self, other: Seat) -> bool:
        """Whether both show the same of the same agent."""
        if (self.shown, self.is_stale, self.since) != (other.shown, other.is_stale, other.since):
            return False
        mine, theirs = self.agent, other.agent
        same_agent = mine is theirs or (mine.known_as, mine.team, mine.active) == (
            theirs.known_as,
            theirs.team,
            theirs.active,
        )
        return same_agent and self.same_as(other.standing, other.state)

    def same_as(self, standing: Standing, state: AgentState | None) -> bool:
        """Whether a look shows what this seat holds already."""
        mine = (self.standing, self.state and self.state.state, self.state and self.state.sub_state)
        return mine == (standing, state and state.state, state and state.sub_state)


class Span(Value, frozen=True):
    """What one look covers, by the server's clock. It began at `as_of` and was complete at `received_at`."""

    as_of: float
    received_at: float


def since_of(before: Seat | None, state: AgentState | None, span: Span) -> Since:
    """Since when a state lasts that this look shows first.

    `before` is the agent's last seat, None if there was none. The server's own time of the row counts
    only if it lies between the two looks: it is the start of work on a skill, not promised to be that of the state
    (NICE SDK, `startDate`). If the server's clock was set back between them, the earlier time bounds nothing.
    """
    if before is None or before.standing is Standing.UNKNOWN or before.as_of > span.received_at:
        return Since(span.received_at, Certainty.AT_LEAST)
    began = parse_timestamp(state.since) if state is not None else None
    if began is not None and before.as_of <= began <= span.received_at:
        return Since(began, Certainty.EXACT, began)
    return Since(span.received_at, Certainty.BETWEEN, before.as_of)


def still(before: Seat, state: AgentState | None, span: Span) -> Since:
    """Since when a state lasts that the look before showed, too.

    If the server's own time of the row is a new one, the state may have ended and begun again in between: then it
    lasts at least since that time, and at most as long as it seemed to.
    """
    if state is None or before.state is None or state.since == before.state.since:
        return before.since
    began = parse_timestamp(state.since)
    if began is None or not before.as_of <= began <= span.received_at:
        return before.since
    earliest = before.since.earliest
    if earliest is None or earliest > began:  # the server's clock was set back
        return Since(began, Certainty.AT_LEAST)
    return Since(began, Certainty.BETWEEN, earliest)
