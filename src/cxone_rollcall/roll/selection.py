"""Which agents to call: all, or those that the user's options name."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.observations.base import Selected
from cxone_rollcall.model.struct import Value

MOST_BYSTANDERS = 60


class Selection(Value, frozen=True, dict=True):
    """What the user asked for.

    `agents` are as typed: ids, usernames, e-mails or names. `state` filters the request for states. `since` first
    requests states that changed since a moment (UTC, with a Z), on `incontact` only. Empty tuples select all agents.
    Letter case does not matter.
    """

    agents: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    state: str | None = None
    since: str | None = None

    @cached_property
    def _typed(self) -> dict[str, str]:
        return {text.strip().casefold(): text.strip() for text in self.agents if text.strip()}

    @cached_property
    def _teams(self) -> frozenset[str]:
        return frozenset(team.strip().casefold() for team in self.teams)

    @property
    def typed(self) -> tuple[str, ...]:
        """What was typed for agents, each text once, without surrounding blanks."""
        return tuple(self._typed.values())

    def named(self, agent: Agent) -> tuple[str, ...]:
        """Return the typed texts that mean this agent, its internal id first."""
        if not self._typed:
            return ()
        known_as = (agent.agent_id, agent.user_name, agent.email, agent.name, agent.user_id)
        typed = (self._typed.get(text.strip().casefold()) for text in known_as if text is not None)
        return tuple(dict.fromkeys(text for text in typed if text is not None))

    def in_teams(self, agent: Agent) -> bool:
        """Whether this agent is in a selected team. True if no team was selected."""
        return not self.teams or (agent.team or "").strip().casefold() in self._teams


class Choice:
    """Applies a selection to the roster, and remembers what it left out."""

    def __init__(self, selection: Selection) -> None:
        self._selection = selection
        self._everybody = not selection.typed and not selection.teams
        self._found: set[str] = set()
        self._dropped: list[str] = []
        self._teams: set[str] = set()
        self._roster = 0
        self._kept = 0
        self.bystanders: list[str] = []
        """The first unselected agents that may be logged in. One of them may serve as the canary."""

    def choose(self, agents: Iterable[Agent]) -> list[Agent]:
        """Return the selected ones of these agents."""
        if self._everybody:
            everybody = list(agents)
            self._roster += len(everybody)
            self._kept += len(everybody)
            self._teams.update(agent.team for agent in everybody if agent.team)
            return everybody
        chosen = []
        for agent in agents:
            self._roster += 1
            if agent.team:
                self._teams.add(agent.team)
            typed = self._selection.named(agent)
            self._found.update(typed)
            if (typed or not self._selection.typed) and self._selection.in_teams(agent):
                chosen.append(agent)
                continue
            if typed:
                self._dropped.append(agent.agent_id)
            if len(self.bystanders) < MOST_BYSTANDERS and agent.active is not False:
                self.bystanders.append(agent.agent_id)
        self._kept += len(chosen)
        return chosen

    def unknown(self) -> tuple[str, ...]:
        """Return the typed texts that fit no agent on the roster."""
        return tuple(typed for typed in self._selection.typed if typed not in self._found)

    def observe(self, exchange: int) -> Selected:
        """The effect of the options on the roster, as an observation. `exchange` is the roster's last page."""
        return Selected(
            agents=self._selection.typed,
            teams=self._selection.teams,
            state=self._selection.state,
            roster=self._roster,
            kept=self._kept,
            dropped=tuple(self._dropped),
            unknown=self.unknown(),
            teams_seen=tuple(sorted(self._teams)),
            exchange=exchange,
        )
