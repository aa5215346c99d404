"""A receiver of webhooks on a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web


class Receiver:
    """What arrived, and the answers that are still to be given. Without one it is 204."""

    def __init__(self) -> None:
        self.url = ""
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[web.Response | None] = []

    async def take(self, request: web.Request) -> web.Response:
        """Take a message. An answer that is None never comes."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = await request.read()
        self.got.append((headers, body))
        answer = self.answers.pop(0) if self.answers else web.Response(status=204)
        if answer is None:
            await asyncio.Event().wait()
            raise AssertionError
        return answer


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """Run a receiver on a free port of this machine."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", receiver.take)
    runner = web.AppRunner(app, handler_cancellation=True)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        receiver.url = f"http://{host}:{port}/T0P-SECRET-PATH"
        yield receiver
    finally:
        await runner.cleanup()
