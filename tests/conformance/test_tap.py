"""tap-nice-incontact 0.3.1, unchanged, reads everything from the emulator."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.conformance.environments import Environment
from tests.conformance.stage import Stage, staged

from cxone_rollcall.emulator import Readings

pytestmark = pytest.mark.thorough

STREAM = "contacts_completed"
PATH = "/inContactAPI/services/v21.0/contacts/completed"
LOGIN, API = "na1.nice-incontact.com", "api-c31.nice-incontact.com"
DATES = ("contactStart", "lastUpdateTime")
PAGE = 20


async def messages(stage: Stage, tap: Environment, since: datetime, *more: object) -> list[dict[str, Any]]:
    """Let the tap discover, choose one stream, and return its messages."""
    of = stage.emulator.credentials
    config = {
        "start_date": since.isoformat(),
        "api_key": of.access_key_id,
        "api_secret": of.access_key_secret,
        "api_cluster": "c31",
        "user_agent": "rollcall tests",
    }
    command = [tap.command("tap-nice-incontact"), "--config", stage.write("config.json", config)]
    offered = await stage.run(*command, "--discover")
    assert offered.code == 0, offered.err
    streams = [stream for stream in json.loads(offered.out)["streams"] if stream["stream"] == STREAM]
    for about in streams[0]["metadata"]:
        about["metadata"]["selected"] = True
    client = await stage.run(*command, "--catalog", stage.write("catalog.json", {"streams": streams}), *more)
    assert client.code == 0, client.err
    return [json.loads(line) for line in client.out.splitlines()]


def records(said: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the records among the messages, their dates read."""
    return [_dated(one["record"]) for one in said if one["type"] == "RECORD"]


def _dated(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, **{name: datetime.fromisoformat(row[name]) for name in DATES}}


async def test_contacts_completed(tmp_path: Path, tap: Environment) -> None:
    """The tap reads pages until a 204. It fetches token B before each of them, and drops or alters no row."""
    since = datetime.now(UTC) - timedelta(hours=1)
    async with staged(tmp_path, Readings(page_default=PAGE), agents=60) as stage:
        said = await messages(stage, tap, since)
        pages, tokens = stage.of("detail"), stage.of("token")
    assert [one.call.endpoint for one in stage.passed] == ["token", "detail"] * len(pages)
    assert {one.line for one in tokens} == {"POST /authentication/v1/token/access-key"}
    assert {one.line for one in pages} == {f"GET {PATH}"}
    of = stage.emulator.credentials
    key = {"accessKeyId": of.access_key_id, "accessKeySecret": of.access_key_secret}
    assert all(json.loads(one.call.body) == key for one in tokens)
    given = [token.json["access_token"] for token in tokens]
    assert [page.call.headers["Authorization"] for page in pages] == [f"Bearer {token}" for token in given]
    assert len(set(given)) == len(given)

    *full, last = pages
    assert [one.answer.status for one in pages] == [200] * len(full) + [204]
    assert last.answer.body == b""
    rows = [row for one in full for row in one.json["completedContacts"]]
    assert len(rows) == full[0].json["totalRecords"] > 2 * PAGE
    asked = {"updatedSince": [since.isoformat()], "orderBy": ["lastUpdateTime asc"]}
    skips = [PAGE * page for page in range(len(full))] + [len(rows)]
    assert [one.call.query for one in pages] == [{**asked, "skip": [str(skip)]} for skip in skips]
    links = [one.json["_links"]["next"] for one in full]
    assert all(link.startswith(f"https://{API}{PATH}?") for link in links[:-1])
    assert links[-1] is None

    found = records(said)
    assert found == list(map(_dated, rows))
    assert len({row["contactId"] for row in found}) == len(found)
    assert list(dict.fromkeys(stage.proxy.hosts)) == [f"{LOGIN}:443", f"{API}:443"]
    assert stage.proxy.refused == []


async def test_goes_on_from_its_bookmark(tmp_path: Path, tap: Environment) -> None:
    """The tap continues from its bookmark without repeating a row."""
    since = datetime.now(UTC) - timedelta(hours=1)
    async with staged(tmp_path, agents=60) as stage:
        said = await messages(stage, tap, since)
        state = [one["value"] for one in said if one["type"] == "STATE"][-1]
        newest = max(row["lastUpdateTime"] for row in records(said))
        assert datetime.fromisoformat(state["bookmarks"][STREAM]["lastUpdateTime"]) == newest
        before = len(stage.passed)
        again = await messages(stage, tap, since, "--state", stage.write("state.json", state))
        assert [one.answer.status for one in stage.passed[before:]] == [200, 204]
        assert records(again) == []
