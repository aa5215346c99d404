"""Which agents to request: all, or those that the user's options name."""

from __future__ import annotations

from collections.abc import Iterable, Set
from functools import cached_property

from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.observations.base import Selected
from cxone_rollcall.model.struct import Value
from cxone_rollcall.roll.agent_search import Named, UnclearAgents, name_agents

MOST_BYSTANDERS = 60


class Selection(Value, frozen=True, dict=True):
    """The agents and states that the user asked for.

    `agents` are as typed: ids, usernames, e-mails or names. `state` filters the request for states. `since` first
    requests states that changed since a moment (UTC, with a Z), on `incontact` only. Empty tuples select all agents.
    Letter case does not matter. With `as_sent` the agents are texts of a program's request: only complete names match,
    all others are unknown.
    """

    agents: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    state: str | None = None
    since: str | None = None
    as_sent: bool = False

    @cached_property
    def _teams(self) -> frozenset[str]:
        return frozenset(team.strip().casefold() for team in self.teams)

    @property
    def typed(self) -> tuple[str, ...]:
        """What was typed for agents, each text once, without surrounding blanks."""
        return tuple({text.strip().casefold(): text.strip() for text in self.agents if text.strip()}.values())

    def in_teams(self, agent: Agent) -> bool:
        """Whether this agent is in a selected team. True if no team was selected."""
        return not self.teams or (agent.team or "").strip().casefold() in self._teams


class Choice:
    """Applies a selection to the roster, and remembers what it left out."""

    def __init__(self, selection: Selection) -> None:
        self._selection = selection
        self._typed = selection.typed
        self._listed: dict[str, Agent] = {}
        self._dropped: list[str] = []
        self._teams: set[str] = set()
        self._roster = 0
        self._kept = 0
        self.unknown: tuple[str, ...] = ()
        """Typed texts that the roster lacks. They are ids, or names that may be on an unread page."""
        self.unclear: UnclearAgents | None = None
        """Why the typed texts select nobody."""
        self.bystanders: list[str] = []
        """The first unselected agents that may be logged in. One of them may serve as the canary."""

    def choose(self, agents: Iterable[Agent]) -> list[Agent]:
        """Return the selected ones of these agents. None yet if the user typed agents (see `named`)."""
        listed = list(agents)
        self._roster += len(listed)
        self._teams.update(agent.team for agent in listed if agent.team)
        if self._typed:
            self._listed.update({agent.agent_id: agent for agent in listed})
            return []
        if not self._selection.teams:
            self._kept += len(listed)
            return listed
        chosen = [agent for agent in listed if self._selection.in_teams(agent)]
        self._kept += len(chosen)
        self._stand_by(agent for agent in listed if not self._selection.in_teams(agent))
        return chosen

    def named(self, *, without: Set[str], whole: bool) -> Named:
        """Return the typed agents. None if one text is `unclear`.

        `without` are agents that the roster does not have after all, `whole` is whether all of it was read.
        """
        if not self._typed:
            return Named()
        roster = {agent_id: agent for agent_id, agent in self._listed.items() if agent_id not in without}
        try:
            named = name_agents(self._typed, roster.values(), whole=whole, as_sent=self._selection.as_sent)
        except UnclearAgents as unclear:
            self.unclear = unclear
            return Named()
        chosen = {agent.agent_id: (typed, agent) for typed, agent in named.agents if self._selection.in_teams(agent)}
        self._dropped = [agent.agent_id for _, agent in named.agents if agent.agent_id not in chosen]
        self._kept = len(chosen)
        self._stand_by(agent for agent_id, agent in roster.items() if agent_id not in chosen)
        self.unknown = named.unknown
        return Named(agents=tuple(chosen.values()), unknown=named.unknown)

    def _stand_by(self, agents: Iterable[Agent]) -> None:
        for agent in agents:
            if len(self.bystanders) == MOST_BYSTANDERS:
                return
            if agent.active is not False:
                self.bystanders.append(agent.agent_id)

    def observe(self, exchange: int) -> Selected:
        """The effect of the options on the roster, as an observation. `exchange` is the roster's last page."""
        return Selected(
            agents=self._typed,
            teams=self._selection.teams,
            state=self._selection.state,
            roster=self._roster,
            kept=self._roster if self._selection.as_sent else self._kept,  # the request chose them, no option did
            dropped=tuple(self._dropped),
            unknown=self.unknown,
            teams_seen=tuple(sorted(self._teams)),
            exchange=exchange,
        )
