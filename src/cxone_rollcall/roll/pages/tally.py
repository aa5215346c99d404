"""What the pages of one list come to, and what in them contradicts itself: values alone, nothing is asked."""

from __future__ import annotations

from cxone_rollcall.model.struct import Record, field

ROUND = 25
"""A page of so many rows, or a multiple of it, may be one that the server caps; of any other number hardly."""


class Tally(Record):
    """The ids of the rows so far, the server's own counts, and what was odd.

    `news` are the ids of the last page that no page before it had. `received` is how many rows came, without those of
    pages that were given before as a whole. `capped` is the size of the pages where that is less than what was asked
    for. `holes` are promised places that stayed empty.
    """

    ids: set[str] = field(default_factory=set)
    news: list[str] = field(default_factory=list)
    totals: list[int] = field(default_factory=list)
    pages: int = 0
    received: int = 0
    unnamed: int = 0
    complaints: int = 0
    holes: int = 0
    repeated: int = 0
    repeat_exchange: int = 0
    capped: int | None = None
    rows_at_first: int = 0
    rows_at_last: int = 0
    stale_in_a_row: int = 0
    _pages_with_rows: int = 0
    _pages_counting_themselves: int = 0

    @property
    def counts_pages(self) -> bool:
        """Each count so far was that of its own page: it may say nothing of the list."""
        return self._pages_counting_themselves == self._pages_with_rows

    @property
    def total(self) -> int | None:
        """The server's own count of the list, the least where it gave several; None where it counts each page."""
        if not self.totals or (self.counts_pages and self._pages_with_rows > 1):
            return None
        return min(self.totals)

    @property
    def counts_more(self) -> bool:
        """The server counts more rows than have come, and not those of each page by itself."""
        return bool(self.totals) and self.received < self.totals[-1] and not (self.counts_pages and self.pages > 1)

    @property
    def is_counted_out(self) -> bool:
        """The server's count, which is not that of one page, has been reached."""
        total = self.total
        return total is not None and len(self.ids) >= total and (total > self.rows_at_first or self.pages > 1)

    @property
    def shifted(self) -> bool:
        """The list moved under the reading, or has a hole: a row came twice, the total changed, a page was empty."""
        return self.repeated > 0 or self.holes > 0 or (not self.counts_pages and len(set(self.totals)) > 1)

    def may_be_capped(self, size: int) -> bool:
        """Tell whether the last page may be full, so that its end is not the end of the list."""
        if self.pages > 1:
            return 0 < self.rows_at_first <= self.rows_at_last
        return self.rows_at_last == size or (0 < self.rows_at_last < size and self.rows_at_last % ROUND == 0)

    def forgive_repeats(self) -> None:
        """Take back what was said of rows that came twice: the same page was given again, that is all."""
        self.repeated = 0

    def take(
        self, ids: tuple[str, ...], *, size: int, unnamed: int, total: int | None, complaint: bool, exchange: int
    ) -> int:
        """Count a page, of which `size` rows were asked for; return how many rows it has."""
        rows = len(ids) + unnamed
        self.pages += 1
        self.unnamed += unnamed
        self.complaints += complaint
        if total is not None and (rows or not self.totals):  # a page past the end may count only itself
            self.totals.append(total)
        if self.pages == 1:
            self.rows_at_first = rows
        elif rows and self.rows_at_first < size:
            self.capped = self.rows_at_first
        self.rows_at_last = rows or self.rows_at_last
        news = self.news = [one for one in ids if one not in self.ids]
        self.ids.update(news)
        self.stale_in_a_row = 0 if news or unnamed else self.stale_in_a_row + 1
        if rows:
            self._pages_with_rows += 1
            self._pages_counting_themselves += rows == total
        if len(news) < len(ids):
            self.repeated += len(ids) - len(news)
            self.repeat_exchange = exchange
        if news or unnamed:  # a page that was given before is no step forward
            self.received += rows
        return rows
