"""Detects servers that truncate: 100 ids sent, 37 rows back.

*Controls* settle it: requests with a known outcome (`controls.py`). If the outcome differs, the same request is
repeated unchanged. If the answers contradict each other, the server loses rows at random, and no missing row means
absence. If they agree, the server may truncate: then its limit is measured and confirmed by further controls.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from itertools import islice
from typing import NamedTuple

from cxone_rollcall.model.failure import Failure, FailureKind
from cxone_rollcall.model.observations.states import RowsLost, Truncation
from cxone_rollcall.model.struct import replace
from cxone_rollcall.roll.by_id.answer import Answer, Batch, pieces
from cxone_rollcall.roll.by_id.batches import StateBatches
from cxone_rollcall.roll.by_id.controls import Control, fixed_controls, in_order, random_controls
from cxone_rollcall.roll.by_id.limit import Cut, ask_smaller, heal
from cxone_rollcall.roll.by_id.repeated import Ending, Repetition, is_noisy, note_loss, note_noise, repeat

LOOKS = 6
"""Rounds of controls before giving up. Each may show a change: agents logged in or out, or a limit."""
BY_CHANCE = 0.001
"""Probability below which absences in a row are not chance. Such agents at a batch's end are requested again."""
MISFITS = 2
"""Repetitions of a control that is forbidden or has another request's rows."""
MOST_CONTROLS = 100
"""Random controls in one round. Reached if the server answers few ids at once."""


class Surprise(NamedTuple):
    """A control with another outcome: rows missing, or rows not expected."""

    control: Control
    answer: Answer
    missing: tuple[str, ...]
    found: tuple[str, ...]


async def check_truncation_early(batches: StateBatches) -> None:
    """Send a control while the last batches are in flight. It is a full batch of agents known to have a row.

    If all their rows come back, the fixed control is not needed after the last batch. If a row is missing, this proves
    nothing: an agent may have logged out. It is sent once, and not to a server that has failed, to which we send as
    little as possible.
    """
    rows = batches.ledger.rows
    size = max((len(batch.agent_ids) for batch in batches.answered), default=0)
    most_rows = max((batch.rows for batch in batches.answered), default=0)
    if batches.control is not None or batches.ledger.failures or not most_rows < size <= len(rows):
        return
    agent_ids = tuple(sorted(rows, key=in_order)[-size:])
    batches.control = Batch(agent_ids, 0, 0)
    answer = await batches.request(agent_ids)
    if not isinstance(answer, Failure) and not answer.complaint and answer.fits:
        batches.control = answer.batch


async def rule_out_truncation(batches: StateBatches, canary: str) -> None:
    """Show that the server answers every id, or repair its truncation.

    Truncated agents are requested again in smaller batches. If neither succeeds, absent agents become unconfirmed.
    """
    batches.rows_at_first = len(batches.ledger.rows)
    suspicious = _suspicious_ends(batches)[::-1]  # reversed: the id that ended the reading comes last
    await asyncio.gather(*(ask_smaller(batches, canary, piece) for piece in pieces(suspicious, batches.size - 1)))
    if not await _is_complete(batches, canary):
        batches.ledger.mark_unconfirmed(batches.ledger.absent)


def _suspicious_ends(batches: StateBatches) -> tuple[str, ...]:
    """Agents absent in a row at a batch's end, unlikely by chance.

    A server may stop reading at a certain id, or fail in the middle of a response.
    """
    asked = sum(len(batch.agent_ids) for batch in batches.answered)
    absent = 1 - sum(batch.rows for batch in batches.answered) / max(1, asked)
    suspicious: dict[str, None] = {}
    for batch in batches.answered:
        for run in (batch.agent_ids[: batch.first], batch.agent_ids[batch.end :]):
            if run and max(absent, 0.01) ** len(run) < BY_CHANCE:
                suspicious.update(dict.fromkeys(run))
    return tuple(one for one in suspicious if one in batches.ledger.absent)


async def _is_complete(batches: StateBatches, canary: str) -> bool:
    """Whether controls show that no row is lost.

    If they show a limit, they are repeated with batches below it.
    """
    gone: set[str] = set()
    limit: Truncation | None = None
    for _ in range(LOOKS):
        if not batches.ledger.absent and limit is None:
            return True
        known = _known(batches, canary, gone)
        if not known or not batches.with_control():  # without an answered batch there is no size to control
            return False
        surprise: Surprise | None = None
        async for control, answer in _asked(batches, _controls(batches, known)):
            if isinstance(answer, Failure):
                batches.ledger.fail(answer, tuple(batches.ledger.absent))
                return False
            if answer.complaint or not answer.fits:
                return False
            surprise = surprise or _surprise(control, answer)
        if surprise is None:
            if limit is not None:
                batches.ledger.states = replace(batches.ledger.states, cut=limit)
            return True
        seen = await repeat(batches, surprise.control, surprise.answer)
        if seen.ending is Ending.FAILED:
            return False
        cut = _varying_limit(batches, seen) if seen.flickering else await _stable(batches, canary, surprise, seen, gone)
        if cut is not None:
            healed = await heal(batches, canary, cut, _known(batches, canary, gone))
            if isinstance(healed, Failure):  # then nothing says whether there is a limit
                batches.ledger.fail(healed, tuple(batches.ledger.absent))
                return False
            limit = healed
            if limit is None and seen.flickering:
                note_noise(batches, surprise.control, seen)
            elif limit is None:  # the same rows are missing each time, but at no limit
                missing = surprise.missing or surprise.found
                present = surprise.control.present.union(missing)
                note_loss(batches, RowsLost(cut.lacking, cut.showing, len(missing), len(present)))
            elif limit.most_rows == 1:  # no absence is left that a control would have to confirm
                batches.ledger.states = replace(batches.ledger.states, cut=limit)
                return True
        elif seen.flickering:
            note_noise(batches, surprise.control, seen)
        if is_noisy(batches):
            break
    return False


async def _asked(batches: StateBatches, controls: Sequence[Control]) -> AsyncIterator[tuple[Control, Answer | Failure]]:
    """Request controls side by side, and yield each with its answer.

    If the answer has rows of another request, or is forbidden, the control is repeated before it is yielded, alone and
    past caches.
    """
    answers = await asyncio.gather(*(batches.request(control.agent_ids, fresh=True) for control in controls))
    for first, first_answer in zip(controls, answers, strict=True):
        control, answer = first, first_answer
        for _ in range(MISFITS):
            if not _is_to_repeat(answer):
                break
            control = first.varied(batches.rng)
            answer = await batches.request(control.agent_ids, fresh=True)
        yield control, answer


def _is_to_repeat(answer: Answer | Failure) -> bool:
    return answer.kind is FailureKind.FORBIDDEN if isinstance(answer, Failure) else not answer.fits


def _controls(batches: StateBatches, known: list[str]) -> list[Control]:
    absent = tuple(sorted(batches.ledger.absent))  # not as answers happened to arrive: a seed then draws the same
    most = min(MOST_CONTROLS, max(2, len(batches.answered)))
    size = min(batches.size, max(len(batch.agent_ids) for batch in batches.with_control()))
    controls = [
        Control(kept, control.present.intersection(kept))
        for control in random_controls(known, absent, size, batches.rng, most=most)
        for kept in islice(batches.split(control.agent_ids), 1)  # long ids may not fit into one address
    ]
    doubtful = _doubtful(batches)
    doubted = frozenset(absent)
    absent_there = tuple(one for batch in doubtful for one in batch.agent_ids if one in doubted)
    if absent_there:
        controls += fixed_controls(doubtful, absent_there, known, batches.most_rows())
    return controls


def _surprise(control: Control, answer: Answer) -> Surprise | None:
    missing = tuple(one for one in control.agent_ids if one in control.present and one not in answer.with_row)
    found = tuple(one for one in answer.rows if one not in control.present)
    return Surprise(control, answer, missing, found) if missing or found else None


def _doubtful(batches: StateBatches) -> list[Batch]:
    """Return the batches that may have been truncated.

    A response of N rows shows that N ids are answered in full. A URL whose last id has a row shows that a URL of this
    length is read in full.
    """
    most_rows = batches.most_rows()
    longest = max((_length(batch.agent_ids[: batch.end]) for batch in batches.with_control()), default=0)
    doubtful = [one for one in batches.answered if len(one.agent_ids) > most_rows or _length(one.agent_ids) > longest]
    return sorted(doubtful, key=lambda one: (-_length(one.agent_ids), -one.rows))


def _length(agent_ids: tuple[str, ...]) -> int:
    return sum(map(len, agent_ids)) + len(agent_ids)


def _known(batches: StateBatches, canary: str, gone: set[str]) -> list[str]:
    """Agents known to have a row, ordered by id, as servers may."""
    rows = batches.ledger.rows
    known = sorted([one for one in (*rows, *(() if canary in rows else (canary,))) if one not in gone])
    known.sort(key=len)  # two sorts without a Python key function are faster, and this is every agent
    return known


def _varying_limit(batches: StateBatches, seen: Repetition) -> Cut | None:
    """A truncation if all answers have equally many rows, of different agents."""
    counts = {len(answer.with_row) for answer in seen.answers}
    if len(counts) > 1 or counts.pop() < batches.fullest:
        return None
    return Cut(seen.answers[0].batch.exchange, seen.answers[-1].batch.exchange)


async def _stable(
    batches: StateBatches, canary: str, surprise: Surprise, seen: Repetition, gone: set[str]
) -> Cut | None:
    """The truncation behind a surprising control, or None. Without one, agents have logged in or out."""
    last = seen.answers[-1]
    missing = [one for one in surprise.missing if one not in last.with_row]
    found = [one for one in last.rows if one not in surprise.control.present]
    if missing:
        return await _missing_is_cut(batches, missing[: max(1, batches.most_rows())], last, gone)
    if not found:
        return None
    cut = await _found_was_cut(batches, found, last)
    if cut is None:  # an agent logged in meanwhile, or a replica has caught up: look again
        batches.ledger.late.update(dict.fromkeys(found, last.batch.exchange))
        await _second_look(batches, canary)
    return cut


async def _missing_is_cut(batches: StateBatches, missing: list[str], answer: Answer, gone: set[str]) -> Cut | None:
    """Request only the missing agents. Rows show a truncation; without rows they have logged out meanwhile."""
    alone = await batches.request(tuple(missing), fresh=True)
    if isinstance(alone, Failure) or not alone.fits:
        return None
    gone.update(alone.without_row)
    return Cut(answer.batch.exchange, alone.batch.exchange) if alone.rows else None


async def _found_was_cut(batches: StateBatches, found: list[str], answer: Answer) -> Cut | None:
    """Repeat the first batch of agents that unexpectedly had a row.

    If it has their rows now, they have just logged in. Else the batch was truncated.
    """
    first = next((batch for batch in batches.answered if found[0] in batch.agent_ids), None)
    if first is None:
        return None
    repeated = await batches.request(first.agent_ids, fresh=True)
    if isinstance(repeated, Failure):
        return Cut(first.exchange, answer.batch.exchange)
    if all(one in repeated.rows for one in found if one in first.agent_ids):
        return None
    return Cut(repeated.batch.exchange, answer.batch.exchange)


async def _second_look(batches: StateBatches, canary: str) -> None:
    """Request every absent agent again, in other batches. One with a row now counts as late."""
    ledger = batches.ledger
    absent = list(ledger.absent)
    batches.rng.shuffle(absent)
    await asyncio.gather(*(ask_smaller(batches, canary, piece) for piece in pieces(tuple(absent), batches.size - 1)))
    exchange = batches.last_exchange
    ledger.late.update({one: exchange for one in absent if one in ledger.rows and ledger.rows[one].logged_in})
