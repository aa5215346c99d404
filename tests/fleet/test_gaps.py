"""What was not polled is a gap with its cause: rule 9."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path
from typing import Any

import pytest
from tests.alerts.receiver import Receiver, receiving
from tests.fleet.page import Page, is_blind, is_fresh, served
from tests.fleet.stage import ZONE, rollcall_process, staged
from tests.fleet.tenants import AGENTS

from cxone_rollcall.cli.main import run

TENANTS = ("t0", "t1")
RULES = f"""
[[alert]]
name = "here"
count = {{ standing = "present", above = 0 }}
send = ["desk"]
[[alert]]
name = "nobody is here"
count = {{ standing = "present", below = 1 }}
send = ["desk"]
[[alert]]
name = "all have left"
count = {{ standing = "logged_out", above = {AGENTS - 1} }}
send = ["desk"]
[[alert]]
name = "nobody can be seen"
count = {{ standing = "unknown", above = 0 }}
send = ["desk"]
[send.desk]
url_env = "DESK_URL"
"""


class Told:
    """The messages of alerts."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver

    def all(self) -> list[tuple[str, str, str]]:
        """Each message: tenant, alert, kind."""
        bodies = [body for _, body in self._receiver.got if body.startswith(b"{")]  # its port may have been another's
        data = [json.loads(body)["data"] for body in bodies]
        return [(one["tenant"], alert["name"], one["kind"]) for one in data for alert in one["alerts"]]

    async def until(self, *wanted: tuple[str, str, str]) -> None:
        """Wait until these messages have come. They come within half a minute."""
        for _ in range(300):
            if set(wanted) <= set(self.all()):
                return
            await asyncio.sleep(0.1)
        raise AssertionError(self.all())


async def _report(kind: str, path: Path, *options: str) -> list[dict[str, Any]]:
    """The rows of a report."""
    written = path.with_suffix(f".{kind}")
    arguments = ["report", kind, "--history", str(path), "--format", "ndjson", "--output", str(written), *options]
    assert await asyncio.to_thread(run, arguments) == 0
    return [row for line in written.read_text().splitlines() if (row := json.loads(line))["type"] == "row"]


async def _gap(path: Path) -> dict[str, Any]:
    """The gap in a history file. It is there as soon as the sink has stored the poll after it."""
    found: list[dict[str, Any]] = []
    for _ in range(15):
        found = await _report("gaps", path, "--from", "1970-01-01", "--to", "2090-01-01", "--tz", "UTC")
        gaps = [one for one in found if one["cause"] == "recorder-down"]
        if gaps:
            (gap,) = gaps
            return gap
        await asyncio.sleep(0.3)
    raise AssertionError(found)


def _gap_of(timeline: dict[str, Any]) -> list[str | None]:
    return [one["cause"] for one in timeline["intervals"] if one["standing"] == "unknown"]


@pytest.mark.thorough
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
async def test_what_nobody_polls_is_a_gap_everywhere(how: signal.Signals, tmp_path: Path) -> None:
    """Board, day, file and alerts tell it as a gap. Nobody is said to have left.

    All workers are killed, and another one begins; or all are stopped, and go on.
    """
    days, rules = tmp_path / "days", tmp_path / "alerts.toml"
    days.mkdir()
    rules.write_text(RULES)
    async with staged(tmp_path / "stage", tenants=len(TENANTS), nodes=1) as stage, receiving() as receiver:
        told, environ = Told(receiver), {"DESK_URL": receiver.url, "XDG_DATA_HOME": str(tmp_path / "data")}
        options = ("--alerts", str(rules), "--history", str(days))
        await stage.apply()
        workers = [stage.start_worker(), stage.start_worker()]
        sink = await rollcall_process(
            "fleet", "sink", "--nats", ",".join(stage.urls), "--zone", ZONE, "--dir", str(days)
        )
        try:
            async with served(stage, *options, **environ) as page:
                for tenant in TENANTS:
                    await page.until(tenant, is_fresh)
                await told.until(*((tenant, "here", "firing") for tenant in TENANTS))
                for worker in workers:
                    worker.signal(how)
                for tenant in TENANTS:
                    board = await page.until(tenant, is_blind)
                    assert "no worker has polled it" in board["last_poll"]["missed"]
                    assert {one["standing"] for one in board["agents"]} == {"unknown"}
                await told.until(*((tenant, "nobody can be seen", "firing") for tenant in TENANTS))
                before = {tenant: (await page.board(tenant))["alerts"] for tenant in TENANTS}
            number = len(told.all())
            async with served(stage, *options, **environ) as page:
                await _is_still_in_the_gap(page, told, before, number)
                if how == signal.SIGKILL:
                    stage.start_worker()
                else:
                    for worker in workers:
                        worker.signal(signal.SIGCONT)
                await _goes_on(page, told)
                for tenant in TENANTS:
                    path = days / f"{tenant}.db"
                    gap = await _gap(path)
                    assert (gap["agents"], gap["seconds"] >= 3) == (AGENTS, True)
                    during = ("--from", gap["begin"], "--to", gap["end"])
                    assert {one["standing"] for one in await _report("timeline", path, *during)} == {"unknown"}
                    assert await asyncio.to_thread(run, ["history", "check", "--history", str(path)]) == 0
                    day = await page.json(f"t/{tenant}/api/v1/timeline")
                    assert [_gap_of(one) for one in day["agents"]] == [["not-recorded", "recorder-down"]] * AGENTS
                await stage.apply("t1")
                await told.until(("t0", "here", "ended"))
                assert (await page.text("t/t0/api/v1/board"))[0] == 404
        finally:
            sink.terminate()
            await sink.communicate()


async def _is_still_in_the_gap(page: Page, told: Told, before: dict[str, list[dict[str, Any]]], number: int) -> None:
    """A server that begins in the gap sends no alert again."""
    for tenant in TENANTS:
        board = await page.until(tenant, lambda one: is_blind(one) and bool(one["alerts"]))
        assert [one["id"] for one in board["alerts"]] == [one["id"] for one in before[tenant]]
        assert {one["name"]: one["state"] for one in board["alerts"]} == {
            "here": "blind",
            "nobody can be seen": "firing",
        }
    assert len(told.all()) == number


async def _goes_on(page: Page, told: Told) -> None:
    """A worker polls again. The alert on blindness ends, and no other."""
    for tenant in TENANTS:
        await page.until(tenant, is_fresh)
    await told.until(*((tenant, "nobody can be seen", "ended") for tenant in TENANTS))
    assert {one for one in told.all() if one[1] == "nobody can be seen"} == {
        (tenant, "nobody can be seen", kind) for tenant in TENANTS for kind in ("firing", "ended")
    }
    assert {one for one in told.all() if one[1] != "nobody can be seen"} == {
        (tenant, "here", "firing") for tenant in TENANTS
    }
