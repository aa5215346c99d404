"""Measures how many ids or rows the server answers per request.

What larger batches lost is requested again in batches of that size.
"""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from cxone_rollcall.model.failure import Failure
from cxone_rollcall.model.observations.states import Truncation
from cxone_rollcall.roll.by_id.answer import pieces
from cxone_rollcall.roll.by_id.batches import StateBatches
from cxone_rollcall.roll.by_id.controls import spread

ALONE = 12
"""Known agents to request one by one. If all have a row, single requests are believed to work."""


class Cut(NamedTuple):
    """The exchange that lacked rows, and the one that has them."""

    lacking: int
    showing: int


class _Measured(NamedTuple):
    """The most ids that are answered in full. `failed` if a larger request had no usable response."""

    size: int
    failed: bool


async def heal(batches: StateBatches, canary: str, cut: Cut, known: list[str]) -> Truncation | Failure | None:
    """Request again all agents that truncated batches left without a row.

    The new batches have a size that the server answers in full. None if there is no such size, or if an answer had more
    rows than that without a failure, so that there is no limit; a failure if it could not be measured. The caller
    confirms the size with controls before it believes any absence.
    """
    ledger = batches.ledger
    poisoned = {spoilt.agent_id for spoilt in ledger.poisoned}
    without_row = tuple(one for one in (*ledger.absent, *ledger.unconfirmed) if one not in poisoned)
    measured = await _measure(batches, known, without_row)
    if not isinstance(measured, _Measured):
        return measured
    size, failed = measured
    if (size < batches.fullest and not failed) or size >= batches.size:
        return None
    batches.size = size
    kept = [batch for batch in batches.answered if len(batch.agent_ids) <= size]
    covered = {one for batch in kept for one in batch.agent_ids}
    batches.answered = kept
    stale = tuple(one for one in without_row if one not in covered or one in ledger.unconfirmed)
    ledger.mark_unconfirmed(stale, cut.lacking)
    if size == 1:
        # No room for a canary: nothing confirms an answer without a row, so these agents stay unknown. A row counts.
        await asyncio.gather(*(_ask_alone(batches, one) for one in stale))
    else:
        await asyncio.gather(*(ask_smaller(batches, canary, piece) for piece in pieces(stale, size - 1)))
    return Truncation(size, cut.lacking, cut.showing, len(ledger.rows) - batches.rows_at_first)


async def ask_smaller(batches: StateBatches, canary: str, agent_ids: tuple[str, ...]) -> None:
    """Request these agents together with the canary. Without any row they are unconfirmed."""
    answer = await batches.ask_with_canary(canary, agent_ids)
    if isinstance(answer, Failure):
        batches.ledger.fail(answer, agent_ids)
    elif not answer.rows:
        batches.ledger.mark_unconfirmed(agent_ids, answer.batch.exchange)


async def _ask_alone(batches: StateBatches, agent_id: str) -> None:
    answer = await batches.request((agent_id,))
    if isinstance(answer, Failure):
        batches.ledger.fail(answer, (agent_id,))


async def _measure(batches: StateBatches, known: list[str], others: tuple[str, ...]) -> _Measured | Failure | None:
    """Return the most ids with which every known agent has its row.

    None if not even one id works, a failure if the request for one id has no usable response.
    """
    chosen = batches.rng.sample(known, min(len(known), batches.size))
    for one in chosen[:ALONE]:
        whole = await _is_whole(batches, (one,), (), 1)
        if whole is not True:
            return whole or None
    fits, too_many, failed = 1, batches.size + 1, False
    while too_many - fits > 1:
        size = (fits + too_many) // 2
        whole = await _is_whole(batches, tuple(chosen[:size]), others, size)
        if whole is True:
            fits = size
        else:
            too_many, failed = size, failed or isinstance(whole, Failure)
    return _Measured(fits, failed)


async def _is_whole(
    batches: StateBatches, present: tuple[str, ...], others: tuple[str, ...], size: int
) -> bool | Failure:
    """Whether all `present` agents have a row, spread among the others. A failure if there is no usable response."""
    question = spread(present, others, size)
    orders = [question] if len(present) > 1 or len(question) == 1 else [question, question[::-1]]
    for agent_ids in orders:
        answer = await batches.request(agent_ids)
        if isinstance(answer, Failure):
            return answer
        if not answer.with_row.issuperset(present):
            return False
    return True
