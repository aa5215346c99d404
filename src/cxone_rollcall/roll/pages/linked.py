"""Reads a list of `incontact` by its links, else by `skip`.

Ending a list too early loses agents, so each way to end is checked: as many rows as the server counts, links that
name no next page, or an empty page that nothing promised. An empty or refused page that a link or the total promised
is not the end but a gap.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from cxone_rollcall.client import Answered, IncontactApi
from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.exchange import Request
from cxone_rollcall.model.failure import Failure
from cxone_rollcall.model.observations.states import Truncation
from cxone_rollcall.model.struct import Value
from cxone_rollcall.roll.pages.copies import Reread, judge_copies
from cxone_rollcall.roll.pages.tally import STALE_PAGES_IN_A_ROW, Tally

if TYPE_CHECKING:
    from cxone_rollcall.contracts.protocol import RosterPage, StateRows

Page = TypeVar("Page", "RosterPage", "StateRows")

FIRST_AHEAD, MOST_AHEAD = 4, 48
"""Pages requested ahead: at first, and after many good responses."""
FAILED_PAGES_IN_A_ROW = 4
"""Failed pages, one after another, after which no more are requested."""
_PAST_THE_END = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST})


class Source(Value, Generic[Page], frozen=True):
    """How to request a list."""

    api: IncontactApi
    first: Callable[[int], Awaitable[tuple[Request, Answered[Page]]]]
    other: Callable[[Request], Awaitable[Answered[Page]]]


class _Next(NamedTuple):
    """The next request. `promised` if a link or the server's total says that it has rows."""

    request: Request
    promised: bool


class _Gap(NamedTuple):
    """Rows from `start` to `end` that a link skipped. The page before had `rows` rows."""

    start: int
    end: int
    rows: int
    exchange: int


class LinkedPages(Generic[Page]):
    """Reads all pages of one list.

    `take` is called with each page in order, after it was counted in the tally, and `fail` with each failure.
    `doubts_empty` requests an empty first page a second time.
    """

    def __init__(
        self,
        source: Source[Page],
        take: Callable[[Answered[Page]], Awaitable[None]],
        fail: Callable[[Failure], None],
        *,
        doubts_empty: bool = True,
    ) -> None:
        self._source: Source[Page] = source
        self._take_page: Callable[[Answered[Page]], Awaitable[None]] = take
        self._fail = fail
        self._doubts_empty = doubts_empty

    async def read(self, tally: Tally) -> None:
        """Read every page once. Empty pages that should have rows are requested again."""
        self._tally = tally
        self._asked: set[str] = set()
        self._gaps: list[_Gap] = []
        self._was_linked = False
        try:
            request, answered = await self._source.first(tally.size)
            if self._doubts_empty and not answered.value.length:
                answered = await self._source.other(request)
        except RequestFailed as failed:
            self._note(failed.failure)
            return
        self._asked.add(request.target)
        while True:
            rows = await self._take(answered)
            following = self._following(request, answered, rows)
            if following is None:
                await self._fill_gaps(request)
                await judge_copies(tally, partial(self._reread, request), linked=self._was_linked)
                if tally.paging_ignored is not None:
                    return
                if not rows and not tally.totals and tally.may_be_capped:
                    await self._see_what_skip_counts(request)
                return
            if following.promised and self._is_foreseen(following.request, rows):
                last = await self._read_ahead(following.request, rows)
            else:
                last = await self._ask(following)
            if last is None:
                return
            request, answered = last

    def _following(self, request: Request, answered: Answered[Page], rows: int) -> _Next | None:
        """Return what to request next. None at the end, or if nothing more can be read."""
        links, contract, tally = answered.value.links, self._source.api.contract, self._tally
        by_skip = contract.with_skip(request, tally.received)
        if tally.has_most or tally.stale_in_a_row + tally.empty_in_a_row >= STALE_PAGES_IN_A_ROW:
            tally.ended = tally.is_counted_out
            if tally.is_endless:
                tally.ended = False
                tally.note_endless()
            return None
        if links.next is not None:
            linked = contract.next_request(links.next, request) or by_skip
            return self._linked(request, answered.exchange, rows, linked, by_skip)
        if tally.counts_more:
            return _Next(by_skip, promised=True) if by_skip.target not in self._asked else None
        if not rows or (links.given and (self._was_linked or not tally.may_be_capped)):
            tally.ended = True
            return None
        if tally.ends_in_copies:
            return None  # `judge_copies` decides
        if tally.stale_in_a_row:
            # Known rows came behind the last page. They are the end if all agents were counted, or if it was short.
            tally.ended = tally.is_counted_out or not tally.may_be_capped
            tally.forgive_repeats()
            return None
        if tally.is_counted_out and rows < tally.rows_at_first:
            tally.ended = True
            return None
        return _Next(by_skip, promised=False) if by_skip.target not in self._asked else None

    def _linked(self, request: Request, exchange: int, rows: int, linked: Request, by_skip: Request) -> _Next | None:
        self._was_linked = True
        contract = self._source.api.contract
        if linked.target not in self._asked:
            here, there = contract.skip_of(request), contract.skip_of(linked)
            if here is not None and there is not None and rows < there - here:
                self._gaps.append(_Gap(here + rows, there, rows, exchange))
            return _Next(linked, promised=True)
        if by_skip.target in self._asked or not rows:  # the links form a loop
            self._tally.ended = self._tally.is_counted_out
            return None
        return _Next(by_skip, promised=self._tally.counts_more)

    async def _fill_gaps(self, request: Request) -> None:
        """Request the rows that links skipped.

        A page may hold fewer rows than its link skips because it was truncated, or because the server withholds
        some agents. Only truncated rows arrive when they are requested. Pages of different lengths have lost rows at
        no limit.
        """
        tally, truncated = self._tally, set[int]()
        for gap in self._gaps:
            start = gap.start
            while start < gap.end:
                asked = self._source.api.contract.with_skip(request, start, top=gap.end - start)
                last = await self._ask(_Next(asked, promised=False))
                if last is None or not (ids := last[1].value.ids) or ids[0] in tally.ids:
                    break
                start += await self._take(last[1])
                found = tally.truncation.found if tally.truncation else 0
                tally.truncation = Truncation(gap.rows, gap.exchange, last[1].exchange, found + len(ids))
                truncated.add(gap.rows)
        if truncated != {tally.most_rows}:
            tally.truncation = None

    async def _reread(self, request: Request, size: int) -> Reread | None:
        """Read the first page in another size. It counts only if it has new agents."""
        tally, larger = self._tally, self._source.api.contract.with_skip(request, 0, top=size)
        try:
            answered = await self._source.other(larger.afresh())
        except RequestFailed:
            return None
        page, repeated = answered.value, tally.repeated
        if not tally.ids.issuperset(page.ids):
            await self._take(answered)
            tally.repeated = repeated  # the larger page has the smaller one in it
        return Reread(page.length, page.total)

    async def _see_what_skip_counts(self, request: Request) -> None:
        """Request the second row after a full page without a next one. `skip` may count pages, not rows."""
        last = await self._ask(_Next(self._source.api.contract.with_skip(request, 1), promised=False))
        if last is not None and not self._tally.ids.issuperset(last[1].value.ids):
            self._tally.holes += 1

    def _is_foreseen(self, following: Request, rows: int) -> bool:
        """Whether the remaining pages can be requested side by side. True if the total says how many there are.

        After a page with fewer rows than the first, the total may be wrong.
        """
        at = self._source.api.contract.skip_of(following)
        return rows >= max(1, self._tally.rows_at_first) and at == self._tally.received and self._tally.counts_more

    async def _read_ahead(self, following: Request, rows: int) -> tuple[Request, Answered[Page]] | None:
        """Read the foreseen pages, more and more side by side. Returns the first one not counted yet, or None."""
        contract, tally, ahead, failed_in_a_row = self._source.api.contract, self._tally, FIRST_AHEAD, 0
        skip = tally.received
        under_way: deque[tuple[Request, asyncio.Task[Answered[Page] | None]]] = deque()
        try:
            while True:
                while len(under_way) < ahead and skip < tally.totals[-1] and not tally.has_most:
                    request = contract.with_skip(following, skip)
                    self._asked.add(request.target)
                    under_way.append((request, asyncio.create_task(self._answer(request, promised=True))))
                    skip += rows
                if not under_way:
                    return None
                request, task = under_way.popleft()
                answered = await task
                if answered is None:
                    failed_in_a_row += 1
                    if failed_in_a_row == FAILED_PAGES_IN_A_ROW:
                        return None
                    tally.received += rows
                    continue
                failed_in_a_row, ahead = 0, min(MOST_AHEAD, 2 * ahead)
                if answered.value.length != rows or not under_way or tally.stale_in_a_row or tally.empty_in_a_row:
                    return request, answered  # the last page, or one of another size: continue from it
                await self._take(answered)
        finally:
            for request, task in under_way:
                self._asked.discard(request.target)
                task.cancel()
            await asyncio.gather(*(task for _, task in under_way), return_exceptions=True)

    async def _ask(self, following: _Next) -> tuple[Request, Answered[Page]] | None:
        request = following.request
        self._asked.add(request.target)
        answered = await self._answer(request, promised=following.promised)
        return None if answered is None else (request, answered)

    async def _answer(self, request: Request, *, promised: bool) -> Answered[Page] | None:
        """Request a page; None at the end or if it failed.

        A page that was refused, and that nothing promised, is the end. An empty page in a promised place is requested
        again. If it stays empty it is a gap.
        """
        try:
            answered = await self._source.other(request)
            if self._is_suspicious(answered.value, promised=promised):
                answered = await self._source.other(request)
                if promised and not answered.value.length:
                    self._tally.holes += 1
        except RequestFailed as failed:
            tally = self._tally
            is_all = tally.total == len(tally.ids) or not tally.may_be_capped
            if not promised and failed.failure.status in _PAST_THE_END and is_all:
                tally.ended = True
            else:
                self._note(failed.failure)
            return None
        return answered

    def _is_suspicious(self, page: Page, *, promised: bool) -> bool:
        """Whether an empty page may be a slip. It was promised, or follows full pages that have no total."""
        if page.length or self._tally.is_counted_out:
            return False
        return promised or (not self._tally.totals and self._tally.may_be_capped)

    async def _take(self, answered: Answered[Page]) -> int:
        rows = self._tally.take(answered.value, answered.exchange, answered.size)
        await self._take_page(answered)
        return rows

    def _note(self, failure: Failure) -> None:
        self._tally.failed += 1
        self._fail(failure)
