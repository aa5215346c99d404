"""The published contract tells of the same world as `v2` does, in its own words, and with each of its readings."""

import re
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from rollcall.emulator import Readings, list_readings, parse_readings

Visit = Any  # the fixture of conftest.py, which import-mode importlib does not let a test import
Visitor = Any  # and what it yields

DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z")


def dates(value: Any) -> list[str]:
    """Return every text within a value that looks like a date."""
    if isinstance(value, dict):
        return [date for part in value.values() for date in dates(part)]
    if isinstance(value, list):
        return [date for part in value for date in dates(part)]
    return [value] if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT", value) else []


async def all_states(visitor: Visitor, more: str = "") -> dict[str, dict[str, Any]]:
    """Return the state row of each agent, all pages read."""
    rows = await visitor.follow(f"agents/states?top=100{more}", "agentStates")
    found = {str(row["agentId"]): row for row in rows}
    assert len(found) == len(rows)
    return found


async def test_roster(published: Visit) -> None:
    """The pages hold every agent once, in full, and the links lead to the end."""
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
    """Every agent has a row: whoever is logged in a code from 1 on, whoever is not LoggedOut, both as is true."""
    async with published(agents=300) as visitor:
        rows = await all_states(visitor)
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
    """Neither letter case nor doubled slashes matter, nor which of the versions it is."""
    async with published() as visitor:
        for path in ("agents?top=1", "agents//States?top=1&fields=", "Agents/30000000001/states"):
            assert (await visitor.ask("GET", base + path)).status == 200


@pytest.mark.parametrize(
    "path", ["v35.0/agents", "v5.0/agents", "v34/agents", "v34.0/", "v34.0/nothing", "v34.1/agents"]
)
async def test_other_paths(published: Visit, path: str) -> None:
    """A version that is not served, and a path that is none, are a 404."""
    async with published() as visitor:
        assert (await visitor.ask("GET", f"/incontactapi/services/{path}")).status == 404


async def test_version_of_a_path(published: Visit) -> None:
    """The states may be served by older versions alone."""
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
    """Agents are found by a part of their name, and stand in the order asked for."""
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


async def test_fields(published: Visit) -> None:
    """Rows have the fields asked for, and all of them where the list is empty."""
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
async def test_garbage(published: Visit, query: str) -> None:
    """What cannot be read is a 400, an offset among it whose + became a space, and the header says why as well."""
    async with published() as visitor:
        reply = await visitor.get(f"agents/states?{query}")
        assert reply.status == 400
        assert query.partition("=")[0] in reply.headers["icstatusdescription"]


async def test_updated_agents(published: Visit) -> None:
    """Agents are chosen by updatedSince: those who logged in, or left, after that."""
    async with published(readings={"dates": "world"}) as visitor:
        rows = await visitor.follow("agents?updatedSince=2026-03-02T00:00:00Z", "agents")
        assert 0 < len(rows) < 120
        assert all((row["inactiveDate"] or row["lastLogin"]) >= "2026-03-02" for row in rows)


async def test_delta(published: Visit) -> None:
    """Asked from the last poll on, whoever changed since has a row, the logged out too, and nobody is lost."""
    time = [1_800_000_000.0]
    async with published(clock="running", token_life=10**6, now=lambda: time[0]) as visitor:
        known = await all_states(visitor)
        polled = (await visitor.states()).json["lastPollTime"]
        counts = []
        for _ in range(60):
            time[0] += 437
            page = (await visitor.get(f"agents/states?top=100&updatedSince={polled}")).json
            delta = await all_states(visitor, f"&updatedSince={polled}")
            counts.append(len(delta))
            known |= delta
            polled = page["lastPollTime"]
            assert known == await all_states(visitor)
        assert max(counts) > 0


async def test_idle_delta(published: Visit) -> None:
    """With nothing changed, the answer to a delta is an empty list, in one request."""
    time = [0.0]
    for second in range(1_800_000_000, 1_800_000_012):
        time[0] = float(second)
        async with published(now=lambda: time[0], readings={"poll_lag": second % 3}) as visitor:
            for _ in range(3):
                polled = (await visitor.states()).json["lastPollTime"]
                time[0] += 7
                delta = await visitor.get(f"agents/states?updatedSince={polled}")
                assert (delta.status, delta.json["agentStates"], delta.json["totalRecords"]) == (200, [], 0)


async def test_poll_is_not_now(published: Visit) -> None:
    """lastPollTime is the server's last poll, which may be late; server-time is its clock, as Date is."""
    now = 1_800_000_003.0
    async with published(now=lambda: now, readings={"poll_every": 10, "poll_lag": 60, "fraction": "none"}) as visitor:
        assert (await visitor.states()).json["lastPollTime"] == "2027-01-15T07:59:00Z"
        assert (await visitor.get("server-time")).json == {"ServerTime": "2027-01-15T08:00:03Z"}


@pytest.mark.parametrize(("fraction", "digits"), [("mixed", {0, 1, 2, 3}), ("always", {3}), ("none", {0})])
async def test_dates(published: Visit, fraction: str, digits: set[int]) -> None:
    """Dates are UTC with a Z, and have a fraction of 0 to 3 digits; none of what happened is in the future."""
    async with published(readings={"fraction": fraction}) as visitor:
        found = dates(await visitor.follow("agents", "agents")) + dates(list((await all_states(visitor)).values()))
        assert {len((DATE.fullmatch(date) or ["", None])[1] or ".") - 1 for date in found} == digits
        now = datetime.now(UTC)
        assert all(datetime.fromisoformat(date) <= now for date in found)


async def test_old_shape(published: Visit) -> None:
    """In the v23 shape nothing stands beside the rows, each of them has lastPollTime, and names differ."""
    async with published(readings={"shape": "v23"}) as visitor:
        said = (await visitor.get("agents/states")).json
        assert (set(said), len(said["agentStates"])) == ({"agentStates"}, 120)
        assert all({"lastPollTime", "isAcw", "mediaName", "mediaType"} < set(row) for row in said["agentStates"])
        row = (await visitor.get("agents?top=1")).json["agents"][0]
        assert {"userID", "teamUuId"} < set(row)


async def test_result_set(published: Visit) -> None:
    """Everything may stand within resultSet."""
    async with published(readings={"result_set": True}) as visitor:
        assert len((await visitor.agents()).json["resultSet"]["agents"]) == 100
        assert len((await visitor.states()).json["resultSet"]["agentStates"]) == 100


async def test_links(published: Visit) -> None:
    """Links are absolute or relative, and the last page has a null or no link."""
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
    """A page of the roster without rows is a 204, or an empty list."""
    async with published(readings={"no_agents": how}) as visitor:
        assert (await visitor.get("agents?skip=120")).status == status


async def test_rows_left_out(published: Visit) -> None:
    """Inactive agents, or all who are logged out, may have no row of states."""
    async with published(readings={"inactive_rows": False}) as visitor:
        assert list(await all_states(visitor)) == [one.agent_id for one in visitor.emulator.truth() if one.active]
    async with published(readings={"logged_out_rows": False}) as visitor:
        assert list(await all_states(visitor)) == visitor.ids(present=True)


async def test_hidden_teams(published: Visit) -> None:
    """Agents of a restricted team are in neither list, are counted as hidden, and cannot be asked for by id."""
    async with published() as everyone, published(readings={"hidden_teams": ("101", "108")}) as visitor:
        rows = await everyone.follow("agents", "agents")
        seen = [str(row["agentId"]) for row in rows if row["teamId"] not in {101, 108}]
        hidden = next(row for row in rows if row["teamId"] == 101)
        assert [str(row["agentId"]) for row in await visitor.follow("agents", "agents")] == seen
        assert list(await all_states(visitor)) == seen
        assert (await visitor.agents()).json["hiddenAgents"] == 120 - len(seen) > 0
        for path in (f"agents/{hidden['agentId']}", f"agents/{hidden['userId']}", f"agents/{hidden['agentId']}/states"):
            assert (await visitor.get(path)).status == 403


async def test_own_agent_alone(published: Visit) -> None:
    """A caller may see nobody but the agent that the token names."""
    async with published(readings={"sees": "own"}) as visitor:
        assert list(await all_states(visitor)) == visitor.ids()[:1]
        assert (await visitor.agents()).json["hiddenAgents"] == 119


@pytest.mark.parametrize(("how", "status"), [("403", 403), ("401", 401), ("409", 409), ("empty", 204)])
async def test_missing_permission(published: Visit, how: str, status: int) -> None:
    """A missing permission is refused, or answered with nothing, as the tenant has it."""
    async with published(scopes=("presence:read",), readings={"no_permission": how}) as visitor:
        assert (await visitor.agents()).status == status
        assert (await visitor.states()).status == 200
        assert (await visitor.get("business-unit")).status == status


async def test_one_agent(published: Visit) -> None:
    """An agent is found by integer or user id; the states of one by integer alone, as in the list of all."""
    async with published() as visitor:
        row = (await visitor.get("agents?top=1&skip=7")).json["agents"][0]
        for name in (row["agentId"], row["userId"], row["userId"].upper()):
            assert (await visitor.get(f"agents/{name}")).json == {"agents": [row]}
        one = (await visitor.get(f"agents/{row['agentId']}/states")).json
        assert one["agentStates"] == [(await all_states(visitor))[str(row["agentId"])]]
        later = await visitor.get(f"agents/{row['agentId']}/states?updatedSince={one['lastPollTime']}")
        assert later.json["agentStates"] == []
        assert (await visitor.get(f"agents/{row['userId']}/states")).status == 400
        for nobody in ("1", "00000000-0000-4000-8000-000000000001"):
            assert (await visitor.get(f"agents/{nobody}")).status == 404


async def test_reported_units(published: Visit) -> None:
    """States of another business unit than the own one are none."""
    async with published() as visitor:
        unit = (await visitor.get("business-unit")).json["businessUnits"][0]
        assert unit["tenantId"] == visitor.emulator.tenant.tenant_id
        for units, count in ((unit["businessUnitId"], 100), (1, 0), (f"1,{unit['businessUnitId']}", 100)):
            assert len((await visitor.states(more=f"&reqBUIds={units}")).json["agentStates"]) == count


async def test_cross_checks(published: Visit) -> None:
    """History, contacts and skills agree with the states."""
    async with published() as visitor:
        rows = await all_states(visitor)
        for agent_id in visitor.ids()[:30]:
            row = rows[agent_id]
            contacts = await visitor.get(f"contacts/active?agentId={agent_id}")
            if row["contactId"] is None:
                assert contacts.status == 204
            else:
                assert [one["contactId"] for one in contacts.json["activeContacts"]] == [row["contactId"]]
            if row["agentStateId"]:
                history = (await visitor.get(f"agents/{agent_id}/state-history")).json["agentStateHistory"]
                assert {name: history[-1][name] for name in ("agentStateId", "startDate")} == {
                    name: row[name] for name in ("agentStateId", "startDate")
                }
                logins = (await visitor.get(f"agents/{agent_id}/login-history")).json["agentLoginHistory"]
                assert (logins[-1]["loginDate"], logins[-1]["logoutDate"]) == (row["sessionStartTime"], None)
        skills = (await visitor.get("skills/activity")).json["skillActivity"]
        assert sum(skill["agentsLoggedIn"] for skill in skills) == len(visitor.ids(present=True))
        codes = {one["outStateId"] for one in (await visitor.get("unavailable-codes")).json["unavailableCodes"]}
        assert {row["outStateId"] for row in rows.values()} <= {0, *codes}


async def test_history_is_bounded(published: Visit) -> None:
    """More than a month of history is a 400, and one to come is none."""
    async with published(readings={"dates": "world"}) as visitor:
        path = f"agents/{visitor.ids(present=True)[0]}/login-history"
        assert (await visitor.get(f"{path}?startDate=2020-01-01T00:00:00Z")).status == 400
        assert (await visitor.get(f"{path}?startDate=2030-01-01T00:00:00Z")).status == 204
        week = (await visitor.get(f"{path}?startDate=2026-02-23T00:00:00Z")).json["agentLoginHistory"]
        assert len(week) > 1
        assert all(one["loginDate"] < one["logoutDate"] for one in week[:-1])


@pytest.mark.parametrize(("no_accept", "status"), [("200", 200), ("406", 406)])
async def test_no_accept(published: Visit, no_accept: str, status: int) -> None:
    """Without an Accept header there is a text in place of the answer."""
    async with published(readings={"no_accept": no_accept}) as visitor:
        reply = await visitor.get("agents", skip_auto_headers=["Accept"])
        assert (reply.status, reply.body) == (status, b"No known way to render data")
        assert reply.headers["content-type"].startswith("text/plain")


async def test_correlation(published: Visit) -> None:
    """A CorrelationId is given back with the answer, an error's too."""
    async with published() as visitor:
        for path in ("agents", "agents?top=x", "nothing"):
            assert (await visitor.get(path, headers={"CorrelationId": "c-1"})).headers["correlationid"] == "c-1"


@pytest.mark.parametrize("errors", ["json", "empty", "html"])
async def test_error_bodies(published: Visit, errors: str) -> None:
    """The reason of an error stands in a header always, and in the body where that is JSON."""
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


@pytest.mark.parametrize("token", ["", "unknown", "a.b.c"])
async def test_turned_away(published: Visit, token: str) -> None:
    """Without a token that is known there is a 401."""
    async with published() as visitor:
        for path in ("agents", "agents/states", "server-time", "agents/30000000001/states"):
            assert (await visitor.get(path, token=token)).status == 401


@pytest.mark.parametrize(("method", "path"), [("GET", "/auth/token"), ("POST", "/incontactapi/services/v34.0/agents")])
async def test_other_methods(published: Visit, method: str, path: str) -> None:
    """Any other method is a 405 that says which is allowed."""
    async with published() as visitor:
        reply = await visitor.ask(method, path)
        assert (reply.status, "allow" in reply.headers) == (405, True)


def test_readings_are_read() -> None:
    """A reading is given as text, and what is not given has its default."""
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
def test_readings_are_refused(text: str, message: str) -> None:
    """A reading that cannot be is refused with what would do."""
    with pytest.raises(ValueError, match=message):
        parse_readings([text])
