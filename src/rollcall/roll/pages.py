"""Reading one list of the published contract to its end: by its links, and by rows received where it has none."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from rollcall.errors import RequestFailed
from rollcall.model.failure import Failure, FailureKind

if TYPE_CHECKING:
    from rollcall.client import Answered
    from rollcall.client.listing import Listing
    from rollcall.contracts.base import RosterPage, StateRows
    from rollcall.model.exchange import Request

Page = TypeVar("Page", "RosterPage", "StateRows")

PAGES_AHEAD = 48
"""How many pages are asked for ahead of the one being read; the pace decides how many of them are under way."""
FAILED_PAGES_IN_A_ROW = 4
STALE_PAGES_IN_A_ROW = 2
"""Pages on which everybody was seen before, or nobody stands: a list that goes on so has no end."""
MOST_PAGES = 20_000


@dataclass(frozen=True, slots=True)
class Source(Generic[Page]):
    """How a list is asked for: its first page, any other, and the ids of the rows of a page."""

    listing: Listing
    first: Callable[[int], Awaitable[tuple[Request, Answered[Page]]]]
    other: Callable[[Request], Awaitable[Answered[Page]]]
    ids: Callable[[Page], tuple[str, ...]]


class _Gap(NamedTuple):
    """Rows from `start` to before `end` that a link passed over, after a page of so many rows."""

    start: int
    end: int
    rows: int
    exchange: int


@dataclass(slots=True)
class Reading(Generic[Page]):
    """One pass over all pages of a list: what it found, and what in it contradicts itself.

    `take` is called with each page as it is read, in order, and `fail` with each failure.
    """

    source: Source[Page]
    size: int
    take: Callable[[Answered[Page]], Awaitable[None]]
    fail: Callable[[Failure], None]
    ids: dict[str, None] = field(default_factory=dict)
    totals: list[int] = field(default_factory=list)
    pages: int = 0
    failed: int = 0
    unnamed: int = 0
    repeated: int = 0
    repeat_exchange: int = 0
    capped: int | None = None
    first_exchange: int = 0
    exchange: int = 0
    complaints: int = 0
    ended: bool = False
    cut: tuple[int, int, int, int] | None = None
    """(rows at most, exchange that was cut, exchange that showed the rest, rows found), where pages are cut."""
    _received: int = 0
    _rows_at_first: int = 0
    _pages_with_rows: int = 0
    _pages_counting_themselves: int = 0
    _stale_in_a_row: int = 0
    _asked: set[str] = field(default_factory=set)
    _gaps: list[_Gap] = field(default_factory=list)

    @property
    def total(self) -> int | None:
        """The server's own count of the list, the least where it gave several; None where it counts each page."""
        if not self.totals or (self._counts_pages and self._pages_with_rows > 1):
            return None
        return min(self.totals)

    @property
    def shifted(self) -> bool:
        """The list moved under the reading: a row came twice, or the total changed between pages."""
        return self.repeated > 0 or (not self._counts_pages and len(set(self.totals)) > 1)

    @property
    def short(self) -> bool:
        """Fewer rows than the server counts, though every page was read."""
        return self.total is not None and len(self.ids) < self.total and not self.failed

    @property
    def whole(self) -> bool:
        """Read to its end without a failure, a complaint or a contradiction: who is not in it is not in the list."""
        return self.ended and not (self.failed or self.complaints or self.unnamed or self.short or self.shifted)

    @property
    def _counts_pages(self) -> bool:
        return self._pages_counting_themselves == self._pages_with_rows

    async def read(self) -> None:
        """Read every page; each is asked for once."""
        try:
            request, answered = await self.source.first(self.size)
        except RequestFailed as failed:
            self._note(failed.failure)
            return
        self._asked.add(request.target)
        while True:
            rows = await self._take(answered)
            following = self._following(request, answered, rows)
            if following is None:
                await self._fill_gaps(request)
                return
            if self._is_foreseen(following, rows):
                last = await self._read_ahead(following, rows)
            else:
                last = await self._ask(following)
            if last is None:
                return
            request, answered = last

    def _following(self, request: Request, answered: Answered[Page], rows: int) -> Request | None:
        """Return what to ask for next; None at the end, or where there is nothing more to be had."""
        page = answered.value
        contract, total = self.source.listing.contract, self.totals[-1] if self.totals else None
        promised = total is not None and self._received < total and not (self._counts_pages and self.pages > 1)
        by_skip = contract.with_skip(request, self._received)
        if self.pages >= MOST_PAGES or self._stale_in_a_row >= STALE_PAGES_IN_A_ROW:
            self.ended = self.total is not None and len(self.ids) >= self.total
            return None
        if page.onward.next is not None:
            linked = contract.next_request(page.onward.next, request) or by_skip
            if linked.target not in self._asked:
                here, there = contract.skip_of(request), contract.skip_of(linked)
                if here is not None and there is not None and 0 < rows < there - here:
                    self._gaps.append(_Gap(here + rows, there, rows, answered.exchange))
                return linked
            if by_skip.target in self._asked or not rows:  # the link leads in a circle
                self.ended = self.total is not None and len(self.ids) >= self.total
                return None
            return by_skip
        counted = total is not None and self._received >= total and total > self._rows_at_first
        if not rows or (not promised and (page.onward.said or counted)):
            self.ended = True
            return None
        if self._stale_in_a_row:
            # The page past the end is the first one again: this list is not paged, unless its page was full.
            self.ended = self._rows_at_first < self.size or (self.total or 0) == len(self.ids)
            if self.ended:
                self.repeated = 0
            return None
        return by_skip if by_skip.target not in self._asked else None

    async def _fill_gaps(self, request: Request) -> None:
        """Ask for the rows that links have passed over, where the server counts more than came.

        A page may hold fewer rows than its link steps on by because some were cut off, or because some are kept from
        us; only in the first case do they come when they are asked for.
        """
        gaps, self._gaps = self._gaps, []
        for gap in gaps if self.short else ():
            start = gap.start
            while start < gap.end:
                asked = self.source.listing.contract.with_skip(request, start, top=gap.end - start)
                last = await self._ask(asked)
                if last is None or not (ids := self.source.ids(last[1].value)) or ids[0] in self.ids:
                    break
                start += await self._take(last[1])
                _, _, _, found = self.cut or (0, 0, 0, 0)
                self.cut = (gap.rows, gap.exchange, last[1].exchange, found + len(ids))

    def _is_foreseen(self, following: Request, rows: int) -> bool:
        """Tell whether the pages after this one can be asked for side by side: the total says how many there are."""
        at = self.source.listing.contract.skip_of(following)
        total = self.totals[-1] if self.totals else 0
        return rows > 0 and at == self._received < total and not (self._counts_pages and self.pages > 1)

    async def _read_ahead(self, following: Request, rows: int) -> tuple[Request, Answered[Page]] | None:
        """Read the foreseen pages, many under way at once; return the one from which to go on, not yet taken."""
        contract, skip, failed_in_a_row = self.source.listing.contract, self._received, 0
        under_way: deque[tuple[Request, asyncio.Task[Answered[Page] | None]]] = deque()
        try:
            while True:
                while len(under_way) < PAGES_AHEAD and skip < self.totals[-1]:
                    request = contract.with_skip(following, skip)
                    self._asked.add(request.target)
                    under_way.append((request, asyncio.create_task(self._answer(request))))
                    skip += rows
                if not under_way:
                    return None
                request, task = under_way.popleft()
                answered = await task
                if answered is None:
                    failed_in_a_row += 1
                    if failed_in_a_row == FAILED_PAGES_IN_A_ROW:
                        return None
                    self._received += rows
                    continue
                failed_in_a_row = 0
                got = len(self.source.ids(answered.value)) + answered.value.unnamed
                if got != rows or not under_way:
                    return request, answered  # the last one, or one that is not as foreseen: go on from it
                await self._take(answered)
        finally:
            for request, task in under_way:
                self._asked.discard(request.target)
                task.cancel()
            await asyncio.gather(*(task for _, task in under_way), return_exceptions=True)

    async def _ask(self, request: Request) -> tuple[Request, Answered[Page]] | None:
        self._asked.add(request.target)
        answered = await self._answer(request)
        return None if answered is None else (request, answered)

    async def _answer(self, request: Request) -> Answered[Page] | None:
        try:
            return await self.source.other(request)
        except RequestFailed as failed:
            if failed.failure.kind in (FailureKind.REJECTED, FailureKind.NOT_FOUND) and self._past_the_end(request):
                self.ended = True
            else:
                self._note(failed.failure)
            return None

    def _past_the_end(self, request: Request) -> bool:
        """Tell whether a page was asked for that nothing promised, so that its refusal is the end of the list."""
        at = self.source.listing.contract.skip_of(request)
        return bool(self.ids) and at == self._received and (self.total is None or self._received >= self.total)

    async def _take(self, answered: Answered[Page]) -> int:
        page, ids = answered.value, self.source.ids(answered.value)
        rows = len(ids) + page.unnamed
        self.pages += 1
        self.exchange = answered.exchange
        self.first_exchange = self.first_exchange or answered.exchange
        self.unnamed += page.unnamed
        if page.complaint:
            self.complaints += 1
        if page.total is not None and (rows or not self.totals):  # a page past the end may count only itself
            self.totals.append(page.total)
        if self.pages == 1:
            self._rows_at_first = rows
        elif rows and self._rows_at_first < self.size:
            self.capped = self._rows_at_first
        news = [one for one in ids if one not in self.ids]
        self._stale_in_a_row = 0 if news or page.unnamed else self._stale_in_a_row + 1
        if rows:
            self._pages_with_rows += 1
            self._pages_counting_themselves += rows == page.total
        if len(news) < len(ids):
            self.repeated += len(ids) - len(news)
            self.repeat_exchange = answered.exchange
        self._received += rows
        self.ids.update(dict.fromkeys(news))
        await self.take(answered)
        return rows

    def _note(self, failure: Failure) -> None:
        self.failed += 1
        self.fail(failure)
