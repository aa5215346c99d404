"""Reads the roster of `v2` by page numbers. The server may cap, miscount or shift pages, or count from 0."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from cxone_rollcall.client import Answered, V2Api
from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.failure import Failure, FailureKind
from cxone_rollcall.roll.pages.copies import Reread, judge_copies
from cxone_rollcall.roll.pages.tally import Tally

if TYPE_CHECKING:
    from cxone_rollcall.contracts.protocol import RosterPage

PAGES_AHEAD = 48
"""Pages requested ahead of the one being read. The pace decides how many are sent at once."""
FAILED_PAGES_IN_A_ROW = 4
"""Failed pages, one after another, after which no more are requested."""
EMPTY_PAGES_IN_A_ROW = 2
"""Empty pages that are the end, whatever the total is. A single one may be a gap in the numbering."""

_NO_SUCH_PAGE = frozenset({FailureKind.REJECTED, FailureKind.NOT_FOUND})


class NumberedPages:
    """Reads all pages of the roster, by rows received, not requested.

    Page 1 gives the real page size and the total; the other pages are then requested side by side. Without a total, or
    if the pages contradict it, page 0 is requested too. `take` is called with each page in order, after it was counted
    in the tally, and `fail` with each failure.
    """

    def __init__(
        self, api: V2Api, take: Callable[[Answered[RosterPage]], Awaitable[None]], fail: Callable[[Failure], None]
    ) -> None:
        self._api = api
        self._take_page = take
        self._fail = fail
        self._first_page = 1
        self._from_zero: frozenset[str] = frozenset()
        self._zero_exchange = 0
        self._zero_asked = False

    async def read(self, tally: Tally) -> None:
        """Read every page once. The tally is void if the server counts from 0 and the reading began at 1."""
        self._tally = tally
        self._size = tally.size
        await self._read_pages()
        if self._first_page and not self._has_failed and tally.doubtful:
            await self._look_at_page_zero()
        tally.from_zero, tally.zero_exchange = self._from_zero, self._zero_exchange
        if self._has_failed:
            return
        if self._from_zero and self._first_page and (not tally.pages or tally.shifted or self._first_is_small):
            # What looked like a cap or a shift was the last page, or page 0 itself: read again from page 0.
            tally.void = True
            self._first_page = 0
            return
        if tally.is_endless:
            tally.note_endless()
            return
        if tally.ends_in_copies:
            await judge_copies(tally, self._reread)
            return
        if tally.stale:
            if not (tally.counts_first_page and self._first_is_small):
                if tally.total is None or tally.short:
                    return
            else:
                tally.forgive_repeats()  # the page past the end is the last one again, and the total agrees
        tally.ended = True

    @property
    def _has_failed(self) -> bool:
        return bool(self._tally.failed or self._tally.complaints)

    @property
    def _first_is_small(self) -> bool:
        return self._tally.rows_at_first < self._tally.size

    async def _read_pages(self) -> None:
        tally = self._tally
        first = await self._ask_first()
        if first is None:
            return
        rows = await self._take(first)
        if rows == 0 and not tally.total:
            return
        if 0 < rows < self._size:
            # All agents, a capped page, or the last page of a server that counts from 0. The last is checked first;
            # then pages of this size are read until one is short or empty.
            if not tally.counts_first_page:
                await self._look_at_page_zero()
                if self._from_zero and self._first_page:
                    return
            self._size = rows
        last_rows = await self._read_expected_pages(rows)
        # The total was right only if the page after the last one is empty; a short last page shows it for free.
        page = self._first_page + tally.pages
        while last_rows and (last_rows >= self._size or tally.counts_pages) and not self._has_failed:
            answer = None if tally.stale else await self._ask(page, promised=False)
            if answer is None:
                return
            last_rows, page = await self._take(answer), page + 1

    async def _ask_first(self) -> Answered[RosterPage] | None:
        """Request the first page. If it does not exist, page 0 may be the only one."""
        try:
            return await self._page(self._first_page, self._size)
        except RequestFailed as failed:
            if self._first_page and failed.failure.kind in _NO_SUCH_PAGE:
                await self._look_at_page_zero()
            if not (self._first_page and self._from_zero):
                self._note(failed.failure)
            return None

    def _expects(self, page: int) -> bool:
        """Whether this page should have rows, by the server's total if given."""
        totals = self._tally.totals
        return not totals or (page - self._first_page) * self._size < totals[-1]

    async def _read_expected_pages(self, rows: int) -> int:
        """Read the pages after the first in order.

        Many are requested side by side if the total promises them. Returns the number of rows on the last page; 0 after
        an empty page or too many failures.
        """
        tally, page, failed_in_a_row = self._tally, self._first_page + 1, 0
        under_way: deque[asyncio.Task[Answered[RosterPage] | None]] = deque()
        try:
            while True:
                while len(under_way) < (PAGES_AHEAD if tally.totals else 1) and self._expects(page):
                    under_way.append(asyncio.create_task(self._ask(page, promised=bool(tally.totals))))
                    page += 1
                if not under_way:
                    return rows
                answer = await under_way.popleft()
                if answer is None:
                    failed_in_a_row += 1
                    if failed_in_a_row == FAILED_PAGES_IN_A_ROW or not tally.totals:
                        return 0
                    continue
                rows, failed_in_a_row = await self._take(answer), 0
                if tally.stale or tally.empty_in_a_row == (EMPTY_PAGES_IN_A_ROW if tally.totals else 1):
                    return 0
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    async def _look_at_page_zero(self) -> None:
        """Request page 0, once. An agent that only it has proves that pages are counted from 0."""
        if self._zero_asked:
            return
        self._zero_asked = True
        tally = self._tally
        try:
            answer = await self._page(0, tally.size)
        except RequestFailed as failed:
            # Most servers rightly refuse page 0; some fail on it with a 5xx, which means the same if nothing else does.
            crashed = failed.failure.kind is FailureKind.SERVER_TROUBLE and tally.ids and self._fails_only_at(0)
            if failed.failure.kind not in _NO_SUCH_PAGE and not crashed:
                self._note(failed.failure)
            return
        self._zero_exchange = answer.exchange
        new = dict.fromkeys(agent_id for agent_id in answer.value.ids if agent_id not in tally.ids)
        if new:
            self._from_zero = frozenset(new)
            tally.new_ids = list(new)
            tally.ids.update(new)
            tally.totals += [answer.value.total] if answer.value.total is not None else []
            await self._take_page(answer)

    def _fails_only_at(self, page: int) -> bool:
        """Whether all other requests of this run were answered without a 5xx."""
        target = self._api.contract.roster_request(page, self._tally.size).target
        return all(one.target == target for one in self._api.exchanges if one.status is None or one.status >= 500)

    async def _page(self, page: int, size: int) -> Answered[RosterPage]:
        """Request a page, an empty one twice: it may be a slip.

        Empty: without content, or a first page without agents.
        """
        answer = await self._api.roster_page(page, size)
        nobody = not self._tally.ids and not answer.value.length
        if answer.value.no_content or (nobody and page):
            answer = await self._api.roster_page(page, size)
        return answer

    async def _ask(self, page: int, *, promised: bool) -> Answered[RosterPage] | None:
        """Request a page; None at the end or if it failed.

        A page that was refused, and that no total promised, is the end.
        """
        try:
            return await self._page(page, self._size)
        except RequestFailed as failed:
            if promised or failed.failure.kind not in _NO_SUCH_PAGE or not self._tally.ids:
                self._note(failed.failure)
            return None

    async def _reread(self, size: int) -> Reread | None:
        """Read the first page in another size. It counts only if it has new agents."""
        tally = self._tally
        try:
            answer = await self._api.roster_page(self._first_page, size, fresh=True)
        except RequestFailed:
            return None
        page, repeated = answer.value, tally.repeated
        if not tally.ids.issuperset(page.ids):
            await self._take(answer)
            tally.repeated = repeated  # the larger page has the smaller one in it
        return Reread(page.length, page.total)

    async def _take(self, answer: Answered[RosterPage]) -> int:
        rows = self._tally.take(answer.value, answer.exchange, answer.size)
        await self._take_page(answer)
        return rows

    def _note(self, failure: Failure) -> None:
        self._tally.failed += 1
        self._fail(failure)
