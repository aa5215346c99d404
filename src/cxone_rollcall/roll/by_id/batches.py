"""Requests states by id, in batches. Finds out whether a refused batch was too large."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from cxone_rollcall.client import V2Api
from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.failure import Failure, FailureKind, Stage, damaged
from cxone_rollcall.model.observations.states import BatchLimit, Disagreement, MixedUp, StatesFiltered
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.struct import replace
from cxone_rollcall.roll.by_id.answer import Answer, Batch, halves, read_answer

if TYPE_CHECKING:
    from cxone_rollcall.roll.ledger import Ledger

FAILURES_IN_A_ROW = 4
"""Failed batches in a row after which no more are sent. They would only load the server."""

SPLITTABLE = frozenset({FailureKind.TOO_LARGE, FailureKind.REJECTED, FailureKind.NOT_FOUND})
"""Refusals that may concern a batch's size, or some of its ids."""


class Refused(NamedTuple):
    """Ids refused together, though the server accepts batches of that size."""

    agent_ids: tuple[str, ...]
    failure: Failure


class StateBatches:
    """Requests states in batches; results go to the ledger.

    `size` is how many ids a request may have; it shrinks if the server accepts fewer. `answered` are batches whose
    response confirms absence, `silent` those whose response does not, `misfits` those whose response has rows that
    nobody asked for, `refused` those without a response.
    """

    def __init__(
        self,
        api: V2Api,
        ledger: Ledger,
        *,
        state: str | None,
        progress: Callable[[], None],
        rng: random.Random | None = None,
    ) -> None:
        self.api = api
        self.ledger = ledger
        self.size = api.contract.largest_batch
        self.owner = ledger.owner
        self.answered: list[Batch] = []
        self.silent: list[Batch] = []
        self.misfits: list[Batch] = []
        self.rng = rng or random.Random()  # noqa: S311  draws samples, no secrets
        self.fullest = 0
        """The most rows of any answer that fits its request."""
        self.last_exchange = 0
        self.rows_at_first = 0
        """Agents with a row before the controls."""
        self.control: Batch | None = None
        """The early control request of `truncation.py`. It has no rows until there is a usable response."""
        self.refused: list[Refused] = []
        self.forbidden: list[Refused] = []
        """Batches refused with 403 or 409. If others are answered, they are requested again."""
        self.fullest_with_strays: frozenset[str] = frozenset()
        self.state = state
        self.with_row_filtered: set[str] = set()
        """Agents that have a row with the state filter."""
        self.asked_filtered: dict[str, int] = {}
        """Agents requested with the state filter, and the exchange."""
        self.filter_repeated: bool | Disagreement = False
        """Whether the filter hides the same rows again. Two answers that contradict each other are kept instead."""
        self._progress = progress
        self._stray_rows: dict[str, AgentState] = {}
        self._requests = 0
        self._failures_in_a_row = 0
        self._given_up: Failure | None = None
        self._splitting = asyncio.Lock()

    async def ask(self, agent_ids: Sequence[str]) -> None:
        """Request one batch and store the answer.

        With a state filter, request it filtered first, then the agents without a row again without the filter.
        """
        refused: Failure | None = None
        if self.state is not None:
            agent_ids, refused = await self._ask_filtered(agent_ids, self.state)
        for piece in self.split(agent_ids):
            await self._ask_piece(piece)
        if refused is not None and self._largest_answered() >= len(agent_ids):  # then it was refused for the filter
            self.ledger.fail(replace(refused, option=f"--state {self.state}"))
        self._progress()

    async def request(
        self, agent_ids: Sequence[str], *, state: str | None = None, fresh: bool = False
    ) -> Answer | Failure:
        """Send one request, and store the rows of its answer. A failure is returned, not stored.

        A `fresh` one asks caches to pass it on, and so do all after a response with the rows of another request.
        """
        asked = tuple(agent_ids)
        if self._given_up is not None:
            return self._given_up
        self._requests += 1
        try:
            answered = await self.api.states(asked, state=state, fresh=fresh or self.ledger.states.mixed_up is not None)
        except RequestFailed as failed:
            failure = failed.failure
            self._failures_in_a_row += failure.kind not in SPLITTABLE or len(asked) == 1
            if self._failures_in_a_row >= FAILURES_IN_A_ROW and not self.last_exchange:
                self._given_up = failure
            return failure
        self._failures_in_a_row, self._given_up = 0, None
        exchange = self.last_exchange = answered.exchange
        value = answered.value
        self.ledger.deviations.note("states", exchange, found_at=value.found_at, no_content=value.no_content)
        answer = read_answer(asked, value, exchange, self.owner)
        called = self.ledger.agents
        self.ledger.mark_present(*[row for row in answer.rows.values() if row.agent_id in called], exchange=exchange)
        for first, second in answer.second_rows:
            self.ledger.note_contradiction(first, second, exchange, one_response=True)
        for row in answer.strays:
            self._keep_stray(row, exchange)
        if answer.fits:
            self.fullest = max(self.fullest, answer.batch.rows)
        elif answer.is_of_another_question:
            self._note_mixed_up(answer)
        if len(answer.named) > max(len(answer.rows) + len(answer.disputed), len(self.fullest_with_strays)):
            self.fullest_with_strays = answer.named
        if value.complaint and state is None:  # the request without the filter decides
            self._note_complaint(answer)
        return answer

    def take(self, answer: Answer) -> None:
        """Store the absences that an answer confirms. Otherwise its ids without a row are left for later."""
        if answer.confirms_absence:
            self.answered.append(answer.batch)
            self.ledger.mark_absent(answer.without_row, answer.batch.exchange)
        elif not answer.fits:
            self.misfits.append(replace(answer.batch, agent_ids=answer.without_row))
        else:
            self.silent.append(replace(answer.batch, agent_ids=answer.without_row))

    async def ask_with_canary(self, canary: str, agent_ids: tuple[str, ...]) -> Answer | Failure:
        """Request these ids together with the canary.

        Absences are stored only if the response confirms them and has the canary's row. A failure is returned to the
        caller, and so is an answer without any row, of which nothing is stored.
        """
        answer = await self.request(tuple(dict.fromkeys((canary, *agent_ids))))
        if isinstance(answer, Answer) and answer.confirms_absence and canary not in answer.rows:
            # The canary may have logged out: an agent who has just had a row replaces it.
            canary = next(one for one in answer.rows if one != self.owner)
            answer = await self.request(tuple(dict.fromkeys((canary, *agent_ids))))
        if isinstance(answer, Failure):
            return answer
        if answer.confirms_absence and canary in answer.rows:
            self.answered.append(answer.batch)
            self.ledger.mark_absent(answer.without_row, answer.batch.exchange)
        elif answer.rows:
            self.ledger.mark_unconfirmed(answer.without_row, answer.batch.exchange)
        return answer

    def with_control(self) -> list[Batch]:
        """The answered batches and the early control."""
        return self.answered if self.control is None else [*self.answered, self.control]

    def most_rows(self) -> int:
        """The most rows that a batch or the early control had."""
        return max((batch.rows for batch in self.with_control()), default=0)

    def report(self, *, settled: bool) -> None:
        """Note in the ledger how the states were requested.

        Until it is `settled` whether the server answers every id of a request, absences may be truncated rows.
        """
        ledger = self.ledger
        for agent_ids, refusal in self.forbidden:  # the run was cut short
            ledger.fail(refusal, agent_ids)
        if not settled:
            ledger.mark_unconfirmed(ledger.absent)
        for agent_id, row in self._stray_rows.items():  # unrequested, but still what the API says
            if agent_id in ledger.agents and agent_id not in ledger.rows:
                ledger.mark_present(row, exchange=ledger.states.unasked_exchange)
        too_many = ledger.states.too_many
        if too_many is not None and self._largest_answered() >= too_many.refused:  # not refused for its size
            ledger.states = replace(ledger.states, too_many=None)
        ledger.report_states(exchange=self.last_exchange, batches=self._requests)
        if self.state is not None:
            repeated = self.filter_repeated
            ledger.filtered = StatesFiltered(
                state=self.state,
                with_row=frozenset(self.with_row_filtered),
                asked=self.asked_filtered,
                repeated=repeated is True,
                disagreement=repeated if isinstance(repeated, Disagreement) else None,
            )

    async def _ask_piece(self, agent_ids: tuple[str, ...]) -> None:
        answer = await self.request(agent_ids)
        if isinstance(answer, Answer):
            self.take(answer)
        elif answer.kind is FailureKind.FORBIDDEN:
            self.forbidden.append(Refused(agent_ids, answer))
        elif answer.kind not in SPLITTABLE:
            self.ledger.fail(answer, agent_ids)
        elif len(agent_ids) > 1:
            await self._split(agent_ids, answer)
        else:
            self.refused.append(Refused(agent_ids, answer))

    def split(self, agent_ids: Sequence[str]) -> Iterator[tuple[str, ...]]:
        """Split ids into batches that a request may have."""
        return self.api.contract.batches(agent_ids, self.size, separator=self.api.separator)

    async def _ask_filtered(self, agent_ids: Sequence[str], state: str) -> tuple[list[str], Failure | None]:
        answer = await self.request(agent_ids, state=state)
        if isinstance(answer, Failure):
            return list(agent_ids), answer  # the request without the filter decides
        self.with_row_filtered.update(answer.rows)
        if not answer.complaint:  # else a missing row may have another reason than the filter
            self.asked_filtered.update(dict.fromkeys(answer.batch.agent_ids, answer.batch.exchange))
        return list(answer.without_row), None

    async def _split(self, agent_ids: tuple[str, ...], refusal: Failure) -> None:
        """Find out whether a batch is refused for its size."""
        async with self._splitting:  # one at a time: the next one may already know the size
            if len(agent_ids) <= self.size:
                await self._halve(agent_ids, refusal)
                return
        for piece in self.split(agent_ids):
            await self._ask_piece(piece)

    async def _halve(self, agent_ids: tuple[str, ...], refusal: Failure) -> None:
        """Request the halves of a refused batch. If both are accepted, its size was the reason."""
        if refusal.kind is not FailureKind.TOO_LARGE and await self._is_any_refused(agent_ids):
            self.refused.append(Refused(agent_ids, refusal))  # a canary may yet show that these ids are the reason
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
        largest_yet = self._largest_answered()  # if another batch of this size was answered, the size is no reason
        if not refused and largest and largest_yet < len(agent_ids) and await self._is_refused_again(agent_ids):
            self.size = min(self.size, largest)
            limit = BatchLimit(len(agent_ids), refusal.status or 0, largest, refusal.exchange)
            self.ledger.states = replace(self.ledger.states, too_many=limit)
        if len(refused) == 2 and len(refused[0].agent_ids) > max(1, self._largest_answered()):
            first = refused.pop(0)  # no batch of this size was ever answered: go on until a size is accepted
            await self._halve(*first)
        self.refused += refused

    async def _is_refused_again(self, agent_ids: tuple[str, ...]) -> bool:
        """Whether a batch is refused again after its halves were answered.

        If not, its size was not the reason.
        """
        again = await self.request(agent_ids)
        return isinstance(again, Failure) and again.kind in SPLITTABLE

    def _largest_answered(self) -> int:
        return max((len(batch.agent_ids) for batch in (*self.answered, *self.silent)), default=0)

    async def _is_any_refused(self, agent_ids: tuple[str, ...]) -> bool:
        """Whether the server refuses everything. It answered no request so far, and none for three single ids."""
        if self.last_exchange:
            return False
        for agent_id in dict.fromkeys((agent_ids[0], agent_ids[len(agent_ids) // 2], agent_ids[-1])):
            if isinstance(await self.request((agent_id,)), Answer):
                return False
        return True

    def _note_complaint(self, answer: Answer) -> None:
        count = len(answer.batch.agent_ids)
        purpose = f"states of {count} agents" if count > 1 else f"state of {answer.batch.agent_ids[0]}"
        failure = damaged(Stage.STATES, purpose, answer.batch.exchange, answer.complaint)
        self.ledger.fail(failure, answer.without_row)

    def _note_mixed_up(self, answer: Answer) -> None:
        states = self.ledger.states
        first = states.mixed_up or MixedUp(answer.batch.exchange, len(answer.strays), 0)
        self.ledger.states = replace(states, mixed_up=first._replace(answers=first.answers + 1))

    def _keep_stray(self, row: AgentState, exchange: int) -> None:
        self._stray_rows.setdefault(row.agent_id, row)
        states = self.ledger.states
        self.ledger.states = replace(
            states,
            unasked_rows=states.unasked_rows + 1,
            unasked_exchange=states.unasked_exchange or exchange,
            unasked_agent=states.unasked_agent or row.agent_id,
        )
