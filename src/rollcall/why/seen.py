"""What only a question about few agents sees of the world, as typed facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rollcall.model.observation import Observation

if TYPE_CHECKING:
    from rollcall.findings.base import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedLoggedIn(Observation):
    """The user sees these agents logged in, on their desktops."""

    agents: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """What one more question said of an agent.

    `against` says in words what it speaks of ("an open contact") where it speaks against what the states say of the
    agent, "" where it does not; `or_else` what else it may mean that the agent has no state.
    """

    agent_id: str
    evidence: Evidence
    against: str = ""
    or_else: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedCloser(Observation):
    """Agents without a state, or logged out, asked about once more, each in several ways."""

    signs: tuple[Sign, ...]

    def of(self, agent_id: str) -> tuple[Sign, ...]:
        """Return what was seen of one agent."""
        return tuple(sign for sign in self.signs if sign.agent_id == agent_id)
