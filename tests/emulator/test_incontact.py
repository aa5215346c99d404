"""incontact reports the same world as `v2`."""

from collections import Counter
from typing import Any

import pytest

Visit = Any  # the fixture of conftest.py, which import-mode importlib does not let a test import


async def test_the_roster_has_every_agent_once(published: Visit) -> None:
    """The pages hold every agent once, and links lead on."""
    async with published(agents=250) as visitor:
        rows = await visitor.follow("agents", "agents")
        assert [str(row["agentId"]) for row in rows] == visitor.ids()
        page = (await visitor.get("agents?top=500")).json
        assert (len(page["agents"]), page["totalRecords"], page["hiddenAgents"]) == (100, 250, 0)
        assert len((await visitor.get("agents")).json["agents"]) == 50
        fields = {"agentId", "userId", "userName", "firstName", "lastName", "emailAddress", "isActive", "teamId"}
        assert all(fields < set(row) and row["locked"] is False for row in rows)
        assert all(row["isActive"] == (row["inactiveDate"] is None) for row in rows)
        assert len({row["userId"] for row in rows}) == 250


async def test_states_are_those_of_the_world(published: Visit) -> None:
    """Each agent has a row. Logged-in agents have a code from 1 on, others are LoggedOut, as is true."""
    async with published(agents=300) as visitor:
        rows = await visitor.all_states()
        assert list(rows) == visitor.ids()
        for one in visitor.emulator.truth():
            row = rows[one.agent_id]
            assert (row["agentStateId"] != 0) == (one.state is not None)
            match one.state:
                case None:
                    assert row["agentStateName"] == "LoggedOut"
                case "Available":
                    assert (row["agentStateId"], row["agentStateName"]) == (1, "Available")
                case "Busy":
                    assert 3 <= row["agentStateId"] <= 7
                    assert row["contactId"]
                case _:
                    assert (row["agentStateId"], row["agentStateName"]) == (2, "Unavailable")
                    reason = one.sub_state.rpartition(" - ")[2]
                    assert row["isACW"] == (reason == "Paperwork")
                    assert row["isACW"] or (row["outStateDescription"], row["outStateId"] > 0) == (reason, True)
        assert set(Counter(row["agentStateId"] for row in rows.values())) >= {0, 1, 2, 3, 4, 5, 6, 7}


@pytest.mark.parametrize(
    "base", ["/inContactAPI/services/v34.0/", "//incontactapi//services//V34.0//", "/INCONTACTAPI/SERVICES/v6.0/"]
)
async def test_spelling_of_the_path(published: Visit, base: str) -> None:
    """Letter case, doubled slashes and the version do not matter."""
    async with published() as visitor:
        for path in ("agents?top=1", "agents//States?top=1&fields=", "Agents/30000000001/states"):
            assert (await visitor.ask("GET", base + path)).status == 200


@pytest.mark.parametrize(
    "path", ["v35.0/agents", "v5.0/agents", "v34/agents", "v34.0/", "v34.0/nothing", "v34.1/agents"]
)
async def test_other_paths(published: Visit, path: str) -> None:
    """An unserved version and an unknown path are a 404."""
    async with published() as visitor:
        assert (await visitor.ask("GET", f"/incontactapi/services/{path}")).status == 404


async def test_version_of_a_path(published: Visit) -> None:
    """Only older versions may serve the states."""
    async with published(readings={"states_newest": 30}) as visitor:
        for version, path, status in ((34, "agents", 200), (34, "agents/states", 404), (30, "agents/states", 200)):
            assert (await visitor.ask("GET", f"/incontactapi/services/v{version}.0/{path}")).status == status


@pytest.mark.parametrize("value", ["True", "true", "False"])
async def test_is_active(published: Visit, value: str) -> None:
    """Agents are chosen by isActive, however it is written."""
    async with published() as visitor:
        rows = await visitor.follow(f"agents?isActive={value}", "agents")
        wanted = [one.agent_id for one in visitor.emulator.truth() if one.active == (value.lower() == "true")]
        assert [str(row["agentId"]) for row in rows] == wanted


async def test_search_and_order(published: Visit) -> None:
    """Agents are found by part of their name, in the requested order."""
    async with published() as visitor:
        rows = await visitor.follow("agents?searchString=GARC&orderBy=lastName%20desc,firstName", "agents")
        assert rows == [] or all("garc" in str(row).lower() for row in rows)
        rows = await visitor.follow("agents?orderBy=userName%20desc", "agents")
        names = [row["userName"] for row in rows]
        assert names == sorted(names, reverse=True)
        assert len(names) == 120
        states = await visitor.follow("agents/states?orderBy=agentStateId", "agentStates")
        codes = [row["agentStateId"] for row in states]
        assert codes == sorted(codes)


async def test_rows_have_the_requested_fields(published: Visit) -> None:
    """Rows have the requested fields, all if the list is empty."""
    async with published() as visitor:
        for path, key in (("agents", "agents"), ("agents/states", "agentStates")):
            rows = (await visitor.get(f"{path}?fields=agentId,TEAMID,nonsense")).json[key]
            assert {frozenset(row) for row in rows} == {frozenset({"agentId", "teamId"})}
            assert len((await visitor.get(f"{path}?fields=")).json[key][0]) > 10


@pytest.mark.parametrize(
    "query",
    [
        "top=0",
        "top=x",
        "skip=-1",
        "isActive=maybe",
        "orderBy=nothing",
        "orderBy=teamId%20up",
        "updatedSince=now",
        "updatedSince=2026-02-30T10:00:00Z",
        "updatedSince=2026-02-20T10:00:00+01:00",
    ],
)
async def test_an_unreadable_parameter(published: Visit, query: str) -> None:
    """An unreadable parameter is a 400, with the reason in a header. Among them an offset whose + became a space."""
    async with published() as visitor:
        reply = await visitor.get(f"agents/states?{query}")
        assert reply.status == 400
        assert query.partition("=")[0] in reply.headers["icstatusdescription"]


async def test_one_agent(published: Visit) -> None:
    """An agent is found by integer or user id. Its states are found by integer only, as in the list of all."""
    async with published() as visitor:
        row = (await visitor.get("agents?top=1&skip=7")).json["agents"][0]
        for name in (row["agentId"], row["userId"], row["userId"].upper()):
            assert (await visitor.get(f"agents/{name}")).json == {"agents": [row]}
        one = (await visitor.get(f"agents/{row['agentId']}/states")).json
        assert one["agentStates"] == [(await visitor.all_states())[str(row["agentId"])]]
        later = await visitor.get(f"agents/{row['agentId']}/states?updatedSince={one['lastPollTime']}")
        assert later.json["agentStates"] == []
        assert (await visitor.get(f"agents/{row['userId']}/states")).status == 400
        for nobody in ("1", "00000000-0000-4000-8000-000000000001"):
            assert (await visitor.get(f"agents/{nobody}")).status == 404


async def test_states_of_another_business_unit(published: Visit) -> None:
    """Another business unit than the own one has no states."""
    async with published() as visitor:
        unit = (await visitor.get("business-unit")).json["businessUnits"][0]
        assert unit["tenantId"] == visitor.emulator.tenant.tenant_id
        for units, count in ((unit["businessUnitId"], 100), (1, 0), (f"1,{unit['businessUnitId']}", 100)):
            assert len((await visitor.states(more=f"&reqBUIds={units}")).json["agentStates"]) == count


@pytest.mark.parametrize("token", ["", "unknown", "a.b.c"])
async def test_no_known_token(published: Visit, token: str) -> None:
    """Without a known token there is a 401."""
    async with published() as visitor:
        for path in ("agents", "agents/states", "server-time", "agents/30000000001/states"):
            assert (await visitor.get(path, token=token)).status == 401


@pytest.mark.parametrize(("method", "path"), [("GET", "/auth/token"), ("POST", "/incontactapi/services/v34.0/agents")])
async def test_other_methods(published: Visit, method: str, path: str) -> None:
    """Any other method is a 405 that says which is allowed."""
    async with published() as visitor:
        reply = await visitor.ask(method, path)
        assert (reply.status, "allow" in reply.headers) == (405, True)


@pytest.mark.parametrize(("no_accept", "status"), [("200", 200), ("406", 406)])
async def test_no_accept(published: Visit, no_accept: str, status: int) -> None:
    """Without an Accept header the response is a text."""
    async with published(readings={"no_accept": no_accept}) as visitor:
        reply = await visitor.get("agents", skip_auto_headers=["Accept"])
        assert (reply.status, reply.body) == (status, b"No known way to render data")
        assert reply.headers["content-type"].startswith("text/plain")


async def test_the_correlation_id_is_returned(published: Visit) -> None:
    """A CorrelationId is returned with the response, also an error's."""
    async with published() as visitor:
        for path in ("agents", "agents?top=x", "nothing"):
            assert (await visitor.get(path, headers={"CorrelationId": "c-1"})).headers["correlationid"] == "c-1"


@pytest.mark.parametrize("errors", ["json", "empty", "html"])
async def test_error_bodies(published: Visit, errors: str) -> None:
    """An error's reason is in a header, and in a JSON body. Other bodies do not have it."""
    async with published(readings={"errors": errors, "spelling": "errorDescription"}) as visitor:
        for path in ("agents?top=x", "agents/states?skip=x", "nothing", "agents/1"):
            reply = await visitor.get(path)
            reason = reply.headers["icstatusdescription"]
            assert reason
            if errors == "json":
                assert reply.json["errorDescription"] == reason
            else:
                assert reason.encode() not in reply.body
                assert (reply.body == b"") == (errors == "empty")
