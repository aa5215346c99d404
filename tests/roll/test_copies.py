"""A server that repeats one page. That page is the whole list, or a finding says why it may not be."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from tests.roll.calling import is_known, must_hold, over_a_socket
from tests.roll.lists import ListTenant, called, is_true, is_whole, people
from tests.roll.servers import Said, Tenant, none_at_all, tenant

from cxone_rollcall.contracts.protocol import Page
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.observations.roster import PagingIgnored
from cxone_rollcall.roll.pages import tally
from cxone_rollcall.roll.pages.tally import MOST_BYTES, Tally


@dataclass
class OnePage(ListTenant):
    """Ignores skip, and with `knows_top` false also the page size."""

    knows_top: bool = False

    def page(self, name: str, skip: int, top: int) -> Response:
        """Return the first page, or all rows."""
        return super().page(name, 0, top if self.knows_top else 10**6)


def ignored(roster: PagingIgnored | None) -> bool:
    """Whether paging was ignored although the list is whole."""
    assert roster is not None
    return roster.whole


@pytest.mark.parametrize("agents", [2, 37, 50, 100, 130, 500])
@pytest.mark.parametrize("total", ["none", "list", "page"])
async def test_a_list_without_pages(agents: int, total: str) -> None:
    """A list with all rows on every page is whole. A total is not needed."""
    run = await called(OnePage(people(agents), links=None, total=total))
    is_whole(run)
    assert run.ledger.roster is not None
    assert ignored(run.ledger.roster.paging_ignored)
    assert run.ledger.roster.capped is None
    assert ignored(run.ledger.states.paging_ignored)
    assert len(run.tenant.asked) <= 8


@pytest.mark.parametrize(("agents", "whole"), [(100, False), (250, False), (37, True), (163, True)])
async def test_a_list_that_knows_only_the_page_size(agents: int, whole: bool) -> None:
    """A repeated page is whole if a larger one shows all rows. A round number may be a cut."""
    run = await called(OnePage(people(agents), links=None, total="none", knows_top=True, cap=10**6))
    is_true(run)
    assert run.ledger.roster is not None
    assert ignored(run.ledger.roster.paging_ignored) is whole
    assert run.roll.roster_complete is whole
    if whole:
        is_whole(run)


class KnownRowsAgain(ListTenant):
    """Has rows of two pages behind the last one."""

    def page(self, name: str, skip: int, top: int) -> Response:
        """Return an existing page, or rows from two."""
        return super().page(name, skip if skip < len(self.states) else top // 2, top)


@pytest.mark.parametrize(("total", "whole"), [("list", True), ("none", False)])
async def test_known_rows_behind_a_full_last_page(total: str, whole: bool) -> None:
    """They are the end if the server counts its agents. Without a total there may be more."""
    run = await called(KnownRowsAgain(people(200), links=None, total=total))
    is_true(run)
    assert run.roll.roster_complete is whole


@dataclass
class CachesByPath(ListTenant):
    """Stands behind a cache that ignores the query. If it `obeys`, requests for no cache pass it."""

    obeys: bool = True
    kept: dict[str, Response] = field(default_factory=dict)

    def answer(self, request: Request) -> Response:
        """Answer as before, or anew."""
        if self.obeys and ("Cache-Control", "no-cache") in request.headers:
            return super().answer(request)
        return self.kept.setdefault(urlsplit(request.target).path, super().answer(request))


@pytest.mark.parametrize("obeys", [True, False])
@pytest.mark.parametrize("total", ["none", "page"])
async def test_a_cache_that_ignores_the_query(total: str, obeys: bool) -> None:
    """A cached page with a next link is not the whole list."""
    run = await called(CachesByPath(people(230, codes=(1, None)), total=total, obeys=obeys))
    is_true(run)
    assert len(run.roll) == 230 or not run.roll.roster_complete
    assert len(run.tenant.asked) < 40


@pytest.mark.parametrize("total", ["none", "page"])
async def test_a_cache_is_asked_to_pass(total: str) -> None:
    """Whether a repeated page is all is asked past caches."""
    run = await called(CachesByPath(people(230, codes=(1, None)), total=total, links=None))
    is_true(run)
    assert len(run.roll) == 230 or not run.roll.roster_complete


@dataclass(kw_only=True)
class Around(Tenant):
    """Begins again with the first page after the last one."""

    def page(self, page: int, size: int) -> Said:
        """Answer with an existing page."""
        pages = -(-len(self.roster) // size)
        return super().page((page - 1) % pages + 1, size)


@pytest.mark.parametrize("agents", [150, 200, 214])
async def test_pages_that_begin_again(agents: int) -> None:
    """Pages that begin again are whole if the server counts its agents. The copies are no contradiction."""
    run = await over_a_socket(tenant(agents, kind=Around))
    is_known(run)
    assert run.roster.repeated == 0


async def test_a_short_page_before_pages_that_begin_again() -> None:
    """Without a total, a shorter last page shows the end. Copies after it change nothing."""
    run = await over_a_socket(tenant(214, kind=Around, total=none_at_all))
    is_known(run)
    assert run.roster.paging_ignored is None


async def test_pages_that_begin_again_uncounted() -> None:
    """Without a total, full pages that begin again may lack agents. The run notes it."""
    run = await over_a_socket(tenant(200, kind=Around, total=none_at_all))
    must_hold(run)
    assert not run.roll.roster_complete
    assert not ignored(run.roster.paging_ignored)


@pytest.mark.parametrize("counted", [True, False])
async def test_a_list_without_end(counted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A roster with new agents on every page is not whole. The run notes it, whether the total grows or is missing."""
    monkeypatch.setattr(tally, "MOST_PAGES", 12)

    class Endless(Tenant):
        def page(self, page: int, size: int) -> Said:
            rows = {"entities": [{"id": str(page * 1000 + place)} for place in range(size)]}
            return Said(200, {**rows, "totalCount": (page + 3) * size} if counted else rows)

    run = await over_a_socket(tenant(1, kind=Endless))
    assert not run.roll.roster_complete
    assert not ignored(run.roster.paging_ignored)


async def test_a_linked_list_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A linked list with new agents on every page is not whole. The run notes it."""
    monkeypatch.setattr(tally, "MOST_PAGES", 6)
    run = await called(ListTenant(people(1000, codes=(1, None)), total="none"))
    is_true(run)
    assert run.ledger.roster is not None
    noted = run.ledger.roster.paging_ignored
    assert noted is not None
    assert (noted.whole, noted.endless) == (False, True)
    assert not run.roll.roster_complete


async def test_pages_of_many_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A roster with endless new agents ends after a number of bytes."""
    monkeypatch.setattr(tally, "MOST_BYTES", 10_000)

    class Endless(Tenant):
        def page(self, page: int, size: int) -> Said:
            return Said(200, {"entities": [{"id": str(page), "name": "x" * 1_000}]})

    run = await over_a_socket(tenant(1, kind=Endless, present=lambda _: False))
    assert not run.roll.roster_complete
    assert sum("/agents?" in one for one in run.tenant.asked) <= 12


def test_the_bytes_of_a_list_are_bounded() -> None:
    """A list of few but huge pages counts as endless, too. A common one of the same length does not."""
    page: Page[Agent] = Page(rows=(Agent("1"),))
    huge, common = Tally(100), Tally(100)
    for exchange in range(1, 12):
        huge.take(page, exchange, MOST_BYTES // 10)
        common.take(page, exchange, 30_000)
    assert huge.has_most
    assert not common.has_most
