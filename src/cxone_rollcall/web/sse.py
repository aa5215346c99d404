"""Server-Sent Events. Each reader follows the ring of polls at its own pace."""

from __future__ import annotations

import asyncio

from aiohttp import web

from cxone_rollcall.model.timestamp import format_timestamp
from cxone_rollcall.views.json import encode
from cxone_rollcall.web.tenant import Tenant

QUIET = 15.0
"""Seconds after which a comment shows that the connection lives."""
STUCK = 30.0
"""Seconds that a reader may take for one chunk. Then its connection is closed; a browser comes back."""
CHUNK = 16 * 1024
"""Bytes that wait for one reader at most."""


async def stream(tenant: Tenant, request: web.Request) -> web.StreamResponse:
    """Send the events of a tenant until the reader leaves.

    `Last-Event-ID` continues after this poll. Without it, or if it is too old, the newest board is sent first.
    """
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
    await response.prepare(request)
    if request.transport is not None:
        request.transport.set_write_buffer_limits(high=CHUNK)
    tenant.readers += 1
    begun = tenant.ring.begun
    try:
        position = tenant.position(request.headers.get("Last-Event-ID", ""))
        await _send(response, b"retry: 2000\n" + _clock(tenant))
        if position is None:
            position = await _restart(response, tenant)
        while not tenant.ring.closed.is_set():
            if begun != tenant.ring.begun:
                position, begun = None, tenant.ring.begun
            if position == tenant.ring.last:
                await _wait(response, tenant)
            elif position is not None and (follows := tenant.ring.after(position)) is not None:
                await _send(response, follows[0])
                position = follows[1]
            else:
                position = await _restart(response, tenant)
    except (ConnectionError, TimeoutError):
        pass  # the reader has gone, or does not read
    finally:
        tenant.readers -= 1
        if request.transport is not None:
            request.transport.abort()
    return response


async def _restart(response: web.StreamResponse, tenant: Tenant) -> int | None:
    """Send the newest board. Returns its poll."""
    block, position = tenant.start(), tenant.ring.last
    await _send(response, block)
    return position


async def _wait(response: web.StreamResponse, tenant: Tenant) -> None:
    """Wait for the next poll, with a comment now and then."""
    try:
        async with asyncio.timeout(QUIET):
            await tenant.ring.wait()
    except TimeoutError:
        await _send(response, b": still here\n\n")


async def _send(response: web.StreamResponse, block: bytes) -> None:
    """Send a block, a chunk at a time. Raises TimeoutError if the reader does not read."""
    view = memoryview(block)
    for begin in range(0, len(block), CHUNK):
        async with asyncio.timeout(STUCK):
            await response.write(bytes(view[begin : begin + CHUNK]))


def _clock(tenant: Tenant) -> bytes:
    """An event with the server's time. Readers count ages by it, not by their own clock."""
    now = tenant.server_time
    document = {"type": "clock", "now": None if now is None else format_timestamp(now)}
    return b"event: clock\ndata: " + encode(document) + b"\n\n"
