"""The roll: each agent's standing, and the counts that must balance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cached_property

import msgspec

from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.struct import Value


class Standing(StrEnum):
    """What is known of an agent. Unknown is never shown as absent."""

    PRESENT = "present"
    LOGGED_OUT = "logged_out"
    ABSENT = "absent"
    UNKNOWN = "unknown"


class RollEntry(msgspec.Struct, frozen=True, gc=False):
    """One agent, its standing and its state (None without one).

    `asked_as` is what the user typed for this agent, None if the user named no agents.
    """

    agent: Agent
    standing: Standing
    state: AgentState | None = None
    asked_as: str | None = None

    @property
    def logged_in(self) -> bool | None:
        """Whether the API reports the agent as logged in; None if unknown."""
        if self.standing is Standing.PRESENT:
            return True
        return False if self.standing is Standing.LOGGED_OUT else None


class Roll(Value, frozen=True, dict=True):
    """Every requested agent exactly once, in the order of the roster.

    `roster_complete` is False if the server's total or a failed page means that there are more.
    """

    entries: Sequence[RollEntry]
    roster_complete: bool

    @cached_property
    def _by_standing(self) -> Mapping[Standing, list[RollEntry]]:
        by_standing: dict[Standing, list[RollEntry]] = {standing: [] for standing in Standing}
        for entry in self.entries:
            by_standing[entry.standing].append(entry)
        return by_standing

    def __len__(self) -> int:
        return len(self.entries)

    def count(self) -> Counter[Standing]:
        """Count the agents of each standing; the sum is the roster."""
        return Counter({standing: len(entries) for standing, entries in self._by_standing.items()})

    def of(self, standing: Standing) -> Sequence[RollEntry]:
        """Return the entries of one standing, in the order of the roster."""
        return self._by_standing[standing]

    def ids(self, *standings: Standing) -> tuple[str, ...]:
        """Return the ids of these standings, in the order of the roster."""
        if len(standings) == 1:
            return tuple([entry.agent.agent_id for entry in self.of(*standings)])
        return tuple([entry.agent.agent_id for entry in self.entries if entry.standing in standings])

    def states(self) -> dict[str, int]:
        """Count the present agents by state, most frequent first. A row without a name counts as `(not named)`."""
        rows = [entry.state for entry in self.of(Standing.PRESENT) if entry.state is not None]
        counted = Counter([row.state or "(not named)" for row in rows])
        return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))
