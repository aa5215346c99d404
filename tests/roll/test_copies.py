"""A server that gives the same page again: its one page is the whole list, or a finding says why it may not be."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from tests.roll.calling import is_known, must_hold, over_a_socket
from tests.roll.lists import ListTenant, called, is_true, is_whole, people
from tests.roll.servers import Said, Tenant, none_at_all, tenant

from cxone_rollcall.model.exchange import Response
from cxone_rollcall.model.observations.roster import PagingIgnored
from cxone_rollcall.roll.pages import tally


@dataclass
class OnePage(ListTenant):
    """Knows no skip; `knows_top` is whether it knows the size of a page."""

    knows_top: bool = False

    def page(self, name: str, skip: int, top: int) -> Response:
        """Return the first page, or all rows."""
        return super().page(name, 0, top if self.knows_top else 10**6)


def ignored(roster: PagingIgnored | None) -> bool:
    """Return whether paging was ignored and the list is whole all the same."""
    assert roster is not None
    return roster.whole


@pytest.mark.parametrize("agents", [2, 37, 50, 100, 130, 500])
@pytest.mark.parametrize("total", ["none", "list", "page"])
async def test_a_list_without_pages(agents: int, total: str) -> None:
    """All rows come for every page, with and without a total: both lists are whole, and nobody is unknown."""
    run = await called(OnePage(people(agents), links=None, total=total))
    is_whole(run)
    assert run.ledger.roster is not None
    assert ignored(run.ledger.roster.paging_ignored)
    assert run.ledger.roster.capped is None
    assert ignored(run.ledger.states.paging_ignored)
    assert len(run.tenant.asked) <= 8


@pytest.mark.parametrize(("agents", "whole"), [(100, False), (250, False), (37, True), (163, True)])
async def test_a_list_that_knows_only_its_size(agents: int, whole: bool) -> None:
    """A first page that comes again is whole if a larger one shows all rows; a round number may be a cut."""
    run = await called(OnePage(people(agents), links=None, total="none", knows_top=True, cap=10**6))
    is_true(run)
    assert run.ledger.roster is not None
    assert ignored(run.ledger.roster.paging_ignored) is whole
    assert run.roll.roster_complete is whole
    if whole:
        is_whole(run)


@dataclass(kw_only=True)
class Around(Tenant):
    """Begins again with the first page after the last one."""

    def page(self, page: int, size: int) -> Said:
        """Answer with an existing page."""
        pages = -(-len(self.roster) // size)
        return super().page((page - 1) % pages + 1, size)


@pytest.mark.parametrize("agents", [150, 200, 214])
async def test_pages_that_begin_again(agents: int) -> None:
    """A server whose pages begin again is whole if it counts its agents: the copies are no contradiction."""
    run = await over_a_socket(tenant(agents, kind=Around))
    is_known(run)
    assert run.roster.repeated == 0


async def test_pages_that_begin_again_uncounted() -> None:
    """Without a total, full pages that begin again do not show that nobody is missing, and that is noted."""
    run = await over_a_socket(tenant(200, kind=Around, total=none_at_all))
    must_hold(run)
    assert not run.roll.roster_complete
    assert not ignored(run.roster.paging_ignored)


@pytest.mark.parametrize("counted", [True, False])
async def test_a_list_without_end(counted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A roster with new agents on every page, and a total that grows or none, is not whole, and that is noted."""
    monkeypatch.setattr(tally, "MOST_PAGES", 12)

    class Endless(Tenant):
        def page(self, page: int, size: int) -> Said:
            rows = {"entities": [{"id": str(page * 1000 + place)} for place in range(size)]}
            return Said(200, {**rows, "totalCount": (page + 3) * size} if counted else rows)

    run = await over_a_socket(tenant(1, kind=Endless))
    assert not run.roll.roster_complete
    assert not ignored(run.roster.paging_ignored)
