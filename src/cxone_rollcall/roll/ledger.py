"""What a run has learned so far. It can be read at any moment, also after an interruption."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from cxone_rollcall.client import Client
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.failure import Failure
from cxone_rollcall.model.observations.access import (
    AnswersDated,
    CompressionUndone,
    Throttling,
    TokenGranted,
    TokenRenewals,
    VersionsFallenBack,
)
from cxone_rollcall.model.observations.base import Failures, Observation, Selected
from cxone_rollcall.model.observations.roster import Irregular, RosterRead, RowsFound
from cxone_rollcall.model.observations.states import (
    AgentsAskedAlone,
    AskedAlone,
    Contradiction,
    DeltaAsked,
    PoisonedBatch,
    RowsOf,
    StatesAsked,
    StatesFiltered,
    StatesSeen,
)
from cxone_rollcall.model.state import AgentState, is_logged_out
from cxone_rollcall.model.struct import Record, field, replace
from cxone_rollcall.model.token import Token
from cxone_rollcall.roll.agent_search import is_like_an_id

if TYPE_CHECKING:
    from cxone_rollcall.roll.agent_search import Named


_OF_A_USER = ("userId", "icAgentId")
"""Claims that name a user; without a user, `sub` names the client."""


class Deviations(Record):
    """Usable responses that deviate from the API's documentation.

    The keys are the requested data ("roster", "states").
    """

    elsewhere: dict[str, Irregular] = field(default_factory=dict)
    no_content: dict[str, Irregular] = field(default_factory=dict)
    places: dict[int, str] = field(default_factory=dict)

    def note(self, asked: str, exchange: int, *, found_at: str | None, no_content: bool) -> None:
        """Count one response. The first of each kind is kept as evidence, and each place of rows."""
        if found_at is not None:
            self.places[exchange] = found_at
        for kind, where in ((self.elsewhere, found_at), (self.no_content, "" if no_content else None)):
            if where is not None:
                first = kind.get(asked, Irregular(exchange, where, 0))
                kind[asked] = first._replace(responses=first.responses + 1)


class Ledger:
    """A run's knowledge: requested agents, their rows or absences, and failures.

    Each called agent (`agents`) is in at most one of three mappings: in `rows` with its row, in `absent` with the
    exchange that shows its absence, or in `unconfirmed` with an exchange that had no row but does not prove absence.
    Agents in none of them were not answered. These mappings are read-only views: only `mark_present`, `mark_absent`,
    `mark_unconfirmed`, `retract`, `call` and `withdraw` change them.
    """

    def __init__(self) -> None:
        self._agents: dict[str, Agent] = {}
        self._rows: dict[str, AgentState] = {}
        self._absent: dict[str, int] = {}
        self._unconfirmed: dict[str, int] = {}
        self.retracted: set[str] = set()
        """Agents whose row was retracted after the watcher got it."""
        self.agents: Final = MappingProxyType(self._agents)
        self.rows: Final = MappingProxyType(self._rows)
        self.absent: Final = MappingProxyType(self._absent)
        self.unconfirmed: Final = MappingProxyType(self._unconfirmed)
        self._first_rows: list[RowsOf] = []
        self._logged_out_at: dict[str, int] = {}
        self.contradicted: dict[str, Contradiction] = {}
        """Agents with two rows of different states in one response."""
        self._watcher: Callable[[str], None] | None = None
        self.total: int | None = None
        """The server's own count of the roster."""
        self.asked_as: dict[str, str] = {}
        self.late: dict[str, int] = {}
        """Agents absent at first, present on a later request. Each with one of the exchanges that show it."""
        self.failures: list[Failure] = []
        self.asked_alone: list[AskedAlone] = []
        self.asked_alone_again: list[AskedAlone] = []
        self.delta: DeltaAsked | None = None
        self.oldest_poll: tuple[float, int] = (0.0, 0)
        """Age in seconds of the server's oldest agent data. With the exchange that shows it."""
        self.poll_is_dated = False
        self.polled: str | None = None
        """When the server last polled its agents (`lastPollTime`). As the first page of all states says it."""
        self.strangers: frozenset[str] = frozenset()
        """Agents in the list of states who are not on the roster."""
        self.poisoned: list[PoisonedBatch] = []
        self.deviations = Deviations()
        self.token: Token | None = None
        self.grant_type = "client_credentials"
        self.roster: RosterRead | None = None
        self.selected = Selected()
        self.filtered: StatesFiltered | None = None
        self.states = StatesAsked(exchange=0, batches=0, asked=0, rows=0)

    @property
    def owner(self) -> str | None:
        """The agent that the token names as its own."""
        return None if self.token is None else granted(self.token).agent_id

    @property
    def may_see_only_its_owner(self) -> bool:
        """Whether the account may see nobody but itself. The roster then has one agent, perhaps the token's own."""
        if self.roster is None or not self.roster.only_agent or self.token is None:
            return False
        if self.owner is not None:
            return self.owner == self.roster.only_agent
        return granted(self.token).has_user is not False and self.grant_type != "client_credentials"

    def watch(self, watcher: Callable[[str], None]) -> None:
        """Call `watcher` with each requested agent's id at its first row."""
        self._watcher = watcher

    def call(self, *agents: Agent) -> None:
        """Add agents to account for. An agent that is added twice counts once."""
        for agent in agents:
            self._agents.setdefault(agent.agent_id, agent)

    def call_named(self, named: Named) -> None:
        """Add the agents that the user named.

        Also ids that the roster does not have. A name that may be on an unread page is added too, to be unknown, if
        some of the roster was read.
        """
        unread = [typed for typed in named.unknown if self.roster is not None or is_like_an_id(typed)]
        for typed, agent in (*named.agents, *((typed, Agent(typed)) for typed in unread)):
            self.call(agent)
            self.asked_as.setdefault(agent.agent_id, typed)

    def withdraw(self, agent_id: str) -> None:
        """Remove an agent: it is not on the roster after all."""
        self._agents.pop(agent_id, None)

    def mark_present(self, *rows: AgentState, exchange: int) -> None:
        """Store rows of one exchange. The last row of an agent counts, and outweighs an absence."""
        known, already = self._rows, len(self._rows)
        new_ids = [row.agent_id for row in rows if row.agent_id not in known] if self._watcher is not None else ()
        known.update({row.agent_id: row for row in rows})
        for row in rows:
            self._absent.pop(row.agent_id, None)
            self._unconfirmed.pop(row.agent_id, None)
        self._logged_out_at.update({row.agent_id: exchange for row in rows if is_logged_out(row.state)})
        if came := len(known) - already:
            of_the_same = bool(self._first_rows) and self._first_rows[-1].exchange == exchange
            self._first_rows.append(RowsOf(exchange, came + (self._first_rows.pop().agents if of_the_same else 0)))
        for agent_id in new_ids:
            if self._watcher is not None and agent_id in self._agents and agent_id not in self.retracted:
                self._watcher(agent_id)

    def mark_absent(self, agent_ids: Iterable[str], exchange: int) -> None:
        """Mark agents as absent. `exchange` has no row of theirs, and can be trusted."""
        rows = self._rows
        missing = [one for one in agent_ids if one not in rows]
        self._absent.update(dict.fromkeys(missing, exchange))
        for agent_id in missing:
            self._unconfirmed.pop(agent_id, None)

    def mark_unconfirmed(self, agent_ids: Iterable[str], exchange: int | None = None) -> None:
        """Mark agents as unknown.

        `exchange` has no row of theirs, but may be incomplete. Without an exchange, those that are absent become
        unconfirmed, each with the exchange of its absence.
        """
        for agent_id in tuple(agent_ids):
            absent_in = self._absent.pop(agent_id, None)
            missing_in = absent_in if exchange is None else exchange
            if missing_in is not None and agent_id not in self._rows:
                self._unconfirmed[agent_id] = missing_in

    def name_sub_states(self, *rows: AgentState) -> None:
        """Replace rows by the same rows with a name as sub-state."""
        self._rows.update({row.agent_id: row for row in rows})

    def retract(self, agent_id: str) -> None:
        """Forget an agent's row: another row contradicts it."""
        if agent_id in self._rows:
            self._uncount(agent_id)
            del self._rows[agent_id]
            self.retracted.add(agent_id)
        self._logged_out_at.pop(agent_id, None)

    def _uncount(self, agent_id: str) -> None:
        """Take a row out of the count of its exchange. By these counts the exchange of each row is found."""
        # From the end: most rows are retracted soon after they came.
        later = next(later for later, known in enumerate(reversed(self._rows)) if known == agent_id)
        for index, came in reversed(list(enumerate(self._first_rows))):
            if later < came.agents:
                self._first_rows[index] = came._replace(agents=came.agents - 1)
                return
            later -= came.agents

    def note_contradiction(self, first: AgentState, second: AgentState, exchange: int, *, one_response: bool) -> None:
        """Note two rows of one agent with different states. The first contradiction is kept as evidence."""
        if first.state != second.state:
            states = f"{first.state} and {second.state}"
            self.contradicted.setdefault(first.agent_id, Contradiction(exchange, states, one_response))

    def fail(self, failure: Failure, agents: tuple[str, ...] = ()) -> None:
        """Note a request without a usable response. One failure of several batches is noted once, for all agents."""
        for index, known in enumerate(self.failures):
            if (known.kind, known.stage, known.exchange) == (failure.kind, failure.stage, failure.exchange):
                self.failures[index] = known.hitting((*known.agents, *agents))
                return
        self.failures.append(failure.hitting(agents))

    def note_poll(self, polled: float | None, now: float, exchange: int, *, dated: bool) -> None:
        """Note when the server last polled its agents. `now` is the earlier of both clocks."""
        if polled is not None and now - polled > self.oldest_poll[0]:
            self.oldest_poll = (now - polled, exchange)
            self.poll_is_dated = dated

    def report_states(self, **how: Any) -> None:
        """Note how the states of the requested agents were read."""
        self.states = replace(self.states, asked=len(self._agents), **how)

    def observe(self, client: Client) -> tuple[Observation, ...]:
        """Return the observations for the checks. What was never tried gives none."""
        pace = client.log.pace
        seen: list[Observation] = [
            self.selected,
            Failures(items=(*self.failures, *client.log.unanswered.values()), answered=client.log.answered),
            CompressionUndone(items=tuple(client.log.uncompressed)),
            RowsFound(
                elsewhere=self.deviations.elsewhere,
                no_content=self.deviations.no_content,
                places=self.deviations.places,
            ),
            client.contract.tokens.roles,
        ]
        if client.contract.lists_states:
            seen.append(VersionsFallenBack(items=tuple(client.log.fallbacks)))
        if self.token is not None:
            seen.append(granted(self.token))
            seen.append(
                AnswersDated(
                    ahead=client.server_clock.ahead,
                    ahead_exchange=self.token.exchange,
                    age=client.log.oldest_answer[0],
                    age_exchange=client.log.oldest_answer[1],
                    now=client.server_clock.now(),
                    poll_age=self.oldest_poll[0],
                    poll_exchange=self.oldest_poll[1],
                    poll_is_dated=self.poll_is_dated,
                )
            )
            seen.append(TokenRenewals(healed=tuple(client.log.healed_tokens)))
        if self.roster is not None:
            seen.append(self.roster)
        if self.states.batches:
            seen.append(
                replace(
                    self.states,
                    rows=len(self._rows),
                    absent=self._absent,
                    unvouched=tuple(self._unconfirmed),
                    unvouched_exchange=next(iter(self._unconfirmed.values()), 0),
                    missing_in=self._unconfirmed,
                    poisoned=tuple(self.poisoned),
                    contradicted=self.contradicted,
                    late=self.late,
                )
            )
            seen.append(StatesSeen(rows=self._rows, logged_out=self._logged_out_at, came=tuple(self._first_rows)))
            if self.states.listed:
                seen.append(AgentsAskedAlone(items=tuple(self.asked_alone), again=tuple(self.asked_alone_again)))
        if self.delta is not None:
            seen.append(self.delta)
        if self.filtered is not None:
            seen.append(self.filtered)
        exchange, retry_after = client.log.last_throttle
        seen.append(
            Throttling(
                count=pace.throttled,
                exchange=exchange,
                seconds_waited=pace.seconds_paused,
                requests_per_second=pace.answers_per_second,
                retry_after=retry_after,
                pending=client.log.throttled_now,
            )
        )
        return tuple(seen)


def granted(token: Token) -> TokenGranted:
    """A token's own claims as an observation for the checks."""
    claims = {**token.id_claims, **token.claims}
    tenant = claims.get("tenantId", claims.get("tenant"))
    owner = claims.get("icAgentId")
    return TokenGranted(
        exchange=token.exchange,
        scopes=None if token.scopes is None else tuple(sorted(token.scopes)),
        tenant=tenant if isinstance(tenant, str) else None,
        agent_id=str(owner) if isinstance(owner, str | int) and not isinstance(owner, bool) and owner else None,
        has_user=any(claims.get(name) for name in _OF_A_USER) if claims else None,
        status=token.status,
    )
