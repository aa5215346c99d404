"""`rollcall serve --fleet` over a real engine, real workers and a real socket."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Any

import pytest
from tests.fleet.page import is_blind, is_fresh, served
from tests.fleet.stage import signal_node, staged

from cxone_rollcall.cli.main import run
from cxone_rollcall.fleet import records
from cxone_rollcall.views import live


def _essence(agent: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(agent[name]) for name in ("name", "standing", "state", "sub_state", "since", "findings"))


@pytest.mark.thorough
async def test_readers_see_what_workers_see(tmp_path: Path) -> None:
    """Each tenant's board is its worker's. A dead worker makes it late, another one fresh; tenants come and go."""
    async with staged(tmp_path, tenants=3, nodes=1) as stage:
        await stage.apply("t0", "t1")
        worker = stage.start_worker()
        async with served(stage) as page:
            for tenant in ("t0", "t1"):
                board = await page.until(tenant, is_fresh)
                counts = board["counts"]
                standings = ("present", "logged_out", "absent", "unknown")
                assert counts["roster"] == sum(counts[one] for one in standings) == len(board["agents"]) > 0
                assert (board["tenant"]["contract"], board["interval"]) == ("v2", 1.0)
            assert (await page.text("readyz"))[0] == 200
            assert (await page.text("t/t2/api/v1/board"))[0] == 404

            worker.end()
            history = await stage.history()
            for tenant in ("t0", "t1"):
                floor = records.Floor()
                for sequence, record in history[tenant]:
                    floor.apply(record, sequence)
                seen = {one: _essence(live.agent(seat, floor.codes)) for one, seat in floor.seats.items()}
                shown: dict[str, tuple[str, ...]] = {}
                for _ in range(30):  # the board reads it at its next look
                    shown = {one["agent_id"]: _essence(one) for one in (await page.board(tenant))["agents"]}
                    if shown == seen:
                        break
                    await asyncio.sleep(0.1)
                assert shown == seen

            for tenant in ("t0", "t1"):
                board = await page.until(tenant, is_blind)
                assert {one["standing"] for one in board["agents"]} == {"unknown"}
                assert "no worker has polled it" in board["last_poll"]["missed"]
                assert board["last_poll"]["age"] > 3
            assert (await page.text("readyz"))[0] == 503

            await stage.apply("t1", "t2")
            stage.start_worker()
            for tenant in ("t1", "t2"):
                await page.until(tenant, is_fresh)
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
        await stage.apply()
        stage.start_worker()
        async with served(stage) as page:
            await page.until("t0", is_fresh)
            signal_node(stage.nodes[0], signal.SIGKILL)
            board = await page.until("t0", is_blind)
            assert "the engine does not answer" in board["last_poll"]["missed"]
            stage.nodes[0].start()
            board = await page.until("t0", is_fresh)
            assert board["counts"]["unknown"] == 0


@pytest.mark.parametrize(
    "options",
    [
        ["--profile", "acme"],
        ["--interval", "10"],
        ["--demo"],
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


@pytest.mark.parametrize("there", [False, True])
def test_the_history_of_a_fleet_is_a_folder(there: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Another one is refused before the engine is asked."""
    if there:
        (tmp_path / "days").touch()
    path = str(tmp_path / "days")
    assert run(["serve", "--fleet", "nats://127.0.0.1:1", "--zone", "eu", "--history", path]) == 2
    said = capsys.readouterr().err
    assert ("is a file" if there else "does not exist") in said
    assert f"rollcall fleet sink --zone eu --dir {path}" in said


def test_a_mistake_in_the_alerts_is_said_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong file or a missing secret ends the command at once."""
    rules = tmp_path / "alerts.toml"
    place = '[send.desk]\nurl_env = "NOT_SET_ANYWHERE"\n'
    for text, why in (
        ("[[alert]]", "name"),
        (f'[[alert]]\nname = "stuck"\nstuck = "12h"\n{place}', "NOT_SET_ANYWHERE"),
    ):
        rules.write_text(text)
        assert run(["serve", "--fleet", "nats://127.0.0.1:1", "--alerts", str(rules)]) == 2
        assert why in capsys.readouterr().err
