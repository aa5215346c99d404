"""The roster is complete however the server pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.roll.calling import is_known, over_a_socket
from tests.roll.servers import as_text, none_at_all, of_this_page, right, tenant, too_low
from tests.support.thorough import crossed

SIZES = (0, 1, 80, 99, 100, 101, 150, 199, 200, 214)
CAPPED = ((36, 37), (37, 37), (38, 37), (74, 37), (214, 37), (214, 99), (12, 1))
FROM_ZERO = ((20, 37), (37, 37), (50, 37), (214, 37))
"""Number of agents, and of rows on a page."""
OFFSETS = ("given", "asked")
TOTALS = (right, none_at_all, as_text, too_low, of_this_page)
Total = Callable[[int, int], object]


def bound(agents: int, page: int) -> int:
    """A generous number of requests. It has a token, two readings and page 0, the batches, and a few more."""
    return 12 + 3 * (agents // page + 2) + agents // 50


@pytest.mark.parametrize(("agents", "total"), crossed(SIZES, TOTALS, every=3))
async def test_plain_pages(agents: int, total: Total) -> None:
    """Whatever the total says, pages of a hundred give every agent once."""
    called = await over_a_socket(tenant(agents, total=total))
    is_known(called)
    assert called.requests <= bound(agents, 100)


@pytest.mark.parametrize(("agents", "total"), crossed(SIZES, TOTALS, every=3))
async def test_pages_from_zero(agents: int, total: Total) -> None:
    """If pages are counted from 0, agents of page 0 are found."""
    called = await over_a_socket(tenant(agents, base=0, total=total))
    is_known(called)
    # Page 1 is the last one here, and where it counts itself only its repetition tells.
    assert called.requests <= 2 * bound(agents, 100) + (agents if total is of_this_page else 0)


@pytest.mark.parametrize(
    ("base", "sizes", "offset", "total"),
    crossed([1], CAPPED, OFFSETS, TOTALS, every=3) + crossed([0], FROM_ZERO, OFFSETS, TOTALS, every=3),
)
async def test_capped_pages(base: int, sizes: tuple[int, int], offset: str, total: Total) -> None:
    """Pages smaller than requested lose no agent, counted from 0 or 1."""
    agents, cap = sizes
    called = await over_a_socket(tenant(agents, base=base, cap=cap, offset=offset, total=total))
    is_known(called)
    assert called.requests <= (1 if base else 2) * bound(agents, cap)


async def test_two_capped_pages_from_zero() -> None:
    """Two capped pages, counted from 0, lose no agent. Each total is that of its page."""
    is_known(await over_a_socket(tenant(74, base=0, cap=37, total=of_this_page)))


async def test_a_small_roster_is_no_capped_one() -> None:
    """A roster of one page is not called capped. A total is not needed."""
    for total in TOTALS[:3]:
        called = await over_a_socket(tenant(42, total=total))
        assert called.roster.capped is None


async def test_a_capped_roster_says_its_cap() -> None:
    """The observation of a capped roster has the real page size."""
    for total in TOTALS:
        called = await over_a_socket(tenant(214, cap=37, total=total))
        assert called.roster.capped == 37
        assert called.roster.page_size == 100
