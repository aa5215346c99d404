"""NicePy 1.0.0, unchanged, reads the truth from the emulator."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from tests.conformance.environments import Environment
from tests.conformance.stage import Ended, Stage, staged

from cxone_rollcall.emulator import Readings

pytestmark = pytest.mark.thorough

DRIVER = Path(__file__).with_name("nicepy_driver.py")
HOST = "cxone.niceincontact.com"
FRACTIONS = Readings(fraction="always")
# As NICE writes them: what has to be encoded in a form, and must not be in a Basic header.
SECRETS = {"client_secret": "a+b/c%2Fd==", "access_key_secret": "KEYSECRET===="}

Question = tuple[str, str, dict[str, object]]


async def ended(stage: Stage, nicepy: Environment, *questions: Question, version: str = "28.0") -> Ended:
    """Run NicePy with the emulator's credentials and these calls."""
    of = stage.emulator.credentials
    config = {
        "client_id": of.client_id,
        "client_secret": of.client_secret,
        "username": of.access_key_id,
        "password": of.access_key_secret,
        "APIVersion": version,
    }
    stage.write("nicepy_config.json", config)
    return await stage.run(nicepy.command("python"), DRIVER, *map(json.dumps, questions))


async def answers(stage: Stage, nicepy: Environment, *questions: Question, version: str = "28.0") -> list[Any]:
    """Return what NicePy makes of the emulator's answers."""
    client = await ended(stage, nicepy, *questions, version=version)
    assert client.code == 0, client.err
    results: list[Any] = json.loads(client.out)
    return results


async def test_discovery_and_token(tmp_path: Path, nicepy: Environment) -> None:
    """NicePy discovers token endpoint, tenant and API. It sends its client in a Basic header."""
    async with staged(tmp_path, FRACTIONS, agents=3, **SECRETS) as stage:
        (told,) = await answers(stage, nicepy, ("Connection", "GetTokenInfo", {}))
        assert [one.line for one in stage.passed] == [
            "GET /.well-known/openid-configuration",
            "POST /auth/token",
            "GET /inContactAPI/services/v27.0/business-unit",
            "GET /.well-known/cxone-configuration",
        ]
        assert {one.answer.status for one in stage.passed} == {200}
        discovery, token, unit, configuration = stage.passed
        assert "Authorization" not in discovery.call.headers
        assert discovery.json["token_endpoint"] == f"https://{HOST}/auth/token"

        of = stage.emulator.credentials
        basic = base64.b64encode(f"{of.client_id}:{of.client_secret}".encode()).decode()
        assert token.call.headers["Authorization"] == f"Basic {basic}"
        form = {"grant_type": "password", "username": of.access_key_id, "password": of.access_key_secret}
        assert parse_qs(token.call.body.decode()) == {name: [value] for name, value in form.items()}
        assert b"password=KEYSECRET%3D%3D%3D%3D" in token.call.body

        tenant_id = stage.emulator.tenant.tenant_id
        assert unit.json["businessUnits"][0]["tenantId"] == tenant_id
        assert configuration.call.query == {"tenantId": [tenant_id]}
        assert configuration.call.headers["Authorization"] == f"Bearer {told['access_token']}"
        assert (told["access_token"], told["api_endpoint"]) == (token.json["access_token"], f"https://{HOST}")
    assert set(stage.proxy.hosts) == {f"{HOST}:443"}
    assert stage.proxy.refused == []


async def test_nicepy_reads_every_agent_of_a_page(tmp_path: Path, nicepy: Environment) -> None:
    """NicePy, which reads one page, reads every agent of it. With `isActive=True` it reads those that are active."""
    everyone: Question = ("Agents", "GetAgents", {})
    active: Question = ("Agents", "GetAgents", {"isActive": True})
    async with staged(tmp_path, FRACTIONS, agents=50, **SECRETS) as stage:
        of_all, of_active, inactive = await answers(
            stage, nicepy, everyone, active, ("Agents", "GetInactiveAgents", {})
        )
        truth = stage.emulator.truth()
        assert [str(row["agentId"]) for row in of_all] == [one.agent_id for one in truth]
        assert [str(row["agentId"]) for row in of_active] == [one.agent_id for one in truth if one.active]
        assert list(map(str, inactive)) == [one.agent_id for one in truth if not one.active] != []
        asked = stage.of("agents")
        assert [one.call.query for one in asked] == [
            {},
            {"isActive": ["True"]},
            {"fields": ["agentId"], "isActive": ["False"]},
        ]
        assert {one.line for one in asked} == {"GET /incontactApi/services/v28.0/agents"}
        assert len(stage.of("token")) == 1


async def test_nicepy_sees_the_logged_in_agents(tmp_path: Path, nicepy: Environment) -> None:
    """NicePy sees the logged-in agents. In the version of its file, with doubled slashes and an empty `fields`."""
    async with staged(tmp_path, FRACTIONS, agents=50, **SECRETS) as stage:
        (states,) = await answers(stage, nicepy, ("Agents", "GetAgentStates", {}), version="31.0")
        present = {one.agent_id: one.state for one in stage.emulator.truth() if one.state is not None}
        assert {str(row["agentId"]) for row in states} == set(present)
        assert len(states) == len(present) > 10
        for row in states:
            available = present[str(row["agentId"])] == "Available"
            assert (row["agentStateName"] == "Available") == available
            minutes, seconds = row["timeInState"].split(":")
            assert int(minutes) < 60 > int(seconds)
        (asked,) = stage.of("states")
        assert asked.line == "GET /incontactApi//services/v31.0/agents/states"
        assert (asked.call.query, asked.answer.status) == ({"fields": [""]}, 200)
        out = {str(row["agentId"]) for row in asked.json["agentStates"] if row["agentStateName"] == "LoggedOut"}
        assert out == {one.agent_id for one in stage.emulator.truth() if one.state is None}


async def test_states_without_fractions(tmp_path: Path, nicepy: Environment) -> None:
    """NicePy fails on a date without a fraction. So CXone, which it was written for, uses the reading `always`."""
    async with staged(tmp_path, Readings(fraction="none"), agents=50) as stage:
        client = await ended(stage, nicepy, ("Agents", "GetAgentStates", {}))
    assert client.code == 1
    assert "does not match format '%Y-%m-%dT%H:%M:%S.%fZ'" in client.err


async def test_completed_contacts(tmp_path: Path, nicepy: Environment) -> None:
    """NicePy reads contacts in pages that it counts itself, each once."""
    readings = Readings(fraction="always", dates="world")
    span = {"StartDate": "2026-03-02T04:00:00-05:00", "EndDate": "2026-03-02T05:00:00-05:00", "MaxIteration": 25}
    async with staged(tmp_path, readings, agents=50) as stage:
        (contacts,) = await answers(stage, nicepy, ("Contacts", "GetCompletedContacts", span))
        asked = [one for one in stage.of("detail") if one.call.path.endswith("/contacts/completed")]
    assert [one.call.query["skip"] for one in asked] == [[str(25 * page)] for page in range(len(asked))]
    assert {one.call.query["startDate"][0] for one in asked} == {span["StartDate"]}
    assert len(asked) > 2
    assert len({row["contactId"] for row in contacts}) == len(contacts) == asked[0].json["totalRecords"]
    assert all("2026-03-02T09" <= row["contactStart"] < "2026-03-02T10" for row in contacts)
