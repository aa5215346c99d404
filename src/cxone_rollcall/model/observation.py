"""What the run saw of the world, as typed facts. Checks judge these and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from cxone_rollcall.model.failure import Failure
from cxone_rollcall.model.state import LOGGED_IN_STATES, AgentState
from cxone_rollcall.model.value import Value, field


class Observation(Value, frozen=True, kw_only=True):
    """The root of all facts."""


class Selected(Observation, frozen=True, kw_only=True):
    """What the user's own options made of the roster.

    `dropped` are the ids of agents that `--agent` named and `--team` removed, `unknown` what was typed and is on
    no page of the roster.
    """

    agents: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    state: str | None = None
    roster: int = 0
    kept: int = 0
    dropped: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    teams_seen: tuple[str, ...] = ()
    exchange: int = 0


class TokenGranted(Observation, frozen=True, kw_only=True):
    """A token was granted. `scopes` is None where they cannot be read."""

    exchange: int
    scopes: tuple[str, ...] | None
    tenant: str | None = None
    """The tenant that the token's claims name."""
    agent_id: str | None = None
    """The agent whom the token's claims name as its owner."""
    has_user: bool | None = None
    """Whether the claims name a user or an agent; None where the token has no claims that can be read."""


class RolesTried(Observation, frozen=True, kw_only=True):
    """A refused client and access key, asked once more with their roles exchanged: what was granted, if anything.

    `client_is_key` tells that what is set as the client was taken as an access key, `key_is_client` that what is set
    as the access key was taken as the client. `exchange` is 0 where nothing was asked so.
    """

    exchange: int = 0
    client_is_key: bool = False
    key_is_client: bool = False


class TokenRenewals(Observation, frozen=True, kw_only=True):
    """Tokens refused with 401 in mid-run, after successes, that a new one healed: (refused, renewed by) exchanges."""

    healed: tuple[tuple[int, int], ...]


class Failures(Observation, frozen=True, kw_only=True):
    """Every request without a usable answer, in the order of the road: token, roster, states."""

    items: tuple[Failure, ...]
    answered: int = 0
    """How many requests of the API itself (roster, states) had a usable answer."""


class Throttling(Observation, frozen=True, kw_only=True):
    """429 answers: how many, the first and last exchange, and the pace that the server then allowed."""

    count: int
    exchange: int
    seconds_waited: float
    requests_per_second: float
    retry_after: str | None


class AnswersDated(Observation, frozen=True, kw_only=True):
    """What the answers' headers say of time, in seconds.

    `ahead` is how far the server's `Date` is ahead of this machine's clock, in the token's answer; None where it
    gave none. `age` is the greatest `Age` of an answer for the roster or for states, 0 where none was given.
    """

    ahead: float | None
    ahead_exchange: int
    age: float
    age_exchange: int
    now: float | None = None
    """The server's time when this was noted, seconds since the epoch; ours where the server does not tell its own."""
    poll_age: float = 0.0
    """How much older than the answer that says it the server's last look at its agents is (`lastPollTime`)."""
    poll_exchange: int = 0


class RowsFound(Observation, frozen=True, kw_only=True):
    """Rows that stood elsewhere than the contract puts them, or answers that were empty where rows were asked.

    `elsewhere` and `no_content` map what was asked ("roster", "states") to (exchange, where it stood, how often).
    """

    elsewhere: Mapping[str, tuple[int, str, int]] = field(default_factory=dict)
    no_content: Mapping[str, tuple[int, str, int]] = field(default_factory=dict)


class RosterRead(Observation, frozen=True, kw_only=True):
    """The roster was read (pages, rows, unique agents, and what the server said of itself).

    `total` is the server's own count on its last page, None where it gave none. `capped` is the page size it
    really gives where that is less than what was asked. `from_zero` counts the agents that only page 0 held.
    `settled` tells whether the last two readings agree, or one reading was without contradiction.
    """

    exchange: int
    first_exchange: int
    pages: int
    agents: int
    total: int | None
    page_size: int
    capped: int | None = None
    from_zero: int = 0
    zero_exchange: int = 0
    repeated: int = 0
    repeat_exchange: int = 0
    totals: tuple[int, ...] = ()
    readings: int = 1
    settled: bool = True
    unnamed_rows: int = 0
    failed_pages: int = 0
    remarked: Mapping[str, int] = field(default_factory=dict)
    """Agents whom the roster calls inactive, or whose last login is empty: the exchange of their page."""
    cut_short: bool = False
    """Whether the run ended in the middle of the reading: nothing is said of what its pages lack."""
    hidden: int = 0
    """How many agents the server says that it withholds from this caller, in `hidden_exchange`."""
    hidden_exchange: int = 0


class PoisonedBatch(Observation, frozen=True, kw_only=True):
    """A batch that answered nothing, isolated to one id by bisection; `healed` agents answered without it.

    `status` is what the batch was answered with, `alone_exchange` the id asked by itself, or with a canary only.
    """

    agent_id: str
    batch_exchange: int
    alone_exchange: int
    status: int
    healed: int


class StatesAsked(Observation, frozen=True, kw_only=True):
    """Every agent's state was asked, by id or as one list: requests, rows, and what was healed on the way.

    `listed` tells that the states of everybody were read as a list. `absent` maps each agent without a row in a
    vouched answer to that answer's exchange. `unvouched` agents had no row in an answer that nothing vouches for.
    """

    exchange: int
    batches: int
    asked: int
    rows: int
    absent: Mapping[str, int] = field(default_factory=dict)
    listed: bool = False
    lists_logged_out: bool = False
    """Whether that list has rows of agents who are logged out: then each agent should have a row."""
    unvouched: tuple[str, ...] = ()
    unvouched_exchange: int = 0
    too_many: tuple[int, int, int, int] | None = None
    """(ids refused, status, ids a request that it took, exchange refused)"""
    cut: tuple[int, int, int, int] | None = None
    """(rows at most, exchange that was cut, exchange that showed the rest, agents found)"""
    separator: tuple[str, str, int, int] | None = None
    """(misread, read, exchange without a row, exchange with rows)"""
    poisoned: tuple[PoisonedBatch, ...] = ()
    unasked_rows: int = 0
    unasked_exchange: int = 0
    unasked_agent: str = ""
    contradicted: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    """Agents with two rows of different states in one answer: (exchange, "Busy and Break")."""
    late: Mapping[str, int] = field(default_factory=dict)
    """Agents absent at first and present when asked again: the exchange that had their row."""
    ignored_exchange: int = 0
    """The exchange in which a made-up id got the answer of real ones: ids are not read here. 0 where they are."""
    ignored_rows: int = 0


class StatesFiltered(Observation, frozen=True, kw_only=True):
    """The same agents asked with a state filter: which of them had a row, and the exchange of each batch."""

    state: str
    with_row: frozenset[str]
    asked: Mapping[str, int]


class StatesSeen(Observation, frozen=True, kw_only=True):
    """The rows as said: each agent's state, and for those logged out the exchange that said so."""

    rows: Mapping[str, AgentState]
    logged_out: Mapping[str, int]
    came: tuple[tuple[int, int], ...] = ()
    """In which exchange the rows first came: (exchange, how many of them), in the order of `rows`."""

    def exchange_of(self, agent_id: str) -> int | None:
        """Return the exchange in which an agent's row first came, None where that was not noted."""
        place = next((place for place, known in enumerate(self.rows) if known == agent_id), -1)
        for exchange, count in self.came if place >= 0 else ():
            if place < count:
                return exchange
            place -= count
        return None


class Alone(StrEnum):
    """What was answered when one agent was asked for by itself."""

    ROW = "a row"
    NO_ROW = "no row"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not found"
    FAILED = "no usable answer"


class AskedAlone(Value, frozen=True, kw_only=True):
    """One agent without a row in the list of states, asked for by itself."""

    agent_id: str
    said: Alone
    exchange: int


class AgentsAskedAlone(Observation, frozen=True, kw_only=True):
    """Some of the agents without a row in the list of states, each asked for by itself; none where nobody was."""

    items: tuple[AskedAlone, ...] = ()


class DeltaAsked(Observation, frozen=True, kw_only=True):
    """The states that changed since a moment (`updatedSince`), asked before all of them: who had a row in it.

    `since` is the moment as it was sent, `polled` the server's last look at its agents as the answer says it (None
    where it says none), and `ahead` how many seconds `since` is later than that, None where it cannot be told.
    """

    since: str
    with_row: frozenset[str]
    exchange: int
    polled: str | None = None
    ahead: float | None = None


class VersionFallback(Value, frozen=True, kw_only=True):
    """A path that this API version does not serve (404) and an older one does."""

    path: str
    refused: str
    refused_exchange: int
    served: str
    served_exchange: int


class VersionsFallenBack(Observation, frozen=True, kw_only=True):
    """The paths that were read in an older API version than the newest, because that one is not served there."""

    items: tuple[VersionFallback, ...] = ()


class TenantAsked(Observation, frozen=True, kw_only=True):
    """Which tenant was asked, and how: what the settings say, without any secret; `instance` is host[:port].

    `hints` are remarks on the settings that matter only when the client is refused ("the secret ends with a blank").
    """

    instance: str
    contract: str
    grant_type: str
    roster_scope: str
    states_scope: str
    roster_rows: str = "/entities"
    """JSON pointer of the rows of the roster, as this contract has it."""
    states_rows: str = "/entities"
    known_states: tuple[str, ...] = LOGGED_IN_STATES
    """The names of logged-in states that this contract knows."""
    chosen: str = ""
    """Why this contract was chosen, "" where the settings name it."""
    pinned_version: str | None = None
    """The API version that the settings pin."""
    tenant_id: str | None = None
    """The tenant that the settings pin."""
    hints: tuple[str, ...] = ()
