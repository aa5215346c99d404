"""Reading the whole roster from a server that may cap its pages, miscount, shift or count pages from zero."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, NamedTuple

from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.failure import Failure, FailureKind, Stage
from cxone_rollcall.model.observations.roster import RosterRead
from cxone_rollcall.model.struct import Record, field

if TYPE_CHECKING:
    from cxone_rollcall.client import Answered, Client
    from cxone_rollcall.contracts.protocol import RosterPage
    from cxone_rollcall.model.agent import Agent
    from cxone_rollcall.roll.ledger import Ledger

PAGES_AHEAD = 48
"""How many pages are asked for ahead of the one being read; the pace decides how many of them are under way."""
MOST_READINGS = 4
FAILED_PAGES_IN_A_ROW = 4
"""After so many failed pages in a row the rest is not asked for: the server would only be hit again."""
EMPTY_PAGES_IN_A_ROW = 2
"""A single empty page may be a hole in the numbering; two in a row are the end, whatever the total says."""
STALE_PAGES_IN_A_ROW = 2
"""Two pages in a row on which everybody was seen before: this server does not turn its pages, and would never end."""

MOST_PAGES = 20_000
"""Two million agents; a roster that goes on after that has no end."""

_NO_SUCH_PAGE = frozenset({FailureKind.REJECTED, FailureKind.NOT_FOUND})

Deliver = Callable[[tuple["Agent", ...]], Awaitable[None]]


class _Reading(Record):
    """One pass over all pages: what it found, and what in it contradicts itself."""

    first_page: int
    size: int
    ids: set[str] = field(default_factory=set)
    totals: list[int] = field(default_factory=list)
    pages: int = 0
    failed: int = 0
    unnamed: int = 0
    repeated: int = 0
    repeat_exchange: int = 0
    rows_at_first: int = 0
    capped: int | None = None
    refusal: Failure | None = None
    pages_with_rows: int = 0
    pages_counting_themselves: int = 0
    stale_in_a_row: int = 0
    first_exchange: int = 0
    exchange: int = 0

    @property
    def total(self) -> int | None:
        """The server's own count, the least where it gave several; None where it counted each page by itself."""
        if self.counts_pages and self.pages_with_rows > 1:
            return None
        return min(self.totals) if self.totals else None

    @property
    def counts_pages(self) -> bool:
        """Each count so far was that of its own page: it may say nothing of the roster."""
        return self.pages_counting_themselves == self.pages_with_rows

    @property
    def short(self) -> bool:
        """Fewer agents than the server counts, though every page was read."""
        return self.total is not None and len(self.ids) < self.total and not self.failed

    @property
    def shifted(self) -> bool:
        """The roster moved under the reading: an agent came twice, or the total changed between pages."""
        return self.repeated > 0 or len(set(self.totals)) > 1

    @property
    def stale(self) -> bool:
        """The pages repeat themselves, or have no end: there is nothing more to be had from reading on."""
        return self.stale_in_a_row >= STALE_PAGES_IN_A_ROW or self.pages >= MOST_PAGES

    @property
    def counts_itself(self) -> bool:
        """The count is that of the first page: the whole roster is on it, or this server counts each page."""
        return self.total is not None and self.total == self.rows_at_first

    @property
    def doubtful(self) -> bool:
        """There may be more on page 0: no count says otherwise, or what came contradicts the count."""
        agrees = bool(self.ids) and len(self.ids) == self.total and not self.shifted
        return not agrees or (self.counts_itself and self.rows_at_first >= self.size)

    @property
    def hides_somebody(self) -> bool:
        """An agent came twice and there is no total: whoever stood in the second place may be skipped each time."""
        return self.repeated > 0 and self.total is None

    def expects(self, page: int) -> bool:
        """Tell whether the server's count, where it gives one, promises rows on this page."""
        return not self.totals or (page - self.first_page) * self.size < self.totals[-1]


class _New(NamedTuple):
    """The ids that no page of this reading had before, and the agents whom no reading has had."""

    of_reading: list[str]
    agents: tuple[Agent, ...]


class RosterReader:
    """Reads on by the rows received, never by the size asked, until the roster agrees with itself.

    Page 1 tells the page size that the server really gives and its total; the other pages are then read side by
    side. Where the server does not count, or what came contradicts its count, page 0 is asked too.
    Where an agent came twice or the total moved, the roster is read again, until one reading is without
    contradiction or two agree.
    """

    def __init__(self, client: Client, ledger: Ledger, deliver: Deliver) -> None:
        self._client = client
        self._ledger = ledger
        self._deliver = deliver
        self._asked_size = client.contract.largest_page
        self._seen: set[str] = set()
        self._readings: list[_Reading] = []
        self._settled: _Reading | None = None
        self._from_zero: frozenset[str] = frozenset()
        self._zero_exchange = 0
        self._zero_asked = False
        self._remarked: dict[str, int] = {}

    async def read(self) -> None:
        """Deliver the agents of each page as it comes, each agent once; failures go to the ledger."""
        through = False
        try:
            await self._read_until_settled()
            through = True
        finally:
            self._report(through=through)

    def withdrawn(self) -> frozenset[str]:
        """Return the agents that an earlier reading held and the one that settled the roster does not.

        Nobody is withdrawn by a reading that itself has fewer agents than the server counts.
        """
        settled = self._settled
        if settled is None or settled.short:
            return frozenset()
        return frozenset(self._seen - settled.ids)

    async def _read_until_settled(self) -> None:
        first_page = 1
        while len(self._readings) < MOST_READINGS:
            reading = _Reading(first_page, self._asked_size)
            self._readings.append(reading)
            await self._read_pages(reading)
            first_is_refused = reading.failed and not reading.pages and reading.refusal is not None
            if first_page and (first_is_refused or (reading.doubtful and not reading.failed)):
                await self._look_at_page_zero(reading)
            if first_is_refused and self._from_zero and reading.refusal is not None:
                self._ledger.failures.remove(reading.refusal)  # not a failure: page 1 is past the end, from page 0
                self._readings.clear()
                first_page = 0
                continue
            if reading.failed:
                return
            pieced_together = reading.shifted or reading.rows_at_first < self._asked_size
            if self._from_zero and first_page and pieced_together:
                # What looked like a cap or a shift was the last page, or page 0 itself: read anew from 0.
                self._readings.clear()
                first_page = 0
                continue
            if reading.stale and not (reading.counts_itself and reading.rows_at_first < self._asked_size):
                if reading.total is None or reading.short:
                    return
            elif reading.stale:
                reading.repeated = 0  # the page past the end is the last one again, and the count agrees
            if not reading.shifted or (self._last_two_agree() and not reading.hides_somebody):
                self._settled = reading
                return

    def _last_two_agree(self) -> bool:
        return len(self._readings) > 1 and self._readings[-1].ids == self._readings[-2].ids

    async def _read_pages(self, reading: _Reading) -> None:
        first = await self._ask(reading, reading.first_page)
        if first is None:
            return
        rows = reading.rows_at_first = await self._take(reading, first)
        if rows == 0 and not reading.total:
            return
        if 0 < rows < reading.size:
            # The whole roster, a capped page, or the last page of a server that counts from 0: the last is asked
            # for first, and then the pages are read on by the rows received, until one is short or empty.
            if not reading.counts_itself:
                await self._look_at_page_zero(reading)
                if self._from_zero and reading.first_page:
                    return
            reading.size = rows
        last_rows = await self._read_expected_pages(reading, rows)
        # The total was right only if the page after its last one is empty; a short last page says so for free.
        page = reading.first_page + reading.pages
        while last_rows and (last_rows >= reading.size or reading.counts_pages) and not reading.failed:
            answer = None if reading.stale else await self._ask(reading, page, promised=False)
            if answer is None:
                return
            last_rows, page = await self._take(reading, answer), page + 1

    async def _read_expected_pages(self, reading: _Reading, rows: int) -> int:
        """Read the pages after the first, in their order, many under way at once where the total promises them.

        Returns the rows of the last page read; 0 where an empty page, or too many failures, ended the reading.
        """
        page, failed_in_a_row, empty_in_a_row = reading.first_page + 1, 0, int(rows == 0)
        under_way: deque[asyncio.Task[Answered[RosterPage] | None]] = deque()
        try:
            while True:
                while len(under_way) < (PAGES_AHEAD if reading.totals else 1) and reading.expects(page):
                    asked = self._ask(reading, page, promised=bool(reading.totals))
                    under_way.append(asyncio.create_task(asked))
                    page += 1
                if not under_way:
                    return rows
                answer = await under_way.popleft()
                if answer is None:
                    failed_in_a_row += 1
                    if failed_in_a_row == FAILED_PAGES_IN_A_ROW or not reading.totals:
                        return 0
                    continue
                rows, failed_in_a_row = await self._take(reading, answer), 0
                empty_in_a_row = 0 if rows else empty_in_a_row + 1
                if reading.stale or empty_in_a_row == (EMPTY_PAGES_IN_A_ROW if reading.totals else 1):
                    return 0
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    async def _look_at_page_zero(self, reading: _Reading) -> None:
        """Ask for page 0, once: an agent that only it holds proves that pages are counted from 0 here."""
        if self._zero_asked:
            return
        self._zero_asked = True
        try:
            answer = await self._page(0, self._asked_size)
        except RequestFailed as failed:
            # Most servers refuse page 0, and are right; some stumble over it, which says as much where others are read.
            refusals = _NO_SUCH_PAGE | {FailureKind.SERVER_TROUBLE} if reading.ids else _NO_SUCH_PAGE
            if failed.failure.kind not in refusals:
                reading.failed += 1
                self._ledger.fail(failed.failure)
            return
        self._zero_exchange = answer.exchange
        new = self._new(reading, answer.value.agents)
        self._from_zero = frozenset(new.of_reading)
        if self._from_zero:
            reading.totals += [answer.value.total] if answer.value.total is not None else []
            await self._deliver(new.agents)

    async def _page(self, page: int, size: int) -> Answered[RosterPage]:
        """Ask for a page; one without any content, or a first one without anybody, is asked again: it may be a slip."""
        answer = await self._client.roster_page(page, size)
        nobody = not self._seen and not answer.value.agents and not answer.value.unnamed
        if answer.value.no_content or (nobody and page):
            answer = await self._client.roster_page(page, size)
        return answer

    async def _ask(self, reading: _Reading, page: int, *, promised: bool = True) -> Answered[RosterPage] | None:
        """Ask for a page; None where it failed, or where no count promised it and the server refuses it: the end."""
        try:
            return await self._page(page, reading.size)
        except RequestFailed as failed:
            refused = failed.failure.kind in _NO_SUCH_PAGE
            if refused and not promised and reading.ids:
                return None
            reading.failed += 1
            reading.refusal = failed.failure if refused else None
            self._ledger.fail(failed.failure)
            return None

    async def _take(self, reading: _Reading, answer: Answered[RosterPage]) -> int:
        page = answer.value
        rows = len(page.agents) + page.unnamed
        self._ledger.oddities.note("roster", answer.exchange, found_at=page.found_at, no_content=page.no_content)
        reading.pages += 1
        reading.exchange = answer.exchange
        if page.complaint:
            self._note_complaint(reading, answer)
        reading.first_exchange = reading.first_exchange or answer.exchange
        reading.unnamed += page.unnamed
        if page.total is not None and (rows or not reading.totals):  # a page past the end may count only itself
            reading.totals.append(page.total)
            self._ledger.total = page.total
        if rows and reading.pages > 1 and reading.size < self._asked_size:
            reading.capped = reading.size
        known = len(reading.ids)
        new = self._new(reading, page.agents)
        news = len(reading.ids) - known
        reading.stale_in_a_row = 0 if news or page.unnamed or not rows else reading.stale_in_a_row + 1
        if news or page.unnamed:
            reading.pages_with_rows += 1
            reading.pages_counting_themselves += rows == page.total
        if news < len(page.agents):
            reading.repeated += len(page.agents) - news
            reading.repeat_exchange = answer.exchange
        remarked = [agent.agent_id for agent in page.agents if agent.active is False or agent.has_logged_in is False]
        self._remarked.update(dict.fromkeys(remarked, answer.exchange))
        await self._deliver(new.agents)
        return rows

    def _note_complaint(self, reading: _Reading, answer: Answered[RosterPage]) -> None:
        reading.failed += 1
        failure = Failure(
            kind=FailureKind.DAMAGED,
            stage=Stage.ROSTER,
            purpose="a page of the roster",
            exchange=answer.exchange,
            detail=answer.value.complaint,
        )
        self._ledger.fail(failure)

    def _new(self, reading: _Reading, agents: tuple[Agent, ...]) -> _New:
        """Note that a reading has these agents; return who is new in it, and who had not been seen at all."""
        by_id = {agent.agent_id: agent for agent in agents}
        of_reading = [agent_id for agent_id in by_id if agent_id not in reading.ids]
        reading.ids.update(of_reading)
        unseen = [by_id[agent_id] for agent_id in of_reading if agent_id not in self._seen]
        self._seen.update(of_reading)
        return _New(of_reading, tuple(unseen))

    def _report(self, *, through: bool) -> None:
        if not any(reading.pages for reading in self._readings):
            return
        last = self._settled or self._readings[-1]
        shifted = next((reading for reading in self._readings if reading.shifted), last)
        self._ledger.roster = RosterRead(
            exchange=last.exchange,
            first_exchange=last.first_exchange,
            pages=sum(reading.pages for reading in self._readings),
            agents=len(last.ids) if self._settled else len(self._seen),
            total=last.total,
            page_size=self._asked_size,
            capped=last.capped,
            from_zero=len(self._from_zero),
            zero_exchange=self._zero_exchange,
            repeated=shifted.repeated,
            repeat_exchange=shifted.repeat_exchange or shifted.exchange,
            totals=tuple(dict.fromkeys(shifted.totals)),
            readings=len(self._readings),
            settled=self._settled is not None,
            unnamed_rows=last.unnamed,
            failed_pages=last.failed,
            remarked=self._remarked,
            cut_short=not through,
        )
