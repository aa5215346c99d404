"""Moving in: from one process, and from one node to three."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.fleet.stage import SECRET, Stage, kept_polls, rollcall, staged, worker_process

from cxone_rollcall.cli.main import run
from cxone_rollcall.fleet.embedded import running

pytestmark = pytest.mark.thorough


def _owners(path: Path) -> int:
    """How many runs a history file has. 0 while it is being made."""
    return len({run for run, _ in kept_polls(path)})


async def _poll_and_sink(stage: Stage, url: str, folder: Path) -> None:
    """Poll with a worker until the sink has stored a poll."""
    before = _owners(folder / "t0.db")
    worker = await worker_process(url, "eu", {SECRET: "emulated-secret"})
    try:
        arguments = ("fleet", "sink", "--nats", url, "--zone", "eu", "--dir", str(folder))
        await stage.run_until(lambda: _owners(folder / "t0.db") > before, *arguments)
    finally:
        worker.terminate()
        await worker.communicate()


async def test_from_one_process_to_a_fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A profile becomes a tenant, and its history goes on."""
    async with staged(tmp_path / "stage", tenants=1, nodes=1) as stage:
        profiles = tmp_path / "config.toml"
        profiles.write_text(
            f'[profiles.t0]\ninstance = "{stage.addresses["t0"][0]}"\ncontract = "v2"\n'
            'client_id = "emulated-client"\nclient_secret = "emulated-secret"\n'
        )
        profiles.chmod(0o600)
        monkeypatch.setenv("ROLLCALL_CONFIG", str(profiles))
        folder = tmp_path / "history"
        folder.mkdir()
        file = folder / "t0.db"
        recorded = await rollcall(
            "record", "--profile", "t0", "--history", str(file), "--interval", "1", "--count", "2"
        )
        assert recorded[0] == 0, recorded
        fleet = tmp_path / "fleet.toml"
        fleet.write_text(
            f'nats = "{stage.urls[0]}"\nzone = "eu"\n[[tenant]]\nid = "t0"\nprofile = "t0"\ninterval = "1s"\n'
        )
        assert (await rollcall("fleet", "apply", str(fleet)))[0] == 0
        await _poll_and_sink(stage, stage.urls[0], folder)
    assert _owners(file) == 2
    assert run(["history", "check", "--history", str(file)]) == 0


async def test_from_one_node_to_three(tmp_path: Path) -> None:
    """A new engine of three nodes goes on with the files."""
    folder = tmp_path / "history"
    async with staged(tmp_path / "stage", tenants=1, nodes=1) as stage:
        await stage.apply()
        await _poll_and_sink(stage, stage.urls[0], folder)
        async with running(tmp_path / "three", 3) as nodes:
            moved = stage.write_file("1s")
            moved.write_text(moved.read_text().replace(stage.urls[0], nodes[0].url))
            code, out, _ = await rollcall("fleet", "apply", str(moved))
            assert code == 0
            assert "tenant t0: is added" in out
            await _poll_and_sink(stage, nodes[0].url, folder)
    assert _owners(folder / "t0.db") == 2
    assert run(["history", "check", "--history", str(folder / "t0.db")]) == 0
