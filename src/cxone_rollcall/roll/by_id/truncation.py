"""Does the server answer every id of a request? One that reads the first N ids, or gives N rows, hides the rest.

A vouched answer shows that the server answered, not that it answered in full. A *control* shows it: one question
as large as the largest, agents known to be present at both its ends, and more of them than any answer had rows.
All their rows come back, and nothing that was asked has been cut. A row too few or too many, and it is looked into.
"""

from __future__ import annotations

import asyncio
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

from cxone_rollcall.model.failure import Failure
from cxone_rollcall.model.observations.states import Truncation
from cxone_rollcall.model.struct import replace
from cxone_rollcall.roll.by_id.batches import Batch
from cxone_rollcall.roll.by_id.witness import ask_with, leave_unvouched, pieces

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cxone_rollcall.roll.by_id.batches import Answer, Asking

LOOKS = 4
"""How often a look may come out neither way (agents went home meanwhile), or show a cut, before it is given up."""


BY_CHANCE = 0.001
"""How unlikely a run of absent agents at the end of a batch may be before they are asked once more."""


class Control(NamedTuple):
    """A question whose answer is foreseen: who is known to be present has a row, and who was absent has none."""

    agent_ids: tuple[str, ...]
    present: frozenset[str]


class Cut(NamedTuple):
    """The exchange that lacked rows, and the one that shows them."""

    lacking: int
    showing: int


async def show_uncut(asking: Asking) -> None:
    """Ask a control while the last batches are under way: agents known to have a row, as many as a batch holds.

    All their rows come back, and nothing was cut: nothing has to be asked when the last batch is answered, a round
    trip later. Where a row is missing this says nothing: somebody may have gone home. It is asked once, and not of a
    server that has failed: the less is asked of that the better.
    """
    rows = asking.ledger.rows
    size = max((len(batch.agent_ids) for batch in asking.batches), default=0)
    if asking.control is not None or asking.ledger.failures or not _most_rows(asking) < size <= len(rows):
        return
    agent_ids = tuple(sorted(rows, key=len)[-size:])
    asking.control = Batch(agent_ids, 0, 0)
    answer = await asking.request(agent_ids)
    if not isinstance(answer, Failure) and not answer.complaint:
        asking.control = answer.batch


async def rule_out_cuts(asking: Asking, canary: str) -> None:
    """Show that every id is answered, asking again in smaller batches where it is not.

    Where neither can be shown, who was called absent by an answer that may have been cut is unknown again.
    """
    if not await _is_uncut(asking, canary):
        leave_unvouched(asking, Batch(_in_doubt(asking, _doubtful(asking)), 0, asking.batches[0].exchange))
    odd = _odd_ends(asking)[::-1]  # the other way round: what ended the reading comes last
    await asyncio.gather(*(_ask_smaller(asking, canary, piece) for piece in pieces(odd, asking.size - 1)))


def _odd_ends(asking: Asking) -> tuple[str, ...]:
    """Return who is absent in a run at an end of a batch that is too long to be chance, to be asked once more.

    A server may stop reading at an odd id, or stumble once in the middle of an answer.
    """
    asked = sum(len(batch.agent_ids) for batch in asking.batches)
    absent = 1 - sum(batch.rows for batch in asking.batches) / max(1, asked)
    odd: dict[str, None] = {}
    for batch in asking.batches:
        for run in (batch.agent_ids[: batch.first], batch.agent_ids[batch.end :]):
            if run and max(absent, 0.01) ** len(run) < BY_CHANCE:
                odd.update(dict.fromkeys(run))
    return tuple(one for one in odd if one in asking.ledger.absent)


async def _is_uncut(asking: Asking, canary: str) -> bool:
    gone: set[str] = set()
    for _ in range(LOOKS):
        most_rows = _most_rows(asking)
        doubtful = _doubtful(asking)
        absent = _in_doubt(asking, doubtful)
        if not absent:
            return True
        known = _known(asking, canary, gone)
        if not known:
            return False
        cut: Cut | None = None
        for control in _controls(doubtful, absent, known, most_rows):
            answer = await asking.request(control.agent_ids)
            if isinstance(answer, Failure):
                asking.ledger.fail(answer, absent)
                return False
            asking.keep_rows(answer)
            if answer.complaint:
                return False
            missing = [one for one in control.agent_ids if one in control.present and one not in answer.rows]
            found = [one for one in answer.rows if one not in control.present]
            if missing:
                cut = await _missing_is_cut(asking, missing[: max(1, most_rows)], answer, gone)
                break
            cut = await _found_was_cut(asking, found, doubtful, answer) if found else None
            if cut is not None:
                break
        else:
            return True
        if cut is not None:
            await _ask_again(asking, canary, doubtful, cut, most_rows)
    return False


def _most_rows(asking: Asking) -> int:
    return max((batch.rows for batch in _answered(asking)), default=0)


def _answered(asking: Asking) -> list[Batch]:
    return asking.batches if asking.control is None else [*asking.batches, asking.control]


def _doubtful(asking: Asking) -> list[Batch]:
    """Return the batches that may have been cut.

    An answer of N rows shows that N ids are answered in full, and an address that is read to its last id that an
    address so long is read.
    """
    most_rows = _most_rows(asking)
    longest = max((_length(batch.agent_ids[: batch.end]) for batch in _answered(asking)), default=0)
    doubtful = [one for one in asking.batches if len(one.agent_ids) > most_rows or _length(one.agent_ids) > longest]
    return sorted(doubtful, key=lambda one: (-_length(one.agent_ids), -one.rows))


def _length(agent_ids: tuple[str, ...]) -> int:
    return sum(map(len, agent_ids)) + len(agent_ids)


def _in_doubt(asking: Asking, doubtful: list[Batch]) -> tuple[str, ...]:
    ledger = asking.ledger
    return tuple([one for one in _ids(doubtful) if one in ledger.absent and one not in ledger.rows])


def _known(asking: Asking, canary: str, gone: set[str]) -> list[str]:
    """Return who is known to have a row, in the order of their ids: a server may sort them."""
    rows = asking.ledger.rows
    known = sorted([one for one in (*rows, *(() if canary in rows else (canary,))) if one not in gone])
    known.sort(key=len)  # twice, without a function of ours: this looks at everybody
    return known


def _order(agent_id: str) -> tuple[int, str]:
    return len(agent_id), agent_id


def _controls(doubtful: list[Batch], absent: tuple[str, ...], known: list[str], most_rows: int) -> Iterator[Control]:
    size = max(len(batch.agent_ids) for batch in doubtful)
    if len(known) > 1 and most_rows > 2 and len(absent) + 2 <= size:
        # Everybody in doubt fits between two who are present, and there is room for a third row.
        yield _between((known[0], known[-1]), absent)
        return
    count = min(len(known), max(most_rows + 1, size - len(absent)), size)
    # Between them in every order: also a server that sorts the ids comes to the last one last.
    least, greatest = _order(known[0]), _order(known[-1])
    inside = (one for one in absent if least < _order(one) < greatest)
    outside = (one for one in absent if not least < _order(one) < greatest)
    filling = tuple(islice(chain(inside, outside), size - count))
    yield _between((known[0], *known[len(known) - count + 1 :]), filling)
    if count == 1:  # it stood at the end; a server may read the last ids as well as the first
        yield Control((known[0], *filling), frozenset(known[:1]))
    if count <= most_rows:
        # No answer can have more rows than those seen. Another row beside fewer of the known shows a cut as well.
        full = [batch for batch in doubtful if batch.rows == most_rows]
        in_doubt = frozenset(absent)
        again = tuple(dict.fromkeys(one for one in _ids(full) if one in in_doubt))
        beside = (known[-1],) if most_rows > 1 else ()
        for piece in pieces(again, size - len(beside)):
            yield Control((*piece, *beside), frozenset(beside))


def _between(present: tuple[str, ...], others: tuple[str, ...]) -> Control:
    first, *rest = present
    agent_ids = (first, *others, *rest) if rest else (*others, first)
    return Control(agent_ids, frozenset(present))


async def _missing_is_cut(asking: Asking, missing: list[str], answer: Answer, gone: set[str]) -> Cut | None:
    """Ask the missing by themselves: their rows show a cut; no rows, and they have gone home meanwhile."""
    alone = await asking.request(tuple(missing))
    if isinstance(alone, Failure):
        return None
    gone.update(alone.without_row)
    return Cut(answer.batch.exchange, alone.batch.exchange) if alone.rows else None


async def _found_was_cut(asking: Asking, found: list[str], doubtful: list[Batch], answer: Answer) -> Cut | None:
    """Ask the first batch of those found once more: it has their rows now, and they had only just logged in."""
    first = next((batch for batch in doubtful if found[0] in batch.agent_ids), None)
    if first is None:
        return None
    repeated = await asking.request(first.agent_ids)
    if isinstance(repeated, Failure):
        return Cut(first.exchange, answer.batch.exchange)
    asking.keep_rows(repeated)
    if all(one in repeated.rows for one in found if one in first.agent_ids):
        asking.ledger.late.update(dict.fromkeys(found, answer.batch.exchange))
        return None
    return Cut(repeated.batch.exchange, answer.batch.exchange)


async def _ask_again(asking: Asking, canary: str, doubtful: list[Batch], cut: Cut, most_rows: int) -> None:
    """Ask again, in batches that the server answers in full, for everybody that a cut answer called absent."""
    ledger = asking.ledger
    stale = tuple(dict.fromkeys(one for one in _ids(doubtful) if one in ledger.absent and one not in ledger.rows))
    for agent_id in stale:
        ledger.absent.pop(agent_id, None)
    asking.batches = [batch for batch in asking.batches if batch not in doubtful]
    # As many rows as come for agents who are present: so many ids are answered in full.
    measured = await asking.request(tuple(_known(asking, canary, set())[-asking.size :]))
    if not isinstance(measured, Failure):
        most_rows = max(most_rows, measured.batch.rows)
    asking.size = min(most_rows, max(len(batch.agent_ids) for batch in doubtful) - 1)
    if asking.size <= 1:  # no room for a canary beside the agent it vouches for
        leave_unvouched(asking, Batch(stale, 0, cut.lacking))
    else:
        await asyncio.gather(*(_ask_smaller(asking, canary, piece) for piece in pieces(stale, asking.size - 1)))
    found = sum(one in ledger.rows for one in _ids(doubtful)) - sum(batch.rows for batch in doubtful)
    ledger.states = replace(
        ledger.states, cut=ledger.states.cut or Truncation(most_rows, cut.lacking, cut.showing, found)
    )


async def _ask_smaller(asking: Asking, canary: str, agent_ids: tuple[str, ...]) -> None:
    answer = await ask_with(asking, canary, agent_ids)
    if isinstance(answer, Failure):
        asking.ledger.fail(answer, agent_ids)
    elif not answer.rows:
        leave_unvouched(asking, replace(answer.batch, agent_ids=agent_ids))


def _ids(batches: list[Batch]) -> Iterator[str]:
    for batch in batches:
        yield from batch.agent_ids
