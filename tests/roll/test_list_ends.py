"""What ends a list and what does not. Ending too early would lose agents unnoticed."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from tests.roll.lists import BASE, ROOT, ListTenant, absolute, called, is_true, is_whole, people, row_of, said

from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.observations.states import Alone
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.roll import Selection

Change = Callable[[dict[str, object]], dict[str, object]]


def at_page(list_: str, skip: int, answer: Response) -> Callable[[str, int, Response], Response]:
    """Give this response for one page of one list, at each request."""
    return lambda path, at, response: answer if (path, at) == (list_, skip) else response


def changed(list_: str, change: Change) -> Callable[[str, int, Response], Response]:
    """Change the body of each page of one list."""

    def spoils(path: str, at: int, response: Response) -> Response:
        return said(change({**json.loads(response.body), "at": at})) if path == list_ else response

    return spoils


@pytest.mark.parametrize("status", [400, 404, 405, 408, 409, 410, 423])
@pytest.mark.parametrize("list_", ["agents", "agents/states"])
async def test_a_linked_page_that_is_refused(list_: str, status: int) -> None:
    """A refused page that a link led to is not the end. The status makes no difference."""
    tenant = ListTenant(people(230), total="none", spoils=at_page(list_, 100, said({}, status)))
    run = await called(tenant)
    is_true(run)
    assert not run.ids(Standing.ABSENT)
    assert run.ids(Standing.UNKNOWN) or not run.roll.roster_complete


@pytest.mark.parametrize("answer", [said({}, 204), said(b""), said(b"[]"), said({"agents": [], "agentStates": []})])
@pytest.mark.parametrize("list_", ["agents", "agents/states"])
async def test_a_linked_page_that_is_empty(list_: str, answer: Response) -> None:
    """An empty page that a link led to makes the list incomplete."""
    tenant = ListTenant(people(230), total="none", alone={}, spoils=at_page(list_, 100, answer))
    run = await called(tenant)
    is_true(run)
    assert not run.ids(Standing.ABSENT)
    assert run.ids(Standing.UNKNOWN) or not run.roll.roster_complete


@pytest.mark.parametrize("status", [400, 404])
@pytest.mark.parametrize("agents", [50, 100, 200])
async def test_a_page_past_the_end_that_is_refused(agents: int, status: int) -> None:
    """If all counted agents came, a refused page ends the list."""

    def spoils(path: str, at: int, response: Response) -> Response:
        return said({"error": "no such page"}, status) if at >= agents else response

    is_whole(await called(ListTenant(people(agents), spoils=spoils)))
    uncounted = await called(ListTenant(people(agents), total="none", links=None, spoils=spoils))
    is_true(uncounted)
    assert not uncounted.roll.roster_complete


async def test_a_linked_page_that_is_empty_once() -> None:
    """A page that is empty once is requested again."""
    emptied: list[int] = []

    def spoils(path: str, at: int, response: Response) -> Response:
        if path == "agents" and at == 100 and not emptied:
            emptied.append(at)
            return said({}, 204)
        return response

    is_whole(await called(ListTenant(people(230), total="none", spoils=spoils)))


async def test_links_that_pass_over_rows() -> None:
    """Rows that a link skips are requested."""
    tenant = ListTenant(people(200), total="none", links=lambda path, skip: absolute(path, skip + 20))
    is_whole(await called(tenant))


@pytest.mark.parametrize("lengths", [(80, 60), (60, 60), (60, 80)])
async def test_rows_that_links_pass_over(lengths: tuple[int, int]) -> None:
    """Pages of one length show a limit of rows. Of different lengths they do not."""

    def shortened(path: str, skip: int, response: Response) -> Response:
        body = json.loads(response.body)
        if path == "agents/states":
            body["agentStates"] = body["agentStates"][: lengths[skip // 100 % 2]]
        return said(body)

    run = await called(ListTenant(people(300), total="none", spoils=shortened))
    is_whole(run)
    cut = run.ledger.states.cut
    assert (cut.most_rows if cut is not None else None) == (60 if lengths == (60, 60) else None)


@pytest.mark.parametrize(
    "links",
    [
        lambda link: {"Next": link},
        lambda link: {"next": {"href": link}},
        lambda link: {"next": link, "self": "x"},
    ],
)
async def test_links_in_another_shape(links: Callable[[object], object]) -> None:
    """A link is followed in any letter case, and as an object."""

    def change(body: dict[str, object]) -> dict[str, object]:
        old = body["_links"]
        assert isinstance(old, dict)
        return {**body, "_links": links(old["next"]) if old["next"] else {"next": None}}

    def spoils(path: str, at: int, response: Response) -> Response:
        return said(change(json.loads(response.body)))

    is_whole(await called(ListTenant(people(230), total="none", spoils=spoils)))


@pytest.mark.parametrize("links", [{"next": ""}, {"next": True}, {"next": None}, {}])
@pytest.mark.parametrize("cap", [50, 100])
async def test_a_full_page_without_a_link(links: dict[str, object], cap: int) -> None:
    """A full page without a next link may be one of several. The rows after it are requested."""

    def spoils(path: str, at: int, response: Response) -> Response:
        body = json.loads(response.body)
        key = "agents" if path == "agents" else "agentStates"
        return said({**body, "_links": links, "totalRecords": len(body[key])})

    is_whole(await called(ListTenant(people(230), cap=cap, spoils=spoils)))


async def test_a_total_that_is_too_low() -> None:
    """A total reached amid full pages does not end the list."""
    spoils = changed("agents", lambda body: {**body, "totalRecords": 160})
    run = await called(ListTenant(people(230), links=None, spoils=spoils))
    is_true(run)
    assert len(run.roll) == 230


async def test_skip_that_counts_pages() -> None:
    """Without a total, a roster whose skip counts pages is incomplete."""

    def spoils(path: str, at: int, response: Response) -> Response:
        return tenant.page(path, at * 100, 100)

    tenant = ListTenant(people(230), total="none", links=None, spoils=spoils)
    run = await called(tenant)
    is_true(run)
    assert not run.roll.roster_complete


async def test_a_second_reading_that_is_empty() -> None:
    """A roster that changed and is then empty withdraws no agent."""
    asked: list[int] = []

    def spoils(path: str, at: int, response: Response) -> Response:
        if path != "agents":
            return response
        asked.append(at)
        if len(asked) > 3:
            return said({}, 204)
        body = json.loads(response.body)
        return said({**body, "totalRecords": 230 - len(asked)})

    run = await called(ListTenant(people(230), spoils=spoils))
    is_true(run)
    assert len(run.roll) == 230
    assert not run.roll.roster_complete


@pytest.mark.parametrize(
    "beside",
    [
        {"errorCode": "E1"},
        {"Error": "down"},
        {"exceptionMessage": "null reference"},
        {"StatusCode": 500},
        {"status": "ERROR: down"},
        {"success": False},
        {"message": "Too many requests"},
        {"warning": "partial"},
    ],
)
@pytest.mark.parametrize("wrapped", [False, True])
async def test_an_error_beside_an_empty_page(beside: dict[str, object], wrapped: bool) -> None:
    """An empty page beside an error message is not the end. An envelope makes no difference."""
    empty: dict[str, object] = {"agentStates": [], "_links": {"next": None}}
    answer = said({"resultSet": empty, **beside} if wrapped else {**empty, **beside})
    run = await called(ListTenant(people(230), total="none", spoils=at_page("agents/states", 100, answer)))
    is_true(run)
    assert not run.ids(Standing.ABSENT)
    assert run.ledger.failures


async def test_rows_beside_a_failure() -> None:
    """Rows beside `success: false` are kept, but the roster is not complete."""

    def change(body: dict[str, object]) -> dict[str, object]:
        rows = body["agents"]
        assert isinstance(rows, list)
        return {"agents": rows[:10], "success": False, "message": "timeout, partial result"}

    run = await called(ListTenant(people(60), spoils=changed("agents", change)))
    is_true(run)
    assert not run.roll.roster_complete


@pytest.mark.parametrize("status", [400, 401, 404, 405, 500])
async def test_a_spot_check_without_an_answer(status: int) -> None:
    """A spot check without a usable response leaves its agent unknown. So are the agents that this leaves in doubt."""
    states = people(90, codes=(1, 0, None))
    tenant = ListTenant(states)
    tenant.state_of_one = lambda name: said({}, status)  # type: ignore[method-assign]
    run = await called(tenant)
    assert not run.ids(Standing.ABSENT)
    assert {one.said for one in run.ledger.asked_alone} <= {Alone.FAILED, Alone.NOT_FOUND}


async def test_changed_agents_confirm_no_absence() -> None:
    """Rows of changed agents prove nothing about an empty list of states."""

    def spoils(path: str, at: int, response: Response) -> Response:
        if path != "agents/states":
            return response
        rows = [row_of("1001", 1)] if "updatedSince" in tenant.asked[-1] else []
        return said({"agentStates": rows, "_links": {"next": None}})

    tenant = ListTenant(people(40, codes=(1,)), alone={}, spoils=spoils)
    run = await called(tenant, Selection(since="2026-11-22T09:30:00Z"))
    assert run.ledger.delta is not None
    assert run.ledger.delta.with_row == {"1001"}
    assert run.ids(Standing.UNKNOWN) == set(tenant.states)


async def test_two_states_on_two_pages() -> None:
    """An agent is unknown if its states on two pages contradict. One page has it logged in, the other logged out."""

    def spoils(path: str, at: int, response: Response) -> Response:
        body = json.loads(response.body)
        if path == "agents/states" and at == 100:
            body["agentStates"][0] = row_of("1001", 0)
        return said(body)

    run = await called(ListTenant(people(150, codes=(1,)), alone={}, spoils=spoils))
    is_true(run)
    assert "1001" in run.ids(Standing.UNKNOWN)
    assert not run.ledger.contradicted["1001"].one_response


async def test_two_states_before_the_roster_names_the_agent() -> None:
    """An agent is unknown if its states contradict.

    They may do so before its page of the roster arrives.
    """

    def spoils(path: str, at: int, response: Response) -> Response:
        body = json.loads(response.body)
        if path == "agents/states" and at == 0:
            body["agentStates"] += [row_of("1150", 1), row_of("1150", 0)]
        elif path == "agents/states":
            body["agentStates"].pop()
        return said(body)

    run = await called(ListTenant(people(150, codes=(1,)), alone={}, total="none", spoils=spoils))
    assert run.ids(Standing.UNKNOWN) == {"1150"}
    assert run.ledger.contradicted["1150"].one_response


async def test_ids_with_leading_zeros() -> None:
    """Ids are integers: leading zeros make no difference."""

    def spoils(path: str, at: int, response: Response) -> Response:
        body = json.loads(response.body)
        for row in body.get("agentStates", []):
            row["agentId"] = f"00{row['agentId']}"
        return said(body)

    is_whole(await called(ListTenant(people(30), spoils=spoils)))


@pytest.mark.parametrize(
    "name", ["Logged Out (System)", "LoggedOut - Timeout", "Logged off by supervisor", "None", "0"]
)
async def test_names_that_may_mean_logged_out(name: str) -> None:
    """Without a code, an empty state name makes no agent present. Nor does one that begins like "logged out"."""

    def spoils(path: str, at: int, response: Response) -> Response:
        if path == "agents":
            return response
        rows = json.loads(response.body)["agentStates"]
        return said({"agentStates": [{"agentId": row["agentId"], "agentStateName": name} for row in rows]})

    run = await called(ListTenant(people(3, codes=(0,)), alone={}, spoils=spoils))
    assert not run.ids(Standing.PRESENT)


async def test_an_endless_list() -> None:
    """A server that repeats one page gets few requests. Its total may say a million."""

    def spoils(path: str, at: int, response: Response) -> Response:
        return said({**json.loads(tenant.page(path, 0, 100).body), "totalRecords": 10**30, "_links": None})

    tenant = ListTenant(people(230), spoils=spoils)
    is_true(await called(tenant))
    assert len(tenant.asked) < 150


async def test_an_api_behind_a_path() -> None:
    """Links without the gateway's path prefix are followed behind it."""
    gateway = f"{BASE}/gw"
    states = people(230)

    class Gateway(ListTenant):
        """The tenant behind a path prefix."""

        async def send(self, request: Request) -> Response:
            """Answer as if the API stood behind a path prefix."""
            answer = await super().send(request)
            body = answer.body.replace(f'"{BASE}"'.encode(), f'"{gateway}"'.encode())
            return Response(status=answer.status, headers={}, body=body)

    tenant = Gateway(states, total="none", links=lambda path, skip: f"{ROOT}{path}?top=100&skip={skip}")
    is_whole(await called(tenant))
