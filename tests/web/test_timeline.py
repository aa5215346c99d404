"""What the timeline says of agents, as programs read it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.live.test_rules import CONTRACTS
from tests.web.serving import Served, served
from tests.web.test_access import guarded

from cxone_rollcall.errors import HistoryError
from cxone_rollcall.history.reading import Window, reading
from cxone_rollcall.web.documents import initials

FIELDS = {"begin", "end", "seconds", "standing", "group", "state", "sub_state", "begin_slack", "source", "cause"}

NAMES = ("standing", "group", "state", "sub_state")


async def asked(here: Served, path: str, **query: str) -> tuple[int, dict[str, Any]]:
    """Status and JSON of an answer."""
    async with here.session.get(f"{here.url}/api/v1/{path}", params=query) as answer:
        return answer.status, json.loads(await answer.text())


async def pass_minutes(here: Served, minutes: int) -> None:
    """Let time pass, with a poll each 10 seconds."""
    for _ in range(minutes * 6):
        here.watching.world.emulator.advance(10)
        await here.poll()


def assert_whole(day: dict[str, Any], lane: dict[str, Any]) -> None:
    """The intervals follow each other and fill the window."""
    at = day["from"]
    for one in lane["intervals"]:
        assert set(one) == FIELDS
        assert one["begin"] == at
        begin, end = (datetime.fromisoformat(one[name]) for name in ("begin", "end"))
        assert one["seconds"] == (end - begin).total_seconds() > 0
        at = one["end"]
    assert at == day["to"]


@CONTRACTS
async def test_each_second_of_an_agent_lies_in_one_interval(contract: str, tmp_path: Path) -> None:
    """The intervals fill the window. The last one is what the board shows."""
    async with served(40, contract, history=tmp_path / "h.db") as here:
        await pass_minutes(here, 10)
        board = await here.board()
        for agent in board["agents"]:
            status, day = await asked(here, f"agents/{agent['agent_id']}/timeline", to=board["as_of"])
            assert status == 200
            assert_whole(day, day)
            last = day["intervals"][-1]
            if agent["since"][:19] < day["to"][:19]:
                assert [last[name] for name in NAMES] == [agent[name] for name in NAMES]
            assert day["intervals"][0]["cause"] == "not-recorded"
            assert day["agent"]["name"] == agent["name"]
            covered = day["coverage"]
            assert covered["known"] + covered["unknown"] + covered["not_on_roster"] == 86_400
            assert covered["percent"] == round(100 * covered["known"] / 86_400, 2)


async def test_an_outage_is_a_gap_with_its_cause(tmp_path: Path) -> None:
    """Time without an answer is unknown, with the finding. It is never logged out."""
    async with served(20, history=tmp_path / "h.db") as here:
        await pass_minutes(here, 1)
        here.break_by("server-error")
        await pass_minutes(here, 2)
        here.break_by()
        await pass_minutes(here, 1)
        agent = (await here.board())["agents"][0]["agent_id"]
        _, day = await asked(here, f"agents/{agent}/timeline")
        assert_whole(day, day)
        (gap,) = [one for one in day["intervals"] if one["cause"] == "RC105"]
        assert gap["standing"] == "unknown"
        assert 110 <= gap["seconds"] <= 130
        assert gap["state"] is gap["group"] is None


async def test_a_team_has_its_agents_and_all_teams_everybody(tmp_path: Path) -> None:
    """The lanes of a team are its agents. Those of all teams come in pages, and what is left out is counted."""
    async with served(130, history=tmp_path / "h.db") as here:
        await pass_minutes(here, 2)
        board = await here.board()
        _, whole = await asked(here, "timeline")
        assert (whole["total"], len(whole["agents"]), whole["left_out"]) == (130, 60, 70)
        ids = [lane["agent"]["agent_id"] for lane in whole["agents"]]
        for skip in (60, 120):
            _, page = await asked(here, "timeline", skip=str(skip))
            ids += [lane["agent"]["agent_id"] for lane in page["agents"]]
        assert sorted(ids) == sorted(agent["agent_id"] for agent in board["agents"])
        for team in whole["teams"]:
            _, day = await asked(here, "timeline", team=team["team"])
            assert day["total"] == team["agents"] == len(day["agents"])
            for lane in day["agents"]:
                assert (lane["agent"]["team"] or "") == team["team"]
                assert_whole(day, lane)
        _, none = await asked(here, "timeline", team="no such team")
        assert (none["total"], none["agents"], none["coverage"]["percent"]) == (0, [], None)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"from": "yesterday"}, "from must be a time"),
        ({"to": "25:00"}, "to must be a time"),
        ({"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, "later than from"),
        ({"from": "2026-01-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, "later than from"),
        ({"from": "2099-01-01T00:00:00Z"}, "nothing is recorded yet"),
        ({"from": "9999-01-01T00:00:00Z"}, "from must be a time"),
        ({"from": "0001-01-01T00:00:00Z"}, "from must be a time"),
        ({"from": "2020-01-01T00:00:00Z"}, "at most 31 days"),
    ],
)
async def test_bad_times_are_refused(query: dict[str, str], said: str, tmp_path: Path) -> None:
    """A window that cannot be shown gets 400 with the reason."""
    async with served(5, history=tmp_path / "h.db") as here:
        await pass_minutes(here, 1)
        agent = (await here.board())["agents"][0]["agent_id"]
        status, body = await asked(here, f"agents/{agent}/timeline", **query)
        assert status == 400
        assert said in body["error"]
        assert (await asked(here, "timeline", skip="-1"))[0] == 400


async def test_a_window_may_have_any_offset(tmp_path: Path) -> None:
    """A window may have an offset. Its plus may come as a blank."""
    async with served(5, history=tmp_path / "h.db") as here:
        await pass_minutes(here, 2)
        agent = (await here.board())["agents"][0]["agent_id"]
        with reading(tmp_path / "h.db") as history:
            begin = datetime.fromtimestamp(history.recorded.first // 1000, UTC) - timedelta(minutes=3)
        _, day = await asked(here, f"agents/{agent}/timeline", **{"from": begin.isoformat()})
        local = (begin + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%S")
        for offset in ("+02:00", " 02:00", "+0200"):
            _, same = await asked(here, f"agents/{agent}/timeline", **{"from": local + offset})
            assert same == day
        assert day["from"] == begin.strftime("%Y-%m-%dT%H:%M:%SZ")
        assert day["intervals"][0]["seconds"] == 180


@pytest.mark.parametrize(("accepted", "encoding"), [("gzip", "gzip"), ("deflate", "deflate"), ("identity", None)])
async def test_an_answer_is_compressed_if_that_is_accepted(accepted: str, encoding: str | None, tmp_path: Path) -> None:
    """A timeline is compressed if the reader accepts compression."""
    async with served(5, history=tmp_path / "h.db") as here:
        await pass_minutes(here, 1)
        url, headers = f"{here.url}/api/v1/timeline", {"Accept-Encoding": accepted}
        async with here.session.get(url, headers=headers) as answer:
            assert answer.headers.get("Content-Encoding") == encoding
            assert len((await answer.json())["agents"]) == 5


async def test_before_the_first_poll_nothing_is_known(tmp_path: Path) -> None:
    """A window before the first poll has a coverage of 0. No second of it is logged out."""
    async with served(5, history=tmp_path / "h.db") as here:
        await pass_minutes(here, 1)
        agent = (await here.board())["agents"][0]["agent_id"]
        with reading(tmp_path / "h.db") as history:
            first = datetime.fromtimestamp(history.recorded.first // 1000, UTC)
        window = {"from": (first - timedelta(hours=2)).isoformat(), "to": (first - timedelta(hours=1)).isoformat()}
        _, day = await asked(here, f"agents/{agent}/timeline", **window)
        assert [(one["standing"], one["cause"]) for one in day["intervals"]] == [("unknown", "not-recorded")]
        assert day["coverage"] == {"known": 0, "unknown": 3600, "not_on_roster": 0, "percent": 0.0}


async def test_without_a_history_an_answer_says_how(tmp_path: Path) -> None:
    """Without a history the answer is 404 with the reason. So it is for an unknown agent."""
    async with served(5) as here:
        await here.poll()
        assert (await here.board())["history"] is None
        for path in ("agents/1/timeline", "timeline"):
            status, body = await asked(here, path)
            assert status == 404
            assert "--history" in body["error"]
    async with served(5, history=tmp_path / "h.db") as here:
        await here.poll()
        assert (await here.board())["history"] == {"trouble": ""}
        status, body = await asked(here, "agents/nobody/timeline")
        assert status == 404
        assert "--history" not in body["error"]


async def test_anonymous_timelines_have_no_names(tmp_path: Path) -> None:
    """With `anonymous`, timelines have initials. Without it they have the names."""
    for anonymous in (True, False):
        async with served(10, history=tmp_path / f"{anonymous}.db", anonymous=anonymous) as here:
            await here.poll()
            names = {one: seat.agent.name for one, seat in here.watching.poller.board.seats.items()}
            _, everybody = await asked(here, "timeline")
            _, one = await asked(here, f"agents/{min(names)}/timeline")
            for lane in (*everybody["agents"], one):
                name = names[lane["agent"]["agent_id"]]
                assert lane["agent"]["name"] == (initials(name) if anonymous else name)


@pytest.mark.parametrize("path", ["/api/v1/timeline", "/api/v1/agents/x%2Fstatic%2Fy/timeline"])
async def test_a_timeline_needs_the_token(path: str, tmp_path: Path) -> None:
    """Timelines are private, whatever the id of an agent looks like."""
    async with served(5, access=guarded(), history=tmp_path / "h.db") as here:
        await here.poll()
        async with here.session.get(f"{here.url}{path}") as answer:
            assert answer.status == 401


async def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    """A history that is gone gets 503 with the reason. The board goes on."""
    async with served(5, history=tmp_path / "h.db") as here:
        await here.poll()
        (tmp_path / "h.db").rename(tmp_path / "other.db")
        status, body = await asked(here, "timeline")
        assert status == 503
        assert "does not exist" in body["error"]
        await here.poll()
        assert (await here.board())["counts"]["roster"] == 5


async def test_readers_see_what_is_recorded(tmp_path: Path) -> None:
    """A timeline has the same intervals as the file, in whole seconds."""
    async with served(30, "incontact", history=tmp_path / "h.db") as here:
        await pass_minutes(here, 15)
        _, day = await asked(here, "timeline")
        with reading(tmp_path / "h.db") as history:
            begin, end = (round(datetime.fromisoformat(day[name]).timestamp() * 1000) for name in ("from", "to"))
            rows, numbers = history.rows(Window(begin, end)), history.agents()
            for lane in day["agents"]:
                parts = history.filled(rows[numbers[lane["agent"]["agent_id"]]], Window(begin, end))
                lengths = [part.end // 1000 - part.begin // 1000 for part in parts]
                assert [one["seconds"] for one in lane["intervals"]] == [one for one in lengths if one]


async def test_the_history_of_another_tenant_is_never_shown(tmp_path: Path) -> None:
    """A file of another tenant is not read and not written. Nothing of it is on the board."""
    async with served(20, seed=1, history=tmp_path / "h.db") as here:
        await here.poll()
        assert (await asked(here, "timeline"))[0] == 200
    before = (tmp_path / "h.db").read_bytes()
    async with served(20, seed=2, history=tmp_path / "h.db") as other:
        assert (await asked(other, "timeline"))[0] == 503
        with pytest.raises(HistoryError):
            await other.poll()
        status, body = await asked(other, "timeline")
        assert status == 503
        assert "each tenant needs a file of its own" in body["error"]
        board = await other.board()
        assert board["agents"] == []
        assert "each tenant needs a file of its own" in board["history"]["trouble"]
    assert (tmp_path / "h.db").read_bytes() == before


@CONTRACTS
async def test_names_that_no_file_can_hold_are_recorded(contract: str, tmp_path: Path) -> None:
    """Half of a surrogate pair in a name stops no recording."""
    async with served(60, contract, faults=["hostile-names"], history=tmp_path / "h.db") as here:
        await here.poll(2)
        board = await here.board()
        _, day = await asked(here, "timeline")
        names = {agent["agent_id"]: agent["name"] for agent in board["agents"]}
        assert len(day["agents"]) == 60
        assert sum(lane["agent"]["name"] != names[lane["agent"]["agent_id"]] for lane in day["agents"]) < 10
