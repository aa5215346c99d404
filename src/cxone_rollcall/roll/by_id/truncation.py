"""Detects servers that truncate silently: first N ids, or N rows.

One *control* request settles it: as many ids as our largest batch, agents known to be present first and last, and
more of them than any response had rows. If all their rows come back, nothing was truncated. If rows are missing, or
other rows appear, further requests find out why.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

from cxone_rollcall.model.failure import Failure
from cxone_rollcall.model.observations.states import Truncation
from cxone_rollcall.model.struct import replace
from cxone_rollcall.roll.by_id.answer import Batch, pieces

if TYPE_CHECKING:
    from cxone_rollcall.roll.by_id.answer import Answer
    from cxone_rollcall.roll.by_id.batches import StateBatches

LOOKS = 4
"""Controls before we give up. A control may prove nothing (agents logged out meanwhile), or show a truncation."""


BY_CHANCE = 0.001
"""Probability below which a run of absent agents is suspicious.

If absent agents stand in a row at the end of a batch with less probability, they are requested again.
"""


class Control(NamedTuple):
    """A request with a foreseen response. `present` have rows, the other agents have none."""

    agent_ids: tuple[str, ...]
    present: frozenset[str]


class Cut(NamedTuple):
    """The exchange that lacked rows, and the one that has them."""

    lacking: int
    showing: int


async def check_truncation_early(batches: StateBatches) -> None:
    """Send a control while the last batches are under way.

    It is a full batch of agents known to have a row. If all their rows come back, no control is needed after the last
    batch, which saves a round trip. If a row is missing, this proves nothing: an agent may have logged out. It is sent
    once, and not to a server that has failed, to which we send as little as possible.
    """
    rows = batches.ledger.rows
    size = max((len(batch.agent_ids) for batch in batches.answered), default=0)
    if batches.control is not None or batches.ledger.failures or not _most_rows(batches) < size <= len(rows):
        return
    agent_ids = tuple(sorted(rows, key=len)[-size:])
    batches.control = Batch(agent_ids, 0, 0)
    answer = await batches.request(agent_ids)
    if not isinstance(answer, Failure) and not answer.complaint:
        batches.control = answer.batch


async def rule_out_truncation(batches: StateBatches, canary: str) -> None:
    """Show that the server answers every id.

    What it truncates is repeated in smaller batches. Agents that may have been truncated become unconfirmed if neither
    succeeds.
    """
    if not await _is_complete(batches, canary):
        doubted = _absent_in(batches, _doubtful(batches))
        batches.ledger.mark_unconfirmed(doubted, batches.answered[0].exchange)
    suspicious = _suspicious_ends(batches)[::-1]  # reversed: the id that ended the reading comes last
    await asyncio.gather(*(_ask_smaller(batches, canary, piece) for piece in pieces(suspicious, batches.size - 1)))


def _suspicious_ends(batches: StateBatches) -> tuple[str, ...]:
    """Return agents absent in a suspicious row at a batch's end.

    Suspicious: too long to be chance. A server may stop reading at a certain id, or fail in the middle of a response.
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
    """Whether controls show that nothing is truncated any more."""
    logged_out: set[str] = set()
    for _ in range(LOOKS):
        most_rows = _most_rows(batches)
        doubtful = _doubtful(batches)
        absent = _absent_in(batches, doubtful)
        if not absent:
            return True
        known = _known(batches, canary, logged_out)
        if not known:
            return False
        cut: Cut | None = None
        for control in _controls(doubtful, absent, known, most_rows):
            answer = await batches.request(control.agent_ids)
            if isinstance(answer, Failure):
                batches.ledger.fail(answer, absent)
                return False
            batches.keep_rows(answer)
            if answer.complaint:
                return False
            missing = [one for one in control.agent_ids if one in control.present and one not in answer.rows]
            found = [one for one in answer.rows if one not in control.present]
            if missing:
                cut = await _missing_is_cut(batches, missing[: max(1, most_rows)], answer, logged_out)
                break
            cut = await _found_was_cut(batches, found, doubtful, answer) if found else None
            if cut is not None:
                break
        else:
            return True
        if cut is not None:
            await _ask_again(batches, canary, doubtful, cut, most_rows)
    return False


def _most_rows(batches: StateBatches) -> int:
    return max((batch.rows for batch in _with_control(batches)), default=0)


def _with_control(batches: StateBatches) -> list[Batch]:
    return batches.answered if batches.control is None else [*batches.answered, batches.control]


def _doubtful(batches: StateBatches) -> list[Batch]:
    """Return the batches that may have been truncated.

    A response of N rows shows that N ids are answered in full. A URL whose last id has a row shows that a URL of this
    length is read in full.
    """
    most_rows = _most_rows(batches)
    longest = max((_length(batch.agent_ids[: batch.end]) for batch in _with_control(batches)), default=0)
    doubtful = [one for one in batches.answered if len(one.agent_ids) > most_rows or _length(one.agent_ids) > longest]
    return sorted(doubtful, key=lambda one: (-_length(one.agent_ids), -one.rows))


def _length(agent_ids: tuple[str, ...]) -> int:
    return sum(map(len, agent_ids)) + len(agent_ids)


def _absent_in(batches: StateBatches, doubtful: list[Batch]) -> tuple[str, ...]:
    absent = batches.ledger.absent
    return tuple([one for one in _ids(doubtful) if one in absent])


def _known(batches: StateBatches, canary: str, logged_out: set[str]) -> list[str]:
    """Return the agents known to have a row, by id. A server may sort them."""
    rows = batches.ledger.rows
    known = sorted([one for one in (*rows, *(() if canary in rows else (canary,))) if one not in logged_out])
    known.sort(key=len)  # two sorts without a function of ours are faster, and this is every agent
    return known


def _order(agent_id: str) -> tuple[int, str]:
    return len(agent_id), agent_id


def _controls(doubtful: list[Batch], absent: tuple[str, ...], known: list[str], most_rows: int) -> Iterator[Control]:
    size = max(len(batch.agent_ids) for batch in doubtful)
    if len(known) > 1 and most_rows > 2 and len(absent) + 2 <= size:
        # All absent agents fit between two present ones, with room for a third row.
        yield _between((known[0], known[-1]), absent)
        return
    count = min(len(known), max(most_rows + 1, size - len(absent)), size)
    # Between the present ones in every order: a server that sorts the ids also comes to the last one last.
    least, greatest = _order(known[0]), _order(known[-1])
    inside = (one for one in absent if least < _order(one) < greatest)
    outside = (one for one in absent if not least < _order(one) < greatest)
    filling = tuple(islice(chain(inside, outside), size - count))
    yield _between((known[0], *known[len(known) - count + 1 :]), filling)
    if count == 1:  # it stood at the end; a server may read the last ids instead of the first
        yield Control((known[0], *filling), frozenset(known[:1]))
    if count <= most_rows:
        # No response can have more rows than those seen. A further row beside fewer known ones also shows truncation.
        full = [batch for batch in doubtful if batch.rows == most_rows]
        doubted = frozenset(absent)
        again = tuple(dict.fromkeys(one for one in _ids(full) if one in doubted))
        beside = (known[-1],) if most_rows > 1 else ()
        for piece in pieces(again, size - len(beside)):
            yield Control((*piece, *beside), frozenset(beside))


def _between(present: tuple[str, ...], others: tuple[str, ...]) -> Control:
    first, *rest = present
    agent_ids = (first, *others, *rest) if rest else (*others, first)
    return Control(agent_ids, frozenset(present))


async def _missing_is_cut(
    batches: StateBatches, missing: list[str], answer: Answer, logged_out: set[str]
) -> Cut | None:
    """Request only the missing agents. Rows show a truncation; without rows they have logged out meanwhile."""
    alone = await batches.request(tuple(missing))
    if isinstance(alone, Failure):
        return None
    logged_out.update(alone.without_row)
    return Cut(answer.batch.exchange, alone.batch.exchange) if alone.rows else None


async def _found_was_cut(batches: StateBatches, found: list[str], doubtful: list[Batch], answer: Answer) -> Cut | None:
    """Repeat the first batch of the agents found. If it has their rows now, they had only just logged in."""
    first = next((batch for batch in doubtful if found[0] in batch.agent_ids), None)
    if first is None:
        return None
    repeated = await batches.request(first.agent_ids)
    if isinstance(repeated, Failure):
        return Cut(first.exchange, answer.batch.exchange)
    batches.keep_rows(repeated)
    if all(one in repeated.rows for one in found if one in first.agent_ids):
        batches.ledger.late.update(dict.fromkeys(found, answer.batch.exchange))
        return None
    return Cut(repeated.batch.exchange, answer.batch.exchange)


async def _ask_again(batches: StateBatches, canary: str, doubtful: list[Batch], cut: Cut, most_rows: int) -> None:
    """Repeat, in batches that the server answers in full, the agents that a truncated response made absent."""
    ledger = batches.ledger
    stale = tuple(dict.fromkeys(_absent_in(batches, doubtful)))
    ledger.mark_unconfirmed(stale, cut.lacking)
    batches.answered = [batch for batch in batches.answered if batch not in doubtful]
    # The number of rows that present agents get: so many ids are answered in full.
    measured = await batches.request(tuple(_known(batches, canary, set())[-batches.size :]))
    if not isinstance(measured, Failure):
        most_rows = max(most_rows, measured.batch.rows)
    batches.size = min(most_rows, max(len(batch.agent_ids) for batch in doubtful) - 1)
    if batches.size > 1:  # else there is no room for a canary, and the agents stay unconfirmed
        await asyncio.gather(*(_ask_smaller(batches, canary, piece) for piece in pieces(stale, batches.size - 1)))
    found = sum(one in ledger.rows for one in _ids(doubtful)) - sum(batch.rows for batch in doubtful)
    truncation = Truncation(most_rows, cut.lacking, cut.showing, found)
    ledger.states = replace(ledger.states, cut=ledger.states.cut or truncation)


async def _ask_smaller(batches: StateBatches, canary: str, agent_ids: tuple[str, ...]) -> None:
    answer = await batches.ask_with_canary(canary, agent_ids)
    if isinstance(answer, Failure):
        batches.ledger.fail(answer, agent_ids)
    elif not answer.rows:
        batches.ledger.mark_unconfirmed(agent_ids, answer.batch.exchange)


def _ids(batches: list[Batch]) -> Iterator[str]:
    for batch in batches:
        yield from batch.agent_ids
