"""Tenants with behaviours that the emulator lacks, with or without a socket."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from aiohttp import web

from cxone_rollcall.model.exchange import Request, Response

TOKEN = "scripted-token-0123456789"
WORKING = ("Available", "Busy", "Break", "Not Ready")


class Said(NamedTuple):
    """A response: its status and its body, which becomes JSON unless bytes."""

    status: int
    value: object = b""

    @property
    def body(self) -> bytes:
        """The body as it is sent."""
        return self.value if isinstance(self.value, bytes) else json.dumps(self.value).encode()


def right(total: int, rows: int) -> object:
    """The true total."""
    return total


def none_at_all(total: int, rows: int) -> object:
    """No total."""
    return None


def as_text(total: int, rows: int) -> object:
    """The total as text."""
    return str(total)


def too_low(total: int, rows: int) -> object:
    """A third of the true total."""
    return total // 3


def too_high(total: int, rows: int) -> object:
    """More than the true total."""
    return total * 1000 + 12345


def of_this_page(total: int, rows: int) -> object:
    """The number of rows on this page."""
    return rows


@dataclass(kw_only=True)
class Tenant:
    """Agents, the present ones, and how this server deviates. Subclasses deviate further by overriding methods.

    `cap` is the rows that a page holds at most; `offset` tells whether page n begins after the rows given or asked
    for. `first_ids` and `first_rows` cut a states answer. `poison` maps an id to the status that its batch gets,
    200 for an empty answer.
    """

    present: Mapping[str, str]
    roster: Sequence[str]
    base: int = 1
    cap: int | None = None
    offset: str = "given"
    total: Callable[[int, int], object] = right
    first_ids: int | None = None
    first_rows: int | None = None
    poison: Mapping[str, int] = field(default_factory=dict)
    longest_target: int = 100_000
    write: Callable[[str], object] = str
    token: str = TOKEN
    asked: list[str] = field(default_factory=list)
    answered: list[Request] = field(default_factory=list)

    def page(self, page: int, size: int) -> Said:
        """Answer a page of the roster."""
        if page < self.base:
            return Said(400, {"message": "no such page"})
        rows = min(size, self.cap or size)
        start = (page - self.base) * (rows if self.offset == "given" else size)
        return self.listed(list(self.roster[start : start + rows]))

    def listed(self, ids: Sequence[str]) -> Said:
        """A page with these agents."""
        body: dict[str, object] = {"entities": [{"id": self.write(one)} for one in ids]}
        total = self.total(len(self.roster), len(ids))
        return Said(200, body if total is None else {**body, "totalCount": total})

    def states(self, ids: Sequence[str]) -> Said:
        """Answer a request for states."""
        for one in ids:
            if one in self.poison:
                status = self.poison[one]
                return Said(status, {"entities": []} if status == 200 else {"message": "cannot resolve"})
        read = list(dict.fromkeys(ids))[: self.first_ids]
        return self.rows([one for one in read if one in self.present][: self.first_rows])

    def rows(self, ids: Sequence[str]) -> Said:
        """The rows of these agents."""
        return Said(200, {"entities": [{"agentId": self.write(one), "state": self.present[one]} for one in ids]})

    def answer(self, method: str, target: str) -> Said:
        """Answer a request."""
        parts = urlsplit(target)
        self.asked.append(target)
        if parts.path == "/oauth/token":
            return Said(200, {"access_token": self.token, "token_type": "Bearer", "expires_in": 3600})
        if len(target) > self.longest_target:
            return Said(414)
        query = parse_qs(parts.query, keep_blank_values=True)
        if parts.path == "/api/v2/agents":
            return self.page(int(query["page"][0]), int(query["pageSize"][0]))
        raw = parts.query.partition("agentIds=")[2].partition("&")[0]
        return self.states([unquote(one) for one in raw.split(",") if one])

    async def send(self, request: Request) -> Response:
        """Answer as a transport, after other tasks had a turn."""
        await asyncio.sleep(0)
        said = self.answer(request.method, request.target)
        if said.status == 200:
            self.answered.append(request)
        return Response(status=said.status, headers={}, body=said.body)

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        """Be a server on a local socket; the value is its URL."""

        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            said = self.answer(request.method, request.raw_path)
            return web.Response(status=said.status, body=said.body, content_type="application/json")

        runner = web.ServerRunner(web.Server(handle, access_log=None, max_line_size=200_000), shutdown_timeout=0.5)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()


def tenant(agents: int, *, present: Callable[[int], bool] = lambda index: index % 3 != 1, **odd: Any) -> Tenant:
    """A tenant with this number of agents. By default two thirds are present."""
    kind = odd.pop("kind", Tenant)
    ids = [str(30_000_000_001 + index * 7) for index in range(agents)]
    states = {one: WORKING[index % 4] for index, one in enumerate(ids) if present(index)}
    made: Tenant = kind(roster=ids, present=states, **odd)
    return made
