"""Settling what the first answers leave open: batches without a witness, spoilt batches, and servers that cut.

Every judgement here rests on two requests that differ in one thing. A *canary* is an agent known to be present
whose id rides along: its row comes back, and the answer is vouched for; it does not, and the batch is spoilt.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from rollcall.model.failure import Failure
from rollcall.model.observation import PoisonedBatch
from rollcall.roll.asking import Answer, Batch, halves

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rollcall.roll.asking import Asking

HUNT_REQUESTS = 16
"""How many requests may go into finding one present agent where every batch came back empty."""
SECOND_LOOKS = 4
MADE_UP_ID = "999999999999999989"
"""An id that no tenant has: internal ids have eleven digits or fewer."""


async def settle(asking: Asking, bystanders: Sequence[str] = ()) -> None:
    """Vouch for every answer that can be vouched for; what remains open stays unknown.

    `bystanders` are agents of the roster who were not called; where nobody who was called is present, one of them
    may serve as the canary.
    """
    if asking.ledger.states.unasked_rows and await _ids_are_ignored(asking):
        return
    await _try_other_separators(asking)
    canary = _canary(asking) or await _bystander(asking, bystanders) or await _hunt_for_canary(asking)
    silent, asking.silent = asking.silent, []
    if canary is None:
        for batch in silent:
            _leave_unvouched(asking, batch)
        return
    await asyncio.gather(*(_vouch(asking, canary, batch) for batch in silent))
    if await _is_uncut(asking, canary):
        asking.ledger.states = replace(asking.ledger.states, checked_for_cut=True)


def _canary(asking: Asking) -> str | None:
    """Return the agent last seen present: the least likely to have logged out since."""
    rows = asking.ledger.rows
    return next((agent_id for agent_id in reversed(rows) if rows[agent_id].logged_in), None)


def _leave_unvouched(asking: Asking, batch: Batch) -> None:
    asking.ledger.unvouched.update(dict.fromkeys(batch.agent_ids, batch.exchange))


async def _bystander(asking: Asking, bystanders: Sequence[str]) -> str | None:
    """Return a bystander who is present, None where none answers."""
    if not bystanders or not asking.silent:
        return None
    answer = await asking.request(tuple(bystanders[: asking.size]))
    if isinstance(answer, Failure):
        return None
    return next((agent_id for agent_id, row in answer.rows.items() if row.logged_in), None)


async def _try_other_separators(asking: Asking) -> None:
    """Where no batch of several ids ever had a row, ask one with its ids joined otherwise; keep the form that works."""
    several = [batch for batch in asking.silent if len(batch.agent_ids) > 1]
    if not several or any(len(batch.agent_ids) > 1 for batch in asking.batches):
        return
    client, usual = asking.client, asking.client.separator
    for separator in client.contract.separators:
        if separator == usual:
            continue
        client.separator = separator
        answer = await asking.request(several[0].agent_ids)
        if isinstance(answer, Answer) and answer.rows:
            misread = (usual, separator, several[0].exchange, answer.batch.exchange)
            asking.ledger.states = replace(asking.ledger.states, separator=misread)
            silent, asking.silent = asking.silent, []
            asking.take(answer)
            await asyncio.gather(*(asking.ask(batch.agent_ids) for batch in silent if batch is not several[0]))
            return
        client.separator = usual


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
    if isinstance(answer, Failure) or not answer.named or answer.named != real:
        return False
    ledger.states = replace(ledger.states, ignored_exchange=answer.batch.exchange, ignored_rows=len(answer.named))
    ledger.unvouched.update(ledger.absent)
    ledger.absent.clear()
    for batch in asking.silent:
        _leave_unvouched(asking, batch)
    return True


async def _vouch(asking: Asking, canary: str, batch: Batch) -> None:
    """Ask a batch without a witness again, with the canary in it; where the canary vanishes, look for the spoiler."""
    for piece in _pieces(batch.agent_ids, asking.size - 1):
        answer = await _ask_with(asking, canary, piece)
        if answer is None or answer.rows:
            continue
        if not await _still_present(asking, canary):
            _leave_unvouched(asking, replace(batch, agent_ids=piece))
            continue
        spoilers: list[tuple[str, int]] = []
        healed = await _isolate(asking, canary, piece, answer, spoilers)
        asking.ledger.poisoned += [
            PoisonedBatch(agent_id=one, batch_exchange=batch.exchange, alone_exchange=alone, status=200, healed=healed)
            for one, alone in spoilers
        ]


async def _ask_with(asking: Asking, canary: str, agent_ids: tuple[str, ...]) -> Answer | None:
    """Ask with the canary in front and keep what the answer says; None where the request failed, which is kept.

    An answer that is not vouched for marks nobody: rows are kept, and the rest is left to the caller.
    """
    answer = await asking.request((canary, *agent_ids))
    if isinstance(answer, Failure):
        asking.ledger.fail(answer, agent_ids)
        return None
    asking.keep_rows(answer)
    if answer.vouched:
        asking.batches.append(answer.batch)
        asking.mark_absent(answer)
    elif answer.rows:
        _leave_unvouched(asking, replace(answer.batch, agent_ids=answer.without_row))
    return answer


async def _still_present(asking: Asking, canary: str) -> bool:
    """Tell whether the canary alone still answers: else it went home, and its batch proves nothing."""
    answer = await asking.request((canary,))
    return isinstance(answer, Answer) and canary in answer.rows


async def _isolate(
    asking: Asking, canary: str, agent_ids: tuple[str, ...], spoilt: Answer, spoilers: list[tuple[str, int]]
) -> int:
    """Halve a spoilt batch, the canary in each half, down to the ids that spoil it; return how many answered."""
    if len(agent_ids) == 1:
        spoilers.append((agent_ids[0], spoilt.batch.exchange))
        return 0
    healed = 0
    for half in halves(agent_ids):
        answer = await _ask_with(asking, canary, half)
        if answer is not None:
            healed += len(half) if answer.rows else await _isolate(asking, canary, half, answer, spoilers)
    return healed


async def _is_uncut(asking: Asking, canary: str) -> bool:
    """Take a second look at absent agents of the fullest batches: new rows mean that the server cuts its answers.

    What was cut is asked again. False where it could not be shown that every id is answered by now.
    """
    ledger = asking.ledger
    for _ in range(SECOND_LOOKS):
        most_rows = max((batch.rows for batch in asking.batches), default=0)
        # An answer with so many rows shows that at least as many ids are answered in full.
        doubtful = [batch for batch in asking.batches if len(batch.agent_ids) > most_rows]
        again = _absent_of_the_fullest(asking, doubtful, room=asking.size - 1)
        if not again:
            return True
        # Asked from the end: a server that reads only the first ids of a request has not seen the last ones.
        answer = await asking.request((canary, *reversed(again)))
        if isinstance(answer, Failure):
            break
        asking.keep_rows(answer)
        found = [agent_id for agent_id in again if agent_id in answer.rows]
        if not found:
            return True
        fullest = next(batch for batch in doubtful if found[0] in batch.agent_ids)
        repeated = await asking.request(fullest.agent_ids)
        if isinstance(repeated, Failure):
            break
        asking.keep_rows(repeated)
        if all(agent_id in repeated.rows for agent_id in found if agent_id in fullest.agent_ids):
            # They logged in between the two questions: the same batch has them now.
            ledger.late.update(dict.fromkeys(found, answer.batch.exchange))
            return True
        most_rows = max(most_rows, len(repeated.rows))
        await _ask_in_smaller_batches(asking, canary, doubtful, most_rows)
        rows_now = sum(agent_id in ledger.rows for batch in doubtful for agent_id in batch.agent_ids)
        gained = rows_now - sum(batch.rows for batch in doubtful)
        cut = (most_rows, repeated.batch.exchange, answer.batch.exchange, gained)
        ledger.states = replace(ledger.states, cut=ledger.states.cut or cut)
    return False


def _absent_of_the_fullest(asking: Asking, doubtful: list[Batch], *, room: int) -> tuple[str, ...]:
    absent, rows = asking.ledger.absent, asking.ledger.rows
    chosen: list[str] = []
    for batch in sorted(doubtful, key=lambda batch: -batch.rows):
        chosen += [agent_id for agent_id in batch.agent_ids if agent_id in absent and agent_id not in rows]
        if len(chosen) >= room or room <= 0:
            break
    return tuple(chosen[-room:] if room > 0 else ())


async def _ask_in_smaller_batches(asking: Asking, canary: str, doubtful: list[Batch], most_rows: int) -> None:
    """Ask again, in batches that the server answers in full, for everybody that a cut answer called absent."""
    ledger = asking.ledger
    asking.size = min(most_rows, asking.size - 1)
    asking.batches = [batch for batch in asking.batches if batch not in doubtful]
    stale = [one for batch in doubtful for one in batch.agent_ids if one not in ledger.rows]
    exchange = doubtful[0].exchange
    for agent_id in stale:
        ledger.absent.pop(agent_id, None)
    if asking.size <= 1:  # no room for a canary beside the agent it vouches for
        ledger.unvouched.update(dict.fromkeys(stale, exchange))
        return
    await asyncio.gather(*(_ask_smaller(asking, canary, piece) for piece in _pieces(tuple(stale), asking.size - 1)))


async def _ask_smaller(asking: Asking, canary: str, agent_ids: tuple[str, ...]) -> None:
    answer = await _ask_with(asking, canary, agent_ids)
    if answer is not None and not answer.rows:
        _leave_unvouched(asking, replace(answer.batch, agent_ids=agent_ids))


def _pieces(agent_ids: tuple[str, ...], size: int) -> Iterator[tuple[str, ...]]:
    size = max(1, size)
    for start in range(0, len(agent_ids), size):
        yield agent_ids[start : start + size]
