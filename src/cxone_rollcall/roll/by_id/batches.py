"""Asking states by id, in batches: what one batch's answer says, and whether one is refused for its size."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.failure import Failure, FailureKind, Stage
from cxone_rollcall.model.observations.states import BatchLimit, Contradiction, StatesFiltered
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.struct import Value, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from cxone_rollcall.client import Client
    from cxone_rollcall.roll.ledger import Ledger

FAILURES_IN_A_ROW = 4
"""After so many failed batches and not one good answer, the rest is not asked: it would only hit the server more."""

SPLITTABLE = frozenset({FailureKind.TOO_LARGE, FailureKind.REJECTED, FailureKind.NOT_FOUND})
"""Refusals that may be meant for a part of a batch, or for its size."""


class Batch(Value, frozen=True):
    """Ids that were asked for in one request which had an answer, and how many of them had a row.

    The first row is that of the id at `first`, the last that of the one before `end`; both 0 where there is none.
    """

    agent_ids: tuple[str, ...]
    rows: int
    exchange: int
    first: int = 0
    end: int = 0


class Refused(NamedTuple):
    """Ids whose batch was refused, in a size that others were taken in."""

    agent_ids: tuple[str, ...]
    failure: Failure


class Answer(Value, frozen=True):
    """What one request said of the ids that it asked for.

    `named` are all ids that have a row, asked for or not; `disputed` those whose rows disagree about being logged
    in, so that nothing is known of them. `complaint` says why the answer is not whole, "" where it is: then what
    has no row is not absent.
    """

    batch: Batch
    rows: dict[str, AgentState]
    named: frozenset[str]
    disputed: frozenset[str]
    complaint: str
    owner: str | None = None
    """The token's own agent, whom everybody may see: its row is no witness for the others."""

    @property
    def without_row(self) -> tuple[str, ...]:
        """The ids asked for that have no row."""
        known = self.disputed.union(self.rows)
        return tuple([agent_id for agent_id in self.batch.agent_ids if agent_id not in known])

    @property
    def vouched(self) -> bool:
        """Absence needs a witness: a row of an id that was asked for, in an answer that was read whole."""
        return not self.complaint and bool(self.rows.keys() - {self.owner})


class Asking:
    """Asks batches of ids, keeps every answer in the ledger, and for later what is refused or has no witness.

    `size` is how many ids a request may hold; it shrinks where the server turns out to take fewer.
    """

    def __init__(self, client: Client, ledger: Ledger, *, state: str | None, progress: Callable[[], None]) -> None:
        self.client = client
        self.ledger = ledger
        self.size = client.by_id.largest_batch
        self.owner = ledger.owner
        self.batches: list[Batch] = []
        self.silent: list[Batch] = []
        self.control: Batch | None = None
        """What was asked of agents known to have a row alone, while the last batches were under way.

        It has no rows before it is answered, nor where that answer cannot be used.
        """
        self.refused: list[Refused] = []
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
        for piece in self._batches(agent_ids):
            await self._ask_piece(piece)
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
            self._failures_in_a_row += failure.kind not in SPLITTABLE or len(asked) == 1
            if self._failures_in_a_row >= FAILURES_IN_A_ROW and not self._last_exchange:
                self._given_up = failure
            return failure
        self._failures_in_a_row, self._given_up = 0, None
        self._last_exchange = answered.exchange
        value = answered.value
        self.ledger.deviations.note("states", answered.exchange, found_at=value.found_at, no_content=value.no_content)
        wanted = frozenset(asked)
        rows: dict[str, AgentState] = {row.agent_id: row for row in value.rows}
        disputed: set[str] = set()
        odd = value.rows if len(rows) < len(value.rows) or not wanted.issuperset(rows) else ()
        if odd:
            rows.clear()
        for row in _spelt_as_asked(odd, wanted):
            if row.agent_id in rows:
                self._note_second_row(rows[row.agent_id], row, answered.exchange)
                if rows[row.agent_id].logged_in is not row.logged_in:
                    disputed.add(row.agent_id)
            elif row.agent_id in wanted:
                rows[row.agent_id] = row
            else:
                self._keep_stray(row, answered.exchange)
        named = frozenset([row.agent_id for row in value.rows])
        if len(named) > max(len(rows), len(self.fullest_with_strays)):
            self.fullest_with_strays = named
        for agent_id in disputed:
            del rows[agent_id]
        first = next((place for place, agent_id in enumerate(asked) if agent_id in rows), 0)
        after = next((place for place, agent_id in enumerate(reversed(asked)) if agent_id in rows), len(asked))
        batch = Batch(asked, len(rows), answered.exchange, first, len(asked) - after)
        answer = Answer(batch, rows, named, frozenset(disputed), value.complaint, self.owner)
        if value.complaint and state is None:  # the question without the filter decides
            self._note_complaint(answer)
        return answer

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
        called = self.ledger.agents
        rows = [row for row in answer.rows.values() if row.agent_id in called]
        self.ledger.keep(*rows, exchange=answer.batch.exchange)

    def mark_absent(self, answer: Answer) -> None:
        """Call absent whoever was asked for in this vouched answer and has no row."""
        self.ledger.absent.update(dict.fromkeys(answer.without_row, answer.batch.exchange))

    def report(self, *, settled: bool) -> None:
        """Say in the ledger how the asking went; a row that nobody asked for is still what the API says.

        Before it was `settled` whether the server answers every id of a request, who has no row may have been cut off.
        """
        ledger = self.ledger
        if not settled:
            ledger.doubt(ledger.absent)
        for agent_id, row in ledger.stray_rows.items():
            if agent_id in ledger.agents and agent_id not in ledger.rows:
                ledger.keep(row, exchange=ledger.states.unasked_exchange)
        ledger.states = replace(
            ledger.states, exchange=self._last_exchange, batches=self._requests, asked=len(ledger.agents)
        )
        if self._state is not None:
            ledger.filtered = StatesFiltered(
                state=self._state, with_row=frozenset(self._with_row), asked=self._asked_filtered
            )

    async def _ask_piece(self, agent_ids: tuple[str, ...]) -> None:
        answer = await self.request(agent_ids)
        if isinstance(answer, Answer):
            self.take(answer)
        elif answer.kind not in SPLITTABLE:
            self.ledger.fail(answer, agent_ids)
        elif len(agent_ids) > 1:
            await self._split(agent_ids, answer)
        else:
            self.refused.append(Refused(agent_ids, answer))

    def _batches(self, agent_ids: Sequence[str]) -> Iterator[tuple[str, ...]]:
        return self.client.by_id.batches(agent_ids, self.size, separator=self.client.separator)

    async def _ask_filtered(self, agent_ids: Sequence[str], state: str) -> list[str]:
        answer = await self.request(agent_ids, state=state)
        if isinstance(answer, Failure):
            return list(agent_ids)  # the question without the filter decides; its failure would be kept
        self.keep_rows(answer)
        self._with_row.update(answer.rows)
        if not answer.complaint:  # else who has no row may have been left out by something else than the filter
            self._asked_filtered.update(dict.fromkeys(answer.batch.agent_ids, answer.batch.exchange))
        return list(answer.without_row)

    async def _split(self, agent_ids: tuple[str, ...], refusal: Failure) -> None:
        """Find out whether a refused batch is refused for its size."""
        async with self._splitting:  # one at a time: the next one may already know better
            if len(agent_ids) <= self.size:
                await self._halve(agent_ids, refusal)
                return
        for piece in self._batches(agent_ids):
            await self._ask_piece(piece)

    async def _halve(self, agent_ids: tuple[str, ...], refusal: Failure) -> None:
        """Ask the halves of a refused batch: both are taken, and it was the size; else what is refused is left."""
        if refusal.kind is not FailureKind.TOO_LARGE and await self._refused_as_such(agent_ids):
            self.refused.append(Refused(agent_ids, refusal))  # a canary may yet show that it was meant for these
            return
        refused: list[Refused] = []
        largest = 0
        for half in halves(agent_ids):
            answer = await self.request(half)
            if isinstance(answer, Answer):
                self.take(answer)
                largest = max(largest, len(half))
            elif answer.kind in SPLITTABLE:
                refused.append(Refused(half, answer))
            else:
                self.ledger.fail(answer, half)
        if not refused and largest:
            self.size = min(self.size, largest)
            too_many = BatchLimit(len(agent_ids), refusal.status or 0, largest, refusal.exchange)
            self.ledger.states = replace(self.ledger.states, too_many=too_many)
        if len(refused) == 2 and len(refused[0].agent_ids) > max(1, self._largest_answered()):
            first = refused.pop(0)  # no batch so large was ever answered: go on until a size is taken
            await self._halve(*first)
        self.refused += refused

    def _largest_answered(self) -> int:
        return max((len(batch.agent_ids) for batch in (*self.batches, *self.silent)), default=0)

    async def _refused_as_such(self, agent_ids: tuple[str, ...]) -> bool:
        """Tell whether any question is refused: nothing was ever answered, nor are three ids by themselves."""
        if self._last_exchange:
            return False
        for agent_id in dict.fromkeys((agent_ids[0], agent_ids[len(agent_ids) // 2], agent_ids[-1])):
            if isinstance(await self.request((agent_id,)), Answer):
                return False
        return True

    def _note_complaint(self, answer: Answer) -> None:
        count = len(answer.batch.agent_ids)
        failure = Failure(
            kind=FailureKind.DAMAGED,
            stage=Stage.STATES,
            purpose=f"states of {count} agents" if count > 1 else f"state of {answer.batch.agent_ids[0]}",
            exchange=answer.batch.exchange,
            detail=answer.complaint,
        )
        self.ledger.fail(failure, answer.without_row)

    def _note_second_row(self, first: AgentState, second: AgentState, exchange: int) -> None:
        if first.state != second.state:
            said = f"{first.state} and {second.state}"
            self.ledger.contradicted.setdefault(first.agent_id, Contradiction(exchange, said))

    def _keep_stray(self, row: AgentState, exchange: int) -> None:
        self.ledger.stray_rows.setdefault(row.agent_id, row)
        states = self.ledger.states
        self.ledger.states = replace(
            states,
            unasked_rows=states.unasked_rows + 1,
            unasked_exchange=states.unasked_exchange or exchange,
            unasked_agent=states.unasked_agent or row.agent_id,
        )


def _spelt_as_asked(rows: Iterable[AgentState], wanted: frozenset[str]) -> Iterator[AgentState]:
    """Yield the rows with their ids as they were asked for: capitals and leading zeros make no other agent."""
    folded: dict[str, list[str]] = {}
    for row in rows:
        if row.agent_id in wanted:
            yield row
            continue
        if not folded:
            for agent_id in wanted:
                folded.setdefault(_folded(agent_id), []).append(agent_id)
        known_as = folded.get(_folded(row.agent_id), [])
        yield AgentState(known_as[0], row.state, row.sub_state, row.since) if len(known_as) == 1 else row


def _folded(agent_id: str) -> str:
    return agent_id.casefold().lstrip("0") or "0"


def halves(agent_ids: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Cut a batch in two; the first half is the longer one where the count is odd."""
    middle = (len(agent_ids) + 1) // 2
    return agent_ids[:middle], agent_ids[middle:]
