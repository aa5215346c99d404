"""A roster whose pages fail is read on, but not forever. Each page and batch is progress."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from random import Random

import pytest
from tests.roll import lists
from tests.roll.calling import CREDENTIALS, without_a_socket
from tests.roll.servers import Said, Tenant, none_at_all, right, tenant

from cxone_rollcall.client import Client
from cxone_rollcall.contracts.incontact import Incontact
from cxone_rollcall.contracts.v2 import V2
from cxone_rollcall.model.exchange import Response
from cxone_rollcall.roll import Ledger, Selection, call_roll, list_roster
from cxone_rollcall.roll.pages import linked, numbered

AGENTS = 2_000


class Failing(Tenant):
    """Fails these pages of the roster."""

    failing: Sequence[int] = ()

    def page(self, page: int, size: int) -> Said:
        """Answer a page, or refuse it."""
        return Said(404, {"message": "gone"}) if page in self.failing else super().page(page, size)


@pytest.mark.parametrize(
    ("failing", "gives_up"),
    [
        (range(2, 2 + numbered.FAILED_PAGES_IN_A_ROW), True),
        ((2, 3, 4), False),
        ((2, 3, 5, 6, 8, 9, 11, 12), False),
        (range(2, 21, 2), False),
    ],
)
async def test_numbered_pages_that_fail(failing: Sequence[int], gives_up: bool) -> None:
    """Four failed pages in a row end the reading of a roster. Any number of others does not."""
    office = tenant(AGENTS, kind=Failing)
    assert isinstance(office, Failing)
    office.failing = failing
    run = await without_a_socket(office)
    assert not run.roll.roster_complete
    assert (len(run.roll) == 100) is gives_up
    assert gives_up or len(run.roll) == AGENTS - 100 * len(failing)


@pytest.mark.parametrize("total", [right, none_at_all])
@pytest.mark.parametrize("status", [404, 500])
async def test_a_numbered_page_that_nothing_promised(status: int, total: Callable[[int, int], object]) -> None:
    """A refused page ends a roster only if no total promised it. A failed page never does."""

    class Last(Tenant):
        def page(self, page: int, size: int) -> Said:
            return Said(status) if page == 3 else super().page(page, size)

    run = await without_a_socket(tenant(250, kind=Last, total=total))
    assert len(run.roll) == 200
    ends = status == 404 and total is none_at_all
    assert (len(run.ledger.failures), run.roll.roster_complete) == ((0, True) if ends else (1, False))


@pytest.mark.parametrize("elsewhere", [False, True])
async def test_a_page_zero_that_fails(elsewhere: bool) -> None:
    """A 5xx of page 0 proves nothing if other requests fail."""

    class Crashing(Tenant):
        failed = not elsewhere

        def page(self, page: int, size: int) -> Said:
            if page == 2 and not self.failed:
                self.failed = True
                return Said(502)
            return super().page(page, size) if page else Said(500)

    run = await without_a_socket(tenant(250, kind=Crashing, total=none_at_all))
    assert run.roll.roster_complete is not elsewhere
    assert len(run.ledger.failures) == elsewhere


@pytest.mark.parametrize(
    ("failing", "gives_up"),
    [
        (range(1, 1 + linked.FAILED_PAGES_IN_A_ROW), True),
        ((1, 2, 3), False),
        ((1, 2, 4, 5, 7, 8, 10, 11), False),
        (range(1, 20, 2), False),
    ],
)
async def test_linked_pages_that_fail(failing: Sequence[int], gives_up: bool) -> None:
    """Four failed pages in a row end a list with foreseeable pages. Any number of others does not."""

    def spoils(path: str, skip: int, response: Response) -> Response:
        return lists.said({}, 404) if path == "agents" and skip // 100 in failing else response

    run = await lists.called(lists.ListTenant(lists.people(AGENTS), spoils=spoils))
    lists.is_true(run)
    assert not run.roll.roster_complete
    skips = {
        int(one.lower().rpartition("skip=")[2]) for one in run.tenant.asked if "/agents?" in one and "skip=" in one
    }
    assert (max(skips) < AGENTS - 100) is gives_up


async def test_a_roster_that_is_given_up_leaves_no_request_under_way() -> None:
    """Pages that are requested meanwhile are cancelled. Both contracts do so."""
    office = tenant(AGENTS, kind=Failing)
    assert isinstance(office, Failing)
    office.failing = range(2, 2 + numbered.FAILED_PAGES_IN_A_ROW)
    listing = lists.ListTenant(
        lists.people(AGENTS), spoils=lambda path, skip, response: lists.said({}, 404) if skip else response
    )
    by_number = Client(V2(), office, CREDENTIALS, rng=lambda: 0.0)
    by_link = Client(Incontact(lists.BASE), listing, lists.CREDENTIALS, base_url=lists.BASE, rng=lambda: 0.0)
    for client in (by_number, by_link):
        ledger = Ledger()
        await list_roster(client, ledger, Selection(), on_agent=lambda _: None)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert len(ledger.agents) == 100


async def test_progress_is_made_with_each_page_and_each_batch() -> None:
    """Each page and each batch is a step of progress. Pages are those of the roster and of the list of states."""
    steps: list[int] = []
    office, ledger = tenant(350), Ledger()
    client = Client(V2(), office, CREDENTIALS, rng=lambda: 0.0)
    await call_roll(client, ledger, Selection(), progress=lambda: steps.append(len(ledger.agents)), rng=Random(1))
    assert len(steps) >= 4 + 4
    assert steps[0] == 100
    listing = lists.ListTenant(lists.people(350))
    listed, rows = Ledger(), list[int]()
    client = Client(Incontact(lists.BASE), listing, lists.CREDENTIALS, base_url=lists.BASE, rng=lambda: 0.0)
    await call_roll(client, listed, Selection(), progress=lambda: rows.append(len(listed.agents)))
    assert len(rows) == 4 + 4
    assert rows == sorted(rows)
