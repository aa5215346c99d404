"""A server of the board for an emulated tenant. The test moves the tenant's time."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from tests.live.clockwork import Watched, noon, watched

from cxone_rollcall.history.reading import reading as reading_file
from cxone_rollcall.history.recording import Recording
from cxone_rollcall.history.store import writing
from cxone_rollcall.live.events import Polled
from cxone_rollcall.web.archive import Archive, Threads
from cxone_rollcall.web.auth import Access
from cxone_rollcall.web.guard import Guard
from cxone_rollcall.web.server import application
from cxone_rollcall.web.tenant import Tenant


class Served:
    """A tenant that is served over a real socket. `poll` lets one poll happen."""

    def __init__(self, watching: Watched, tenant: Tenant, url: str, session: aiohttp.ClientSession) -> None:
        self.watching = watching
        self.tenant = tenant
        self.url = url
        self.session = session
        self._events = watching.poller.events()

    async def poll(self, number: int = 1) -> None:
        """Let some polls happen. Their events reach the readers."""
        for _ in range(number):
            async for event in self._events:
                await self.tenant.follow(event)
                if isinstance(event, Polled):
                    break

    def break_by(self, *faults: str) -> None:
        """Switch these faults on, and all others off."""
        self.watching.break_by(*faults)

    async def text(self, path: str, **headers: str) -> tuple[int, str]:
        """Status and body of a GET."""
        async with self.session.get(self.url + path, headers=headers, allow_redirects=False) as answer:
            return answer.status, await answer.text()

    async def board(self) -> dict[str, Any]:
        """The board as a program reads it."""
        return dict(json.loads((await self.text("/api/v1/board"))[1]))

    async def close(self) -> None:
        """End the polling."""
        await self._events.aclose()


class Reader:
    """A reader of the events. `agents` is its board, `polls` the polls that it saw."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._lines = answer.content
        self.agents: dict[str, dict[str, Any]] = {}
        self.findings: set[str] = set()
        self.polls: list[dict[str, Any]] = []
        self.kinds: list[str] = []
        self.last_id = ""

    async def read_poll(self) -> dict[str, Any]:
        """Apply events until a poll has ended; return it."""
        while True:
            event = await self._event()
            if event is not None:
                self.apply(event)
                if event["type"] == "poll":
                    self.polls.append(event)
                    return event

    def apply(self, event: dict[str, Any]) -> None:
        """Apply an event as any reader would."""
        self.kinds.append(event["type"])
        if event["type"] == "board":
            self.agents = {agent["agent_id"]: agent for agent in event["agents"]}
        elif event["type"] == "change" and event["after"] is None:
            del self.agents[event["agent_id"]]
        elif event["type"] == "change":
            self.agents[event["agent_id"]] = event["after"]
        elif event["type"] == "finding":
            (self.findings.add if event["begins"] else self.findings.discard)(event["code"])

    async def _event(self) -> dict[str, Any] | None:
        """The next event; None for a comment or `retry`."""
        event: dict[str, Any] | None = None
        while (line := (await self._lines.readline()).decode()) not in ("\n", ""):
            name, _, value = line.rstrip("\n").partition(": ")
            if name == "data":
                event = json.loads(value)
            elif name == "id":
                self.last_id = value
        return event


@asynccontextmanager
async def served(
    agents: int = 40,
    contract: str = "v2",
    faults: Iterable[str] = (),
    *,
    access: Access | None = None,
    base_path: str = "",
    proxies: Iterable[str] = (),
    anonymous: bool = False,
    history: Path | None = None,
    **settings: Any,
) -> AsyncIterator[Served]:
    """Serve an emulated tenant on a free port of loopback.

    Its clock begins at noon, so that no day ends in a test.
    """
    async with watched(agents, contract, faults, now=noon, **settings) as watching, AsyncExitStack() as stack:
        archive = None
        if history is not None:
            store = stack.enter_context(writing(history, tenant="Acme"))
            threads = Threads()
            stack.callback(threads.close)
            archive = Archive(partial(reading_file, history), threads, Recording(store, print))
        tenant = Tenant("", "Acme", interval=10, anonymous=anonymous, archive=archive)
        tenant.begin(watching.poller)
        guard = Guard(access or Access(None), base_path=base_path, proxies=tuple(proxies))
        runner = web.AppRunner(application({"": tenant}, guard), shutdown_timeout=0.1, handler_cancellation=True)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            url = f"http://127.0.0.1:{runner.addresses[0][1]}{base_path}"
            async with aiohttp.ClientSession(read_bufsize=2**20) as session:
                here = Served(watching, tenant, url, session)
                try:
                    yield here
                finally:
                    await here.close()
        finally:
            tenant.ring.close()
            await runner.cleanup()


@asynccontextmanager
async def reading(here: Served, last_id: str = "") -> AsyncIterator[Reader]:
    """Read the events of a server."""
    headers = {"Last-Event-ID": last_id} if last_id else {}
    async with here.session.get(f"{here.url}/api/v1/events", headers=headers) as answer:
        assert answer.headers["Content-Type"] == "text/event-stream"
        yield Reader(answer)
