"""`rollcall serve --fleet` over a real engine, real workers and a real socket."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.fleet.stage import ZONE, Stage, rollcall, rollcall_process, signal_node, staged

from cxone_rollcall.cli.main import run
from cxone_rollcall.fleet import records
from cxone_rollcall.views import live


class Page:
    """What readers of a server get."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self._url = url
        self._session = session

    async def text(self, path: str = "") -> tuple[int, str]:
        """Status and body of a path."""
        async with self._session.get(self._url + path) as answer:
            return answer.status, await answer.text()

    async def board(self, tenant: str) -> dict[str, Any]:
        """The board of a tenant. It is there."""
        return dict(json.loads((await self.text(f"t/{tenant}/api/v1/board"))[1]))

    async def tenants(self) -> list[str]:
        """The tenants of the start page, in its order."""
        return [part.partition("/")[0] for part in (await self.text())[1].split('href="t/')[1:]]

    async def until(self, tenant: str, true: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first board of which something is true. It comes within half a minute."""
        found: dict[str, Any] = {}
        for _ in range(150):
            if tenant in await self.tenants() and true(found := await self.board(tenant)):
                return found
            await asyncio.sleep(0.2)
        raise AssertionError(f"the board of {tenant} does not come to that: {found.get('last_poll')}")


@asynccontextmanager
async def _served(stage: Stage) -> AsyncIterator[Page]:
    process = await rollcall_process(
        "serve", "--fleet", ",".join(stage.urls), "--zone", ZONE, "--listen", "127.0.0.1:0"
    )
    assert process.stderr is not None
    try:
        line = (await process.stderr.readline()).decode()
        assert f"zone {ZONE} at http" in line, line
        async with aiohttp.ClientSession() as session:
            yield Page(line.partition(" at ")[2].split()[0], session)
    finally:
        process.terminate()
        _, said = await process.communicate()
    assert (process.returncode, said.decode()) == (0, "")


def _fresh(board: dict[str, Any]) -> bool:
    return board["last_poll"] is not None and board["last_poll"]["ok"]


def _essence(agent: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(agent[name]) for name in ("name", "standing", "state", "sub_state", "since", "findings"))


@pytest.mark.thorough
async def test_readers_see_what_workers_see(tmp_path: Path) -> None:
    """Each tenant's board is its worker's. A dead worker makes it late, another one fresh; tenants come and go."""
    async with staged(tmp_path, tenants=3, nodes=1) as stage:
        await rollcall("fleet", "apply", str(stage.write_file("1s", ["t0", "t1"])))
        worker = stage.start_worker()
        async with _served(stage) as page:
            for tenant in ("t0", "t1"):
                board = await page.until(tenant, _fresh)
                counts = board["counts"]
                standings = ("present", "logged_out", "absent", "unknown")
                assert counts["roster"] == sum(counts[one] for one in standings) == len(board["agents"]) > 0
                assert (board["tenant"]["contract"], board["interval"]) == ("v2", 1.0)
            assert (await page.text("readyz"))[0] == 200
            assert (await page.text("t/t2/api/v1/board"))[0] == 404

            worker.signal(signal.SIGKILL)
            history = await stage.history()
            await asyncio.sleep(1)  # the board has read it
            for tenant in ("t0", "t1"):
                floor = records.Floor()
                for sequence, record in history[tenant]:
                    floor.apply(record, sequence)
                seen = {one: live.agent(seat, floor.codes) for one, seat in floor.seats.items()}
                shown = {one["agent_id"]: one for one in (await page.board(tenant))["agents"]}
                assert {one: _essence(agent) for one, agent in shown.items()} == {
                    one: _essence(agent) for one, agent in seen.items()
                }

            for tenant in ("t0", "t1"):
                board = await page.until(tenant, lambda one: one["counts"]["unknown"] == one["counts"]["roster"])
                assert {one["standing"] for one in board["agents"]} == {"unknown"}
                assert "no worker has polled it" in board["last_poll"]["missed"]
                assert board["last_poll"]["age"] > 3
            assert (await page.text("readyz"))[0] == 503

            await rollcall("fleet", "apply", str(stage.write_file("1s", ["t1", "t2"])))
            stage.start_worker()
            for tenant in ("t1", "t2"):
                await page.until(tenant, _fresh)
            for _ in range(100):
                if "t0" not in await page.tenants():
                    break
                await asyncio.sleep(0.2)
            assert sorted(await page.tenants()) == ["t1", "t2"]
            assert (await page.text("t/t0/"))[0] == 404

            stage.switch("t2", "server-error")
            await page.until("t2", lambda one: one["counts"]["unknown"] > 0)
            assert await page.tenants() == ["t2", "t1"]


@pytest.mark.thorough
async def test_an_engine_that_is_gone_is_the_cause(tmp_path: Path) -> None:
    """Without the engine nothing is known of any tenant. When it is back, the boards go on."""
    async with staged(tmp_path, tenants=1, nodes=1) as stage:
        await rollcall("fleet", "apply", str(stage.write_file("1s")))
        stage.start_worker()
        async with _served(stage) as page:
            await page.until("t0", _fresh)
            signal_node(stage.nodes[0], signal.SIGKILL)
            board = await page.until("t0", lambda one: one["counts"]["unknown"] == one["counts"]["roster"])
            assert "the engine does not answer" in board["last_poll"]["missed"]
            stage.nodes[0].start()
            board = await page.until("t0", _fresh)
            assert board["counts"]["unknown"] == 0


@pytest.mark.parametrize(
    "options",
    [
        ["--history", "h.db"],
        ["--profile", "acme"],
        ["--interval", "10"],
        ["--demo"],
        ["--alerts", "alerts.toml"],
        ["--backfill"],
        ["--instance", "h"],
    ],
)
def test_options_of_ones_own_polling_are_refused(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """What a worker decides cannot be said to who shows the boards."""
    assert run(["serve", "--fleet", "nats://127.0.0.1:1", *options]) == 2
    assert options[0] in capsys.readouterr().err


def test_a_zone_is_that_of_a_fleet(capsys: pytest.CaptureFixture[str]) -> None:
    """`--zone` without `--fleet` is refused, not ignored."""
    assert run(["serve", "--demo", "--zone", "eu"]) == 2
    assert "--fleet" in capsys.readouterr().err


def test_no_engine_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """Without an engine there is nothing to show: exit code 5."""
    assert run(["serve", "--fleet", "nats://127.0.0.1:1", "--listen", "127.0.0.1:0"]) == 5
    assert "no engine answers" in capsys.readouterr().err
