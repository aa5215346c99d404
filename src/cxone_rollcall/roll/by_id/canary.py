"""Settles what the first responses leave open, with a canary.

No row at all, refused batches, ids that are not read.

Each conclusion rests on two requests that differ in one thing. A *canary* is an agent known to be present whose id is
added to a request. If its row comes back, the response can be trusted; if not, an id in the batch spoils it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from heapq import heappop, heappush
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from cxone_rollcall.model.failure import Failure
from cxone_rollcall.model.observations.states import PoisonedBatch, Separators
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.struct import replace
from cxone_rollcall.roll.by_id.answer import Answer, Batch, halves, pieces
from cxone_rollcall.roll.by_id.batches import SPLITTABLE
from cxone_rollcall.roll.by_id.repeated import ask_for_rows_alone, is_noisy, note_disagreement
from cxone_rollcall.roll.by_id.truncation import rule_out_truncation

if TYPE_CHECKING:
    from cxone_rollcall.roll.by_id.batches import StateBatches

HUNT_REQUESTS = 16
"""Requests to find one present agent if no batch has rows."""
MOST_SEARCHES = 8
SEARCHED_AT_ONCE = 60
"""Other agents per request, when searching for one who is present."""
MADE_UP_ID = "999999999999999989"
"""An id of no known tenant; internal ids are much shorter."""
OTHER_MADE_UP_ID = "99999999999999999979"
"""A made-up id of another length. Some caches take addresses of the same length for the same."""
MISFITS_IN_A_ROW = 8
"""Answers with other requests' rows, in a row, before giving up. The remaining agents stay unknown."""
TURNS = 2
"""Repetitions before an id is blamed. In each, the batch fails with the id and succeeds without it."""


class Spoilt(NamedTuple):
    """A request without any row: its exchange, and its status."""

    exchange: int
    status: int


async def settle(batches: StateBatches, bystanders: Sequence[str] = ()) -> None:
    """Confirm or correct every response that can be checked.

    Other agents stay unknown.

    `bystanders` are agents of the roster that were not called. One of them may be the canary if no called agent is
    present.
    """
    await _ask_forbidden_again(batches)
    strays = batches.ledger.states.unasked_rows
    if strays and await _ids_are_ignored(batches):
        return
    await _ask_in_accepted_size(batches)
    await _try_other_separator(batches)
    canary = _canary(batches)
    if canary is None and batches.silent and (found := await find_present(batches, bystanders)) is not None:
        canary = found[0].agent_id
    canary = canary or await _hunt_for_canary(batches)
    silent, batches.silent = batches.silent, []
    refused, batches.refused = batches.refused, []
    if canary is None or batches.size == 1:  # no canary, or no room for it
        for batch in (*silent, *batches.misfits):
            batches.ledger.mark_unconfirmed(batch.agent_ids, batch.exchange)
        for agent_ids, refusal in refused:
            batches.ledger.fail(refusal, agent_ids)
        return
    await asyncio.gather(
        *(_confirm(batches, canary, batch.agent_ids, Spoilt(batch.exchange, 200)) for batch in silent),
        *(_confirm(batches, canary, ids, Spoilt(failure.exchange, failure.status or 0)) for ids, failure in refused),
    )
    await _ask_misfits(batches)
    if not is_noisy(batches):
        await rule_out_truncation(batches, canary)
    if is_noisy(batches):
        for spoilt in batches.ledger.poisoned:
            batches.ledger.mark_unconfirmed((spoilt.agent_id,), spoilt.alone_exchange)
        batches.ledger.poisoned.clear()
        await ask_for_rows_alone(batches, batches.ledger.agents)
    if not strays and batches.ledger.states.unasked_rows:
        await _ids_are_ignored(batches)


async def _ask_forbidden_again(batches: StateBatches) -> None:
    """Repeat what was forbidden, if other batches were answered. One of two backends may forbid everything."""
    while batches.forbidden:
        agent_ids, refusal = batches.forbidden[0]
        again = await batches.request(agent_ids, fresh=True) if batches.answered else refusal
        batches.forbidden.pop(0)
        if isinstance(again, Failure):
            batches.ledger.fail(again, agent_ids)
        else:
            batches.take(again)


async def _ask_in_accepted_size(batches: StateBatches) -> None:
    """Repeat what was refused before the accepted batch size was known."""
    refused, batches.refused = batches.refused, []
    batches.refused += [one for one in refused if len(one.agent_ids) <= batches.size]
    await asyncio.gather(*(batches.ask(one.agent_ids) for one in refused if len(one.agent_ids) > batches.size))


def _canary(batches: StateBatches) -> str | None:
    """Return the agent last seen present, else one with any row. It is least likely to have logged out since."""
    rows = batches.ledger.rows
    others = [agent_id for agent_id in reversed(rows) if agent_id != batches.owner]
    present = (agent_id for agent_id in others if rows[agent_id].logged_in)
    return next(present, next(iter(others), None))


async def find_present(batches: StateBatches, others: Sequence[str]) -> tuple[AgentState, int] | None:
    """Request other agents until one is present. Its row and the exchange, or None."""
    for few in islice(pieces(tuple(others), min(SEARCHED_AT_ONCE, batches.size)), MOST_SEARCHES):
        answer = await batches.request(few)
        if isinstance(answer, Answer) and not (answer.rows or batches.ledger.states.separator) and len(few) > 1:
            answer = await ask_joined_otherwise(batches, few) or answer
        if isinstance(answer, Failure) or not answer.fits:
            continue
        present = [row for one, row in answer.rows.items() if row.logged_in and one != batches.owner]
        if present:
            batches.answered.append(answer.batch)  # as many ids as it has rows are answered in full
            return present[-1], answer.batch.exchange
    return None


async def _try_other_separator(batches: StateBatches) -> None:
    """Join ids with the other separator if no batch ever had rows.

    One batch of several ids is tried, twice if it gets no row: the first answer may be lost. The separator is kept if
    it works.
    """
    several = [batch for batch in batches.silent if len(batch.agent_ids) > 1]
    if not several or any(len(batch.agent_ids) > 1 for batch in batches.answered):
        return
    ids = several[0].agent_ids
    answer = await ask_joined_otherwise(batches, ids) or await ask_joined_otherwise(batches, ids)
    if answer is not None:
        silent, batches.silent = batches.silent, []
        batches.take(answer)
        await asyncio.gather(*(batches.ask(batch.agent_ids) for batch in silent if batch is not several[0]))


async def ask_joined_otherwise(batches: StateBatches, agent_ids: tuple[str, ...]) -> Answer | None:
    """Request ids joined with the other separator. Return an answer with rows.

    The client keeps that separator if the usual one gets no row once more: an agent may have logged in meanwhile.
    """
    api, usual = batches.api, batches.api.separator
    (other,) = (one for one in api.contract.separators if one != usual)
    api.separator = other
    answer = await batches.request(agent_ids, fresh=True)
    api.separator = usual
    if not isinstance(answer, Answer) or not answer.rows:
        return None
    again = await batches.request(agent_ids, fresh=True)
    if isinstance(again, Answer) and again.fits and not again.rows:
        api.separator = other
        twice = await batches.request(agent_ids, fresh=True)
        if isinstance(twice, Answer) and twice.rows:
            misread = Separators(usual, other, again.batch.exchange, answer.batch.exchange)
            batches.ledger.states = replace(batches.ledger.states, separator=misread)
        else:
            api.separator = usual
            if isinstance(twice, Answer):
                note_disagreement(batches, twice.batch.exchange, 0, answer, len(answer.rows))
    return answer


async def _ask_misfits(batches: StateBatches) -> None:
    """Request agents again whose answer had rows of another request.

    They are sent in another order and number, one request after the other, together with known agents. An answer counts
    only if it has all known agents and nobody who was not requested.
    """
    ledger, rng = batches.ledger, batches.rng
    misfits, batches.misfits = batches.misfits, []
    in_a_row = 0
    for batch in misfits:
        left = [one for one in batch.agent_ids if one not in ledger.rows]
        rng.shuffle(left)
        while left:
            size = rng.randint(max(1, batches.size // 4), max(1, batches.size // 2))
            piece, left = tuple(left[:size]), left[size:]
            if in_a_row == MISFITS_IN_A_ROW:
                ledger.mark_unconfirmed(piece, batch.exchange)
                continue
            known = [one for one, row in ledger.rows.items() if row.logged_in and one != batches.owner]
            beside = rng.sample(known, min(2, len(known)))
            mixed = [*piece, *beside]
            rng.shuffle(mixed)
            answer = await batches.request(mixed, fresh=True)
            if isinstance(answer, Failure):
                ledger.fail(answer, piece)
                continue
            if answer.confirms_absence and beside and answer.with_row.issuperset(beside):
                batches.answered.append(answer.batch)
                ledger.mark_absent(answer.without_row, answer.batch.exchange)
                in_a_row = 0
            else:
                ledger.mark_unconfirmed(piece, answer.batch.exchange)
                in_a_row += 1


async def _hunt_for_canary(batches: StateBatches) -> str | None:
    """Halve batches without rows until an agent has one. Returns that agent or None.

    The largest batch comes first. `HUNT_REQUESTS` limits the search.
    """
    heap: list[tuple[int, int, Batch]] = []
    for batch in batches.silent:
        heappush(heap, (-len(batch.agent_ids), batch.exchange, batch))
    batches.silent = []
    budget = HUNT_REQUESTS
    while heap and budget > 0 and _canary(batches) is None and len(heap[0][2].agent_ids) > 1:
        _, _, batch = heappop(heap)
        for half in halves(batch.agent_ids):
            answer = await batches.request(half, fresh=True)
            budget -= 1
            if isinstance(answer, Failure):
                batches.ledger.fail(answer, half)
            elif answer.confirms_absence:
                batches.take(answer)
            else:
                rest = replace(answer.batch, agent_ids=answer.without_row)
                heappush(heap, (-len(rest.agent_ids), rest.exchange, rest))
    batches.silent += [batch for _, _, batch in heap]
    return _canary(batches)


async def _ids_are_ignored(batches: StateBatches) -> bool:
    """Whether the server ignores the ids: then no absence holds.

    A made-up id gets the same rows as real ones. A server that merely adds a stray row to each response gives the
    made-up id only that row.
    """
    ledger = batches.ledger
    real = batches.fullest_with_strays
    answer = await batches.request((MADE_UP_ID,))
    if isinstance(answer, Failure) or not answer.named:
        # The server may check that ids exist and then ignore them: one real id alone should get only its own row.
        answer = await batches.request((min(real.intersection(ledger.rows), default=MADE_UP_ID),))
        if isinstance(answer, Failure) or len(answer.named) < 3:
            return False
    if not _are_mostly_the_same(answer.named, real):
        return False
    # Once more: a cache may have answered with the rows of another request.
    one_more = OTHER_MADE_UP_ID if answer.batch.agent_ids == (MADE_UP_ID,) else max(real, key=len)
    again = await batches.request((one_more,), fresh=True)
    if isinstance(again, Failure) or not _are_mostly_the_same(again.named, real):
        return False
    ledger.states = replace(ledger.states, ignored_exchange=answer.batch.exchange, ignored_rows=len(answer.named))
    ledger.mark_unconfirmed(ledger.absent)
    for batch in batches.silent:
        ledger.mark_unconfirmed(batch.agent_ids, batch.exchange)
    return True


def _are_mostly_the_same(named: frozenset[str], others: frozenset[str]) -> bool:
    return len(named & others) * 2 >= len(named | others)


async def _confirm(batches: StateBatches, canary: str, agent_ids: tuple[str, ...], before: Spoilt) -> None:
    """Repeat with the canary what had no row or was refused. If that fails too, find the id that spoils it."""
    for piece in pieces(agent_ids, batches.size - 1):
        spoilt = await _spoilt(batches, canary, piece)
        if spoilt is None:
            continue
        if is_noisy(batches) or await _is_answered_now(batches, canary, piece, spoilt):
            batches.ledger.mark_unconfirmed(piece, spoilt.exchange)
            continue
        spoilers: list[tuple[str, int]] = []
        try:
            await _must_be_present(batches, canary)
            healed = await _isolate(batches, canary, piece, spoilt, spoilers)
            if len(spoilers) == len(piece) > 1:  # no two ids are answered together, so none of them is the reason
                raise _NoProof
            repeated = await _repeats(batches, canary, piece, spoilt, spoilers)
        except _NoProof:
            ledger = batches.ledger
            ledger.mark_unconfirmed([one for one in piece if one not in ledger.absent], spoilt.exchange)
            continue
        batches.ledger.poisoned += [
            PoisonedBatch(
                agent_id=one,
                batch_exchange=before.exchange,
                alone_exchange=alone,
                status=before.status,
                healed=healed,
                repeated=repeated,
            )
            for one, alone in spoilers
        ]


async def _spoilt(batches: StateBatches, canary: str, agent_ids: tuple[str, ...]) -> Spoilt | None:
    """Request the ids with the canary; return the spoilt response, or None.

    A response is spoilt if it is refused, or has no row at all. Other failures are recorded.
    """
    answer = await batches.ask_with_canary(canary, agent_ids)
    if isinstance(answer, Answer):
        return None if answer.rows else Spoilt(answer.batch.exchange, 200)
    if answer.kind in SPLITTABLE:
        return Spoilt(answer.exchange, answer.status or 0)
    batches.ledger.fail(answer, agent_ids)
    return None


async def _is_answered_now(batches: StateBatches, canary: str, agent_ids: tuple[str, ...], spoilt: Spoilt) -> bool:
    """Whether a spoilt batch succeeds when repeated. Then the server contradicts itself, and no id is bad."""
    again = await batches.request((canary, *agent_ids), fresh=True)
    if isinstance(again, Failure) or not again.rows:
        return False
    note_disagreement(batches, spoilt.exchange, 0, again, len(again.rows))
    return True


async def _repeats(
    batches: StateBatches,
    canary: str,
    agent_ids: tuple[str, ...],
    spoilt: Spoilt,
    spoilers: Sequence[tuple[str, int]],
) -> bool:
    """Whether each spoiler spoils the batch in each of two repetitions.

    Each repetition sends the batch without them, which must be answered, and with one of them, which must fail. Two
    together would fail because of either. `_NoProof` if the batch is spoilt without them, too.
    """
    bad = {one for one, _ in spoilers}
    rest = tuple(one for one in agent_ids if one not in bad)
    for _ in range(TURNS if bad else 0):
        without = await batches.request((canary, *rest), fresh=True)
        if isinstance(without, Failure) or canary not in without.rows:
            await _must_be_present(batches, canary)
            if isinstance(without, Answer) or without.kind in SPLITTABLE:
                raise _NoProof
            return False
        for spoiler, alone in spoilers:
            together = (canary, *(one for one in agent_ids if one == spoiler or one not in bad))
            answer = await batches.request(together, fresh=True)
            if isinstance(answer, Answer) and answer.rows:
                # Only with one spoiler was the spoilt request the same as this one.
                fewer, proof = (spoilt.exchange, len(answer.rows)) if len(bad) == 1 else (alone, 0)
                note_disagreement(batches, fewer, 0, answer, proof)
                return False
    return True


class _NoProof(Exception):
    """Nothing seen of a batch is proof.

    The canary logged out meanwhile, each id seems to spoil the batch, or it is spoilt without those that do.
    """


async def _must_be_present(batches: StateBatches, canary: str) -> None:
    answer = await batches.request((canary,), fresh=True)
    if not isinstance(answer, Answer) or canary not in answer.rows:
        raise _NoProof


async def _isolate(
    batches: StateBatches, canary: str, agent_ids: tuple[str, ...], spoilt: Spoilt, spoilers: list[tuple[str, int]]
) -> int:
    """Halve a spoilt batch down to the ids that spoil it.

    The canary is in each half. Returns how many agents were answered. Before an id is named, the canary is requested
    alone; `_NoProof` if it has no row any more.
    """
    if len(agent_ids) == 1:
        await _must_be_present(batches, canary)
        spoilers.append((agent_ids[0], spoilt.exchange))
        return 0
    healed = 0
    for half in halves(agent_ids):
        still = await _spoilt(batches, canary, half)
        healed += len(half) if still is None else await _isolate(batches, canary, half, still, spoilers)
    return healed
