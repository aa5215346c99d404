"""`rollcall`'s poller; `live` drives it. Each line of stdin is one poll.

    python -m quality.bench.live_rollcall CONTRACT whole|delta [FILE]

`whole` looks at everybody each time, `delta` only at changes after the first look (`incontact`). With FILE it records.
"""

import asyncio
import json
import os
import resource
import sys
import time
from contextlib import AsyncExitStack, aclosing
from pathlib import Path

from cxone_rollcall import Credentials, Secret, connect
from cxone_rollcall.client import Client
from cxone_rollcall.history.recording import Recording
from cxone_rollcall.history.store import writing
from cxone_rollcall.live.events import Polled
from cxone_rollcall.live.poller import Poller, Times

NEVER = 1e9


async def poll(client: Client, recording: Recording | None, *, whole: bool) -> None:
    """Poll once, then for each line."""
    ended = asyncio.Event()
    wall = cpu = 0.0

    async def wait(_: float) -> None:
        nonlocal wall, cpu
        if not await asyncio.to_thread(sys.stdin.readline):
            ended.set()
            await asyncio.sleep(NEVER)
        wall, cpu = time.perf_counter(), time.process_time()

    times = Times(interval=3600, whole=0 if whole else NEVER, roster=NEVER, probes=NEVER)
    poller = Poller(client, run="bench", times=times, wait=wait)
    if recording is not None:
        recording.begin(poller)
    wall, cpu = time.perf_counter(), time.process_time()

    async def polls() -> None:
        async with aclosing(poller.events()) as events:
            async for event in events:
                if recording is not None:
                    await recording.take(event)
                if isinstance(event, Polled):
                    if not event.ok:
                        raise RuntimeError(event.missed)
                    used = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
                    kept = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
                    print(json.dumps({**used, "requests": event.requests, "peak": kept}), flush=True)

    polling, ending = asyncio.ensure_future(polls()), asyncio.ensure_future(ended.wait())
    await asyncio.wait((polling, ending), return_when=asyncio.FIRST_COMPLETED)
    if polling.done():
        polling.result()
    polling.cancel()
    await asyncio.gather(polling, return_exceptions=True)


async def main(contract: str, kind: str, file: str | None = None) -> None:
    """Log in and poll."""
    published = contract == "incontact"
    credentials = Credentials(
        grant_type="password" if published else "client_credentials",
        client_id=os.environ["CXONE_CLIENT_ID"],
        client_secret=Secret(os.environ["CXONE_CLIENT_SECRET"]),
        access_key_id=os.environ["CXONE_ACCESS_KEY_ID"] if published else None,
        access_key_secret=Secret(os.environ["CXONE_ACCESS_KEY_SECRET"]) if published else None,
    )
    async with AsyncExitStack() as stack:
        recording = None
        if file is not None:
            recording = Recording(stack.enter_context(writing(Path(file), tenant="bench")), print)
        connected = connect(os.environ["CXONE_INSTANCE"], credentials, contract=contract)
        await poll(await stack.enter_async_context(connected), recording, whole=kind == "whole")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
