"""Lists are read to their end, whatever their pages are like. A missing page makes no agent absent."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.roll.lists import (
    Called,
    Links,
    ListTenant,
    absolute,
    called,
    elsewhere,
    from_the_root,
    is_true,
    is_whole,
    people,
    said,
    the_query_alone,
)
from tests.support.thorough import crossed

from cxone_rollcall.model.exchange import Response
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.observations.states import Alone
from cxone_rollcall.model.roll import Standing

BROKEN = (said({}, 500), said(b"null"), said({"error": "x"}), said(b"<html>"), said({"agentStates": 7}))
ENDS = (said(b""), said({}, 204), said(b"[]"))
LINKS: tuple[Links | None, ...] = (absolute, from_the_root, the_query_alone, elsewhere, None)


CAPPED = ((2, 100), (100, 100), (101, 100), (230, 100), (120, 7), (50, 50), (75, 25))
"""Number of agents, and of rows on a page."""


@pytest.mark.parametrize(("sizes", "links", "total"), crossed(CAPPED, LINKS, ["list", "page", "none"], every=4))
async def test_every_page_is_found(sizes: tuple[int, int], links: Links | None, total: str) -> None:
    """Every page of a list is read.

    It is found by its link or by the rows received, whatever total and page size say.
    """
    agents, cap = sizes
    is_whole(await called(ListTenant(people(agents), cap=cap, links=links, total=total)))


@pytest.mark.parametrize("path", ["agents", "agents/states"])
async def test_a_first_page_that_is_empty_once(path: str) -> None:
    """An empty first page is requested again. A list lost once is still read."""
    empty = iter([said({"agents": [], "agentStates": [], "totalRecords": 0})])

    def spoils(name: str, at: int, response: Response) -> Response:
        return next(empty, response) if name == path else response

    is_whole(await called(ListTenant(people(40), spoils=spoils)))


@pytest.mark.parametrize("path", ["agents", "agents/states"])
async def test_a_list_that_changes_while_it_is_read(path: str) -> None:
    """A list with an agent on two pages has changed. It is read again."""

    class Moving(ListTenant):
        reads = 0

        def page(self, name: str, skip: int, top: int) -> Response:
            """Count the readings. In the first one, a row moves to the next page."""
            self.reads += name == path and skip == 0
            moves = name == path and skip == 100 and self.reads == 1
            return super().page(name, skip - moves, top)

    tenant = Moving(people(230))
    is_whole(await called(tenant))
    assert tenant.reads == 2


async def test_one_page_is_one_request() -> None:
    """A list of one page takes one request. It needs more if the page is full or names a next one."""
    for agents, requests in ((99, 2), (100, 4), (51, 2), (50, 4)):
        tenant = ListTenant(people(agents))
        is_whole(await called(tenant))
        assert len(tenant.asked) == requests


async def test_pages_are_requested_once() -> None:
    """A list of ten pages takes ten requests."""
    tenant = ListTenant(people(1000))
    is_whole(await called(tenant))
    assert len(tenant.asked) == len(set(tenant.asked)) == 20


@pytest.mark.parametrize("skip", [0, 100, 200])
@pytest.mark.parametrize("answer", [said(b"<html>"), said({}, 500), said(b'{"agentStates": [{"age'), said({}, 403)])
async def test_a_page_of_states_that_fails(skip: int, answer: Response) -> None:
    """Without one page of states, agents without a row are unknown."""

    def spoils(path: str, at: int, response: Response) -> Response:
        return answer if path == "agents/states" and at == skip else response

    run = await called(ListTenant(people(400, codes=(1, None, 0)), spoils=spoils))
    is_true(run)
    assert run.roll.roster_complete
    assert run.ids(Standing.UNKNOWN)
    assert not run.ids(Standing.ABSENT)
    assert run.ledger.failures[0].agents


async def test_a_damaged_page_of_states() -> None:
    """Agents whose row a damaged page lacks are requested one by one. Its failure names those without a row."""

    def spoils(path: str, at: int, response: Response) -> Response:
        if path == "agents":
            return response
        page = json.loads(response.body)
        rows = [row for row in page["agentStates"] if row["agentId"] % 10]
        return said({**page, "agentStates": rows, **({"error": "a shard is down"} if at == 100 else {})})

    run = await called(ListTenant(people(400, codes=(1, None, 0)), spoils=spoils))
    is_true(run)
    (failure,) = run.ledger.failures
    assert 0 < len(failure.agents) == 400 - len(run.ledger.rows)
    assert any(one.said is Alone.ROW for one in run.ledger.asked_alone)


@pytest.mark.parametrize("skip", [0, 100, 200])
async def test_a_page_of_the_roster_that_fails(skip: int) -> None:
    """A roster with a missing page is not complete. All agents found are accounted for."""

    def spoils(path: str, at: int, response: Response) -> Response:
        return said({}, 500) if path == "agents" and at == skip else response

    run = await called(ListTenant(people(250), spoils=spoils))
    is_true(run)
    assert not run.roll.roster_complete
    assert not run.ids(Standing.ABSENT, Standing.UNKNOWN)


async def test_one_failure_is_healed() -> None:
    """A page that fails once is requested again, and nothing is missing."""
    failed = set()

    def spoils(path: str, at: int, response: Response) -> Response:
        if (path, at) in failed:
            return response
        failed.add((path, at))
        return said({}, 503)

    run = await called(ListTenant(people(250), spoils=spoils))
    is_whole(run)
    assert run.ledger.failures == []


@pytest.mark.parametrize("links", [absolute, None])
async def test_a_list_that_ignores_skip(links: Links | None) -> None:
    """A server that ignores skip gets few requests. Agents that are not on its one page are unknown."""

    def spoils(path: str, at: int, response: Response) -> Response:
        return tenant.page(path, 0, 100)

    tenant = ListTenant(people(250), links=links, spoils=spoils)
    run = await called(tenant)
    is_true(run)
    assert len(tenant.asked) < 40
    assert not run.roll.roster_complete


async def test_agents_with_two_rows() -> None:
    """An agent may have a row for each channel. The list is whole if its total counts rows."""

    def spoils(path: str, at: int, response: Response) -> Response:
        body = json.loads(response.body)
        rows = body["agents" if path == "agents" else "agentStates"]
        rows += rows[:3]
        total = body["totalRecords"]
        return said({**body, "totalRecords": total + 3 * -(-total // 100)})

    run = await called(ListTenant(people(230, codes=(1, None, 2)), spoils=spoils))
    is_true(run)
    assert run.roll.roster_complete
    assert not run.ids(Standing.UNKNOWN)


async def test_a_total_far_too_high() -> None:
    """A total far too high costs few requests. The roster is incomplete."""
    spoils = lambda path, at, response: said({**json.loads(response.body), "totalRecords": 9000})  # noqa: E731
    tenant = ListTenant(people(214), links=None, spoils=spoils)
    run = await called(tenant)
    is_true(run)
    assert not run.roll.roster_complete
    assert len(tenant.asked) <= 40


@pytest.mark.parametrize("total", [None, 100, 9000])
@pytest.mark.parametrize("links", [absolute, None])
async def test_a_list_that_ignores_skip_with_a_row_without_an_id(links: Links | None, total: int | None) -> None:
    """A repeated page ends a list, even with a nameless row."""

    def spoils(path: str, at: int, response: Response) -> Response:
        body = json.loads(tenant.page(path, 0, 100).body)
        rows = body["agents" if path == "agents" else "agentStates"]
        rows[7] = {**rows[7], "agentId": None}
        body["_links"] = {"next": links(path, at + 100)} if links else None
        return said({**body, "totalRecords": total})

    tenant = ListTenant(people(250), spoils=spoils)
    run = await called(tenant)
    is_true(run)
    assert len(tenant.asked) < 40
    assert not run.roll.roster_complete


async def test_a_link_in_a_circle() -> None:
    """A link that leads back is not followed endlessly. Reading goes on by the rows received."""
    tenant = ListTenant(people(250), links=lambda path, skip: absolute(path, 0))
    is_whole(await called(tenant))
    assert len(tenant.asked) < 20


@pytest.mark.parametrize("answer", [said({}, 409), said({}, 401), said({"error": "x"}, 400), said({}, 404)])
async def test_states_that_are_refused(answer: Response) -> None:
    """If the states are refused, all agents are unknown. The failure names all of them."""

    def spoils(path: str, at: int, response: Response) -> Response:
        return answer if path == "agents/states" else response

    run = await called(ListTenant(people(5), spoils=spoils))
    assert run.ids(Standing.UNKNOWN) == set(run.tenant.states)
    assert set(run.ledger.failures[0].agents) == set(run.tenant.states)


async def test_409_is_forbidden() -> None:
    """409 means that permissions are missing."""
    run = await called(ListTenant(people(5), spoils=lambda path, at, response: said({}, 409)))
    assert {failure.kind for failure in run.ledger.failures} == {FailureKind.FORBIDDEN}


@given(
    agents=st.integers(0, 260),
    cap=st.sampled_from([1, 7, 25, 50, 100]),
    links=st.sampled_from(LINKS),
    total=st.sampled_from(["list", "page", "none"]),
    rows=st.sampled_from([(1, 0), (1, 2, 0, 3), (1, None), (0,), (None,), (1,)]),
    broken=st.lists(
        st.tuples(st.sampled_from(["agents", "agents/states"]), st.integers(0, 3), st.sampled_from([*BROKEN, *ENDS])),
        max_size=3,
    ),
)
async def test_no_standing_is_wrong_whatever_pages_fail(
    agents: int,
    cap: int,
    links: Links | None,
    total: str,
    rows: tuple[int | None, ...],
    broken: list[tuple[str, int, Response]],
) -> None:
    """No standing is wrong, whatever the pages are like and whichever fail.

    An empty page is the end of a list, so one in its place is noticed only where the server counts the whole list.
    """
    if total != "list":
        broken = [one for one in broken if one[2] not in ENDS]

    def spoils(path: str, at: int, response: Response) -> Response:
        return next((said for where, page, said in broken if where == path and page * cap == at), response)

    run: Called = await called(ListTenant(people(agents, codes=rows), cap=cap, links=links, total=total, spoils=spoils))
    is_true(run)


@pytest.mark.parametrize("links", [absolute, None])
async def test_the_purpose_of_each_page(links: Links | None) -> None:
    """Each request for a page names its own rows. The states know how many pages they came on."""
    run = await called(ListTenant(people(230), links=links))
    purposes = {one.purpose for one in run.client.log.exchanges}
    for first, last in ((1, 100), (101, 200), (201, 300)):
        assert {f"agents {first} to {last} of the roster", f"states, {first} to {last}"} <= purposes
    assert run.ledger.states.batches == sum("agents/states" in one for one in run.tenant.asked)


@dataclass
class Neighbours(ListTenant):
    """The second page of the states is another tenant's, at these requests."""

    at: range = range(0)
    second_pages: int = 0

    def page(self, name: str, skip: int, top: int) -> Response:
        """Answer, perhaps with the rows of others."""
        answer = super().page(name, skip, top)
        if name == "agents" or not skip:
            return answer
        self.second_pages += 1
        if self.second_pages - 1 not in self.at:
            return answer
        body = json.loads(answer.body)
        body["agentStates"] = [{**row, "agentId": row["agentId"] + 5000} for row in body["agentStates"]]
        return said(body)


@pytest.mark.parametrize("times", [0, 1, 99])
async def test_a_page_of_another_tenant(times: int) -> None:
    """A page without any agent of the roster denies nobody. It is requested again."""
    tenant = Neighbours(people(300, codes=(1, None, 2, 3)), at=range(times))
    run = await called(tenant)
    is_true(run)
    if times == 99:
        assert not run.ids(Standing.ABSENT)
        assert run.ids(Standing.UNKNOWN) == set(tenant.states) - run.ids(Standing.PRESENT)
    else:
        assert run.ids(Standing.PRESENT) == {one for one, code in tenant.states.items() if code}
        assert not run.ids(Standing.UNKNOWN)
