"""Bare clients, to measure the server alone.

    python -m quality.bench.bare_clients CONTRACT WHAT AGENTS CLIENTS SECONDS

Each of CLIENTS requests one 100-agent response after the other (WHAT is `pages` or `states`) and discards it undecoded,
until the time is up. Prints `{"requests": n, "seconds": s}`.
"""

import asyncio
import json
import os
import sys
import time
from itertools import cycle

import aiohttp

from cxone_rollcall.emulator.world import FIRST_ID
from quality.bench.floor import API, token_request

ROWS = 100


async def ask_on(session: aiohttp.ClientSession, targets: list[str], until: float) -> int:
    """Send requests until the time is up; return their number."""
    asked = 0
    for target in cycle(targets):
        if time.perf_counter() >= until:
            break
        async with session.get(target) as response:
            response.raise_for_status()
            await response.read()
        asked += 1
    return asked


async def ask(contract: str, what: str, agents: int, clients: int, seconds: float) -> None:
    """Run the clients at the same time, and print the result."""
    async with aiohttp.ClientSession(os.environ["CXONE_INSTANCE"], cookie_jar=aiohttp.DummyCookieJar()) as session:
        path, form = token_request(contract, os.environ)
        async with session.post(path, data=form) as response:
            response.raise_for_status()
            token = (await response.json())["access_token"]
        session.headers["Authorization"] = f"Bearer {token}"
        targets = [_target(contract, what, page) for page in range(agents // ROWS)]
        started = time.perf_counter()
        counts = await asyncio.gather(*(ask_on(session, targets, started + seconds) for _ in range(clients)))
        print(json.dumps({"requests": sum(counts), "seconds": time.perf_counter() - started}))


def _target(contract: str, what: str, page: int) -> str:
    if contract == "incontact":
        path = "agents" if what == "pages" else "agents/states"
        return f"{API}/{path}?top={ROWS}&skip={page * ROWS}"
    if what == "pages":
        return f"/api/v2/agents?page={page + 1}&pageSize={ROWS}"
    ids = ",".join(str(FIRST_ID + page * ROWS + place) for place in range(ROWS))
    return f"/api/v2/agents/states?agentIds={ids}"


if __name__ == "__main__":
    asyncio.run(ask(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5])))
