"""Each reading of incontact where public documentation leaves it open."""

from typing import Any

import pytest

from cxone_rollcall.emulator import Readings, list_readings, parse_readings

Visit = Any  # the fixture of conftest.py, which import-mode importlib does not let a test import


async def test_the_shape_of_v23(published: Visit) -> None:
    """In the v23 shape there is nothing beside the rows. Each row has lastPollTime, and names differ."""
    async with published(readings={"shape": "v23"}) as visitor:
        said = (await visitor.get("agents/states")).json
        assert (set(said), len(said["agentStates"])) == ({"agentStates"}, 120)
        assert all({"lastPollTime", "isAcw", "mediaName", "mediaType"} < set(row) for row in said["agentStates"])
        row = (await visitor.get("agents?top=1")).json["agents"][0]
        assert {"userID", "teamUuId"} < set(row)


async def test_result_set(published: Visit) -> None:
    """Everything may be within `resultSet`."""
    async with published(readings={"result_set": True}) as visitor:
        assert len((await visitor.agents()).json["resultSet"]["agents"]) == 100
        assert len((await visitor.states()).json["resultSet"]["agentStates"]) == 100


async def test_links(published: Visit) -> None:
    """Links are absolute or relative; the last is null or missing."""
    async with published(readings={"next_link": "relative", "last_link": "absent"}) as visitor:
        assert (await visitor.agents(1)).json["_links"]["next"].startswith("/incontactapi/")
        assert "next" not in (await visitor.agents(2)).json["_links"]
    async with published() as visitor:
        assert (await visitor.agents(1)).json["_links"]["next"].startswith(visitor.url)
        assert (await visitor.agents(2)).json["_links"]["next"] is None


async def test_total_of_a_page(published: Visit) -> None:
    """totalRecords may be the page's own count."""
    async with published(readings={"total_records": "page"}) as visitor:
        assert [(await visitor.agents(page)).json["totalRecords"] for page in (1, 2)] == [100, 20]


@pytest.mark.parametrize(("how", "status", "body"), [("200", 200, None), ("204", 204, b""), ("empty", 200, b"")])
async def test_no_states(published: Visit, how: str, status: int, body: bytes | None) -> None:
    """States without rows are an empty list, a 204, or no body."""
    async with published(agents=0, readings={"no_states": how}) as visitor:
        reply = await visitor.states()
        assert reply.status == status
        assert reply.json["agentStates"] == [] if body is None else reply.body == body


@pytest.mark.parametrize(("how", "status"), [("200", 200), ("204", 204)])
async def test_no_agents(published: Visit, how: str, status: int) -> None:
    """A roster page without rows is a 204, or an empty list."""
    async with published(readings={"no_agents": how}) as visitor:
        assert (await visitor.get("agents?skip=120")).status == status


async def test_rows_left_out(published: Visit) -> None:
    """Inactive or logged-out agents may have no state row."""
    async with published(readings={"inactive_rows": False}) as visitor:
        assert list(await visitor.all_states()) == [one.agent_id for one in visitor.emulator.truth() if one.active]
    async with published(readings={"logged_out_rows": False}) as visitor:
        assert list(await visitor.all_states()) == visitor.ids(present=True)


async def test_hidden_teams(published: Visit) -> None:
    """Agents of a restricted team are in neither list. They are counted as hidden, and refused by id."""
    async with published() as everyone, published(readings={"hidden_teams": ("101", "108")}) as visitor:
        rows = await everyone.follow("agents", "agents")
        seen = [str(row["agentId"]) for row in rows if row["teamId"] not in {101, 108}]
        hidden = next(row for row in rows if row["teamId"] == 101)
        assert [str(row["agentId"]) for row in await visitor.follow("agents", "agents")] == seen
        assert list(await visitor.all_states()) == seen
        assert (await visitor.agents()).json["hiddenAgents"] == 120 - len(seen) > 0
        for path in (f"agents/{hidden['agentId']}", f"agents/{hidden['userId']}", f"agents/{hidden['agentId']}/states"):
            assert (await visitor.get(path)).status == 403


async def test_a_caller_may_see_only_the_own_agent(published: Visit) -> None:
    """A caller may see only the token's own agent."""
    async with published(readings={"sees": "own"}) as visitor:
        assert list(await visitor.all_states()) == visitor.ids()[:1]
        assert (await visitor.agents()).json["hiddenAgents"] == 119


@pytest.mark.parametrize(("how", "status"), [("403", 403), ("401", 401), ("409", 409), ("empty", 204)])
async def test_missing_permission(published: Visit, how: str, status: int) -> None:
    """A missing permission is refused, or gives an empty response."""
    async with published(scopes=("presence:read",), readings={"no_permission": how}) as visitor:
        assert (await visitor.agents()).status == status
        assert (await visitor.states()).status == 200
        assert (await visitor.get("business-unit")).status == status


def test_readings_are_read() -> None:
    """A reading is given as text; others have their default."""
    given = parse_readings(["shape=v23", "result-set=yes", "hidden_teams=101+102", "poll_lag=0"])
    assert given == Readings(shape="v23", result_set=True, hidden_teams=("101", "102"))
    for reading in list_readings():
        assert reading.about
        assert reading.shown == "none" or parse_readings([f"{reading.name}={reading.shown}"]) == Readings()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("shpe=v23", "no reading 'shpe'; readings: shape"),
        ("shape", "needs a value: shape=v34.v23"),
        ("shape=v1", "must be one of v34, v23, not 'v1'"),
        ("result_set=maybe", "yes or no"),
        ("newest=x", "whole number"),
        ("poll_every=0", "1 or more"),
    ],
)
def test_impossible_readings_are_refused(text: str, message: str) -> None:
    """An impossible reading is refused with the possible ones."""
    with pytest.raises(ValueError, match=message):
        parse_readings([text])
