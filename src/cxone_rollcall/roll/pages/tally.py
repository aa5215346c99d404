"""One reading of a paged list: its ids, totals and contradictions. Pure: no requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cxone_rollcall.model.observations.roster import PagingIgnored
from cxone_rollcall.model.observations.states import Truncation
from cxone_rollcall.model.struct import Record, field

if TYPE_CHECKING:
    from cxone_rollcall.contracts.protocol import Page

ROUND = 25
"""Servers cap pages at round numbers. A page of a multiple of 25 rows may be capped, any other hardly."""
STALE_PAGES_IN_A_ROW = 2
"""Pages in a row without a new agent that end a reading.

The server ignores the page number, and the list would never end.
"""
MOST_PAGES = 20_000
"""Pages after which a list counts as endless."""
MOST_AGENTS = 1_500_000
"""Agents after which a list counts as endless. Ten times as many as a large tenant has."""
MOST_BYTES = 800_000_000
"""Bytes of all pages after which a list counts as endless. They bound its memory; an agent has some 300."""


class Tally(Record):
    """What reading a list found: ids, the server's totals, irregularities.

    `size` is the number of rows that each request asks for. `new_ids` are the ids on the last page that no earlier page
    had. `received` counts the rows, without those of pages that only repeated earlier ones. `repeated` counts rows of
    agents that an earlier page had, `doubled` further rows of an agent on one page. `failed` counts failed requests,
    `complaints` damaged pages, `unnamed` rows without an id, `holes` pages that were empty though a link or a total
    promised rows. `capped` is the size of the pages if the server gives fewer rows than asked for.
    """

    size: int
    ids: set[str] = field(default_factory=set)
    new_ids: list[str] = field(default_factory=list)
    totals: list[int] = field(default_factory=list)
    pages: int = 0
    received: int = 0
    failed: int = 0
    complaints: int = 0
    unnamed: int = 0
    holes: int = 0
    repeated: int = 0
    doubled: int = 0
    repeat_exchange: int = 0
    capped: int | None = None
    most_rows: int = 0
    """The most rows of any page."""
    rows_at_first: int = 0
    rows_at_last: int = 0
    stale_in_a_row: int = 0
    empty_in_a_row: int = 0
    first_exchange: int = 0
    exchange: int = 0
    empty_counts_zero: bool = False
    """Whether an empty page counted 0 rows, an earlier one more. Each counts itself."""
    ended: bool = False
    """Whether the reading came to a trustworthy end of the list."""
    void: bool = False
    """Whether the reading began at the wrong page. Then it does not count."""
    from_zero: frozenset[str] = frozenset()
    """Agents that only page 0 has. This server counts its pages from 0."""
    zero_exchange: int = 0
    truncation: Truncation | None = None
    """How pages are truncated, None if they are not."""
    paging_ignored: PagingIgnored | None = None
    """What copies on the last pages mean; None without copies."""
    copies_in_a_row: int = 0
    """Exact copies of earlier pages since the last page with new agents."""
    _bytes: int = 0
    _rows_copied: int = 0
    _pages_seen: set[int] = field(default_factory=set)
    _pages_with_news: int = 0
    _pages_counting_themselves: int = 0

    def take(self, page: Page[Any], exchange: int, size: int) -> int:
        """Count one page of `size` bytes. Return how many rows it has."""
        ids, rows, unnamed, total = page.ids, page.length, page.unnamed, page.total
        self.pages += 1
        self.most_rows = max(self.most_rows, rows)
        self._bytes += size
        self.exchange = exchange
        self.first_exchange = self.first_exchange or exchange
        self.unnamed += unnamed
        self.complaints += bool(page.complaint)
        if total is not None and (rows or not self.totals):  # a page past the end may count only itself
            self.totals.append(total)
        self.empty_counts_zero = self.empty_counts_zero or (rows == total == 0 and any(self.totals))
        if self.pages == 1:
            self.rows_at_first = rows
        new = self.new_ids = [one for one in ids if one not in self.ids]
        self.ids.update(new)
        self.doubled += len(new) - len(set(new))
        # Rows without an id may be new agents. Beside known ones they are not: such a page may come again without end.
        news = bool(new) or (unnamed > 0 and not ids)
        if new and self.pages > 1 and 0 < self.rows_at_first < self.size:
            self.capped = self.rows_at_first
        if news:
            self.rows_at_last = rows
        self._note_copy(hash(frozenset(ids)), len(ids), copied=rows > 0 and not news)
        if len(new) < len(ids):
            self.repeated += len(ids) - len(new)
            self.repeat_exchange = exchange
        if news:
            self.received += rows
            self.stale_in_a_row = self.empty_in_a_row = 0
            self._pages_with_news += 1
            self._pages_counting_themselves += rows == total
        else:
            self.stale_in_a_row += rows > 0
            self.empty_in_a_row += rows == 0
        return rows

    def _note_copy(self, page: int, rows: int, *, copied: bool) -> None:
        """Note whether a page has exactly the agents of an earlier one."""
        if copied and page in self._pages_seen:
            self.copies_in_a_row += 1
            self._rows_copied += rows
        elif rows:
            self.copies_in_a_row = self._rows_copied = 0
        self._pages_seen.add(page)

    def forgive_repeats(self) -> None:
        """Forget repeated rows. The server gave one whole page a second time, nothing more."""
        self.repeated = 0

    @property
    def has_most(self) -> bool:
        """Whether as much was read as is read of any list."""
        return self.pages >= MOST_PAGES or len(self.ids) >= MOST_AGENTS or self._bytes >= MOST_BYTES

    @property
    def is_endless(self) -> bool:
        """Whether the most was read, and there are more. A growing total never ends a list."""
        counted_out = bool(self.totals) and not self.counts_pages and len(self.ids) >= max(self.totals)
        return self.has_most and not counted_out

    def note_endless(self) -> None:
        """Note that reading stopped at a limit. Every page until then had new agents."""
        limits = f"at most {MOST_AGENTS:,} agents, {MOST_PAGES:,} pages and {MOST_BYTES:,} bytes are read"
        why = f"after {len(self.ids):,} agents on {self.pages:,} pages there were still more, and {limits}"
        self.paging_ignored = PagingIgnored(self.exchange, self.rows_at_last, False, why, endless=True)

    @property
    def repeated_before_copies(self) -> int:
        """The number of repeated rows, without the copies at the end."""
        return self.repeated - self._rows_copied

    @property
    def ends_in_copies(self) -> bool:
        """Whether the last pages are copies, and nothing else went wrong."""
        return 0 < self.copies_in_a_row == self.stale_in_a_row and not (self.failed or self.complaints or self.void)

    @property
    def one_page(self) -> bool:
        """Whether all agents came on one page."""
        return self._pages_with_news == 1

    @property
    def counts_pages(self) -> bool:
        """Whether each total was only the row count of its page. Then it may not be that of the list."""
        return self._pages_counting_themselves == self._pages_with_news

    @property
    def total(self) -> int | None:
        """The server's own count of the agents; None if unknown.

        The least if it gave several; None if it counts only each page. It may count rows: an agent twice on one page is
        one agent.
        """
        if not self.totals or (self.counts_pages and self._pages_with_news > 1):
            return None
        rows, agents = min(self.totals), len(self.ids)
        return rows if rows <= agents else max(agents, rows - self.doubled)

    @property
    def counts_more(self) -> bool:
        """Whether the server counts more rows than have arrived. A count of the rows of each page does not count."""
        return bool(self.totals) and self.received < self.totals[-1] and not (self.counts_pages and self.pages > 1)

    @property
    def counts_first_page(self) -> bool:
        """Whether the total is the row count of the first page. All agents are on it, or only it was counted."""
        return self.total is not None and min(self.totals) == self.rows_at_first

    @property
    def is_counted_out(self) -> bool:
        """Whether as many agents as the server counts have arrived. A count of one page does not tell."""
        total, turned = self.total, self.pages - self.stale_in_a_row > 1
        return total is not None and len(self.ids) >= total and (total > self.rows_at_first or turned)

    @property
    def shifted(self) -> bool:
        """Whether the list changed during the reading. An agent on two pages, another total, an unexpected gap."""
        return self.repeated > 0 or self.holes > 0 or (not self.counts_pages and len(set(self.totals)) > 1)

    @property
    def short(self) -> bool:
        """Whether every page was read, but the server counts more agents."""
        return self.total is not None and len(self.ids) < self.total and not self.failed

    @property
    def whole(self) -> bool:
        """Whether the list was read to its end without contradiction. No failure either: other agents are not on it."""
        return self.ended and not (self.failed or self.complaints or self.unnamed or self.short or self.shifted)

    @property
    def stale(self) -> bool:
        """Whether further pages bring nothing: they repeat themselves, or have no end."""
        return self.stale_in_a_row >= STALE_PAGES_IN_A_ROW or self.has_most

    @property
    def doubtful(self) -> bool:
        """Whether page 0 may hold more agents. There is no total, or it contradicts the pages or counts only them."""
        agrees = bool(self.ids) and len(self.ids) == self.total and not (self.shifted or self.empty_counts_zero)
        return not agrees or (self.counts_first_page and self.rows_at_first >= self.size)

    @property
    def may_skip_agents(self) -> bool:
        """Whether a repeated agent may stand in another's place. No total would reveal that."""
        return self.repeated > 0 and self.total is None

    @property
    def may_be_capped(self) -> bool:
        """Whether the last page may be full, so that more may follow."""
        if self.pages > 1:
            return 0 < self.rows_at_first <= self.rows_at_last
        return self.rows_at_last == self.size or (0 < self.rows_at_last < self.size and self.rows_at_last % ROUND == 0)
