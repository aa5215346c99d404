"""A faster tenant, for populations too large for the emulated one.

    python -m quality.bench.static_server CONTRACTS AGENTS

It serves the emulated tenant's responses on both contracts from rows made before the first request. It checks no
credentials and serves only the paths of a check. `server` drives it as it does `emulated`, but without latency and
limits. The rows are those of an emulated tenant of 10,000 agents, repeated with new ids (see `static_rows`).
"""

import asyncio
import gc
import json
import sys
import time
from datetime import UTC, datetime
from email.utils import formatdate

import aiohttp
import msgspec

from cxone_rollcall.emulator import Emulator, EmulatorSettings
from cxone_rollcall.emulator.settings import ContractName
from cxone_rollcall.emulator.world import FIRST_ID
from quality.bench.floor import API, token_request
from quality.bench.process import own_peak
from quality.bench.static_rows import PAGE, Rows, template_of

TEMPLATES = 10_000
_DISCOVERY = ("/.well-known/openid-configuration", "/.well-known/cxone-configuration")
_LISTS = {f"{API}/agents": "agents", f"{API}/agents/states": "agentStates"}


class Tenant:
    """The responses. `fixed` has whole bodies by path, `lists` the rows of each list."""

    def __init__(self, agents: int, origin: str, fixed: dict[str, bytes], lists: dict[str, Rows]) -> None:
        self._agents, self._origin, self._fixed, self._lists = agents, origin, fixed, lists
        self._by_ids = {
            ",".join(str(FIRST_ID + index) for index in range(start, min(start + PAGE, agents))).encode(): rows
            for start, rows in zip(
                range(0, agents, PAGE), lists["states"].pages if "states" in lists else (), strict=False
            )
        }

    def answer(self, target: str) -> bytes | None:
        """Return the body for a target, or None."""
        path, _, query = target.partition("?")
        if path in self._fixed:
            return self._fixed[path]
        values = dict(part.split("=", 1) for part in query.split("&") if "=" in part)
        if path == "/api/v2/agents":
            return b'{"entities":[%b],"totalCount":%d}' % (
                self._page("entities", int(values["page"]) - 1),
                self._agents,
            )
        if path == "/api/v2/agents/states":
            ids = values.get("agentIds", "").encode()
            rows = self._by_ids.get(ids)
            return b'{"entities":[%b]}' % (rows if rows is not None else self._lists["states"].of_ids(ids))
        if path in _LISTS:
            return self._listed(path, int(values["skip"]))
        return None

    def _page(self, name: str, page: int) -> bytes:
        pages = self._lists[name].pages
        return pages[page] if page < len(pages) else b""

    def _listed(self, path: str, skip: int) -> bytes:
        def to(place: int) -> str:
            return f"{self._origin}{path}?top={PAGE}&skip={place}"

        links = {
            "self": to(skip),
            "next": to(skip + PAGE) if skip + PAGE < self._agents else None,
            "previous": to(skip - PAGE) if skip else None,
        }
        name = _LISTS[path]
        beside = {"totalRecords": self._agents, "lastPollTime": _polled(), "_links": links}
        return b'{"%b":[%b],%b' % (name.encode(), self._page(name, skip // PAGE), msgspec.json.encode(beside)[1:])


class Served:
    """The times of the responses, in seconds since the first request."""

    def __init__(self) -> None:
        self._began: float | None = None
        self.times: list[float] = []

    def note(self) -> None:
        """Record one response."""
        now = time.monotonic()
        if self._began is None:
            self._began = now
        self.times.append(round(now - self._began, 4))

    def clear(self) -> None:
        """Forget all times."""
        self._began, self.times = None, []


class Connection(asyncio.Protocol):
    """One connection; responds to each request before it reads the next."""

    def __init__(self, tenant: Tenant, served: Served) -> None:
        self._tenant, self._served = tenant, served
        self._waiting = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Store the transport."""
        assert isinstance(transport, asyncio.WriteTransport)  # noqa: S101  what a TCP server gives
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Respond to each complete request."""
        self._waiting += data
        while (end := self._waiting.find(b"\r\n\r\n")) >= 0:
            head, after = self._waiting[:end], end + 4
            if head.startswith(b"POST"):
                after += int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
            if len(self._waiting) < after:
                return
            self._waiting = self._waiting[after:]
            self._served.note()
            self._transport.write(_response(self._tenant.answer(head.split(b" ", 2)[1].decode())))


def _response(body: bytes | None) -> bytes:
    status, sent = (b"404 Not Found", b'{"message":"There is nothing here."}') if body is None else (b"200 OK", body)
    head = b"HTTP/1.1 %b\r\nContent-Type: application/json; charset=utf-8\r\nDate: %b\r\nContent-Length: %d\r\n\r\n"
    return head % (status, formatdate(usegmt=True).encode(), len(sent)) + sent


def _polled() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.5Z")


class Original:
    """Reads the rows from an emulated tenant, over its socket."""

    def __init__(self, session: aiohttp.ClientSession, agents: int) -> None:
        self._session, self._agents = session, agents

    async def ask(self, target: str, form: dict[str, str] | None = None) -> bytes:
        """Return the body of a target."""
        method = "GET" if form is None else "POST"
        async with self._session.request(method, target, data=form, raise_for_status=True) as answer:
            return await answer.read()

    async def token(self, path: str, form: dict[str, str]) -> bytes:
        """Get a token and use it from now on; return the body."""
        body = await self.ask(path, form)
        self._session.headers["Authorization"] = f"Bearer {msgspec.json.decode(body)['access_token']}"
        return body

    async def rows(self, contract: ContractName, name: str) -> list[bytes | None]:
        """The template of each agent in a list. None if the agent has no row."""
        made: list[bytes | None] = [None] * self._agents
        for start in range(0, self._agents, PAGE):
            body = msgspec.json.decode(await self.ask(_target(contract, name, start)), type=dict[str, msgspec.Raw])
            rows = body["entities" if contract == "v2" else name]
            for row in msgspec.json.decode(rows, type=list[msgspec.Raw]):
                found = template_of(bytes(row))
                seen = msgspec.json.decode(row)
                made[(seen.get("id") or seen["agentId"]) - FIRST_ID] = found
        return made


def _target(contract: ContractName, name: str, start: int) -> str:
    if contract == "incontact":
        path = next(path for path, of in _LISTS.items() if of == name)
        return f"{path}?top={PAGE}&skip={start}"
    if name == "entities":
        return f"/api/v2/agents?page={start // PAGE + 1}&pageSize={PAGE}"
    return f"/api/v2/agents/states?agentIds={','.join(str(FIRST_ID + start + place) for place in range(PAGE))}"


async def make(contracts: list[ContractName], agents: int, origin: str) -> Tenant:
    """Return the tenant with the rows of an emulated one."""
    templates = TEMPLATES if agents % TEMPLATES == 0 else agents
    fixed: dict[str, bytes] = {}
    lists: dict[str, Rows] = {}
    emulator = Emulator(EmulatorSettings(contracts=("v2", "incontact"), agents=templates))
    async with emulator.running() as address, aiohttp.ClientSession(address.url) as session:
        original = Original(session, templates)
        environment = {f"CXONE_{name.upper()}": value for name, value in emulator.credentials._asdict().items()}
        for contract in contracts:
            path, form = token_request(contract, environment)
            fixed[path] = await original.token(path, form)
            for name in ("entities", "states") if contract == "v2" else _LISTS.values():
                lists[name] = Rows(await original.rows(contract, name), agents, FIRST_ID)
        for path in _DISCOVERY if "incontact" in contracts else ():
            fixed[path] = (await original.ask(path)).replace(address.url.encode(), origin.encode())
    return Tenant(agents, origin, fixed, lists)


async def serve(contracts: list[ContractName], agents: int) -> None:
    """Serve on a free port of loopback until stdin closes."""
    served = Served()
    tenants: list[Tenant] = []
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(tenants[0], served), "127.0.0.1", 0, backlog=1024
    )
    origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    tenants.append(await make(contracts, agents, origin))
    gc.freeze()
    credentials = Emulator(EmulatorSettings(agents=1)).credentials
    _say(url=origin, **credentials._asdict())
    while await asyncio.to_thread(sys.stdin.readline):
        _say(
            let_through=served.times,
            turned_away=[],
            most_at_once=1,
            cpu_seconds=time.process_time(),
            peak=own_peak(),
        )
        served.clear()


def _say(**values: object) -> None:
    print(json.dumps(values), flush=True)


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1].split(","), int(sys.argv[2])))  # type: ignore[arg-type]
