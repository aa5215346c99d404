"""The example that loads states with dlt."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pytest

from cxone_rollcall.emulator import Emulator, parse_fault

pytestmark = pytest.mark.skipif(find_spec("dlt") is None, reason="dlt has no release for this Python")

EXAMPLE = Path(__file__).parents[1] / "docs" / "examples" / "states_to_duckdb.py"


async def loaded(folder: Path, *faults: str) -> subprocess.CompletedProcess[str]:
    """The example after its run in a folder, against an emulated tenant. It asks no other host."""
    asked: list[bytes] = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readline())
        writer.close()

    emulator = Emulator(faults=map(parse_fault, faults))
    async with emulator.running() as address, await asyncio.start_server(refuse, "127.0.0.1", 0) as proxy:
        environment = {
            **os.environ,
            **emulator.environment(address.url),
            "DLT_DATA_DIR": str(folder / "dlt"),
            "HOME": str(folder),
            "HTTPS_PROXY": f"http://127.0.0.1:{proxy.sockets[0].getsockname()[1]}",
            "NO_PROXY": "127.0.0.1,localhost",
        }
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, str(EXAMPLE)],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    assert asked == []
    return done


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    """What a query finds in the database of the page."""
    with duckdb.connect(str(folder / "states.duckdb"), read_only=True) as db:
        return db.sql(query).fetchall()


@pytest.mark.thorough
async def test_dlt_loads_each_agent_once(tmp_path: Path) -> None:
    """Two runs leave one row for each agent: that of the second."""
    assert (await loaded(tmp_path)).returncode == 0
    done = await loaded(tmp_path)
    assert done.returncode == 0, done.stderr
    assert "present', 81" in done.stdout
    assert rows(tmp_path, "SELECT count(*), count(DISTINCT as_of) FROM cxone.agent_states") == [(120, 1)]


@pytest.mark.thorough
async def test_dlt_loads_no_part_of_a_roster(tmp_path: Path) -> None:
    """If a page of the roster fails, the run fails. The rows of the run before stay."""
    assert (await loaded(tmp_path)).returncode == 0
    before = rows(tmp_path, "SELECT * FROM cxone.agent_states ORDER BY 1")
    done = await loaded(tmp_path, "server-error=at=agents,skip=1")
    assert done.returncode != 0
    assert "page 2 of the roster: HTTP 503" in done.stderr
    assert rows(tmp_path, "SELECT * FROM cxone.agent_states ORDER BY 1") == before


@pytest.mark.thorough
async def test_dlt_loads_unknown_as_unknown(tmp_path: Path) -> None:
    """Agents whose states are refused have no state, and are not absent."""
    assert (await loaded(tmp_path, "forbidden")).returncode == 0
    found = rows(tmp_path, "SELECT standing, state, count(*) FROM cxone.agent_states GROUP BY ALL")
    assert found == [("unknown", None, 120)]
