"""Alerts of a served tenant: board, events, metrics, acknowledgements."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.web.serving import Served, reading, served

from cxone_rollcall.alerts.desk import AlertDesk, alert_desk
from cxone_rollcall.alerts.reading import parse_alerts

FILE = """
[[alert]]
name = "on contact"
each = { group = "on-contact" }
[[alert]]
name = "blind"
count = { standing = "unknown", above = 0 }
"""


async def with_desk(here: Served, desk: AlertDesk) -> None:
    """Give a served tenant these alerts."""
    here.tenant.desk = desk
    await here.poll()


async def acknowledge(here: Served, alert_id: str, body: Any) -> tuple[int, dict[str, Any]]:
    """Status and answer of an acknowledgement."""
    url, origin = f"{here.url}/api/v1/alerts/{alert_id}/acknowledge", {"Origin": here.url}
    async with here.session.post(url, json=body, headers=origin) as answer:
        return answer.status, await answer.json()


@pytest.mark.parametrize("anonymous", [False, True])
async def test_alerts_are_on_the_board(anonymous: bool, tmp_path: Path) -> None:
    """Each has its people, by name or initials. Each is in the metrics."""
    rules = parse_alerts(FILE, named="alerts.toml")
    opened = alert_desk(rules.rules, {}, tenant="acme", path=tmp_path / "a.json", complain=print)
    async with served(40, anonymous=anonymous) as here, opened as desk:
        await with_desk(here, desk)
        board = await here.board()
        assert {one["name"] for one in board["alerts"]} == {"on contact"}
        busy = {one["agent_id"] for one in board["agents"] if one["group"] == "on-contact"}
        assert {agent_id for one in board["alerts"] for agent_id in one["agents"]} == busy
        names = {one["agent_id"]: one["name"] for one in board["agents"]}
        subjects = [subject for one in board["alerts"] for subject in one["subjects"]]
        assert {one["label"] for one in subjects} == {names[one["id"]] for one in subjects}
        assert board["unsent"] == []
        _, metrics = await here.text("/metrics")
        assert f'rollcall_alerts{{name="on contact",state="firing"}} {len(board["alerts"])}' in metrics
        assert 'rollcall_alerts{name="blind",state="firing"} 0' in metrics


async def test_an_acknowledgement_reaches_all_readers(tmp_path: Path) -> None:
    """The board has name, time and note at once. Readers get them with the next poll, and mistakes are refused."""
    rules = parse_alerts(FILE, named="alerts.toml")
    opened = alert_desk(rules.rules, {}, tenant="acme", path=tmp_path / "a.json", complain=print)
    async with served(40) as here, opened as desk:
        assert (await acknowledge(here, "x", {"by": "Ann"}))[0] == 404
        await with_desk(here, desk)
        (alert, *_) = (await here.board())["alerts"]
        mistakes: list[object] = [[], {}, {"by": 1}, {"by": ""}, {"by": "Ann", "note": 1}, {"by": "Ann\n\x1b"}]
        for wrong in mistakes:
            status, answer = await acknowledge(here, alert["id"], wrong)
            assert (status, set(answer)) == (400, {"error"})
        assert (await acknowledge(here, "other", {"by": "Ann"}))[0] == 404
        async with reading(here) as reader:
            await reader.read_poll()
            status, answer = await acknowledge(here, alert["id"], {"by": "Ann", "note": "on it"})
            assert (status, answer["acknowledged"]["by"], answer["acknowledged"]["note"]) == (200, "Ann", "on it")
            again, without = await acknowledge(here, alert["id"], {"by": "Ann"})
            assert (again, without["acknowledged"]["note"]) == (200, "")
            status, answer = await acknowledge(here, alert["id"], {"by": "Ann", "note": "on it"})
            taken = {one["id"]: one["acknowledged"] for one in (await here.board())["alerts"]}
            assert taken[alert["id"]] == answer["acknowledged"]
            await here.poll()
            await reader.read_poll()
            assert "alerts" in reader.kinds


async def test_blindness_is_an_alert_of_the_board(tmp_path: Path) -> None:
    """When nobody answers, the rule on unknown agents fires. The other alerts are blind and still there."""
    rules = parse_alerts(FILE, named="alerts.toml")
    opened = alert_desk(rules.rules, {}, tenant="acme", path=tmp_path / "a.json", complain=print)
    async with served(40) as here, opened as desk:
        await with_desk(here, desk)
        before = {one["id"] for one in (await here.board())["alerts"]}
        here.break_by("server-error")
        await here.poll(4)
        states = {one["id"]: (one["name"], one["state"]) for one in (await here.board())["alerts"]}
        assert before <= states.keys()
        assert {states[one] for one in before} == {("on contact", "blind")}
        assert ("blind", "firing") in states.values()
