"""A healthy server follows the v2 contract."""

import socket
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from cxone_rollcall.emulator import EmulatorSettings

Visit = Any  # the fixture of conftest.py, which import-mode importlib does not let a test import


def told(reply: Any) -> dict[str, tuple[str, str | None]]:
    """Return what an answer says of each agent."""
    return {str(row["agentId"]): (row["state"], row.get("subState")) for row in reply.rows}


async def test_the_roster_has_every_agent_once(visit: Visit) -> None:
    """The pages hold every agent once, and the total."""
    async with visit(agents=250) as visitor:
        assert await visitor.roster() == visitor.ids()
        page = await visitor.agents(1)
        assert (len(page.rows), page.json["totalCount"]) == (100, 250)
        assert page.headers["content-type"].startswith("application/json")
        assert {type(row["id"]) for row in page.rows} == {int}
        fields = {"id", "firstName", "lastName", "userName", "email", "isActive", "teamId", "teamName", "lastLogin"}
        assert all(set(row) == fields and row["email"].endswith("@example.com") for row in page.rows)
        assert any(row["lastLogin"] is None for row in page.rows)
        assert not all(row["isActive"] for row in page.rows)


async def test_page_cap(visit: Visit) -> None:
    """A page is limited to the cap. The next begins where it ends."""
    async with visit(agents=25, page_cap=10) as visitor:
        assert len((await visitor.agents(1, 1000)).rows) == 10
        assert await visitor.roster(size=1000) == visitor.ids()


@pytest.mark.parametrize(
    "query", ["page=0", "page=-1", "page=x", "pageSize=0", "pageSize=1.5", "page=", "page=1&page=2"]
)
async def test_an_impossible_page(visit: Visit, query: str) -> None:
    """An impossible page is a 400 that says so."""
    async with visit() as visitor:
        reply = await visitor.ask("GET", f"/api/v2/agents?{query}")
        assert reply.status == 400
        assert "page" in reply.json["message"]


async def test_the_logged_in_agents_have_rows(visit: Visit) -> None:
    """Exactly the logged-in agents have a row, with the true state."""
    async with visit() as visitor:
        truth = {one.agent_id: (one.state, one.sub_state) for one in visitor.emulator.truth()}
        reply = await visitor.states(visitor.ids())
        assert told(reply) == {agent_id: said for agent_id, said in truth.items() if said[0] is not None}
        assert len(reply.rows) == len(told(reply))
        assert "totalCount" not in reply.json


async def test_both_commas_separate_ids(visit: Visit) -> None:
    """A literal and an encoded comma separate ids alike. A repeated id has one row."""
    async with visit() as visitor:
        ids = visitor.ids()[:20]
        literal = await visitor.states(ids)
        assert literal.body == (await visitor.states(ids, comma="%2C")).body
        assert literal.body == (await visitor.states(ids, comma="%2c")).body
        assert literal.body == (await visitor.states([*ids, *ids])).body
        split = await visitor.states(ids[:10], more="&agentIds=" + ",".join(ids[10:]))
        assert literal.body == split.body


async def test_unknown_ids(visit: Visit) -> None:
    """Unknown and malformed ids have no row and spoil nothing."""
    async with visit() as visitor:
        known = visitor.ids(present=True)[:3]
        strange = ["1", "30000000000", "ann.lee", "ann@example.com", "%C3%A9", "%FF", "-5", "", "9" * 30]
        assert list(told(await visitor.states([*strange, *known]))) == known


async def test_state_filter(visit: Visit) -> None:
    """A state filter keeps that state; a misspelt one matches none."""
    async with visit() as visitor:
        truth = {one.agent_id: one.state for one in visitor.emulator.truth()}
        for asked, state in (("Not%20Ready", "Not Ready"), ("Not+Ready", "Not Ready"), ("Busy", "Busy")):
            reply = await visitor.states(truth, more=f"&state={asked}")
            assert set(told(reply)) == {agent_id for agent_id in truth if truth[agent_id] == state}
        assert (await visitor.states(truth, more="&state=available")).rows == []


@pytest.mark.parametrize("query", ["", "?agentIds=", "?agentIds=,", "?state=Available"])
async def test_without_ids(visit: Visit, query: str) -> None:
    """Without ids there are no rows, unless the account may list all."""
    async with visit() as visitor:
        assert (await visitor.ask("GET", f"/api/v2/agents/states{query}")).rows == []
    async with visit(list_all=True) as visitor:
        reply = await visitor.ask("GET", f"/api/v2/agents/states{query}")
        assert reply.rows
        assert "=Available" in query or list(told(reply)) == visitor.ids(present=True)


async def test_ways_of_writing(visit: Visit) -> None:
    """Ids may be strings, and a roster may have only ids."""
    async with visit(ids="strings", detail="ids") as visitor:
        assert (await visitor.agents(1, 2)).rows == [{"id": "30000000001"}, {"id": "30000000002"}]
        assert all(isinstance(row["agentId"], str) for row in (await visitor.states(visitor.ids())).rows)


async def test_long_target(visit: Visit) -> None:
    """A target over the limit is a 414, one below is answered."""
    async with visit() as visitor:
        longest = 8192 - len("/api/v2/agents/states?agentIds=")
        assert (await visitor.states(["1" * longest])).status == 200
        assert (await visitor.states(["1" * (longest + 1)])).status == 414
        assert (await visitor.states(["1" * 100_000])).status == 414


@pytest.mark.parametrize(
    "path", ["/", "/api/v2", "/api/v2/agents/", "/API/v2/agents", "/api/v2/agents/1", "//oauth/token"]
)
async def test_other_paths(visit: Visit, path: str) -> None:
    """Any other path is a 404 in JSON."""
    async with visit() as visitor:
        reply = await visitor.ask("GET", path)
        assert (reply.status, reply.json["status"]) == (404, 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("GET", "/oauth/token", "POST"), ("POST", "/api/v2/agents", "GET"), ("DELETE", "/api/v2/agents/states", "GET")],
)
async def test_other_methods(visit: Visit, method: str, path: str, allowed: str) -> None:
    """Any other method is a 405 that says which is allowed."""
    async with visit() as visitor:
        reply = await visitor.ask(method, path)
        assert (reply.status, reply.headers["allow"]) == (405, allowed)


@pytest.mark.parametrize(("retry_after", "header"), [("seconds", "2"), ("date", None), ("none", None)])
async def test_requests_beyond_the_rate(visit: Visit, retry_after: str, header: str | None) -> None:
    """Beyond the rate there are 429s, but none after their wait. The wait is in seconds, a date or missing."""
    time = [1_000_000.0]
    async with visit(rate=0.5, retry_after=retry_after, now=lambda: time[0]) as visitor:
        assert (await visitor.agents()).status == 429  # the token took the one request that there was
        time[0] += 2
        assert (await visitor.agents()).status == 200
        throttled = await visitor.agents()
        assert throttled.status == 429
        if retry_after == "date":
            until = parsedate_to_datetime(throttled.headers["retry-after"])
            assert until >= datetime.fromtimestamp(time[0] + 2, UTC)
        else:
            assert throttled.headers.get("retry-after") == header
        time[0] += 2
        assert (await visitor.agents()).status == 200


async def test_the_date_is_the_servers_clock(visit: Visit) -> None:
    """The Date of an answer is the server's own clock."""
    async with visit(now=lambda: 1_000_000_000.0) as visitor:
        assert (await visitor.agents()).headers["date"] == "Sun, 09 Sep 2001 01:46:40 GMT"


async def test_running_clock(visit: Visit) -> None:
    """With a running clock states change; with a frozen one they stay."""
    time = [0.0]
    for clock, changes in (("running", True), ("frozen", False)):
        async with visit(clock=clock, token_life=100_000, now=lambda: time[0]) as visitor:
            answers = []
            for _ in range(3):
                reply = await visitor.states(visitor.ids())
                assert list(told(reply)) == visitor.ids(present=True)
                answers.append(reply.body)
                time[0] += 3600
            assert (len(set(answers)) == 3) == changes


async def test_empty_tenant(visit: Visit) -> None:
    """A tenant without agents returns an empty page and total 0."""
    async with visit(agents=0) as visitor:
        assert (await visitor.agents()).json == {"entities": [], "totalCount": 0}
        assert (await visitor.states(["30000000001"])).json == {"entities": []}


async def test_malformed_http(visit: Visit) -> None:
    """Malformed HTTP gets a 400 and disturbs no other client."""
    async with visit() as visitor:
        import asyncio

        host, port = visitor.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port), family=socket.AF_INET)
        writer.write(b"NONSENSE\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.")
        writer.close()
        assert (await visitor.agents()).status == 200


def test_the_world_at_any_moment() -> None:
    """The world may be at any moment that has a time zone."""
    moment = datetime(2030, 1, 1, tzinfo=UTC) + timedelta(hours=3)
    assert EmulatorSettings(moment=moment).moment == moment
