"""Users, reports, queues and exchanged tokens, for other people's clients."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

Visit = Any  # the fixture of conftest.py, which import-mode importlib does not let a test import

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
USERS = "/user-management/v1/users"


def seconds(duration: str) -> float:
    """The seconds of an ISO duration."""
    found = re.fullmatch(r"PT(?:(\d+)H)?(?:(\d+)M)?([\d.]+)S", duration)
    assert found is not None, duration
    hours, minutes, rest = found.groups()
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(rest)


def span(visitor: Any, hours: float, until: float = 0.0) -> str:
    """The parameters of a range that ends some hours ago."""
    now = datetime.fromtimestamp(visitor.emulator.tenant.now(), UTC)
    moments = (now - timedelta(hours=hours + until), now - timedelta(hours=until))
    start, end = (one.isoformat(timespec="seconds").replace("+00:00", "Z") for one in moments)
    return f"startDate={start}&endDate={end}"


async def exchange(visitor: Any, **changes: str) -> Any:
    """Exchange the visitor's token, as NICE's SDK does."""
    form = {
        "grant_type": EXCHANGE,
        "client_id": "emulated-client",
        "subject_token": visitor.token,
        "subject_token_type": ACCESS_TOKEN,
    }
    return await visitor.ask("POST", "/auth/token", data={**form, **changes}, token="")


async def test_a_token_is_exchanged(published: Visit) -> None:
    """A user's token is exchanged for another one. A wrong token, type or client is refused."""
    async with published() as visitor:
        said = (await exchange(visitor)).json
        assert said["issued_token_type"] == ACCESS_TOKEN
        assert said["access_token"] != visitor.token
        assert (await visitor.get("agents", token=said["access_token"])).status == 200
        assert (await exchange(visitor, subject_token="unknown")).json["error"] == "invalid_grant"
        assert (await exchange(visitor, subject_token_type="saml")).json["error"] == "invalid_request"
        assert (await exchange(visitor, client_id="other")).status == 401


async def test_an_expired_token_is_not_exchanged(published: Visit) -> None:
    """A token whose life is over is refused."""
    async with published(clock="manual") as visitor:
        visitor.emulator.advance(visitor.emulator.settings.token_life + 1)
        assert (await exchange(visitor)).status == 400


async def test_v2_exchanges_no_tokens(visit: Visit) -> None:
    """The other contract does not know the grant."""
    async with visit() as visitor:
        said = await visitor.ask_token(grant_type=EXCHANGE, subject_token="x", subject_token_type=ACCESS_TOKEN)
        assert (said.status, said.json["error"]) == (400, "unsupported_grant_type")


async def test_a_regional_token_for_another_token(published: Visit) -> None:
    """The regional endpoint takes a token in place of a key."""
    async with published() as visitor:
        path = "/public/authentication/v1/token"
        said = (await visitor.ask("POST", path, json={"accessToken": visitor.token}, token="")).json
        assert (await visitor.get("agents", token=said["accessToken"])).status == 200
        for wrong in ("unknown", 7, None):
            assert (await visitor.ask("POST", path, json={"accessToken": wrong}, token="")).status == 401


async def test_users_are_the_agents(published: Visit) -> None:
    """Each agent is a user, alone and in the list."""
    async with published(agents=20) as visitor:
        agents = await visitor.follow("agents?top=100", "agents")
        users = (await visitor.ask("GET", USERS)).json["users"]
        assert [one["id"] for one in users] == [one["userId"] for one in agents]
        assert [one["userName"] for one in users] == [one["userName"] for one in agents]
        assert {one["status"] for one in users} == {"ACTIVE", "INACTIVE"}
        assert (await visitor.ask("GET", f"{USERS}/{users[3]['id']}")).json == {"user": users[3]}
        assert (await visitor.ask("GET", f"{USERS}?top=2&skip=1&fields=id")).json["users"] == [
            {"id": one["id"]} for one in users[1:3]
        ]
        assert (await visitor.ask("GET", f"{USERS}/{'0' * 8}-0000-4000-8000-{'0' * 12}")).status == 404
        assert (await visitor.ask("GET", USERS, token="")).status == 401


async def test_userinfo_is_that_of_the_token(published: Visit) -> None:
    """Userinfo, which discovery names, has the claims of the token's user."""
    async with published() as visitor:
        path = (await visitor.ask("GET", "/.well-known/openid-configuration")).json["userinfo_endpoint"]
        said = (await visitor.ask("GET", path.removeprefix(visitor.url))).json
        who = await visitor.ask("POST", "/incontactauthorizationserver/token/whoami", json={"token": visitor.token})
        assert (said["sub"], int(said["icAgentId"])) == (who.json["sub"], who.json["agent_id"])
        assert (await visitor.ask("GET", path.removeprefix(visitor.url), token="")).status == 401


async def test_the_parts_of_a_report_add_up(published: Visit) -> None:
    """The parts of an agent's report add up to its login time."""
    async with published(agents=30) as visitor:
        asked = span(visitor, 3, until=1)
        rows = (await visitor.get(f"agents/performance?{asked}")).json["agentPerformance"]
        assert len(rows) > 10
        for row in rows:
            parts = ("inboundTime", "outboundTime", "consultTime", "availableTime", "unavailableTime", "acwTime")
            assert sum(seconds(row[part]) for part in parts) == seconds(row["loginTime"]) <= 3.5 * 3600
            assert 0 <= row["occupancy"] <= 100
            assert row["totalHandled"] == row["inboundHandled"] + row["outboundHandled"]
        alone = (await visitor.get(f"agents/{rows[0]['agentId']}/performance?{asked}")).json["agentPerformance"]
        assert alone == rows[:1]


async def test_a_range_is_widened_to_quarter_hours(published: Visit) -> None:
    """Two ranges within the same quarter hours have the same report."""
    async with published(agents=30) as visitor:
        now = datetime.fromtimestamp(visitor.emulator.tenant.now(), UTC).replace(minute=0, second=0, microsecond=0)
        start = now - timedelta(hours=2)
        whole = (start, start + timedelta(minutes=15))
        part = (start + timedelta(minutes=7), start + timedelta(minutes=8))
        said = []
        for begin, end in (whole, part):
            asked = f"startDate={begin:%Y-%m-%dT%H:%M:%SZ}&endDate={end:%Y-%m-%dT%H:%M:%SZ}"
            said.append(await visitor.get(f"agents/performance?{asked}"))
        assert said[0].json == said[1].json


async def test_the_total_of_a_team_is_that_of_its_agents(published: Visit) -> None:
    """A team's report sums those of its agents."""
    async with published(agents=60) as visitor:
        asked = span(visitor, 2)
        agents = (await visitor.get(f"agents/performance?{asked}")).json["agentPerformance"]
        teams = (await visitor.get(f"teams/performance-total?{asked}")).json["teamPerformanceTotal"]
        assert {row["teamId"] for row in teams} == {row["teamId"] for row in agents}
        for row in teams:
            of_team = [one for one in agents if one["teamId"] == row["teamId"]]
            assert row["totalHandled"] == sum(one["totalHandled"] for one in of_team)
            assert seconds(row["loginTime"]) == sum(seconds(one["loginTime"]) for one in of_team)
        team = teams[0]["teamId"]
        alone = (await visitor.get(f"teams/{team}/performance-total?{asked}")).json["teamPerformanceTotal"]
        assert alone == teams[:1]
        assert (await visitor.get("teams/7/performance-total")).status == 404


async def test_who_was_not_logged_in_has_no_report(published: Visit) -> None:
    """An inactive agent's report is a 204. That of all has no row."""
    async with published(agents=60) as visitor:
        inactive = next(one.agent_id for one in visitor.emulator.truth() if not one.active)
        assert (await visitor.get(f"agents/{inactive}/performance?{span(visitor, 2)}")).status == 204
        rows = (await visitor.get(f"agents/performance?{span(visitor, 2)}")).json["agentPerformance"]
        assert int(inactive) not in {row["agentId"] for row in rows}


@pytest.mark.parametrize("path", ["agents/performance", "teams/performance-total"])
async def test_a_wrong_range_is_refused(published: Visit, path: str) -> None:
    """A range that is backwards or too long is refused."""
    async with published(agents=2) as visitor:
        backwards = "startDate=2026-03-02T10:00:00Z&endDate=2026-03-02T09:00:00Z"
        assert (await visitor.get(f"{path}?{backwards}")).status == 400
        assert (await visitor.get(f"{path}?startDate=2026-01-01T00:00:00Z&endDate=2026-03-01T00:00:00Z")).status == 400


async def test_activity_is_searched_by_post(published: Visit) -> None:
    """The search has the wanted skills, and misspells two members."""
    async with published() as visitor:
        whole = {row["skillId"]: row for row in (await visitor.get("skills/activity")).json["skillActivity"]}
        path = f"{visitor.base}skills/activity/search"
        wanted = sorted(whole)[:2]
        body = {"filter": {"skillIds": wanted, "mediaTypeId": "4"}}
        rows = (await visitor.ask("POST", path, json=body)).json["skillActivity"]
        assert [row["skillId"] for row in rows] == wanted
        for row in rows:
            same = whole[row["skillId"]]
            assert row["agentsAvaliable"] == same["agentsAvailable"]
            assert row["agentsUnavaliable"] == same["agentsUnavailable"]
        assert len((await visitor.ask("POST", path, data=b"")).json["skillActivity"]) == len(whole)
        few = (await visitor.ask("POST", path, json={"top": 1, "fields": "skillId"})).json["skillActivity"]
        assert few == [{"skillId": next(iter(whole))}]
        assert (await visitor.ask("POST", path, json={"filter": {"mediaTypeId": 3}})).json["skillActivity"] == []
        for wrong in (b"[]", b"{", b'{"filter": 3}', b'{"filter": {"skillIds": 5}}'):
            assert (await visitor.ask("POST", path, data=wrong)).status == 400
        assert (await visitor.ask("GET", path)).status == 405


async def test_the_queue_of_an_agent(published: Visit) -> None:
    """An agent's queue is that of its skill. Nobody waits in it."""
    async with published() as visitor:
        row = (await visitor.follow("agents?top=1", "agents"))[0]
        (queue,) = (await visitor.get(f"agents/{row['agentId']}/queues")).json["resultSet"]["queues"]
        assert (queue["skillId"], queue["queueCount"]) == (4000 + row["teamId"], 0)
        assert (await visitor.get("agents/1/queues")).status == 404
