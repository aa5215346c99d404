"""Faults of incontact that hide agents or rows, noted or not."""

from datetime import datetime
from typing import Any

import pytest
from tests.emulator.logins import claims

Visit = Any  # the fixture of conftest.py, which import-mode importlib does not let a test import
Visitor = Any  # and what it yields


async def roster(visitor: Visitor) -> dict[str, dict[str, Any]]:
    """Return the entry of each agent on the roster."""
    return {str(row["agentId"]): row for row in await visitor.follow("agents?top=100", "agents")}


async def restrictions(visitor: Visitor) -> Any:
    """Return what the caller's security profile restricts."""
    return (await visitor.get("security-profiles")).json["profiles"][0]["dataRestrictions"][0]


async def test_hidden_agents(published: Visit) -> None:
    """Hidden agents are in neither list, nor found by id. hiddenAgents counts them, the totals do not."""
    async with published("hidden-agents=4") as visitor:
        hidden = set(visitor.emulator.tenant.chosen("hidden-agents", 4))
        seen = [agent_id for agent_id in visitor.ids() if agent_id not in hidden]
        assert list(await roster(visitor)) == list(await visitor.all_states()) == seen
        page = (await visitor.agents()).json
        assert (page["totalRecords"], page["hiddenAgents"]) == (116, 4)
        for agent_id in hidden:
            for path in (f"agents/{agent_id}", f"agents/{agent_id}/states", f"agents/{agent_id}/login-history"):
                assert (await visitor.get(path)).status == 403
            assert (await visitor.get(f"contacts/active?agentId={agent_id}")).status == 204
        assert await restrictions(visitor) == {**await restrictions(visitor), "isRestricted": True, "agentCount": 116}


@pytest.mark.parametrize("refused", ["403", "404"])
async def test_team_hidden(published: Visit, refused: str) -> None:
    """A hidden team is on the roster, without state rows. Every other agent has one."""
    async with published("team-hidden", readings={"hidden_agent": refused}) as visitor:
        entries, states = await roster(visitor), await visitor.all_states()
        (team,) = visitor.emulator.tenant.chosen_teams("team-hidden", 1)
        assert list(entries) == visitor.ids()
        members = [agent_id for agent_id, row in entries.items() if row["teamId"] == team]
        assert set(entries) - set(states) == set(members)
        assert (await visitor.agents()).json["hiddenAgents"] == 0
        assert sum(entries[agent_id]["isActive"] for agent_id in members) >= 3
        for path, status in (("", 200), ("/states", int(refused)), ("/state-history", int(refused))):
            assert (await visitor.get(f"agents/{members[0]}{path}")).status == status
        assert team not in (await restrictions(visitor))["teamIds"]


async def test_chosen_teams_by_seed(published: Visit) -> None:
    """The seed chooses the hidden teams; tiny tenants have none."""
    found = set()
    for seed in range(6):
        async with published("team-hidden=2", seed=seed) as visitor:
            found.add(teams := visitor.emulator.tenant.chosen_teams("team-hidden", 2))
            assert len(teams) == 2
    assert len(found) > 2
    async with published("team-hidden", agents=2) as visitor:
        assert len(await visitor.all_states()) == 2


@pytest.mark.parametrize(
    ("at", "agents", "states"), [("api", 1, 1), ("agents", 1, 120), ("states", 120, 1)], ids=["api", "agents", "states"]
)
@pytest.mark.parametrize("said", ["yes", "no"])
async def test_own_user_only(published: Visit, at: str, agents: int, states: int, said: str) -> None:
    """The lists hold only the token's own agent, who is logged in. hiddenAgents counts the rest."""
    async with published(f"own-user-only={at},hidden_said={said}") as visitor:
        await visitor.log_in()
        own, told = claims(visitor.token)["icAgentId"], await visitor.all_states()
        assert told[own]["agentStateId"] > 0
        entries = await roster(visitor)
        assert (len(entries), len(told), own in entries) == (agents, states, True)
        assert entries[own]["userId"] == claims(visitor.token)["userId"]
        hidden = (await visitor.agents()).json["hiddenAgents"]
        assert hidden == (119 if agents == 1 and said == "yes" else 0)
        other = next(agent_id for agent_id in visitor.ids() if agent_id != own)
        assert (await visitor.get(f"agents/{own}/states")).status == 200
        assert (await visitor.get(f"agents/{other}/states")).status == (403 if states == 1 else 200)
        assert (await visitor.get(f"agents/{other}")).status == (403 if agents == 1 else 200)


@pytest.mark.parametrize(("how", "agents", "states"), [("refused", 403, 403), ("empty", 204, 200)])
async def test_no_user(published: Visit, how: str, agents: int, states: int) -> None:
    """New tokens have no user, and are refused or shown no agents. They may get the server's time."""
    async with published(f"no-user={how}") as visitor:
        said = (await visitor.ask_token()).json
        for name in ("access_token", "id_token"):
            assert not {"userId", "icAgentId", "name"} & set(claims(said[name]))
        visitor.token = said["access_token"]
        assert ((await visitor.agents()).status, (await visitor.states()).status) == (agents, states)
        assert (await visitor.get("agents/30000000001/states")).status == states
        assert (await visitor.get("server-time")).status == 200


@pytest.mark.parametrize(("reading", "status"), [("200", 200), ("204", 204)])
async def test_seen_elsewhere(published: Visit, reading: str, status: int) -> None:
    """The chosen agents have no state row in any request. But an open contact and a login."""
    async with published("seen-elsewhere=3", readings={"no_states": reading}) as visitor:
        chosen = visitor.emulator.tenant.chosen("seen-elsewhere", 3)
        assert set(visitor.ids()) - set(await visitor.all_states()) == set(chosen)
        assert (await visitor.states()).json["totalRecords"] == 117
        assert list(await roster(visitor)) == visitor.ids()
        for agent_id in chosen:
            alone = await visitor.get(f"agents/{agent_id}/states")
            assert alone.status == status
            assert alone.body == b"" or alone.json["agentStates"] == []
            contacts = (await visitor.get(f"contacts/active?agentId={agent_id}")).json["activeContacts"]
            assert [one["agentId"] for one in contacts] == [int(agent_id)]
            assert (await visitor.get(f"agents/{agent_id}/login-history")).json["agentLogins"]


async def test_rows_lost(published: Visit) -> None:
    """The chosen agents are missing from every list of states. Requested alone they are there."""
    async with published("rows-lost") as visitor:
        lost = visitor.emulator.tenant.chosen("rows-lost", 2)
        for more in ("", "&orderBy=teamId", "&fields=agentId"):
            assert set(visitor.ids()) - set(await visitor.all_states(more)) == set(lost)
        for agent_id in lost:
            (row,) = (await visitor.get(f"agents/{agent_id}/states")).json["agentStates"]
            assert (str(row["agentId"]), row["agentStateId"] > 0) == (agent_id, True)


@pytest.mark.parametrize("clock", ["frozen", "running"])
@pytest.mark.parametrize("shape", ["v34", "v23"])
async def test_poll_stale(published: Visit, clock: str, shape: str) -> None:
    """The states are older, as their lastPollTime says. The roster's is right."""
    time = [1_800_000_000.0]
    settings = {"clock": clock, "now": lambda: time[0], "token_life": 10**6, "readings": {"shape": shape}}
    async with published(**settings) as visitor:
        first = (await visitor.states()).json["agentStates"]
        visitor.emulator.switch_on([])
        await visitor.ask("PUT", "/_emulator/faults", json={"faults": ["poll-stale=3000"]})
        time[0] += 3000
        page = (await visitor.states()).json
        if clock == "running":
            assert page["agentStates"] == first
        else:
            assert page["agentStates"] != first
        said = page["agentStates"][0]["lastPollTime"] if shape == "v23" else page["lastPollTime"]
        polled = datetime.fromisoformat(said).timestamp()
        assert time[0] - 3006 < polled <= time[0] - 2999
        of_roster = datetime.fromisoformat((await visitor.agents()).json["lastPollTime"]).timestamp()
        assert time[0] - 6 < of_roster <= time[0] + 1
