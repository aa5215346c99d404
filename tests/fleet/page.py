"""`rollcall serve --fleet` as a process, and what its readers get."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from tests.fleet.stage import ZONE, Stage, rollcall_process


class Page:
    """What readers of a server get."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self._url = url
        self._session = session

    async def text(self, path: str = "") -> tuple[int, str]:
        """Status and body of a path."""
        async with self._session.get(self._url + path) as answer:
            return answer.status, await answer.text()

    async def json(self, path: str) -> dict[str, Any]:
        """The JSON of a path. It is there."""
        status, body = await self.text(path)
        assert status == 200, body
        return dict(json.loads(body))

    async def board(self, tenant: str) -> dict[str, Any]:
        """The board of a tenant. It is there."""
        return await self.json(f"t/{tenant}/api/v1/board")

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
async def served(stage: Stage, *options: str, **environ: str) -> AsyncIterator[Page]:
    """Serve the boards of a stage. It must end well, and say nothing but its address."""
    process = await rollcall_process(
        *("serve", "--fleet", ",".join(stage.urls), "--zone", ZONE, "--listen", "127.0.0.1:0", *options),
        environ=environ,
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


def is_fresh(board: dict[str, Any]) -> bool:
    """Whether the last poll saw everybody."""
    return board["last_poll"] is not None and board["last_poll"]["ok"]


def is_blind(board: dict[str, Any]) -> bool:
    """Whether everybody is unknown."""
    return bool(board["counts"]) and board["counts"]["unknown"] == board["counts"]["roster"] > 0
