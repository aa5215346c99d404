"""Asking states by id, in batches: what one batch's answer says, and how a batch that is refused is split."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rollcall.errors import RequestFailed
from rollcall.model.failure import Failure, FailureKind
from rollcall.model.observation import PoisonedBatch, StatesFiltered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rollcall.client import Client
    from rollcall.model.state import AgentState
    from rollcall.roll.ledger import Ledger

FAILURES_IN_A_ROW = 4
"""After so many failed batches and not one good answer, the rest is not asked: it would only hit the server more."""

_SPLITTABLE = frozenset({FailureKind.TOO_LARGE, FailureKind.REJECTED, FailureKind.NOT_FOUND})


@dataclass(frozen=True, slots=True)
class Batch:
    """Ids that were asked for in one request which had an answer, and how many of them had a row."""

    agent_ids: tuple[str, ...]
    rows: int
    exchange: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What one request said of the ids that it asked for.

    `named` are all ids that have a row, asked for or not. `readable` is False where a row could not be told: then
    what has no row is not absent.
    """

    batch: Batch
    rows: dict[str, AgentState]
    named: frozenset[str]
    readable: bool

    @property
    def without_row(self) -> tuple[str, ...]:
        """The ids asked for that have no row."""
        return tuple(agent_id for agent_id in self.batch.agent_ids if agent_id not in self.rows)

    @property
    def vouched(self) -> bool:
        """Absence needs a witness: a row of an id that was asked for, in an answer that was read whole."""
        return self.readable and bool(self.rows)


@dataclass(slots=True)
class _Split:
    """What the halving of one refused batch found."""

    largest: int = 0
    answered: int = 0
    alone: list[tuple[str, Failure]] = field(default_factory=list)


class Asking:
    """Asks batches of ids, keeps every answer in the ledger, and the batches without a witness for later.

    `size` is how many ids a request may hold; it shrinks where the server turns out to take fewer.
    """

    def __init__(self, client: Client, ledger: Ledger, *, state: str | None, progress: Callable[[], None]) -> None:
        self.client = client
        self.ledger = ledger
        self.size = client.contract.largest_batch
        self.batches: list[Batch] = []
        self.silent: list[Batch] = []
        self.fullest_with_strays: frozenset[str] = frozenset()
        self._state = state
        self._progress = progress
        self._with_row: set[str] = set()
        self._asked_filtered: dict[str, int] = {}
        self._requests = 0
        self._last_exchange = 0
        self._failures_in_a_row = 0
        self._given_up: Failure | None = None
        self._splitting = asyncio.Lock()

    async def ask(self, agent_ids: Sequence[str]) -> None:
        """Ask one batch and keep what it says; with a state filter, first filtered and then, who is left, without."""
        if self._state is not None:
            agent_ids = await self._ask_filtered(agent_ids, self._state)
        for piece in _cut(agent_ids, self.size):
            answer = await self.request(piece)
            if isinstance(answer, Answer):
                self.take(answer)
            elif answer.kind in _SPLITTABLE and len(piece) > 1:
                await self._split(piece, answer)
            else:
                self.ledger.fail(answer, piece)
        self._progress()

    async def request(self, agent_ids: Sequence[str], *, state: str | None = None) -> Answer | Failure:
        """Send one request and read what it says of these ids; a failure is returned, not kept."""
        asked = tuple(agent_ids)
        if self._given_up is not None:
            return self._given_up
        self._requests += 1
        try:
            answered = await self.client.states(asked, state=state)
        except RequestFailed as failed:
            failure = failed.failure
            self._failures_in_a_row += failure.kind not in _SPLITTABLE or len(asked) == 1
            if self._failures_in_a_row >= FAILURES_IN_A_ROW and not self._last_exchange:
                self._given_up = failure
            return failure
        self._failures_in_a_row = 0
        self._last_exchange = answered.exchange
        value = answered.value
        self.ledger.oddities.note("states", answered.exchange, found_at=value.found_at, no_content=value.no_content)
        wanted = frozenset(asked)
        rows: dict[str, AgentState] = {}
        for row in value.rows:
            if row.agent_id in rows:
                self._note_second_row(rows[row.agent_id], row, answered.exchange)
            elif row.agent_id in wanted:
                rows[row.agent_id] = row
            else:
                self._keep_stray(row, answered.exchange)
        named = frozenset(row.agent_id for row in value.rows)
        if len(named) > max(len(rows), len(self.fullest_with_strays)):
            self.fullest_with_strays = named
        return Answer(Batch(asked, len(rows), answered.exchange), rows, named, readable=value.unnamed == 0)

    def take(self, answer: Answer) -> None:
        """Keep an answer's rows; who has none is absent if the answer is vouched for, else left for later."""
        self.keep_rows(answer)
        if answer.vouched:
            self.batches.append(answer.batch)
            self.mark_absent(answer)
        else:
            self.silent.append(replace(answer.batch, agent_ids=answer.without_row))

    def keep_rows(self, answer: Answer) -> None:
        """Keep the rows of an answer, whatever they vouch for."""
        for row in answer.rows.values():
            if row.agent_id in self.ledger.agents:
                self.ledger.keep(row, answer.batch.exchange)

    def mark_absent(self, answer: Answer) -> None:
        """Call absent whoever was asked for in this vouched answer and has no row."""
        for agent_id in answer.without_row:
            self.ledger.absent[agent_id] = answer.batch.exchange

    def report(self) -> None:
        """Say in the ledger how the asking went; a row that nobody asked for is still what the API says."""
        ledger = self.ledger
        for agent_id, row in ledger.stray_rows.items():
            if agent_id in ledger.agents and agent_id not in ledger.rows:
                ledger.keep(row, ledger.states.unasked_exchange)
        ledger.states = replace(
            ledger.states, exchange=self._last_exchange, batches=self._requests, asked=len(ledger.agents)
        )
        if self._state is not None:
            ledger.filtered = StatesFiltered(
                state=self._state, with_row=frozenset(self._with_row), asked=self._asked_filtered
            )

    async def _ask_filtered(self, agent_ids: Sequence[str], state: str) -> list[str]:
        answer = await self.request(agent_ids, state=state)
        if isinstance(answer, Failure):
            return list(agent_ids)  # the question without the filter decides; its failure would be kept
        self.keep_rows(answer)
        self._with_row.update(answer.rows)
        self._asked_filtered.update(dict.fromkeys(answer.batch.agent_ids, answer.batch.exchange))
        return list(answer.without_row)

    async def _split(self, agent_ids: tuple[str, ...], refusal: Failure) -> None:
        """Find out what in a refused batch is refused: its size, one id in it, or the question as such."""
        async with self._splitting:  # one at a time: the next one may already know better
            if len(agent_ids) > self.size:
                for piece in _cut(agent_ids, self.size):
                    answer = await self.request(piece)
                    if isinstance(answer, Answer):
                        self.take(answer)
                    else:
                        self.ledger.fail(answer, piece)
                return
            if refusal.kind is not FailureKind.TOO_LARGE and await self._refused_as_such(agent_ids):
                self.ledger.fail(refusal, agent_ids)
                return
            found = _Split()
            await self._halve(agent_ids, found)
        for agent_id, failure in found.alone:
            if not found.answered:
                self.ledger.fail(failure, (agent_id,))
            else:
                self.ledger.poisoned.append(
                    PoisonedBatch(
                        agent_id=agent_id,
                        batch_exchange=refusal.exchange,
                        alone_exchange=failure.exchange,
                        status=refusal.status or 0,
                        healed=found.answered,
                    )
                )
        if found.largest and not found.alone:
            self.size = min(self.size, found.largest)
            too_many = (len(agent_ids), refusal.status or 0, found.largest, refusal.exchange)
            self.ledger.states = replace(self.ledger.states, too_many=too_many)

    async def _refused_as_such(self, agent_ids: tuple[str, ...]) -> bool:
        """Tell whether any question is refused: nothing was ever answered, nor are the first and the last id alone."""
        if self._last_exchange:
            return False
        for agent_id in (agent_ids[0], agent_ids[-1]):
            if isinstance(await self.request((agent_id,)), Answer):
                return False
        return True

    async def _halve(self, agent_ids: tuple[str, ...], found: _Split) -> None:
        for half in halves(agent_ids):
            answer = await self.request(half)
            if isinstance(answer, Answer):
                self.take(answer)
                found.largest = max(found.largest, len(half))
                found.answered += len(half)
            elif answer.kind not in _SPLITTABLE:
                self.ledger.fail(answer, half)
            elif len(half) > 1:
                await self._halve(half, found)
            else:
                found.alone.append((half[0], answer))

    def _note_second_row(self, first: AgentState, second: AgentState, exchange: int) -> None:
        if first.state != second.state:
            said = f"{first.state} and {second.state}"
            self.ledger.contradicted.setdefault(first.agent_id, (exchange, said))

    def _keep_stray(self, row: AgentState, exchange: int) -> None:
        self.ledger.stray_rows.setdefault(row.agent_id, row)
        states = self.ledger.states
        self.ledger.states = replace(
            states,
            unasked_rows=states.unasked_rows + 1,
            unasked_exchange=states.unasked_exchange or exchange,
            unasked_agent=states.unasked_agent or row.agent_id,
        )


def halves(agent_ids: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Cut a batch in two; the first half is the longer one where the count is odd."""
    middle = (len(agent_ids) + 1) // 2
    return agent_ids[:middle], agent_ids[middle:]


def _cut(agent_ids: Sequence[str], size: int) -> Iterator[tuple[str, ...]]:
    for start in range(0, len(agent_ids), size):
        yield tuple(agent_ids[start : start + size])
