"""Settling what the first answers leave open: batches without a witness, spoilt batches, and servers that cut.

Every judgement here rests on two requests that differ in one thing. A *canary* is an agent known to be present
whose id rides along: its row comes back, and the answer is vouched for; it does not, and the batch is spoilt.
"""

from __future__ import annotations

import asyncio
from heapq import heappop, heappush
from typing import TYPE_CHECKING, NamedTuple

from cxone_rollcall.model.failure import Failure
from cxone_rollcall.model.observations.states import PoisonedBatch, Separators
from cxone_rollcall.model.struct import replace
from cxone_rollcall.roll.by_id.batches import SPLITTABLE, Answer, Batch, halves
from cxone_rollcall.roll.by_id.truncation import rule_out_cuts
from cxone_rollcall.roll.by_id.witness import ask_with, leave_unvouched, pieces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cxone_rollcall.roll.by_id.batches import Asking

HUNT_REQUESTS = 16
"""How many requests may go into finding one present agent where every batch came back empty."""
MADE_UP_ID = "999999999999999989"
"""An id that no tenant is known to have; internal ids are shorter by far."""


class Spoilt(NamedTuple):
    """A question that got no row of anybody: its exchange, and the status that it got instead."""

    exchange: int
    status: int


async def settle(asking: Asking, bystanders: Sequence[str] = ()) -> None:
    """Vouch for every answer that can be vouched for; what remains open stays unknown.

    `bystanders` are agents of the roster who were not called; where nobody who was called is present, one of them
    may serve as the canary.
    """
    strays = asking.ledger.states.unasked_rows
    if strays and await _ids_are_ignored(asking):
        return
    await _ask_in_the_size_taken(asking)
    await _try_other_separators(asking)
    canary = _canary(asking) or await _bystander(asking, bystanders) or await _hunt_for_canary(asking)
    silent, asking.silent = asking.silent, []
    refused, asking.refused = asking.refused, []
    if canary is None or asking.size == 1:  # nobody, or no room for anybody, to vouch for the others
        for batch in silent:
            leave_unvouched(asking, batch)
        for agent_ids, refusal in refused:
            asking.ledger.fail(refusal, agent_ids)
        return
    await asyncio.gather(
        *(_vouch(asking, canary, batch.agent_ids, Spoilt(batch.exchange, 200)) for batch in silent),
        *(_vouch(asking, canary, ids, Spoilt(failure.exchange, failure.status or 0)) for ids, failure in refused),
    )
    await rule_out_cuts(asking, canary)
    if not strays and asking.ledger.states.unasked_rows:
        await _ids_are_ignored(asking)


async def _ask_in_the_size_taken(asking: Asking) -> None:
    """Ask again what was refused before it was known how many ids a request may hold."""
    refused, asking.refused = asking.refused, []
    asking.refused += [one for one in refused if len(one.agent_ids) <= asking.size]
    await asyncio.gather(*(asking.ask(one.agent_ids) for one in refused if len(one.agent_ids) > asking.size))


def _canary(asking: Asking) -> str | None:
    """Return the agent last seen present, the least likely to have logged out since; else one with any row."""
    rows = asking.ledger.rows
    witnesses = [agent_id for agent_id in reversed(rows) if agent_id != asking.owner]
    present = (agent_id for agent_id in witnesses if rows[agent_id].logged_in)
    return next(present, next(iter(witnesses), None))


async def _bystander(asking: Asking, bystanders: Sequence[str]) -> str | None:
    """Return a bystander who is present, None where none answers."""
    if not bystanders or not asking.silent:
        return None
    answer = await asking.request(tuple(bystanders[: asking.size]))
    if isinstance(answer, Failure):
        return None
    asking.batches.append(answer.batch)  # as many ids as it has rows are answered in full
    return next((one for one, row in answer.rows.items() if row.logged_in and one != asking.owner), None)


async def _try_other_separators(asking: Asking) -> None:
    """Where no batch of several ids ever had a row, ask one with its ids joined otherwise; keep the form that works."""
    several = [batch for batch in asking.silent if len(batch.agent_ids) > 1]
    if not several or any(len(batch.agent_ids) > 1 for batch in asking.batches):
        return
    client, usual = asking.client, asking.client.separator
    for separator in client.by_id.separators:
        if separator == usual:
            continue
        client.separator = separator
        answer = await asking.request(several[0].agent_ids)
        if not isinstance(answer, Answer) or not answer.rows:
            client.separator = usual
            continue
        silent, asking.silent = asking.silent, []
        asking.take(answer)
        client.separator = usual
        again = await asking.request(several[0].agent_ids)  # the first of the day may have logged in meanwhile
        if isinstance(again, Answer) and not again.rows:
            client.separator = separator
            misread = Separators(usual, separator, again.batch.exchange, answer.batch.exchange)
            asking.ledger.states = replace(asking.ledger.states, separator=misread)
        await asyncio.gather(*(asking.ask(batch.agent_ids) for batch in silent if batch is not several[0]))
        return


async def _hunt_for_canary(asking: Asking) -> str | None:
    """Halve the empty batches, largest first, until somebody answers or the budget is spent."""
    pieces: list[tuple[int, int, Batch]] = []
    for batch in asking.silent:
        heappush(pieces, (-len(batch.agent_ids), batch.exchange, batch))
    asking.silent = []
    budget = HUNT_REQUESTS
    while pieces and budget > 0 and _canary(asking) is None and len(pieces[0][2].agent_ids) > 1:
        _, _, batch = heappop(pieces)
        for half in halves(batch.agent_ids):
            answer = await asking.request(half)
            budget -= 1
            if isinstance(answer, Failure):
                asking.ledger.fail(answer, half)
            elif answer.vouched:
                asking.take(answer)
            else:
                asking.keep_rows(answer)
                rest = replace(answer.batch, agent_ids=answer.without_row)
                heappush(pieces, (-len(rest.agent_ids), rest.exchange, rest))
    asking.silent += [batch for _, _, batch in pieces]
    return _canary(asking)


async def _ids_are_ignored(asking: Asking) -> bool:
    """Ask for a made-up id alone: the answer that real ids got means that ids are not read, so no answer vouches.

    A server that adds a stray row to what was asked for gives the made-up id the stray row alone.
    """
    ledger = asking.ledger
    real = asking.fullest_with_strays
    answer = await asking.request((MADE_UP_ID,))
    if isinstance(answer, Failure) or not answer.named:
        # It may look at the ids, and then not at all: one real id alone gets its own row and no other.
        answer = await asking.request((min(real.intersection(ledger.rows), default=MADE_UP_ID),))
        if isinstance(answer, Failure) or len(answer.named) < 3:
            return False
    if len(answer.named & real) * 2 < len(answer.named | real):
        return False
    ledger.states = replace(ledger.states, ignored_exchange=answer.batch.exchange, ignored_rows=len(answer.named))
    ledger.unvouched.update(ledger.absent)
    ledger.absent.clear()
    for batch in asking.silent:
        leave_unvouched(asking, batch)
    return True


async def _vouch(asking: Asking, canary: str, agent_ids: tuple[str, ...], before: Spoilt) -> None:
    """Ask again with the canary what had no witness or was refused; where that fails too, look for the spoiler."""
    for piece in pieces(agent_ids, asking.size - 1):
        spoilt = await _spoilt(asking, canary, piece)
        if spoilt is None:
            continue
        spoilers: list[tuple[str, int]] = []
        try:
            await _must_be_present(asking, canary)
            healed = await _isolate(asking, canary, piece, spoilt, spoilers)
        except _CanaryGone:
            ledger = asking.ledger
            unsettled = tuple(one for one in piece if one not in ledger.rows and one not in ledger.absent)
            leave_unvouched(asking, Batch(unsettled, 0, spoilt.exchange))
            continue
        asking.ledger.poisoned += [
            PoisonedBatch(
                agent_id=one, batch_exchange=before.exchange, alone_exchange=alone, status=before.status, healed=healed
            )
            for one, alone in spoilers
        ]


async def _spoilt(asking: Asking, canary: str, agent_ids: tuple[str, ...]) -> Spoilt | None:
    """Ask with the canary; None where that settles it, else the answer without any row, or the refusal."""
    answer = await ask_with(asking, canary, agent_ids)
    if isinstance(answer, Answer):
        return None if answer.rows else Spoilt(answer.batch.exchange, 200)
    if answer.kind in SPLITTABLE:
        return Spoilt(answer.exchange, answer.status or 0)
    asking.ledger.fail(answer, agent_ids)
    return None


class _CanaryGone(Exception):
    """The canary went home while a batch was looked into: nothing that was seen of that batch proves anything."""


async def _must_be_present(asking: Asking, canary: str) -> None:
    answer = await asking.request((canary,))
    if not isinstance(answer, Answer) or canary not in answer.rows:
        raise _CanaryGone


async def _isolate(
    asking: Asking, canary: str, agent_ids: tuple[str, ...], spoilt: Spoilt, spoilers: list[tuple[str, int]]
) -> int:
    """Halve a spoilt batch, the canary in each half, down to the ids that spoil it; return how many answered.

    Before an id is named, the canary is asked alone: `_CanaryGone` where it has no row any more.
    """
    if len(agent_ids) == 1:
        await _must_be_present(asking, canary)
        spoilers.append((agent_ids[0], spoilt.exchange))
        return 0
    healed = 0
    for half in halves(agent_ids):
        still = await _spoilt(asking, canary, half)
        healed += len(half) if still is None else await _isolate(asking, canary, half, still, spoilers)
    return healed
