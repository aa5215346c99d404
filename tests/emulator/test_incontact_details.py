"""The smaller questions of the published contract agree with its lists."""

from typing import Any

import pytest

Visit = Any  # the fixture of conftest.py, which import-mode importlib does not let a test import


async def test_history_contacts_and_skills_agree_with_the_states(published: Visit) -> None:
    """History, contacts and skills agree with the states."""
    async with published() as visitor:
        rows = await visitor.all_states()
        for agent_id in visitor.ids()[:30]:
            row = rows[agent_id]
            contacts = await visitor.get(f"contacts/active?agentId={agent_id}")
            if row["contactId"] is None:
                assert contacts.status == 204
            else:
                assert [one["contactId"] for one in contacts.json["activeContacts"]] == [row["contactId"]]
            if row["agentStateId"]:
                history = (await visitor.get(f"agents/{agent_id}/state-history?top=200")).json["agentStateHistory"]
                assert {name: history[-1][name] for name in ("agentStateId", "startDate")} == {
                    name: row[name] for name in ("agentStateId", "startDate")
                }
                logins = (await visitor.get(f"agents/{agent_id}/login-history")).json["agentLogins"]
                assert logins[-1]["loginDate"] == row["sessionStartTime"]
        skills = (await visitor.get("skills/activity")).json["skillActivity"]
        assert sum(skill["agentsLoggedIn"] for skill in skills) == len(visitor.ids(present=True))
        codes = {one["outStateId"] for one in (await visitor.get("unavailable-codes")).json["unavailableCodes"]}
        assert {row["outStateId"] for row in rows.values()} <= {0, *codes}


@pytest.mark.parametrize(
    ("members", "identity", "name"),
    [("outState", "outStateId", "outStateName"), ("unavailableCode", "unavailableCodeId", "unavailableCode")],
)
async def test_a_row_may_have_only_the_id_of_its_reason(
    published: Visit, members: str, identity: str, name: str
) -> None:
    """In one reading, rows have no description of their unavailable code. Its name is in the list of codes."""
    async with published(readings={"unavailable_codes": members}) as visitor:
        named = {row["outStateId"]: row["outStateDescription"] for row in (await visitor.all_states()).values()}
        codes = {one[identity]: one[name] for one in (await visitor.get("unavailable-codes")).json["unavailableCodes"]}
        assert {code: reason for code, reason in named.items() if code}.items() <= codes.items()
    async with published(readings={"sub_states": "id"}) as visitor:
        rows = (await visitor.all_states()).values()
        assert {row["outStateDescription"] for row in rows} == {None}
        assert any(row["outStateId"] for row in rows)


async def test_the_permissions_of_a_token(published: Visit) -> None:
    """The permissions are those that open something with this token."""
    async with published(scopes=("agent:read",)) as visitor:
        said = (await visitor.get("permissions")).json["permissions"]
        assert [set(one) for one in said] == [{"BusinessUnitId", "Key", "Value"}] * 2
        assert [one["Value"] for one in said] == ["True", "False"]
        assert ((await visitor.agents()).status, (await visitor.states()).status) == (200, 403)


@pytest.mark.parametrize(
    ("readings", "restricted"), [({}, False), ({"hidden_teams": ("101", "108")}, True), ({"sees": "own"}, True)]
)
async def test_security_profiles(published: Visit, readings: dict[str, Any], restricted: bool) -> None:
    """Security profiles show the same teams and counts as the lists."""
    async with published(readings=readings) as visitor:
        rows = list((await visitor.all_states()).values())
        (profile,) = (await visitor.get("security-profiles")).json["profiles"]
        (restriction,) = profile["dataRestrictions"]
        assert restriction == {
            "restriction": "Teams",
            "isRestricted": restricted,
            "teamIds": sorted({row["teamId"] for row in rows}),
            "agentCount": len(rows),
        }


async def test_server_time_needs_a_token_and_no_permission(published: Visit) -> None:
    """The server's time needs a valid token, but no permission."""
    async with published(scopes=(), readings={"client_credentials": True}) as visitor:
        of_client = (await visitor.ask_token(grant_type="client_credentials")).json["access_token"]
        for token, status in ((visitor.token, 200), (of_client, 200), ("unknown", 401), ("", 401)):
            assert (await visitor.get("server-time", token=token)).status == status
        for token in (visitor.token, of_client):
            assert (await visitor.get("business-unit", token=token)).status == 403
    async with published("token-rejected") as visitor:
        assert (await visitor.get("server-time")).status == 401
