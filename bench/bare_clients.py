"""Bare clients, to measure the server alone: `python -m bench.bare_clients WHAT AGENTS CLIENTS SECONDS`.

Each of CLIENTS asks for one 100-agent answer after the other (WHAT is `pages` or `states`) and throws it away, until
the time is up; nothing is decoded. Prints `{"requests": n, "seconds": s}`.
"""

import asyncio
import json
import os
import sys
import time
from itertools import cycle

import aiohttp

from rollcall.emulator.world import FIRST_ID

ROWS = 100


async def ask_on(session: aiohttp.ClientSession, targets: list[str], until: float) -> int:
    """Ask until the time is up; return how often."""
    asked = 0
    for target in cycle(targets):
        if time.perf_counter() >= until:
            break
        async with session.get(target) as response:
            response.raise_for_status()
            await response.read()
        asked += 1
    return asked


async def ask(what: str, agents: int, clients: int, seconds: float) -> None:
    """Run so many clients side by side for so long, and print what they got."""
    async with aiohttp.ClientSession(os.environ["CXONE_INSTANCE"], cookie_jar=aiohttp.DummyCookieJar()) as session:
        form = {
            "grant_type": "client_credentials",
            "client_id": os.environ["CXONE_CLIENT_ID"],
            "client_secret": os.environ["CXONE_CLIENT_SECRET"],
        }
        async with session.post("/oauth/token", data=form) as response:
            response.raise_for_status()
            token = (await response.json())["access_token"]
        session.headers["Authorization"] = f"Bearer {token}"
        pages = agents // ROWS
        if what == "pages":
            targets = [f"/api/v2/agents?page={page}&pageSize={ROWS}" for page in range(1, pages + 1)]
        else:
            targets = [f"/api/v2/agents/states?agentIds={_ids(page)}" for page in range(pages)]
        started = time.perf_counter()
        counts = await asyncio.gather(*(ask_on(session, targets, started + seconds) for _ in range(clients)))
        print(json.dumps({"requests": sum(counts), "seconds": time.perf_counter() - started}))


def _ids(page: int) -> str:
    return ",".join(str(FIRST_ID + page * ROWS + place) for place in range(ROWS))


if __name__ == "__main__":
    asyncio.run(ask(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))
