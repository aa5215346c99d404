"""Teams, skills, hours, lines and activity, for other people's clients."""

from collections import Counter
from typing import Any

import pytest

Visit = Any  # the fixture of conftest.py, which import-mode importlib does not let a test import

LISTS = [
    ("teams", "teams"),
    ("skills", "skills"),
    ("points-of-contact", "pointsOfContact"),
    ("unavailable-codes", "unavailableCodes"),
    ("skills/activity", "skillActivity"),
    ("contacts/active", "activeContacts"),
    ("contacts/states", "contactStates"),
]


@pytest.mark.parametrize(("path", "key"), LISTS)
async def test_top_skip_and_fields(published: Visit, path: str, key: str) -> None:
    """Every list honours `top`, `skip` and `fields`."""
    async with published() as visitor:
        whole = (await visitor.get(path)).json[key]
        assert len(whole) > 3
        assert (await visitor.get(f"{path}?top=2&skip=1")).json[key] == whole[1:3]
        member = next(iter(whole[0]))
        rows = (await visitor.get(f"{path}?fields={member.lower()}")).json[key]
        assert rows == [{member: row[member]} for row in whole]
        assert (await visitor.get(f"{path}?top=none")).status == 400


async def test_teams_and_skills_are_those_of_the_agents(published: Visit) -> None:
    """Teams are those of the agents, each with its size."""
    async with published() as visitor:
        sizes = Counter(row["teamId"] for row in await visitor.follow("agents?top=100", "agents"))
        teams = (await visitor.get("teams")).json
        assert {row["teamId"]: row["agentCount"] for row in teams["teams"] if row["agentCount"]} == sizes
        assert {"_links", "businessUnitId", "lastPollTime", "totalRecords"} < set(teams)
        ordered = (await visitor.get("teams?orderBy=agentCount%20desc&searchString=s")).json["teams"]
        assert [row["agentCount"] for row in ordered] == sorted((row["agentCount"] for row in ordered), reverse=True)
        assert 0 < len(ordered) < len(teams["teams"])
        assert (await visitor.get("teams?orderBy=shoeSize")).status == 400
        assert (await visitor.get("teams?isActive=false")).status == 204
        assert len(await visitor.follow("skills?top=5", "skills")) == len(teams["teams"])


async def test_the_activity_of_skills(published: Visit) -> None:
    """A skill counts the states of its team's agents. One skill alone is the same row."""
    async with published() as visitor:
        states = (await visitor.all_states()).values()
        activity = (await visitor.get("skills/activity")).json
        assert "lastPollTime" in activity
        for row in activity["skillActivity"]:
            of_team = [one for one in states if 4000 + one["teamId"] == row["skillId"]]
            assert row["agentsAvailable"] == sum(one["agentStateName"] == "Available" for one in of_team)
            assert row["agentsWorking"] == sum(one["contactId"] is not None for one in of_team)
            assert row["agentsACW"] == sum(one["isACW"] for one in of_team)
            parts = ("agentsAvailable", "agentsWorking", "agentsACW", "agentsUnavailable")
            assert sum(row[part] for part in parts) == row["agentsLoggedIn"]
            (alone,) = (await visitor.get(f"skills/{row['skillId']}/activity")).json["skillActivity"]
            assert {**alone, "serverTime": row["serverTime"]} == row
        assert (await visitor.get("skills/7/activity")).status == 404


@pytest.mark.parametrize("member", ["contactStartDate", "contactStart"])
async def test_open_contacts(published: Visit, member: str) -> None:
    """Open contacts are those of the states. Parameters filter them."""
    async with published(readings={"contact_start": member}) as visitor:
        wanted = {row["contactId"]: row for row in (await visitor.all_states()).values() if row["contactId"]}
        rows = await visitor.follow("contacts/active?top=10", "activeContacts")
        assert {row["contactId"]: row[member] for row in rows} == {one: wanted[one]["startDate"] for one in wanted}
        team = rows[0]["teamId"]
        for question in (f"teamId={team}", f"skillId={4000 + team}&mediaTypeId=4"):
            found = (await visitor.get(f"contacts/active?{question}")).json["activeContacts"]
            assert {row["teamId"] for row in found} == {team}
        assert (await visitor.get("contacts/active?mediaTypeId=3")).status == 204
        states = (await visitor.get(f"contacts/states?agentId={rows[0]['agentId']}")).json["contactStates"]
        assert [(row["AgentId"], row["ContactId"]) for row in states] == [(rows[0]["agentId"], rows[0]["contactId"])]


async def test_two_spellings_of_since(published: Visit) -> None:
    """The roster takes `updateSince`, as NICE's typings spell it, for `updatedSince`."""
    async with published() as visitor:
        said = [
            (await visitor.get(f"agents?{name}=2026-01-01T00:00:00Z&top=3")).json["agents"]
            for name in ("updatedSince", "updateSince")
        ]
        assert said[0] == said[1] != []
        for name in ("updatedSince", "updateSince"):
            assert (await visitor.get(f"agents?{name}=2099-01-01T00:00:00Z")).status == 204


async def test_hours_of_operation(published: Visit) -> None:
    """Hours are within resultSet, and their truth values are texts."""
    async with published() as visitor:
        (profile,) = (await visitor.get("hours-of-operation")).json["resultSet"]["hoursOfOperationProfiles"]
        assert len(profile["days"]) == 7
        assert {day["isClosedAllDay"] for day in profile["days"]} == {"True", "False"}


async def test_codes_of_a_team(published: Visit) -> None:
    """A team has the unavailable codes of the tenant."""
    async with published() as visitor:
        codes = (await visitor.get("unavailable-codes")).json["unavailableCodes"]
        of_team = (await visitor.get("teams/101/unavailable-codes")).json
        assert (of_team["teamId"], of_team["unavailableCodes"]) == (101, codes)
        assert (await visitor.get("teams/7/unavailable-codes")).status == 404


async def test_the_cache_of_states(published: Visit) -> None:
    """The cache has all states, then those changed since its poll."""
    async with published() as visitor:
        first = (await visitor.get("cache/agentstate?updatedSince=1970-01-01T00:00:00.000Z")).json["resultSet"]
        changed = {row["agentId"] for row in (await visitor.all_states()).values() if row["startDate"]}
        assert {row["agentId"] for row in first["agentState"]} == changed
        then = (await visitor.get(f"cache/agentstate?updatedSince={first['lastPollTime']}")).json["resultSet"]
        assert then["agentState"] == []
    async with published("hidden-agents=3") as visitor:
        whole = (await visitor.get("cache/agentstate")).json["resultSet"]["agentState"]
        assert len(whole) == 117


@pytest.mark.parametrize(
    "path", ["agents/perform", "agents/skills", "users", "skills/101/unavailable-codes", "teams/x"]
)
async def test_words_are_no_ids(published: Visit, path: str) -> None:
    """A word in place of an id is no missing agent."""
    async with published() as visitor:
        reply = await visitor.get(path)
        assert reply.status == 404
        assert "Agent" not in reply.headers["icstatusdescription"]


async def test_the_versions_of_a_path(published: Visit) -> None:
    """The versions of a path are those that it is served under."""
    async with published(readings={"oldest": 20, "newest": 25, "states_newest": 23}) as visitor:
        visitor.base = "/incontactapi/services/v25.0/"
        versions = ["v20.0", "v21.0", "v22.0", "v23.0"]
        for path in ("/apiversion", "/InContactAPI/services/apiversion"):
            rows = (await visitor.ask("GET", f"{path}?searchUriText=agents/states&verb=GET")).json["apiVersions"]
            assert [row["version"] for row in rows if row["uri"] == "agents/states"] == versions
        for version in (20, 23, 24):
            reply = await visitor.ask("GET", f"/incontactapi/services/v{version}.0/agents/states")
            assert (reply.status == 200) is (f"v{version}.0" in versions)
        posted = (await visitor.ask("GET", "/apiversion?verb=POST")).json["apiVersions"]
        assert {row["uri"] for row in posted} == {"skills/activity/search"}
        assert (await visitor.ask("GET", "/apiversion", token="")).status == 401
