"""Repeats requests to tell noise from rules.

Noise differs from one answer to the next; a rule of the server does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from itertools import pairwise
from typing import NamedTuple

from cxone_rollcall.model.failure import Failure
from cxone_rollcall.model.observations.states import REVERSALS_OF_NOISE, Disagreement, RowsLost
from cxone_rollcall.model.struct import replace
from cxone_rollcall.roll.by_id.answer import Answer
from cxone_rollcall.roll.by_id.batches import StateBatches
from cxone_rollcall.roll.by_id.controls import Control

REPEATS = 2
"""How often a request is repeated unchanged."""
MOST_REPEATS = 6
"""How often it is repeated at most. If few rows changed, agents may have logged out and in again."""


class Ending(Enum):
    """How the repetitions of a request ended."""

    FAILED = "a repetition had no usable answer"
    STABLE = "the same rows each time, or one change for good"
    CHANGING = "rows came and went"


class Repetition(NamedTuple):
    """A repeated request: its ending, its answers, and ids whose rows vary.

    `reversals` counts how often a row came back, or went again.
    """

    ending: Ending
    answers: tuple[Answer, ...]
    flickering: tuple[str, ...] = ()
    reversals: int = 0


async def repeat(batches: StateBatches, control: Control, first: Answer) -> Repetition:
    """Repeat a control's request twice, or until noise is proven.

    An agent may log in or out meanwhile: one change that stays is no contradiction. Two changes are.
    """
    answers, seen = [first], Repetition(Ending.STABLE, (first,))
    while len(answers) <= REPEATS or (
        len(answers) <= MOST_REPEATS and seen.flickering and seen.reversals < REVERSALS_OF_NOISE
    ):
        answer = await batches.request(control.agent_ids, fresh=True)
        if isinstance(answer, Failure) or answer.complaint:
            return Repetition(Ending.FAILED, tuple(answers))
        answers.append(answer)
        seen = _compare(control, answers)
    return seen


def _compare(control: Control, answers: Sequence[Answer]) -> Repetition:
    flickering, reversals = list[str](), 0
    for one in control.agent_ids:
        rows = [one in answer.with_row for answer in answers]
        reversals += max(0, _changes(rows) - 1)
        if _changes([one in control.present, *rows]) > 1:
            flickering.append(one)
    ending = Ending.CHANGING if flickering else Ending.STABLE
    return Repetition(ending, tuple(answers), tuple(flickering), reversals)


def _changes(seen: Sequence[bool]) -> int:
    return sum(one is not other for one, other in pairwise(seen))


def note_noise(batches: StateBatches, control: Control, seen: Repetition) -> None:
    """Note answers that contradict each other: lost rows, or a disagreement."""
    by_rows = sorted(seen.answers, key=lambda one: len(one.with_row))
    fewest, most = by_rows[0], by_rows[-1]
    # An agent's second row may take the place of another row, below a limit of rows: no loss at random.
    reversals = 0 if any(answer.second_rows for answer in seen.answers) else seen.reversals
    lost = [one for one in seen.flickering if one in control.present]
    if not lost or not fewest.with_row or any(answer.strays for answer in seen.answers):
        note_disagreement(batches, fewest.batch.exchange, len(fewest.rows), most, reversals)
        return
    one = lost[0]
    lacking = next(answer for answer in seen.answers if one not in answer.with_row)
    showing = next((answer for answer in seen.answers if one in answer.with_row), most)
    missing = sum(one not in lacking.with_row for one in control.present)
    noted = RowsLost(lacking.batch.exchange, showing.batch.exchange, missing, len(control.present), reversals)
    note_loss(batches, noted)


def note_loss(batches: StateBatches, lost: RowsLost) -> None:
    """Note that rows were lost; the first loss is kept as evidence."""
    ledger = batches.ledger
    ledger.states = replace(ledger.states, lost=ledger.states.lost or lost)


def note_disagreement(batches: StateBatches, fewer: int, rows: int, more: Answer, reversals: int) -> None:
    """Note that one request had two different answers.

    The exchange `fewer` had `rows` rows.
    """
    ledger = batches.ledger
    noted = Disagreement(fewer, more.batch.exchange, rows, len(more.rows), reversals)
    ledger.states = replace(ledger.states, disagreement=ledger.states.disagreement or noted)


def is_noisy(batches: StateBatches) -> bool:
    """Whether answers contradicted each other. Then no missing row means absence."""
    states = batches.ledger.states
    return states.lost is not None or states.disagreement is not None


ROUNDS = 3
"""Rounds of requests for missing agents, if the server loses rows."""


async def ask_for_rows_alone(batches: StateBatches, agent_ids: Iterable[str]) -> None:
    """Request agents again only for their rows, in changing batches.

    A missing row means nothing here. Stops after a round without new rows. No batch is larger than the most rows of an
    answer: a server may answer only a few ids of each request, and others each time.
    """
    ledger = batches.ledger
    ledger.mark_unconfirmed(ledger.absent)
    batches.size = min(batches.size, batches.fullest or batches.size)
    left = [one for one in agent_ids if one in ledger.agents and one not in ledger.rows]
    for _ in range(ROUNDS):
        batches.rng.shuffle(left)
        for piece in batches.split(left):
            answer = await batches.request(piece, fresh=True)
            if isinstance(answer, Failure):
                return
        still = [one for one in left if one not in ledger.rows]
        if len(still) in {0, len(left)}:
            return
        left = still
