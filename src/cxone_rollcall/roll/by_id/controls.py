"""Makes controls: requests with a known outcome. Pure: no requests.

A control has agents known to have a row, and others who had none. If exactly the first have a row again, answers lose
nothing. Most controls are drawn at random, to notice any kind of loss. Others have an order that reveals the limits of
a server that sorts ids.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from random import Random
from typing import NamedTuple

from cxone_rollcall.roll.by_id.answer import Batch, pieces

PRESENT_IN_CONTROLS = 100
"""Known rows that random controls ask for again. With those of the fixed control and as many absent agents, a loss of
3 % of the rows is seen in 99 of 100 runs."""
LEAST_CONTROLS = 4
"""Random controls at least. Behind two backends of which one lags, these and the fixed control all lead to that one in
one of 32 runs."""


class Control(NamedTuple):
    """A request with a known outcome: only `present` have rows.

    `ordered` if the order and the number of its ids matter.
    """

    agent_ids: tuple[str, ...]
    present: frozenset[str]
    ordered: bool = False

    def varied(self, rng: Random) -> Control:
        """This control in another order and size, unless it is ordered. Its absent agents are a sample.

        A cache may take addresses that are alike for the same.
        """
        if self.ordered:
            return self
        absent = [one for one in self.agent_ids if one not in self.present]
        mixed = [one for one in self.agent_ids if one in self.present]
        mixed += rng.sample(absent, rng.randint(len(absent) // 2, len(absent)))
        rng.shuffle(mixed)
        return Control(tuple(mixed), self.present)


def random_controls(
    known: Sequence[str], absent: Sequence[str], size: int, rng: Random, *, most: int
) -> Iterator[Control]:
    """Controls with random agents, half of them known to have a row.

    At most `size` ids each. There are four, or up to `most` if they are small.
    """
    beside = min(len(known), max(1, size // 2))
    others = min(len(absent), size - beside)
    for _ in range(max(LEAST_CONTROLS, min(-(-PRESENT_IN_CONTROLS // beside), most))):
        present = rng.sample(known, beside)
        mixed = [*present, *rng.sample(absent, others)]
        rng.shuffle(mixed)
        yield Control(tuple(mixed), frozenset(present))


def fixed_controls(
    doubtful: Sequence[Batch], absent: tuple[str, ...], known: Sequence[str], most_rows: int
) -> Iterator[Control]:
    """Controls larger than any batch, which reveal a limit of the server.

    The first has as many ids as the largest batch, and more known rows than any answer had. `known` is in the order of
    the ids. If too few are known, further controls test whether that number of rows is a limit.
    """
    size = max(len(batch.agent_ids) for batch in doubtful)
    if len(known) > 1 and most_rows > 2 and len(absent) + 2 <= size:
        # All absent agents fit between two present ones, with room for a third row.
        yield _between((known[0], known[-1]), absent)
        return
    count = min(len(known), max(most_rows + 1, size - len(absent)), size)
    # Between the present ones in every order: a server that sorts the ids also comes to the last one last.
    least, greatest = in_order(known[0]), in_order(known[-1])
    inside = (one for one in absent if least < in_order(one) < greatest)
    outside = (one for one in absent if not least < in_order(one) < greatest)
    filling = tuple(islice(chain(inside, outside), size - count))
    yield _between((known[0], *known[len(known) - count + 1 :]), filling)
    if count == 1:  # it stood at the end; a server may read the last ids instead of the first
        yield Control((known[0], *filling), frozenset(known[:1]), ordered=True)
    if count <= most_rows:
        # No response can have more rows than those seen. A further row beside fewer known ones also shows a limit.
        full = [batch for batch in doubtful if batch.rows == most_rows]
        doubted = frozenset(absent)
        again = tuple(dict.fromkeys(one for batch in full for one in batch.agent_ids if one in doubted))
        beside = (known[-1],) if most_rows > 1 else ()
        for piece in pieces(again, size - len(beside)):
            yield Control((*piece, *beside), frozenset(beside), ordered=True)


def in_order(agent_id: str) -> tuple[int, str]:
    """Sort key that puts numeric ids in the order of their numbers."""
    return len(agent_id), agent_id


def spread(present: Sequence[str], others: Sequence[str], size: int) -> tuple[str, ...]:
    """The ids with present ones at both ends and evenly between.

    At most `size` of them; the other agents fill the gaps.
    """
    count = min(size, len(present) + len(others))
    places = {round(place * (count - 1) / max(1, len(present) - 1)) for place in range(len(present))}
    ahead, filling = iter(present), iter(others)
    return tuple(next(ahead if place in places else filling) for place in range(count))


def _between(present: tuple[str, ...], others: tuple[str, ...]) -> Control:
    first, *rest = present
    agent_ids = (first, *others, *rest) if rest else (*others, first)
    return Control(agent_ids, frozenset(present), ordered=True)
