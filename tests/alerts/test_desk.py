"""Alerts of a live tenant: faults, restarts, and their file."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from tests.alerts.receiver import receiving
from tests.live.clockwork import Watched, watched

from cxone_rollcall.alerts.desk import AlertDesk, alert_desk, kept_in, senders_of
from cxone_rollcall.alerts.events import AlertEvent, AlertState
from cxone_rollcall.alerts.reading import parse_alerts

FILE = """
[[alert]]
name = "few"
count = { group = "available", above = 0 }
send = ["desk"]
[[alert]]
name = "server"
finding = "RC5*"
[send.desk]
url_env = "DESK_URL"
"""
BLIND = '[[alert]]\nname = "blind"\ncount = { standing = "unknown", above = 0 }\n'


@asynccontextmanager
async def desk(path: Path, url: str, text: str = FILE) -> AsyncIterator[tuple[AlertDesk, list[str]]]:
    """A desk whose file is `path`, and its complaints."""
    complaints: list[str] = []
    file = parse_alerts(text, named="alerts.toml")
    opened = alert_desk(
        file.rules,
        senders_of(file, {"DESK_URL": url}),
        tenant="acme",
        path=path,
        complain=complaints.append,
        clock=lambda: 5.0,
    )
    async with opened as one:
        yield one, complaints


async def polled(watching: Watched, at: AlertDesk, number: int) -> list[AlertEvent]:
    """The events of some polls."""
    told: list[AlertEvent] = []
    for _ in range(number):
        await watching.poll()
        told += at.take(watching.poller, watching.polls[-1])
    return told


@pytest.mark.parametrize("contract", ["v2", "incontact"])
async def test_a_fault_makes_alerts_blind_and_ends_none(contract: str, tmp_path: Path) -> None:
    """A server that breaks ends no alert, also after a restart. Blindness is reported once."""
    path = tmp_path / "alerts.json"
    async with receiving() as receiver, watched(20, contract) as watching:
        async with desk(path, receiver.url) as (at, _):
            assert [one.kind for one in await polled(watching, at, 2)] == ["firing"]
            watching.break_by("server-error")
            told = await polled(watching, at, 8)
            few = [one for one in told if one.alerts[0].name == "few"]
            assert [one.kind for one in few] == ["blind"]
            at.acknowledge(at.alerts.now[0].id, "Ann", "seen", 5.0)
        async with desk(path, receiver.url) as (at, complaints):
            assert complaints == []
            assert await polled(watching, at, 3) == []
            (few_now,) = (one for one in at.alerts.now if one.name == "few")
            assert (few_now.state, few_now.acknowledged and few_now.acknowledged.by) == (AlertState.BLIND, "Ann")
            watching.break_by()
            told = await polled(watching, at, 3)
            assert "seen" in [one.kind for one in told if one.alerts[0].name == "few"]
        kinds = [json.loads(body)["data"]["kind"] for _, body in receiver.got]
    assert kinds == ["firing", "blind", "seen"]
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 3


async def test_messages_survive_a_restart(tmp_path: Path) -> None:
    """A message that was not sent is sent after the restart."""
    path = tmp_path / "alerts.json"
    async with receiving() as receiver, watched(20) as watching:
        receiver.answers = [web.Response(status=503)]
        async with desk(path, receiver.url) as (at, _):
            (event,) = await polled(watching, at, 1)
            assert event.at == pytest.approx(watching.world.client.server_clock.now(), abs=60)
        assert len(receiver.got) == len(json.loads(path.read_text())["messages"]) == 1
        async with desk(path, receiver.url) as (at, _):
            await at.outbox.emptied()
        assert json.loads(path.read_text())["messages"] == []
    assert [headers["webhook-id"] for headers, _ in receiver.got] == [event.id, event.id]


async def test_unknown_agents_are_an_alert(tmp_path: Path) -> None:
    """The rule on unknown agents reports an outage from the start. It ends when all are seen."""
    async with watched(20, "v2", ["server-error"]) as watching, desk(tmp_path / "a.json", "", BLIND) as (at, _):
        assert [one.kind for one in await polled(watching, at, 4)] == ["firing"]
        watching.break_by()
        assert [one.kind for one in await polled(watching, at, 3)] == ["ended"]


async def test_a_team_that_nobody_is_in_is_said_once(tmp_path: Path) -> None:
    """Only a whole roster shows that. A similar name is offered."""
    teams = json.dumps(["Suport Tier 2", "SUPPORT TIER 2", "Zzz"])
    text = f'[[alert]]\nname = "few"\ncount = {{ group = "available", team = {teams}, below = 1 }}\n'
    async with watched(20, "v2", ["roster-short"]) as watching, desk(tmp_path / "a.json", "", text) as (at, complaints):
        await polled(watching, at, 2)
        assert complaints == at.lines() == []
        watching.break_by()
        await polled(watching, at, 30)
        told = [
            "alert few: nobody on the board of acme is in team Suport Tier 2; did you mean Support Tier 2?",
            "alert few: nobody on the board of acme is in team Zzz",
        ]
        assert complaints == told
        assert at.lines()[-2:] == told


async def test_the_file_is_private_and_has_no_secret(tmp_path: Path) -> None:
    """Only its user can read it, and no URL is in it."""
    path = tmp_path / "folder" / "below" / "alerts.json"
    async with receiving() as receiver, watched(10) as watching, desk(path, receiver.url) as (at, _):
        await polled(watching, at, 2)
        assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
        assert "SECRET" not in path.read_text()
        assert [one.name for one in path.parent.iterdir()] == ["alerts.json"]


async def test_a_damaged_file_is_said_to_be(tmp_path: Path) -> None:
    """A damaged file, or one that cannot be written, is one line. The alerts go on."""
    path = tmp_path / "alerts.json"
    for damaged in (b"{", b"[]", b'{"alerts": {}}', b"\xff", b'{"alerts": {"schema": 1}, "messages": []}'):
        path.write_bytes(damaged)
        async with desk(path, "http://127.0.0.1:1/") as (_, complaints):
            assert len(complaints) == 1
            assert "damaged" in complaints[0]
    (tmp_path / "file").touch()
    async with watched(5) as watching, desk(tmp_path / "file" / "alerts.json", "", BLIND) as (at, complaints):
        await polled(watching, at, 1)
        assert any("cannot be kept" in one for one in complaints)


def test_two_tenants_have_two_files(tmp_path: Path) -> None:
    """Two tenants with the same rules have two files of alerts."""
    assert kept_in("a", tmp_path / "x.toml") != kept_in("b", tmp_path / "x.toml")
