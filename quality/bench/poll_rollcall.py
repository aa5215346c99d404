"""Rollcall as a poller; `polls` drives it as it does `poll_requests`."""

import asyncio
import json
import os
import sys
import time

from cxone_rollcall import Credentials, Secret, connect
from cxone_rollcall.client import IncontactApi, V2Api
from cxone_rollcall.roll.by_list.delta import Delta


async def poll(api: V2Api | IncontactApi) -> None:
    """Poll for each line of standard input."""
    if not isinstance(api, IncontactApi):
        raise TypeError("only this contract can be polled for changes")
    _, everybody = await api.first_states(api.contract.largest_page)
    since = everybody.value.links.polled
    if since is None:
        raise RuntimeError("the states have no time of the server's last poll")
    delta = Delta(api)
    await delta.read(since)  # like each poll from now on
    print("{}", flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        started = time.perf_counter()
        await delta.read(delta.polled or since)
        seconds = time.perf_counter() - started
        if delta.failures:
            raise RuntimeError(delta.failures)
        print(json.dumps({"seconds": seconds, "rows": len(delta.rows)}), flush=True)


async def main() -> None:
    """Log in and poll."""
    credentials = Credentials(
        grant_type="password",
        client_id=os.environ["CXONE_CLIENT_ID"],
        client_secret=Secret(os.environ["CXONE_CLIENT_SECRET"]),
        access_key_id=os.environ["CXONE_ACCESS_KEY_ID"],
        access_key_secret=Secret(os.environ["CXONE_ACCESS_KEY_SECRET"]),
    )
    async with connect(os.environ["CXONE_INSTANCE"], credentials, contract="incontact") as client:
        await poll(client.api)


if __name__ == "__main__":
    asyncio.run(main())
