"""The SDK's own client, connected to our server for an emulated tenant."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from mcp import Client

from cxone_rollcall.assistants.server import server_of
from cxone_rollcall.assistants.tenant import AskedTenant
from cxone_rollcall.assistants.tools import Asking
from cxone_rollcall.emulator import parse_fault
from cxone_rollcall.emulator.faults import Fault
from cxone_rollcall.live.groups import Groups
from cxone_rollcall.testing import Emulated, emulated


class Assistant:
    """Asks our server. `now` is its clock; `complaints` are errors of our own."""

    def __init__(self, world: Emulated, client: Client, complaints: list[str]) -> None:
        self.world = world
        self.client = client
        self.complaints = complaints
        self.now = 0.0

    async def ask(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The answer of a tool. The SDK has checked it with the tool's output schema."""
        result = await self.client.call_tool(tool, arguments)
        assert not result.is_error, result.content
        summary, document = (one.text for one in result.content)  # type: ignore[union-attr]  # all of ours are texts
        answer: dict[str, Any] = result.structured_content
        assert (summary, json.loads(document)) == (answer["summary"], answer)
        return answer

    async def refused(self, tool: str, **arguments: Any) -> tuple[str, list[dict[str, Any]]]:
        """The message of an error, and its candidates."""
        result = await self.client.call_tool(tool, arguments)
        assert result.is_error, result.content
        message, *rest = (one.text for one in result.content)  # type: ignore[union-attr]
        return message, json.loads(rest[0])["candidates"] if rest else []

    def break_by(self, *faults: str) -> None:
        """Switch these faults on, and all others off."""
        self.world.emulator.switch_on([parse_fault(fault) for fault in faults])

    @property
    def requests(self) -> int:
        """Requests that the tenant was sent so far."""
        return sum(self.world.emulator.requests.values())


@asynccontextmanager
async def asking(
    contract: str = "v2",
    faults: Iterable[str | Fault] = (),
    *,
    agents: int = 40,
    names: bool = False,
    history: Path | None = None,
    **settings: Any,
) -> AsyncIterator[Assistant]:
    """Connect an assistant to an emulated tenant of this many agents."""
    complaints: list[str] = []
    async with emulated(agents, contract, faults, **settings) as world:
        here: list[Assistant] = []
        tenant = AskedTenant(world.client, "Acme", Groups(), names=names, clock=lambda: here[0].now if here else 0.0)
        server = server_of(
            Asking(tenant=tenant, history=history, zone=ZoneInfo("UTC"), now=time.time), complaints.append
        )
        try:
            async with Client(server) as client:
                here.append(Assistant(world, client, complaints))
                yield here[0]
        finally:
            await tenant.close()


def texts(value: object, *, data: bool = True) -> Iterator[str]:
    """All texts of a JSON value. Without `data`, only those that the tenant did not write."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from texts(one, data=data)
    elif isinstance(value, dict):
        for key, one in value.items():
            yield key
            if data or key != "data":
                yield from texts(one, data=data)
