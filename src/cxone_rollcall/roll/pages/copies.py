"""Decides what a repeated page means: is the list complete?

Old versions of the API ignore `skip` and `top`: their one page is the whole list, and is returned for every page. Other
servers know a page size but no page number: then a larger page may hold the rest.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from cxone_rollcall.model.observations.roster import PagingIgnored
from cxone_rollcall.model.wording import counted
from cxone_rollcall.roll.pages.tally import ROUND, Tally

LARGER = 10
"""Factor by which the larger page exceeds the usual one. It shows whether a full page is the whole list."""
MOST_ROWS = 100_000
"""Rows of the largest page requested. More than any list seen so far."""


class Reread(NamedTuple):
    """The first page read in another size: its rows, and the total."""

    rows: int
    total: int | None


Reader = Callable[[int], Awaitable[Reread | None]]
"""Requests the first page in another size, and counts its new agents. None if there is no usable answer."""


async def judge_copies(tally: Tally, reread: Reader, *, linked: bool = False) -> None:
    """Decide what copies at the end of a list mean. The result is noted in the tally.

    `ended` is then True if the list is complete. Copies in a complete list do not count as a contradiction. A `linked`
    list says on its first page that more follow.
    """
    if not tally.ends_in_copies:
        return
    repeated = tally.repeated_before_copies
    one_page, exchange = tally.one_page, tally.exchange
    rows = tally.rows_at_first if one_page else tally.rows_at_last
    whole, why = await _one_page(tally, reread, linked=linked) if one_page else _many_pages(tally)
    tally.ended = whole
    if whole:
        tally.repeated = repeated
    if one_page or not whole:
        tally.paging_ignored = PagingIgnored(exchange, rows, whole, why)


def _many_pages(tally: Tally) -> tuple[bool, str]:
    if not tally.counts_pages and tally.total == len(tally.ids):
        return True, f"the server counts {tally.total}"
    if tally.total is None and tally.rows_at_last < tally.rows_at_first:
        return True, "the last page is shorter than the first"
    return False, "pages after the last new one repeat earlier pages, and no total shows that nobody is missing"


async def _one_page(tally: Tally, reread: Reader, *, linked: bool) -> tuple[bool, str]:
    """Whether a page returned for every page is complete, and why."""
    rows, total, received = tally.rows_at_first, tally.totals[-1] if tally.totals else None, len(tally.ids)
    if total is not None and total > rows:
        return await _larger(tally, reread, min(total, MOST_ROWS))
    if linked:  # a cache that ignores the query looks like a server that ignores it, but for this link
        return await _larger(tally, reread, LARGER * tally.size)
    if rows > tally.size:
        return True, f"{counted(rows, 'row')} came where {tally.size} were requested"
    if rows < tally.size and rows % ROUND:
        return True, f"{counted(rows, 'row')} came where {tally.size} were requested, no number at which a page is cut"
    alone = await reread(1)
    if alone is not None and alone.rows >= received > 1:
        return True, f"{counted(alone.rows, 'row')} came where 1 was requested"
    if alone is not None and alone.total == total == rows:
        return True, f"the server counts {total}, on a page of {alone.rows} too"
    return await _larger(tally, reread, LARGER * tally.size)


async def _larger(tally: Tally, reread: Reader, size: int) -> tuple[bool, str]:
    """Request a page so large that it may have every agent."""
    before = len(tally.ids)
    came = await reread(size)
    total = max(tally.totals, default=0)
    if total > len(tally.ids):
        return False, f"the list may be cut at {counted(len(tally.ids), 'row')}, and the server counts {total}"
    if came is not None and len(tally.ids) > before:
        if came.total is not None and came.total == tally.totals[0]:
            return True, f"a page of {size} has all {came.total} that the server counts"
        if came.rows < size and came.rows % ROUND:
            return True, f"{counted(came.rows, 'row')} came where {size} were requested"
    return False, f"the list may be cut at {counted(len(tally.ids), 'row')}"
