"""Completed contacts are the agents' contacts, each once. Their pages end on a 204."""

from typing import Any

import pytest

Visit = Any  # the fixture of conftest.py, which import-mode importlib does not let a test import
Visitor = Any  # and what it yields

KEY = "completedContacts"


async def over(visitor: Visitor, question: str = "") -> list[dict[str, Any]]:
    """Return the completed contacts of all pages, none twice."""
    rows: list[dict[str, Any]] = await visitor.follow(f"contacts/completed?top=100{question}", KEY)
    assert len({row["contactId"] for row in rows}) == len(rows)
    return rows


async def test_of_one_agent(published: Visit) -> None:
    """An agent's completed contacts of a day match the state history."""
    async with published(agents=20) as visitor:
        histories = 0
        for agent_id in visitor.ids(present=True):
            reply = await visitor.get(f"agents/{agent_id}/state-history?top=200")
            history = reply.json["agentStateHistory"]
            had = [state["contactId"] for state in history if state["contactId"] is not None]
            active = await visitor.get(f"contacts/active?agentId={agent_id}")
            if active.status == 200:
                assert active.json["activeContacts"][0]["contactId"] == had.pop()
            rows = await over(visitor, f"&agentId={agent_id}")
            assert [row["contactId"] for row in rows] == had
            assert {row["agentId"] for row in rows} <= {int(agent_id)}
            histories += bool(had)
        assert histories > 3


async def test_same_seed_same_contacts(published: Visit) -> None:
    """Contacts depend only on the seed."""
    found = []
    for seed in (1, 1, 2):
        async with published(agents=20, seed=seed) as visitor:
            found.append({row["contactId"] for row in await over(visitor)})
    assert found[0] == found[1] != found[2]


async def test_pages_have_links(published: Visit) -> None:
    """Pages have links. top may be up to 10,000, and a page after the last is 204."""
    async with published(agents=40, readings={"page_default": 7}) as visitor:
        rows = await over(visitor)
        first = (await visitor.get("contacts/completed")).json
        assert (len(first[KEY]), first["totalRecords"], first["_links"]["previous"]) == (7, len(rows), None)
        second = (await visitor.ask("GET", first["_links"]["next"].removeprefix(visitor.url))).json
        assert second[KEY] == rows[7:14]
        whole = (await visitor.get("contacts/completed?top=99999")).json
        assert (whole[KEY], whole["_links"]["next"]) == (rows, None)
        beyond = await visitor.get(f"contacts/completed?skip={len(rows)}")
        assert (beyond.status, beyond.body) == (204, b"")


async def test_contacts_since_a_time(published: Visit) -> None:
    """`updatedSince` leaves out exactly what ended by then."""
    async with published(agents=40) as visitor:
        rows = await over(visitor)
        assert len(rows) > 20
        for place in (0, 10, len(rows) - 2, len(rows) - 1):
            since = rows[place]["lastUpdateTime"]
            # Two may be over at one moment, and neither is newer than that.
            later = [row for row in rows[place:] if row["lastUpdateTime"] != since]
            assert await over(visitor, f"&updatedSince={since}") == later


async def test_since_within_a_second(published: Visit) -> None:
    """A contact that ended later in that second is newer."""
    async with published(agents=40, readings={"fraction": "always"}) as visitor:
        row = next(row for row in await over(visitor) if not row["lastUpdateTime"].endswith(".000Z"))
        assert row in await over(visitor, f"&updatedSince={row['lastUpdateTime'][:19]}Z")


async def test_between_dates(published: Visit) -> None:
    """`startDate` and `endDate` bound a contact's start. So adjacent spans hold each contact once."""
    async with published(agents=40, readings={"fraction": "always", "dates": "world"}) as visitor:
        at = ["2026-03-02T09:00:00Z", "2026-03-02T09:40:00Z", "2026-03-02T10:10:00Z"]
        whole, first, second = [
            await over(visitor, f"&startDate={at[start]}&endDate={at[end]}") for start, end in ((0, 2), (0, 1), (1, 2))
        ]
        assert len(first) > 5 < len(second)
        assert {row["contactId"] for row in whole} == {row["contactId"] for row in (*first, *second)}
        assert len(whole) == len(first) + len(second)
        assert all(at[0][:-1] <= row["contactStart"] < at[1] for row in first)
        assert all(row["contactStart"] < row["lastUpdateTime"] for row in whole)


async def test_order_fields_and_kinds(published: Visit) -> None:
    """Contacts have the requested order and fields. Filtered by team, skill and medium."""
    async with published(agents=40) as visitor:
        rows = await over(visitor)
        ordered = await over(visitor, "&orderBy=agentId%20desc,contactStart&fields=agentId,ContactStart,contactId")
        assert [set(row) for row in ordered] == [{"agentId", "contactStart", "contactId"}] * len(rows)
        assert [row["agentId"] for row in ordered] == sorted((row["agentId"] for row in rows), reverse=True)
        team = rows[0]["teamId"]
        of_team = [row for row in rows if row["teamId"] == team]
        assert 0 < len(of_team) < len(rows)
        assert await over(visitor, f"&teamId={team}") == of_team
        assert await over(visitor, f"&skillId={rows[0]['skillId']}&mediaTypeId=4") == of_team
        assert await over(visitor, "&mediaTypeId=1") == []


@pytest.mark.parametrize(
    "question",
    ["startDate=yesterday", "orderBy=shoeSize", "top=0", "updatedSince=2026-01-01T00:00:00Z"],
)
async def test_an_unreadable_parameter(published: Visit, question: str) -> None:
    """An unreadable parameter, or over a month, is a 400 with reason."""
    async with published(agents=5, readings={"dates": "world"}) as visitor:
        reply = await visitor.get(f"contacts/completed?{question}")
        assert reply.status == 400
        assert reply.headers["icstatusdescription"]


async def test_hidden_agents_are_not_shown(published: Visit) -> None:
    """Contacts of hidden agents are not shown."""
    async with published(agents=40) as visitor:
        rows = await over(visitor)
    team = rows[0]["teamId"]
    async with published(agents=40, readings={"hidden_teams": (str(team),)}) as visitor:
        shown = {row["contactId"] for row in await over(visitor)}
    assert shown == {row["contactId"] for row in rows if row["teamId"] != team}
