"""State-history, login-history and schedule-adherence agree with the world, second by second."""

import re
from datetime import UTC, datetime
from itertools import groupby, pairwise
from typing import Any

import pytest
from tests.support.thorough import mostly_thorough

from cxone_rollcall.emulator.settings import MOMENT

Visit = Any  # the fixture of conftest.py, which import-mode importlib does not let a test import
Visitor = Any  # and what it yields

KEY = "agentStateHistory"
NOW = int(MOMENT.timestamp())
DAY = 86_400
WORLD = {"dates": "world", "fraction": "none", "poll_every": 1}
"""The world's own dates in whole seconds, which a test can compute."""
NAMES = {0: None, 1: "Available", 2: "Break or Not Ready", 3: "Busy", 4: "Busy", 5: "Busy", 6: "Busy", 7: "Busy"}


def written(moment: float) -> str:
    """A moment as the server writes it."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: str) -> float:
    """The moment that a date names."""
    return datetime.fromisoformat(text).timestamp()


def seconds(duration: int | str) -> float:
    """The seconds of a duration, whole or ISO text."""
    if isinstance(duration, int):
        return duration
    found = re.fullmatch(r"PT(?:(\d+)H)?(?:(\d+)M)?(\d+(?:\.\d{1,3})?)S", duration)
    assert found is not None, duration
    return int(found[1] or 0) * 3600 + int(found[2] or 0) * 60 + float(found[3])


async def rows_of(visitor: Visitor, path: str, begin: int, end: int, more: str = "") -> list[dict[str, Any]]:
    """Return the rows of all pages between two moments of the world."""
    found: list[dict[str, Any]] = await visitor.follow(
        f"{path}?startDate={written(begin)}&endDate={written(end)}{more}", KEY
    )
    return found


def told(row: dict[str, Any]) -> tuple[str | None, str]:
    """State and reason of a row, as both APIs name them."""
    return NAMES[int(row["agentStateId"])], row["outStateDescription"]


def truth(visitor: Visitor, index: int, at: int) -> tuple[str | None, str]:
    """The same of an agent at one second of the world."""
    stance = visitor.emulator.tenant.world.stance(index, at)
    reason = (stance.sub_state or "").rpartition(" - ")[2]
    if stance.state in {None, "Available"}:
        return stance.state, ""
    return ("Busy", "") if stance.state == "Busy" else ("Break or Not Ready", reason if reason != "Paperwork" else "")


@pytest.mark.parametrize("seed", mostly_thorough(range(20), quick=1))
async def test_each_second(published: Visit, seed: int) -> None:
    """Each second of a session is in one row, the world's."""
    readings = {**WORLD, "history_range": "overlapping"}
    async with published(agents=3, seed=seed, readings=readings) as visitor:
        for index, agent_id in enumerate(visitor.ids()):
            rows = await rows_of(visitor, f"agents/{agent_id}/state-history", NOW - 4 * 3600, NOW)
            stays = [(int(moment(row["startDate"])), int(seconds(row["duration"])), told(row)) for row in rows]
            told_at = [(at, state) for begin, lasted, state in stays for at in range(begin, begin + lasted)]
            true_at = ((at, truth(visitor, index, at)) for at in range(NOW - 4 * 3600, NOW))
            assert [one for one in told_at if one[0] >= NOW - 4 * 3600] == [one for one in true_at if one[1][0]]


async def test_a_session_counts_its_states(published: Visit) -> None:
    """States of a session are numbered from 1 and follow each other. Its last is LoggedOut, and lasts no time."""
    async with published(agents=20, readings=WORLD) as visitor:
        rows = await rows_of(visitor, "agents/state-history", NOW - 3 * DAY, NOW, "&orderBy=agentId,startDate&top=1000")
        sessions = [list(of) for _, of in groupby(rows, key=lambda row: row["agentSessionId"])]
        assert len({of[0]["agentSessionId"] for of in sessions}) == len(sessions) > 20
        for of in sessions[1:]:
            first = of[0]["stateIndex"]
            assert [row["stateIndex"] for row in of] == list(range(first, first + len(of)))
            for before, after in pairwise(of):
                assert moment(before["startDate"]) + seconds(before["duration"]) == moment(after["startDate"])
            assert [row["agentStateId"] for row in of].count(0) == (of[-1]["agentStateId"] == 0)
            assert of[-1]["agentStateId"] != 0 or of[-1]["duration"] == "PT0S"
        assert sum(of[0]["stateIndex"] == 1 for of in sessions) > len(sessions) / 2


async def test_all_agents_are_the_agents_one_by_one(published: Visit) -> None:
    """The history of all agents is that of each agent together. The path is no agent's id."""
    async with published(agents=15) as visitor:
        everybody = await visitor.follow("agents/state-history?top=100", KEY)
        each = [
            row
            for agent_id in visitor.ids()
            for row in await visitor.follow(f"agents/{agent_id}/state-history?top=100", KEY)
        ]
        assert len(everybody) > 100
        assert sorted(map(str, everybody)) == sorted(map(str, each))


async def test_pages(published: Visit) -> None:
    """Pages are linked and have at most the cap. Together they are the whole list."""
    async with published(agents=10, readings={"page_default": 7, "history_cap": 30}) as visitor:
        first = (await visitor.get("agents/state-history")).json
        assert (len(first[KEY]), first["_links"]["previous"]) == (7, None)
        capped = (await visitor.get("agents/state-history?top=500")).json
        assert len(capped[KEY]) == 30
        assert capped[KEY][:7] == first[KEY]
        whole = await visitor.follow("agents/state-history", KEY)
        assert len(whole) == first["totalRecords"] > 60
        assert await visitor.follow("agents/state-history?top=500", KEY) == whole
        assert (await visitor.get(f"agents/state-history?skip={len(whole)}")).status == 204
        assert {len(row) for row in (await visitor.get("agents/state-history?fields=startDate,AgentId")).json[KEY]} == {
            2
        }


@pytest.mark.parametrize(
    ("usual", "order"), [("startDate", "startDate"), ("newest", "startDate desc"), ("agentId", "agentId")]
)
async def test_the_usual_order(published: Visit, usual: str, order: str) -> None:
    """Without orderBy rows have the order of a reading."""
    async with published(agents=10, readings={"history_order": usual}) as visitor:
        plain = await visitor.follow("agents/state-history?top=200", KEY)
        assert plain == await visitor.follow(f"agents/state-history?top=200&orderBy={order.replace(' ', '%20')}", KEY)


@pytest.mark.parametrize("kind", ["started", "overlapping"])
async def test_the_states_of_a_range(published: Visit, kind: str) -> None:
    """A range has the states that began or were in it. Adjacent ranges miss none."""
    readings = {"history_range": kind, "dates": "world", "fraction": "always"}
    async with published(agents=20, readings=readings) as visitor:
        at = [NOW - 7200, NOW - 3600, NOW]
        whole, first, second = [
            await rows_of(visitor, "agents/state-history", at[a], at[b], "&top=1000")
            for a, b in ((0, 2), (0, 1), (1, 2))
        ]
        both = [row for row in first if row in second]
        assert len(whole) == len(first) + len(second) - len(both)
        assert all(row in whole for row in (*first, *second))
        began = [moment(row["startDate"]) for row in whole]
        assert (min(began) < at[0]) is bool(both) is (kind == "overlapping")
        assert max(began) < at[2]


@pytest.mark.parametrize(
    ("how", "status", "text"), [("said", 400, "3600 seconds"), ("unsaid", 400, "too large"), ("cut", 200, "")]
)
async def test_a_range_that_is_too_large(published: Visit, how: str, status: int, text: str) -> None:
    """A larger range is refused, with its maximum or without, or cut."""
    readings = {**WORLD, "history_longest": 3600, "history_too_long": how}
    async with published(agents=20, readings=readings) as visitor:
        path = "agents/state-history?top=1000&endDate=" + written(NOW)
        reply = await visitor.get(f"{path}&startDate={written(NOW - 7200)}")
        assert (reply.status, text in reply.headers.get("icstatusdescription", "")) == (status, True)
        assert (await visitor.get(f"{path}&startDate={written(NOW - 3600)}")).status == 200
        if status == 200:
            hour = await rows_of(visitor, "agents/state-history", NOW - 7200, NOW - 3600, "&top=1000")
            assert reply.json[KEY] == hour != []


async def test_rows_updated_since(published: Visit) -> None:
    """`updatedSince` has what began or ended after it, and current states."""
    async with published(agents=20, readings=WORLD) as visitor:
        since = NOW - 1800
        rows = await visitor.follow(f"agents/state-history?top=1000&updatedSince={written(since)}", KEY)
        day = await rows_of(visitor, "agents/state-history", NOW - DAY, NOW + 1, "&top=1000")
        later = [
            row
            for row in day
            if moment(row["startDate"]) + seconds(row["duration"]) > since or moment(row["startDate"]) > since
        ]
        assert [row for row in rows if moment(row["startDate"]) >= NOW - DAY] == later
        assert min(moment(row["startDate"]) for row in rows) < since


async def test_the_current_state(published: Visit) -> None:
    """The current state has its duration so far, none, or no row."""
    ends = {}
    for how in ("so-far", "null", "absent"):
        async with published(agents=8, readings={**WORLD, "history_now": how}) as visitor:
            agent_id = visitor.ids(present=True)[0]
            row = (await visitor.all_states())[agent_id]
            last = (await visitor.get(f"agents/{agent_id}/state-history?top=1000")).json[KEY][-1]
            ends[how] = last["startDate"] == row["startDate"], last["duration"]
            if how == "so-far":
                assert seconds(last["duration"]) == NOW - moment(row["startDate"])
    assert (ends["so-far"][0], ends["null"], ends["absent"][0]) == (True, (True, None), False)


async def test_a_history_that_lags(published: Visit) -> None:
    """A history that lags has no change of the last seconds. The current state is the last that it knows."""
    async with published(agents=30, readings=WORLD) as visitor:
        fresh = await rows_of(visitor, "agents/state-history", NOW - DAY, NOW, "&top=1000")
    async with published(agents=30, readings={**WORLD, "history_lag": 1200}) as visitor:
        late = await rows_of(visitor, "agents/state-history", NOW - DAY, NOW, "&top=1000")
    assert [row["startDate"] for row in late] == [
        row["startDate"] for row in fresh if moment(row["startDate"]) <= NOW - 1200
    ]
    assert len(late) < len(fresh)


async def test_the_shapes(published: Visit) -> None:
    """The older shape has whole seconds. An agent's own history does not name the agent."""
    async with published(agents=10) as visitor:
        agent_id = visitor.ids(present=True)[0]
        newer = (await visitor.get(f"agents/{agent_id}/state-history")).json
    async with published(agents=10, readings={"shape": "v23", "result_set": True}) as visitor:
        older = (await visitor.get(f"agents/{agent_id}/state-history")).json["resultSet"]
        everybody = (await visitor.get("agents/state-history")).json["resultSet"]
    assert {"agentId", "teamId", "contactId", "isACW"} <= set(newer[KEY][0])
    assert not {"agentId", "teamId", "contactId", "isACW"} & set(older[KEY][0])
    assert {"agentId", "teamId"} < set(everybody[KEY][0])
    assert [int(seconds(row["duration"])) for row in newer[KEY]] == [row["duration"] for row in older[KEY]]
    assert set(newer) == set(older) == {"_links", "agentStateHistory", "businessUnitId", "lastPollTime", "totalRecords"}


async def test_the_members_that_are_open(published: Visit) -> None:
    """Ids may be text, reasons numbers, the team another member. Logouts and after-call work may not show."""
    readings = {
        "history_ids": "text",
        "history_reason": "id",
        "history_team": "teamNo",
        "history_acw": False,
        "history_logout": False,
    }
    async with published(agents=40) as visitor:
        usual = await visitor.follow("agents/state-history?top=1000", KEY)
    async with published(agents=40, readings=readings) as visitor:
        rows = await visitor.follow("agents/state-history?top=1000", KEY)
    stay = [row for row in usual if row["agentStateId"]]
    assert len(stay) < len(usual)
    assert [row["agentStateId"] for row in rows] == [str(row["agentStateId"]) for row in stay]
    assert [row["outStateDescription"] for row in rows] == [row["outStateId"] for row in stay]
    assert [row["teamNo"] for row in rows] == [row["teamId"] for row in stay]
    assert not any({"teamId", "isACW"} & set(row) for row in rows)
    assert {row["isACW"] for row in usual} == {True, False}


async def test_logins(published: Visit) -> None:
    """An agent's logins begin its sessions, and have no logout."""
    async with published(agents=5, readings={**WORLD, "logins_days": 7}) as visitor:
        world = visitor.emulator.tenant.world
        for index in range(5):
            path = f"agents/{world.agent_id(index)}/login-history"
            week = f"{path}?startDate={written(NOW - 7 * DAY)}&endDate={written(NOW)}"
            rows = await visitor.follow(week, "agentLogins")
            each = (world.stance(index, at) for at in range(NOW - 7 * DAY, NOW, 60))
            sessions = {one.last_login for one in each if one.state is not None}
            assert {moment(row["loginDate"]) for row in rows} == {at for at in sessions if at >= NOW - 7 * DAY}
            assert not any("logout" in name.lower() for row in rows for name in row)
        path = f"agents/{world.agent_id(0)}/login-history?startDate="
        longer = await visitor.get(f"{path}{written(NOW - 7 * DAY - 1)}&endDate={written(NOW)}")
        assert (longer.status, longer.headers["icstatusdescription"]) == (400, "The date range cannot exceed 7 days.")
        assert (await visitor.get(f"{path}2030-01-01T00:00:00Z")).status == 204


@pytest.mark.parametrize("key", ["agentStateHistory", "wfoAgentSpecificStats"])
async def test_schedule_adherence(published: Visit, key: str) -> None:
    """Schedule-adherence has the states of five minutes, in whole seconds."""
    readings = {**WORLD, "adherence_key": key}
    async with published(agents=40, readings=readings) as visitor:
        path = f"wfm-data/agents/schedule-adherence?endDate={written(NOW)}&startDate="
        reply = await visitor.get(path + written(NOW - 300))
        rows = await rows_of(visitor, "agents/state-history", NOW - 300, NOW, "&top=1000")
        shared = ("agentId", "stateIndex", "agentSessionId", "startDate", "outStateId")
        assert set(reply.json) == {key}
        assert [[row[name] for name in shared] for row in reply.json[key]] == [
            [row[name] for name in shared] for row in rows
        ]
        assert all(type(row["duration"]) is int for row in reply.json[key])
        assert (await visitor.get(path + written(NOW - 301))).status == 400
        nobody = path.replace(written(NOW), "2030-01-01T00:01:00Z") + "2030-01-01T00:00:00Z"
        assert (await visitor.get(nobody)).status == 204


@pytest.mark.parametrize(("how", "status"), [("204", 204), ("200", 200)])
async def test_no_rows(published: Visit, how: str, status: int) -> None:
    """A history without rows is a 204, or an empty list."""
    async with published(agents=0, readings={"no_history": how}) as visitor:
        assert (await visitor.get("agents/state-history")).status == status


async def test_refusals(published: Visit) -> None:
    """An unknown agent is a 404, an unreadable parameter a 400. A missing permission is refused."""
    async with published(agents=5) as visitor:
        for kind in ("state-history", "login-history"):
            reply = await visitor.get(f"agents/30000000006/{kind}")
            assert (reply.status, reply.headers["icstatusdescription"]) == (404, "Agent not found for BU.")
            for question in ("startDate=today", "orderBy=shoeSize", "top=0"):
                assert (await visitor.get(f"agents/30000000001/{kind}?{question}")).status == 400
        assert (await visitor.get("wfm-data/agents/schedule-adherence?startDate=2026-01-01")).status == 400
        assert (await visitor.get("agents/shoes")).status == 404
    async with published(agents=5, scopes=("presence:read",)) as visitor:
        assert (await visitor.get("agents/state-history")).status == 403


async def test_hidden_agents_have_no_history(published: Visit) -> None:
    """Agents that the caller may not see are in no history."""
    async with published("hidden-agents=3", agents=30) as visitor:
        hidden = set(visitor.emulator.tenant.chosen("hidden-agents", 3))
        rows = await visitor.follow("agents/state-history?top=1000", KEY)
        assert not hidden & {str(row["agentId"]) for row in rows}
        assert {str(row["agentId"]) for row in rows} & set(visitor.ids(present=True))
    async with published("team-hidden", agents=60) as visitor:
        (team,) = visitor.emulator.tenant.chosen_teams("team-hidden", 1)
        rows = await visitor.follow("agents/state-history?top=1000", KEY)
        assert team not in {row["teamId"] for row in rows}
