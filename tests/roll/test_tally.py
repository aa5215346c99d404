"""What the pages of one list show about its end; pure values."""

from __future__ import annotations

from typing import Any

import pytest

from cxone_rollcall.contracts.protocol import Page
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.roll.pages import tally as limits
from cxone_rollcall.roll.pages.tally import STALE_PAGES_IN_A_ROW, Tally


def page(ids: str, total: int | None = None, **said: Any) -> Page[Agent]:
    """A page with an agent for each letter."""
    return Page(rows=tuple(map(Agent, ids)), total=total, **said)


def taken(*pages: str | Page[Agent], size: int = 3, total: int | None = None) -> Tally:
    """The tally of these pages, exchanges counted from 1."""
    tally = Tally(size)
    for exchange, one in enumerate(pages, 1):
        tally.take(page(one, total) if isinstance(one, str) else one, exchange, 0)
    return tally


def test_nothing_is_counted_before_the_first_page() -> None:
    """Before the first page nothing is counted or known."""
    fresh = Tally(3)
    assert [name for name in Tally.__struct_fields__ if getattr(fresh, name)] == ["size"]
    assert fresh.total is None
    assert not (fresh.stale or fresh.whole or fresh.short or fresh.shifted or fresh.counts_more or fresh.one_page)


def test_rows_and_agents_are_counted() -> None:
    """Each agent counts once, each row of a page with news too. The exchanges are the first and the last."""
    tally = taken("abc", "cde", "de")
    assert (tally.pages, tally.received, len(tally.ids)) == (3, 6, 5)
    assert (tally.first_exchange, tally.exchange) == (1, 3)
    assert (tally.rows_at_first, tally.rows_at_last) == (3, 3)
    assert tally.new_ids == []
    assert (taken("").rows_at_first, taken("").rows_at_last) == (0, 0)
    assert taken("abc", "cde").new_ids == ["d", "e"]


def test_the_number_of_rows_is_returned() -> None:
    """Taking a page returns its number of rows. Those without an id count."""
    assert Tally(3).take(page("ab", unnamed=1), 1, 0) == 3
    assert Tally(3).take(page(""), 1, 0) == 0


def test_rows_without_an_id_are_news() -> None:
    """A page of rows without an id is no copy. It keeps the list from being whole."""
    tally = taken("ab", page("", unnamed=2))
    assert (tally.unnamed, tally.stale_in_a_row, tally.rows_at_last, tally.received) == (2, 0, 2, 4)
    tally.take(page("c", unnamed=1), 3, 0)
    assert tally.unnamed == 3
    tally.ended = True
    assert not tally.whole


def test_a_copy_with_rows_without_an_id() -> None:
    """Known agents beside rows without an id are a copy."""
    tally = taken(page("ab", unnamed=1), page("ab", unnamed=1), page("b", unnamed=2))
    assert (tally.unnamed, tally.stale_in_a_row, tally.received, tally.repeated) == (4, 2, 3, 3)
    assert tally.stale


def test_pages_without_news() -> None:
    """Pages that repeat agents and empty pages are counted in a row. A new agent ends the count."""
    tally = taken("abc", "ab", "b", "", "")
    assert (tally.stale_in_a_row, tally.empty_in_a_row) == (2, 2)
    assert (tally.repeated, tally.repeat_exchange) == (3, 3)
    tally.take(page("d"), 6, 0)
    assert (tally.stale_in_a_row, tally.empty_in_a_row, tally.repeated) == (0, 0, 3)


def test_copies_in_a_row() -> None:
    """A copy has exactly the agents of an earlier page. Another page in between ends the row."""
    assert taken("abc", "def", "cba").copies_in_a_row == 1
    assert taken("abc", "abc", "abc").copies_in_a_row == 2
    assert taken("abc", "ab").copies_in_a_row == 0
    assert taken("abc", "abc", "d").copies_in_a_row == 0
    assert taken("abc", "abc", "").copies_in_a_row == 1
    assert taken("abc", "abc", "ab", "abc").copies_in_a_row == 1


def test_repeats_before_copies() -> None:
    """Repeated rows of copies at the end are no shift."""
    assert taken("abc", "cde", "abc").repeated_before_copies == 1
    assert taken("abc", "abc").repeated_before_copies == 0
    assert taken("abc", "abc", "abd").repeated_before_copies == 5


def test_a_list_that_ends_in_copies() -> None:
    """A list ends in copies without any trouble before."""
    assert taken("abc", "abc").ends_in_copies
    assert not taken("abc", "def").ends_in_copies
    assert not taken("abc", "ab", "abc").ends_in_copies
    for trouble in ("failed", "complaints", "void"):
        tally = taken("abc", "abc")
        setattr(tally, trouble, 1)
        assert not tally.ends_in_copies, trouble


@pytest.mark.parametrize(
    ("pages", "capped"),
    [(("ab", "cd"), 2), (("abc", "def"), None), (("ab",), None), (("ab", "ab"), None), (("", "ab"), None)],
)
def test_the_cap_of_pages(pages: tuple[str, ...], capped: int | None) -> None:
    """Pages with few rows are capped if others follow with new agents."""
    assert taken(*pages).capped == capped


def test_the_total_of_a_list() -> None:
    """The least of several totals counts. One that only counts its own page does not, if there are more pages."""
    assert taken("abc", "d").total is None
    assert taken("abc", "d", total=4).total == 4
    assert taken(page("abc", 5), page("d", 4)).total == 4
    assert taken(page("abc", 3), page("d", 1)).total is None
    assert taken("abc", total=3).total == 3
    assert taken(page("abc", 3), page("", 0)).totals == [3]
    assert taken(page("", 0)).total == 0


def test_a_total_that_counts_rows() -> None:
    """An agent twice on one page counts once. The total may count rows. On two pages it may replace another."""
    doubled = taken("aab", "cd", total=5)
    assert (doubled.doubled, doubled.repeated, doubled.total, doubled.short) == (1, 0, 4, False)
    assert taken("aab", "cd", total=4).total == 4
    assert taken("aab", "cd", total=6).short
    assert not taken("aab", total=3).shifted
    shifted = taken("abc", "cd", total=5)
    assert (shifted.doubled, shifted.repeated, shifted.total, shifted.short) == (0, 1, 5, True)


def test_a_page_that_counts_itself() -> None:
    """Totals that equal the rows of each page count pages. One other total is the list's."""
    assert taken(page("abc", 3), page("d", 1)).counts_pages
    assert not taken(page("abc", 4), page("d", 4)).counts_pages
    assert taken("abc", total=3).counts_first_page
    assert not taken("abc", total=4).counts_first_page
    assert not taken("abc").counts_first_page


def test_more_rows_are_counted() -> None:
    """The server counts more if its last total is not reached. A count of each page is no such total."""
    assert taken("abc", total=4).counts_more
    assert not taken("abc", total=3).counts_more
    assert not taken("abc").counts_more
    assert not taken(page("abc", 3), page("de", 2)).counts_more
    assert not taken(page("abc", 9), page("d", 4)).counts_more
    assert taken(page("abc", 3), page("d", 9)).counts_more


def test_a_list_is_counted_out() -> None:
    """As many agents as the total are all of them. A total of one page says so only once a second one came."""
    assert taken("abc", "d", total=4).is_counted_out
    assert not taken("abc", "d", total=5).is_counted_out
    assert not taken("abc", "d").is_counted_out
    assert not taken("abc", total=3).is_counted_out
    assert not taken("abc", "abc", total=3).is_counted_out
    assert taken("abc", "", total=3).is_counted_out
    assert taken("abc", "d", total=3).is_counted_out


def test_a_list_that_shifted() -> None:
    """A repeated agent, a hole or another total shows a shift."""
    assert not taken("abc", "d", total=4).shifted
    assert taken("abc", "cd").shifted
    assert taken(page("abc", 4), page("d", 5)).shifted
    assert not taken(page("abc", 3), page("d", 1)).shifted
    holey = taken("abc", "d")
    holey.holes = 1
    assert holey.shifted


def test_forgiven_repeats() -> None:
    """Forgiven repeats are no shift."""
    tally = taken("abc", "abc")
    tally.forgive_repeats()
    assert not tally.shifted
    assert not tally.may_skip_agents


def test_a_short_list() -> None:
    """A list with fewer agents than its total is short. After a failed page it is not."""
    assert taken("abc", total=4).short
    assert not taken("abc", total=3).short
    assert not taken("abc").short
    tally = taken("abc", total=4)
    tally.failed = 1
    assert not tally.short


def test_a_whole_list() -> None:
    """A list is whole if it ended without any trouble."""
    tally = taken("abc", "d", total=4)
    assert not tally.whole
    tally.ended = True
    assert tally.whole
    for trouble in ("failed", "complaints", "unnamed", "holes", "repeated"):
        setattr(tally, trouble, 1)
        assert not tally.whole, trouble
        setattr(tally, trouble, 0)
    short = taken("abc", total=4)
    short.ended = True
    assert not short.whole


def test_complaints_are_counted() -> None:
    """Each damaged page is counted."""
    cut = page("b", complaint="cut")
    assert taken("a", cut).complaints == 1
    assert taken(cut, cut, "c").complaints == 2


def test_stale_pages_end_a_reading() -> None:
    """Two pages in a row without news end a reading."""
    assert STALE_PAGES_IN_A_ROW == 2
    assert not taken("abc", "ab").stale
    assert taken("abc", "ab", "b").stale
    assert not taken("abc", "", "").stale


@pytest.mark.parametrize(("limit", "least"), [("MOST_PAGES", 3), ("MOST_AGENTS", 5), ("MOST_BYTES", 30)])
def test_the_most_that_is_read(limit: str, least: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages, agents and bytes of a list have a limit each. At the limit a list is endless, unless it is counted out."""

    def read(total: int | None = None) -> Tally:
        tally = Tally(3)
        for exchange, ids in enumerate(("ab", "cd", "e"), 1):
            tally.take(page(ids, total), exchange, 10)
        return tally

    assert not read().has_most
    monkeypatch.setattr(limits, limit, least + 1)
    assert not read().has_most
    monkeypatch.setattr(limits, limit, least)
    assert read().has_most
    assert read().stale
    assert read().is_endless
    assert read(total=6).is_endless
    assert not read(total=5).is_endless


def test_an_endless_list_is_noted() -> None:
    """An endless list is noted with its last page. The note says how much was read."""
    tally = taken("abc", "de")
    tally.note_endless()
    noted = tally.paging_ignored
    assert noted is not None
    assert (noted.exchange, noted.rows, noted.whole, noted.endless) == (2, 2, False, True)
    assert "after 5 agents on 2 pages there were still more" in noted.why


def test_all_agents_on_one_page() -> None:
    """Agents that came on one page are told from those of several."""
    assert taken("abc", "abc").one_page
    assert not taken("abc", "d").one_page


def test_page_0_may_hold_more() -> None:
    """Page 0 is doubted unless a total agrees. That of a full first page does not."""
    assert not taken("abc", "d", total=4).doubtful
    assert not taken("ab", total=2).doubtful
    assert taken("abc", total=3).doubtful
    assert taken("abc", "d").doubtful
    assert taken("abc", "d", total=5).doubtful
    assert taken("", total=0).doubtful
    assert taken("abc", "cd", total=4).doubtful


def test_a_repeated_agent_may_hide_another() -> None:
    """A repeated agent may stand in another's place. A total would show that."""
    assert taken("abc", "cd").may_skip_agents
    assert not taken("abc", "cd", total=4).may_skip_agents
    assert not taken("abc", "d").may_skip_agents


@pytest.mark.parametrize(
    ("rows", "size", "capped"),
    [
        (100, 100, True),
        (25, 100, True),
        (50, 100, True),
        (1, 100, False),
        (24, 100, False),
        (26, 100, False),
        (0, 9, False),
    ],
)
def test_a_single_page_that_may_be_capped(rows: int, size: int, capped: bool) -> None:
    """A full page may be capped. So may one with a round number of rows."""
    tally = Tally(size)
    tally.take(Page(rows=tuple(Agent(str(number)) for number in range(rows))), 1, 0)
    assert tally.may_be_capped is capped


def test_a_last_page_that_may_be_capped() -> None:
    """A last page as long as the first may be capped."""
    assert taken("ab", "cd").may_be_capped
    assert taken("ab", "cde").may_be_capped
    assert taken("a", "b").may_be_capped
    assert not taken("ab", "c").may_be_capped
    assert not taken("", "ab").may_be_capped
