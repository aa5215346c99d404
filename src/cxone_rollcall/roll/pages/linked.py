"""Reading one list of the published contract to its end: by its links, and by rows received where it has none.

What ends a list is told with care, because whoever stands behind a false end is lost: a page past the rows that the
server counts, a page whose links say that there is no next one, an empty page that nothing promised. An empty or
refused page in a place to which a link or the count led is no end but a hole.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.failure import Failure
from cxone_rollcall.model.observations.states import Truncation
from cxone_rollcall.model.struct import Record, Value, field
from cxone_rollcall.roll.pages.tally import Tally

if TYPE_CHECKING:
    from cxone_rollcall.client import Answered
    from cxone_rollcall.client.incontact_api import Listing
    from cxone_rollcall.contracts.protocol import RosterPage, StateRows
    from cxone_rollcall.model.exchange import Request

Page = TypeVar("Page", "RosterPage", "StateRows")

FIRST_AHEAD, MOST_AHEAD = 4, 48
"""How many pages are asked for ahead of the one being read, to begin with and when all goes well."""
FAILED_PAGES_IN_A_ROW = 4
STALE_PAGES_IN_A_ROW = 2
"""Pages on which everybody was seen before, or nobody stands: a list that goes on so has no end."""
MOST_PAGES = 20_000
_PAST_THE_END = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST})


class Source(Value, Generic[Page], frozen=True):
    """How a list is asked for: its first page, any other, and the ids of the rows of a page."""

    listing: Listing
    first: Callable[[int], Awaitable[tuple[Request, Answered[Page]]]]
    other: Callable[[Request], Awaitable[Answered[Page]]]
    ids: Callable[[Page], tuple[str, ...]]


class _Next(NamedTuple):
    """What to ask for next; `promised` tells that a link or the server's count says that there are rows."""

    request: Request
    promised: bool


class _Gap(NamedTuple):
    """Rows from `start` to before `end` that a link passed over, after a page of so many rows."""

    start: int
    end: int
    rows: int
    exchange: int


class Reading(Record, Generic[Page]):
    """One pass over all pages of a list.

    `take` is called with each page as it is read, in order, and `fail` with each failure. `doubts_empty` asks an empty
    first page again. `ended` tells that the list was read to an end that can be believed. `cut` says how pages are
    truncated, None if they are not.
    """

    source: Source[Page]
    size: int
    take: Callable[[Answered[Page]], Awaitable[None]]
    fail: Callable[[Failure], None]
    doubts_empty: bool = True
    tally: Tally = field(default_factory=Tally)
    failed: int = 0
    ended: bool = False
    first_exchange: int = 0
    exchange: int = 0
    cut: Truncation | None = None
    _asked: set[str] = field(default_factory=set)
    _gaps: list[_Gap] = field(default_factory=list)
    _was_linked: bool = False

    @property
    def whole(self) -> bool:
        """Read to its end without a failure, a complaint or a contradiction: who is not in it is not in the list."""
        tally = self.tally
        return self.ended and not (self.failed or tally.complaints or tally.unnamed or self.short or tally.shifted)

    @property
    def short(self) -> bool:
        """Fewer rows than the server counts, though every page was read."""
        total = self.tally.total
        return total is not None and len(self.tally.ids) < total and not self.failed

    async def read(self) -> None:
        """Read every page; each is asked for once, but for an empty one in a place that was promised."""
        try:
            request, answered = await self.source.first(self.size)
            if self.doubts_empty and not self._holds_rows(answered.value):
                answered = await self.source.other(request)
        except RequestFailed as failed:
            self._note(failed.failure)
            return
        self._asked.add(request.target)
        while True:
            rows = await self._take(answered)
            following = self._following(request, answered, rows)
            if following is None:
                await self._fill_gaps(request)
                if not rows and not self.tally.totals and self.tally.may_be_capped(self.size):
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
        """Return what to ask for next; None at the end, or where there is nothing more to be had."""
        onward, contract, tally = answered.value.onward, self.source.listing.contract, self.tally
        by_skip = contract.with_skip(request, tally.received)
        if tally.pages >= MOST_PAGES or tally.stale_in_a_row >= STALE_PAGES_IN_A_ROW:
            self.ended = tally.is_counted_out
            return None
        if onward.next is not None:
            return self._linked(request, answered, rows, by_skip)
        if tally.counts_more:
            return _Next(by_skip, promised=True) if by_skip.target not in self._asked else None
        if not rows or (onward.said and (self._was_linked or not tally.may_be_capped(self.size))):
            self.ended = True
            return None
        if tally.stale_in_a_row:
            # The page past the end is the first one again: skip does nothing here, so there is one page at most.
            self.ended = tally.is_counted_out or not tally.may_be_capped(self.size)
            tally.forgive_repeats()
            return None
        if tally.is_counted_out and rows < tally.rows_at_first:
            self.ended = True
            return None
        return _Next(by_skip, promised=False) if by_skip.target not in self._asked else None

    def _linked(self, request: Request, answered: Answered[Page], rows: int, by_skip: Request) -> _Next | None:
        self._was_linked = True
        contract = self.source.listing.contract
        linked = contract.next_request(answered.value.onward.next or "", request) or by_skip
        if linked.target not in self._asked:
            here, there = contract.skip_of(request), contract.skip_of(linked)
            if here is not None and there is not None and rows < there - here:
                self._gaps.append(_Gap(here + rows, there, rows, answered.exchange))
            return _Next(linked, promised=True)
        if by_skip.target in self._asked or not rows:  # the link leads in a circle
            self.ended = self.tally.is_counted_out
            return None
        return _Next(by_skip, promised=self.tally.counts_more)

    async def _fill_gaps(self, request: Request) -> None:
        """Ask for the rows that links have passed over.

        A page may hold fewer rows than its link steps on by because some were cut off, or because some are kept from
        us; only in the first case do they come when they are asked for.
        """
        for gap in self._gaps:
            start = gap.start
            while start < gap.end:
                asked = self.source.listing.contract.with_skip(request, start, top=gap.end - start)
                last = await self._ask(_Next(asked, promised=False))
                if last is None or not (ids := self.source.ids(last[1].value)) or ids[0] in self.tally.ids:
                    break
                start += await self._take(last[1])
                found = self.cut.found if self.cut else 0
                self.cut = Truncation(gap.rows, gap.exchange, last[1].exchange, found + len(ids))
        self._gaps.clear()

    async def _see_what_skip_counts(self, request: Request) -> None:
        """Ask for what stands one row further, where nothing follows a full page: skip may count pages here."""
        last = await self._ask(_Next(self.source.listing.contract.with_skip(request, 1), promised=False))
        if last is not None and any(one not in self.tally.ids for one in self.source.ids(last[1].value)):
            self.tally.holes += 1

    def _is_foreseen(self, following: Request, rows: int) -> bool:
        """Tell whether the pages after this one can be asked for side by side: the total says how many there are."""
        at = self.source.listing.contract.skip_of(following)
        return rows > 0 and at == self.tally.received and self.tally.counts_more

    async def _read_ahead(self, following: Request, rows: int) -> tuple[Request, Answered[Page]] | None:
        """Read the foreseen pages, ever more under way at once; return the one from which to go on, not yet taken."""
        contract, skip, ahead, failed_in_a_row = self.source.listing.contract, self.tally.received, FIRST_AHEAD, 0
        under_way: deque[tuple[Request, asyncio.Task[Answered[Page] | None]]] = deque()
        try:
            while True:
                while len(under_way) < ahead and skip < self.tally.totals[-1] and self.tally.pages < MOST_PAGES:
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
                    self.tally.received += rows
                    continue
                failed_in_a_row, ahead = 0, min(MOST_AHEAD, 2 * ahead)
                got = len(self.source.ids(answered.value)) + answered.value.unnamed
                if got != rows or not under_way or self.tally.stale_in_a_row:
                    return request, answered  # the last one, or one that is not as foreseen: go on from it
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
        """Ask for a page; None where it failed, or where nothing promised it and it is refused: that is the end.

        An empty page in a promised place is asked for again; where it stays empty it is a hole, unless the server's
        count says that the list ended before it.
        """
        try:
            answered = await self.source.other(request)
            if self._is_odd(answered.value, promised=promised):
                answered = await self.source.other(request)
                if promised and not self._holds_rows(answered.value):
                    self.tally.holes += 1
        except RequestFailed as failed:
            if not promised and failed.failure.status in _PAST_THE_END and not self.tally.may_be_capped(self.size):
                self.ended = True
            else:
                self._note(failed.failure)
            return None
        return answered

    def _is_odd(self, page: Page, *, promised: bool) -> bool:
        """Tell whether an empty page may be a slip: it was promised, or follows full pages that nothing counts."""
        if self._holds_rows(page) or self.tally.is_counted_out:
            return False
        return promised or (not self.tally.totals and self.tally.may_be_capped(self.size))

    def _holds_rows(self, page: Page) -> bool:
        return bool(self.source.ids(page) or page.unnamed)

    async def _take(self, answered: Answered[Page]) -> int:
        page = answered.value
        self.exchange = answered.exchange
        self.first_exchange = self.first_exchange or answered.exchange
        rows = self.tally.take(
            self.source.ids(page),
            size=self.size,
            unnamed=page.unnamed,
            total=page.total,
            complaint=bool(page.complaint),
            exchange=answered.exchange,
        )
        await self.take(answered)
        return rows

    def _note(self, failure: Failure) -> None:
        self.failed += 1
        self.fail(failure)
