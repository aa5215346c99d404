"""NICE's own JavaScript SDK 25.1.2, unchanged, reads the truth from the emulator."""

from __future__ import annotations

import asyncio
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.conformance.environments import Environment

from cxone_rollcall.emulator import Emulator
from cxone_rollcall.testing import emulator_of

pytestmark = [pytest.mark.thorough, pytest.mark.skipif(os.name == "nt", reason="npm's commands are shell scripts")]

AGENT, TEAM = 7, "111"
BUNDLE = (
    *("--bundle", "--platform=node", "--format=cjs", "--main-fields=browser,module,main"),
    *("--inject:browser.js", "--outfile=driver.cjs", "--log-level=error"),
)
LONGEST = 60
"""Seconds that a command may take."""


async def run(*command: object, folder: Path, **settings: str) -> bytes:
    """Run a command in a folder. It must succeed; return its output."""
    pipe = asyncio.subprocess.PIPE
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), **settings}
    process = await asyncio.create_subprocess_exec(
        *map(str, command), cwd=folder, env=environment, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe
    )
    try:
        async with asyncio.timeout(LONGEST):
            out, err = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    assert process.returncode == 0, err.decode()
    return out


async def results(emulator: Emulator, url: str, sdk: Environment) -> dict[str, Any]:
    """What the SDK makes of the emulator's responses. It is bundled first, as its users do."""
    await run("node_modules/.bin/esbuild", "driver.js", *BUNDLE, folder=sdk.folder)
    now = datetime.now(UTC)
    asked = {
        "clientId": emulator.credentials.client_id,
        "tenantId": emulator.tenant.tenant_id,
        "agentId": emulator.truth()[AGENT].agent_id,
        "teamId": TEAM,
        "startDate": _written(now - timedelta(hours=6)),
        "endDate": _written(now),
    }
    found: dict[str, Any] = json.loads(
        await run("node", "driver.cjs", json.dumps(asked), folder=sdk.folder, EMULATOR=url)
    )
    return found


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def test_the_sdk_logs_in_and_reads(nice_sdk: Environment) -> None:
    """The SDK logs in, renews and exchanges tokens, and reads reports."""
    emulator = emulator_of(40, "incontact")
    async with emulator.running() as address:
        found = await results(emulator, address.url, nice_sdk)
    agent, owner = emulator.truth()[AGENT], emulator.truth()[0]

    assert len(set(found["tokens"])) == 4  # by code, by refresh token, exchanged, exchanged at the user hub
    assert (found["user"]["icAgentId"], found["user"]["tenantId"]) == (owner.agent_id, emulator.tenant.tenant_id)
    assert found["details"]["fullName"] == owner.name
    assert found["details"]["id"] == found["user"]["userId"]
    assert abs(found["offset"]) < 60_000  # milliseconds

    assert {row["agentId"] for row in found["history"]} == {int(agent.agent_id)}
    (performance,) = found["performance"]
    assert performance["agentId"] == int(agent.agent_id)
    (team,) = found["team"]
    assert team["teamId"] == performance["teamId"] == int(TEAM)
    assert team["totalHandled"] >= performance["totalHandled"] > 0

    hosts = {path.rpartition("/")[2]: host for _, host, path in found["requests"]}
    assert hosts["openid-configuration"] == "cxone.niceincontact.com"
    assert hosts["whoami"] == "api-c31.nice-incontact.com"
