"""`serve --history`: what it refuses, and what a restart keeps."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
from tests.web.test_serve import board, refused, started

from cxone_rollcall.cli.main import run
from cxone_rollcall.client import Client
from cxone_rollcall.history.reading import reading
from cxone_rollcall.history.recording import Recording
from cxone_rollcall.history.store import writing
from cxone_rollcall.live.groups import Groups
from cxone_rollcall.testing import emulated, emulated_in_thread
from cxone_rollcall.web.archive import Archive, Threads
from cxone_rollcall.web.tenant import Tenant


def agents(url: str) -> dict[str, dict[str, Any]]:
    """The agents of a server's board by id."""
    return {agent["agent_id"]: agent for agent in board(url)["agents"]}


def wait_for_polls(url: str, number: int) -> None:
    """Wait until this many polls have ended from now on."""
    with requests.get(f"{url}api/v1/events", stream=True, timeout=20) as events:
        lines = events.iter_lines(chunk_size=1)
        for _ in range(number + 1):
            assert any(line == b"event: poll" for line in lines)


def kill(process: subprocess.Popen[str]) -> None:
    """End a server as a power loss does."""
    process.send_signal(signal.SIGKILL)
    process.wait(20)


@pytest.mark.thorough
def test_a_kill_shortens_no_since(tmp_path: Path) -> None:
    """A restart after kill -9 keeps each since, as exact as before."""
    options = ("--interval", "1", "--history", str(tmp_path / "h.db"))
    with emulated_in_thread(60, "incontact") as tenant:
        with started(*options, **tenant.environment) as (process, url):
            board(url)
            for _ in range(6):
                tenant.clock.advance(300)
                wait_for_polls(url, 1)
            before = agents(url)
            kill(process)
        with started(*options, **tenant.environment) as (_, url):
            after = agents(url)
    assert after.keys() == before.keys()
    assert {agent["since_certainty"] for agent in before.values()} > {"at_least"}
    for agent_id, agent in after.items():
        for name in ("standing", "state", "sub_state", "since", "since_certainty", "since_earliest"):
            assert agent[name] == before[agent_id][name]


def test_a_long_downtime_claims_no_since(tmp_path: Path) -> None:
    """After an hour without a server only a true since is kept."""
    options = ("--interval", "1", "--history", str(tmp_path / "h.db"))
    with emulated_in_thread(60, "incontact") as tenant:
        with started(*options, **tenant.environment) as (process, url):
            before = agents(url)
            kill(process)
        stopped = tenant.clock.now.timestamp()
        tenant.clock.advance(3600)
        with started(*options, **tenant.environment) as (_, url):
            after = agents(url)
            world, now = tenant.emulator.tenant.world, tenant.emulator.tenant.moment()
            began = {world.agent_id(index): world.stance(index, now).since for index in range(world.agents)}
    same = [one for one, agent in after.items() if agent["state"] == before[one]["state"] is not None]
    kept = [one for one in same if after[one]["since"] == before[one]["since"]]
    assert len(kept) < len(same)
    assert all((began[one] or 0) <= stopped for one in kept)


@pytest.mark.parametrize("backfill", [True, False])
async def test_gaps_are_filled_beside_the_polling(
    backfill: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With `backfill` a served tenant fills gaps while it polls. Without it, it asks for none."""
    began, ended, stored = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def fill(recording: Recording) -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with emulated(10, "incontact") as world:

        @asynccontextmanager
        async def connect(count: object) -> AsyncIterator[Client]:
            yield world.client

        monkeypatch.setattr(Recording, "backfill", fill)
        with writing(tmp_path / "h.db", tenant="Acme") as store:
            threads = Threads()
            archive = Archive(partial(reading, tmp_path / "h.db"), threads, Recording(store, print), backfill=backfill)
            tenant = Tenant("", "Acme", interval=10, archive=archive)
            monkeypatch.setattr(tenant.ring, "append", lambda *block: stored.set())
            running = asyncio.ensure_future(tenant.run(connect, groups=Groups(), complain=print))
            await stored.wait()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            threads.close()
    assert began.is_set() is ended.is_set() is backfill


def test_one_history_for_several_tenants_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """Several profiles need a file each. The message shows how to name them."""
    assert run(["serve", "--profile", "a", "--profile", "b", "--history", "h.db"]) == 2
    assert "{profile}" in capsys.readouterr().err


def test_a_file_that_is_recorded_already_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A second recorder of a file ends with 2. The first one is named. A file that is no history is refused too."""
    with writing(tmp_path / "h.db", tenant="another"):
        assert f"process {os.getpid()}" in refused(capsys, "--history", str(tmp_path / "h.db"))
    (tmp_path / "text.db").write_text("no database at all " * 99)
    assert "text.db" in refused(capsys, "--history", str(tmp_path / "text.db"))


def test_each_profile_has_its_own_history(tmp_path: Path) -> None:
    """Each profile is recorded in its own file. No agent of the other is in it."""
    with emulated_in_thread(30) as one, emulated_in_thread(12) as other:
        config = tmp_path / "config.toml"
        secrets = 'client_id = "emulated-client"\nclient_secret = "emulated-secret"\ncontract = "v2"\n'
        tables = [
            f'[profiles.{name}]\ninstance = "{of.instance}"\n{secrets}' for name, of in (("a", one), ("b", other))
        ]
        config.write_text("\n".join(tables))
        config.chmod(0o600)
        options = ("--profile", "a", "--profile", "b", "--history", str(tmp_path / "h-{profile}.db"))
        with started(*options, "--interval", "1", ROLLCALL_CONFIG=str(config)) as (process, url):
            for name in ("a", "b"):
                wait_for_polls(f"{url}t/{name}/", 1)
            assert requests.get(f"{url}t/b/api/v1/timeline", timeout=20).json()["total"] == 12
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
        for name, number in (("a", 30), ("b", 12)):
            with reading(tmp_path / f"h-{name}.db") as history:
                assert len(history.agents()) == number
