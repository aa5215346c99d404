"""Observations about the agents' states."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.observations.base import Observation
from cxone_rollcall.model.observations.roster import PagingIgnored
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.struct import Value, field


class BatchLimit(NamedTuple):
    """A request refused for its number of ids, and the limit."""

    refused: int
    status: int
    taken: int
    exchange: int


class Truncation(NamedTuple):
    """Responses with fewer rows than were due.

    `most_rows` at most; `found` agents by requesting again. `truncated` is the exchange that lacked rows, `shown_by`
    the one that had them.
    """

    most_rows: int
    truncated: int
    shown_by: int
    found: int


REVERSALS_OF_NOISE = 3
"""Reversals that prove noise. Fewer may be agents who log out and in again within a few requests."""


class RowsLost(NamedTuple):
    """Two exchanges: `lacking` has no row for agents known to be present.

    Of `known` such agents, `lost` have no row in it. `showing` has their rows. `reversals` counts the rows that came
    back, or went again, while one request was repeated.
    """

    lacking: int
    showing: int
    lost: int
    known: int
    reversals: int = 0

    @property
    def certain(self) -> bool:
        """Whether only noise explains it."""
        return self.reversals >= REVERSALS_OF_NOISE


class Disagreement(NamedTuple):
    """Two responses to one request that differ, with their numbers of rows.

    `reversals` as in `RowsLost`.
    """

    fewer: int
    more: int
    fewer_rows: int
    more_rows: int
    reversals: int = 0

    @property
    def certain(self) -> bool:
        """Whether only noise explains it."""
        return self.reversals >= REVERSALS_OF_NOISE


class MixedUp(NamedTuple):
    """An exchange with mostly rows that another request asked for.

    `answers` is the number of such responses.
    """

    exchange: int
    rows: int
    answers: int


class Separators(NamedTuple):
    """Two ways to join ids, and the exchange that tried each. `misread` got no row, `read` got rows."""

    misread: str
    read: str
    misread_exchange: int
    read_exchange: int


class Contradiction(NamedTuple):
    """Two rows of one agent with different states. `states` is like "Busy and Break".

    `exchange` has the second row, and the first one too if they are in `one_response`.
    """

    exchange: int
    states: str
    one_response: bool = True


class RowsOf(NamedTuple):
    """How many agents had their first row in an exchange."""

    exchange: int
    agents: int


class PoisonedBatch(Observation, frozen=True, kw_only=True):
    """A batch without rows, traced to one id by bisection.

    `healed` agents were answered without it. `status` is the status of the batch, `alone_exchange` the request for the
    id alone, or with only a canary.
    """

    agent_id: str
    batch_exchange: int
    alone_exchange: int
    status: int
    healed: int
    repeated: bool = False
    """Whether the test was repeated, in turns. The batch failed twice with the id and succeeded twice without it."""


class StatesAsked(Observation, frozen=True, kw_only=True):
    """All states were requested: requests, rows, and worked-around problems.

    `listed` is whether all states were read as one list, not by id. `absent` maps each absent agent to the exchange
    that shows it. `unvouched` are agents without a row in a response that may be incomplete.
    """

    unseen = "no state was requested"

    exchange: int
    batches: int
    asked: int
    rows: int
    absent: Mapping[str, int] = field(default_factory=dict)
    listed: bool = False
    lists_logged_out: bool = False
    """Whether that list has rows of logged-out agents. Then each agent should have a row."""
    unvouched: tuple[str, ...] = ()
    unvouched_exchange: int = 0
    too_many: BatchLimit | None = None
    cut: Truncation | None = None
    separator: Separators | None = None
    poisoned: tuple[PoisonedBatch, ...] = ()
    unasked_rows: int = 0
    unasked_exchange: int = 0
    unasked_agent: str = ""
    contradicted: Mapping[str, Contradiction] = field(default_factory=dict)
    """Agents with two rows of different states in one response."""
    late: Mapping[str, int] = field(default_factory=dict)
    """Agents absent at first, present on a later request. Each with one of the exchanges that show it."""
    ignored_exchange: int = 0
    """The exchange that shows that the server ignores ids; else 0. A made-up id got the rows of real ones."""
    ignored_rows: int = 0
    others: int = 0
    """Rows in the list of agents who were not requested."""
    missing_in: Mapping[str, int] = field(default_factory=dict)
    """The exchange that had no row of an unvouched agent."""
    lost: RowsLost | None = None
    """Evidence that the server loses rows at random; None without it."""
    disagreement: Disagreement | None = None
    mixed_up: MixedUp | None = None
    paging_ignored: PagingIgnored | None = None


class StatesFiltered(Observation, frozen=True, kw_only=True):
    """The same agents requested with a state filter. Which had a row, and the exchange of each.

    `repeated` is whether agents who have a row only without the filter were requested twice more with it and once more
    without it, with the same result; `disagreement` has two answers to the same request that differ, if there were any.
    """

    unseen = "no state filter was sent"

    state: str
    with_row: frozenset[str]
    asked: Mapping[str, int]
    repeated: bool = False
    disagreement: Disagreement | None = None


class StatesSeen(Observation, frozen=True, kw_only=True):
    """Each agent's row, and for logged-out agents the exchange that says so."""

    unseen = "no state was requested"

    rows: Mapping[str, AgentState]
    logged_out: Mapping[str, int]
    came: tuple[RowsOf, ...] = ()
    """Exchanges with agents' first rows, in the order of `rows`."""

    def exchange_of(self, agent_id: str) -> int | None:
        """Return the exchange of an agent's first row, None if unknown."""
        place = next((place for place, known in enumerate(self.rows) if known == agent_id), -1)
        for came in self.came if place >= 0 else ():
            if place < came.agents:
                return came.exchange
            place -= came.agents
        return None


class Alone(StrEnum):
    """The response to a request for one agent."""

    ROW = "a row"
    NO_ROW = "no row"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not found"
    FAILED = "no usable answer"


class AskedAlone(Value, frozen=True, kw_only=True):
    """One agent without a row in the list of states, requested alone."""

    agent_id: str
    said: Alone
    exchange: int


class AgentsAskedAlone(Observation, frozen=True, kw_only=True):
    """Agents without a row in the list, each requested alone.

    `again` are one that was not refused and one that was, requested again if there are both; the refused one twice.
    """

    unseen = "no list of states was read"

    items: tuple[AskedAlone, ...] = ()
    again: tuple[AskedAlone, ...] = ()

    @property
    def refused_again(self) -> bool:
        """Whether repeating both requests changed nothing.

        The other agent was answered, and the refused one refused each time.
        """
        answered, refused = self.again[:1], self.again[1:]
        return (
            len(refused) > 1
            and all(one.said in (Alone.ROW, Alone.NO_ROW) for one in answered)
            and all(one.said is Alone.FORBIDDEN for one in refused)
        )

    def of(self, *answers: Alone) -> tuple[AskedAlone, ...]:
        """The agents whose request had one of these answers."""
        return tuple(item for item in self.items if item.said in answers)

    def are_listed(self, agents: Iterable[Agent]) -> bool:
        """Whether the list has rows of active agents who are logged out.

        Rows of inactive agents do not prove it: a server may have those and none for agents off shift. Nor does the row
        of an agent that was requested alone.
        """
        found = {item.agent_id for item in self.of(Alone.ROW)}
        return any(agent.active is True and agent.agent_id not in found for agent in agents)


class DeltaAsked(Observation, frozen=True, kw_only=True):
    """The states that changed since a moment (`updatedSince`), requested before all states.

    `since` is the moment as it was sent, `polled` when the server last looked at its agents, as its response says.
    `ahead` is by how many seconds `since` is later than that. Both are None if the response does not tell.
    """

    unseen = "no request with updatedSince was answered"

    since: str
    with_row: frozenset[str]
    exchange: int
    polled: str | None = None
    ahead: float | None = None
    repeated: bool = False
    """Whether the difference was confirmed. The changes, repeated twice, lacked the rows; all states had them again."""
    disagreement: Disagreement | None = None
