"""What a run has learned so far: written by those who ask, read at any moment, also when the run was cut short."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cxone_rollcall.model.observations.access import (
    AnswersDated,
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

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cxone_rollcall.client import Client
    from cxone_rollcall.model.agent import Agent
    from cxone_rollcall.model.failure import Failure
    from cxone_rollcall.model.token import Token
    from cxone_rollcall.roll.selection import Selection


_OF_A_USER = ("userId", "icAgentId")
"""The claims that name somebody; `sub` names a client where there is nobody."""


class Deviations(Record):
    """Answers that were read although they were not as the contract has them, by what was asked."""

    elsewhere: dict[str, Irregular] = field(default_factory=dict)
    no_content: dict[str, Irregular] = field(default_factory=dict)

    def note(self, asked: str, exchange: int, *, found_at: str | None, no_content: bool) -> None:
        """Count one answer; the first of each kind is kept as the evidence."""
        for kind, seen, where in (
            (self.elsewhere, found_at is not None, found_at or ""),
            (self.no_content, no_content, ""),
        ):
            if seen:
                first = kind.get(asked, Irregular(exchange, where, 0))
                kind[asked] = first._replace(responses=first.responses + 1)


class Ledger:
    """The open account of a run: the agents called, the rows they got, and all that went wrong.

    An agent is in `rows` with what the API said, in `absent` with the exchange that vouches for the absence, or
    in neither: then nothing is known. A row always outweighs an absence. Agents in `disputed` had a row that is no
    longer believed.
    """

    def __init__(self) -> None:
        self.agents: dict[str, Agent] = {}
        self.total: int | None = None
        self.asked_as: dict[str, str] = {}
        self.rows: dict[str, AgentState] = {}
        self._came: list[RowsOf] = []
        self.stray_rows: dict[str, AgentState] = {}
        self.logged_out_at: dict[str, int] = {}
        self.absent: dict[str, int] = {}
        self.unvouched: dict[str, int] = {}
        self.late: dict[str, int] = {}
        self.contradicted: dict[str, Contradiction] = {}
        self.failures: list[Failure] = []
        self.asked_alone: list[AskedAlone] = []
        self.delta: DeltaAsked | None = None
        self.oldest_poll: tuple[float, int] = (0.0, 0)
        self.poisoned: list[PoisonedBatch] = []
        self.deviations = Deviations()
        self.token: Token | None = None
        self.disputed: set[str] = set()
        self._watcher: Callable[[str], None] | None = None
        self.roster: RosterRead | None = None
        self.selected = Selected()
        self.filtered: StatesFiltered | None = None
        self.states = StatesAsked(exchange=0, batches=0, asked=0, rows=0)

    @property
    def owner(self) -> str | None:
        """The agent whom the token names as its own."""
        return None if self.token is None else granted(self.token).agent_id

    def fail(self, failure: Failure, agents: tuple[str, ...] = ()) -> None:
        """Note a request without a usable answer; the same failure of several batches is one, about all of them."""
        for index, known in enumerate(self.failures):
            if (known.kind, known.stage, known.exchange) == (failure.kind, failure.stage, failure.exchange):
                self.failures[index] = known.hitting((*known.agents, *agents))
                return
        self.failures.append(failure.hitting(agents))

    def watch(self, watcher: Callable[[str], None]) -> None:
        """Call `watcher` with the id of each agent on the account when that agent's first row has come."""
        self._watcher = watcher

    def withdraw(self, agent_id: str) -> None:
        """Take an agent off the account: it is not on the roster after all."""
        self.agents.pop(agent_id, None)

    def keep(self, *rows: AgentState, exchange: int) -> None:
        """Keep rows of one exchange: the last one of an agent counts."""
        known, already = self.rows, len(self.rows)
        news = [row.agent_id for row in rows if row.agent_id not in known] if self._watcher is not None else ()
        known.update({row.agent_id: row for row in rows})
        self.logged_out_at.update({row.agent_id: exchange for row in rows if is_logged_out(row.state)})
        if came := len(known) - already:
            of_the_same = bool(self._came) and self._came[-1].exchange == exchange
            self._came.append(RowsOf(exchange, came + (self._came.pop().agents if of_the_same else 0)))
        for agent_id in news:
            if self._watcher is not None and agent_id in self.agents and agent_id not in self.disputed:
                self._watcher(agent_id)

    def _absent(self) -> dict[str, int]:
        """Return who is absent; a row outweighs that."""
        if self.absent.keys().isdisjoint(self.rows):
            return self.absent
        return {one: exchange for one, exchange in self.absent.items() if one not in self.rows}

    def doubt(self, agent_ids: Iterable[str]) -> None:
        """Call nobody of these absent any more: nothing vouches for it."""
        for agent_id in tuple(agent_ids):
            if agent_id in self.absent:
                self.unvouched[agent_id] = self.absent.pop(agent_id)

    def forget(self, agent_id: str) -> None:
        """Know nothing of an agent's state any more: its rows contradict each other, and one may be handed on."""
        if self.rows.pop(agent_id, None) is not None:
            self.disputed.add(agent_id)
        self.logged_out_at.pop(agent_id, None)

    def call(self, *agents: Agent, selection: Selection) -> None:
        """Put agents on the account; the same agent twice is one."""
        for agent in agents:
            self.agents.setdefault(agent.agent_id, agent)
        for agent in agents if selection.agents else ():
            typed = selection.named(agent)
            if typed:
                self.asked_as[agent.agent_id] = typed[0]

    def note_poll(self, polled: float | None, now: float, exchange: int) -> None:
        """Note how long ago, at the least, the server looked at its agents; `now` is the earlier of both clocks."""
        if polled is not None and now - polled > self.oldest_poll[0]:
            self.oldest_poll = (now - polled, exchange)

    def report_states(self, **how: Any) -> None:
        """Say how the states were asked; whom they were asked for is on the account."""
        self.states = replace(self.states, asked=len(self.agents), **how)

    def observe(self, client: Client) -> tuple[Observation, ...]:
        """Return what was seen, as facts for the checks; what was never tried gives no fact."""
        pace = client.log.pace
        seen: list[Observation] = [
            self.selected,
            Failures(items=tuple(self.failures), answered=client.log.answered),
            RowsFound(elsewhere=self.deviations.elsewhere, no_content=self.deviations.no_content),
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
                )
            )
            seen.append(TokenRenewals(healed=tuple(client.log.healed_tokens)))
        if self.roster is not None:
            seen.append(self.roster)
        if self.states.batches:
            seen.append(
                replace(
                    self.states,
                    rows=len(self.rows),
                    absent=self._absent(),
                    unvouched=tuple(self.unvouched),
                    unvouched_exchange=next(iter(self.unvouched.values()), 0),
                    poisoned=tuple(self.poisoned),
                    contradicted=self.contradicted,
                    late=self.late,
                )
            )
            seen.append(StatesSeen(rows=self.rows, logged_out=self.logged_out_at, came=tuple(self._came)))
            if self.states.listed:
                seen.append(AgentsAskedAlone(items=tuple(self.asked_alone)))
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
            )
        )
        return tuple(seen)


def granted(token: Token) -> TokenGranted:
    """Return what a token says of itself, as a fact for the checks."""
    claims = {**token.id_claims, **token.claims}
    tenant = claims.get("tenantId", claims.get("tenant"))
    owner = claims.get("icAgentId")
    return TokenGranted(
        exchange=token.exchange,
        scopes=None if token.scopes is None else tuple(sorted(token.scopes)),
        tenant=tenant if isinstance(tenant, str) else None,
        agent_id=str(owner) if isinstance(owner, str | int) and not isinstance(owner, bool) and owner else None,
        has_user=any(claims.get(name) for name in _OF_A_USER) if claims else None,
    )
