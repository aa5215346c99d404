"""The emulator: an HTTP server for one tenant."""

import asyncio
import contextlib
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from ssl import SSLContext
from typing import NamedTuple
from urllib.parse import unquote_plus
from weakref import WeakKeyDictionary

from aiohttp import web

from cxone_rollcall.emulator import control
from cxone_rollcall.emulator.contracts import V2, Contract, Incontact
from cxone_rollcall.emulator.cors import allow, preflight
from cxone_rollcall.emulator.delivery import deliver
from cxone_rollcall.emulator.faults import FAULTS, Fault
from cxone_rollcall.emulator.rate_limit import Bucket, too_many_requests
from cxone_rollcall.emulator.settings import ContractName, EmulatorSettings
from cxone_rollcall.emulator.tenant import Tenant, Truth
from cxone_rollcall.emulator.wire import Answer, Call, Delivery, Endpoint, problem

# aiohttp returns 400 for a longer target; below that, the emulator's own limit returns 414.
_LONGEST_LINE = 1_000_000
_HOST = re.compile(r"[\w.-]+(:\d+)?|\[[\da-fA-F:.]+\](:\d+)?", re.ASCII)
_CONTRACTS: Mapping[ContractName, Callable[[Tenant], Contract]] = {"v2": V2, "incontact": Incontact}


class Credentials(NamedTuple):
    """The client and the access key that the emulated tenant accepts."""

    client_id: str
    client_secret: str
    access_key_id: str
    access_key_secret: str


@dataclass(frozen=True, slots=True)
class Address:
    """Where a running emulator listens."""

    host: str
    port: int
    scheme: str = "http"

    @property
    def url(self) -> str:
        """The address as a URL, without a path."""
        return f"{self.scheme}://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


class Emulator:
    """One emulated tenant: agents, tokens and faults. It listens while `running`.

    `requests` counts the responses by (endpoint, outcome); the outcome is the status as text, or the `Delivery` if no
    status was sent. `watcher` is called with each such pair as soon as the response is known, before any latency.
    `listens_on` is the host that it was told to listen on.
    """

    def __init__(
        self,
        settings: EmulatorSettings | None = None,
        faults: Iterable[Fault] = (),
        *,
        watcher: Callable[[Endpoint, str], None] | None = None,
    ) -> None:
        self.settings = settings or EmulatorSettings()
        self.tenant = Tenant(self.settings)
        self.requests: Counter[tuple[str, str]] = Counter()
        self.most_at_once = 0
        self.listens_on = ""
        self._at_once = 0
        self._connections: WeakKeyDictionary[object, int] = WeakKeyDictionary()
        self._next_connection = count()
        self._watcher = watcher
        self._contracts = tuple(_CONTRACTS[name](self.tenant) for name in self.settings.contracts)
        self._bucket = Bucket(self.settings.rate, self.settings.now) if self.settings.rate else None
        self._faults: tuple[Fault, ...] = ()
        self.switch_on(faults)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults that are on, in the order in which they act."""
        return self._faults

    def switch_on(self, faults: Iterable[Fault], *, beside: bool = False) -> None:
        """Switch these faults on and all others off.

        The others stay on if `beside` is set. Each fault starts afresh.
        """
        fresh = (replace(fault) for fault in faults)
        self._faults = tuple(sorted((*(self._faults if beside else ()), *fresh), key=_place))

    @property
    def credentials(self) -> Credentials:
        """The client and the access key that this tenant accepts."""
        of = self.settings
        return Credentials(of.client_id, of.client_secret, of.access_key_id, of.access_key_secret)

    def environment(self, url: str) -> dict[str, str]:
        """The environment variables with which rollcall uses this tenant at `url`."""
        of = self.settings
        named = {"CXONE_INSTANCE": url, "CXONE_CLIENT_ID": of.client_id, "CXONE_CLIENT_SECRET": of.client_secret}
        named["CXONE_TENANT_ID"] = self.tenant.tenant_id
        if "incontact" in of.contracts:
            named |= {"CXONE_ACCESS_KEY_ID": of.access_key_id, "CXONE_ACCESS_KEY_SECRET": of.access_key_secret}
        return named

    def advance(self, seconds: float) -> None:
        """Move the clock of a tenant whose clock is "manual". ValueError for any other, and for less than 0 seconds."""
        if self.settings.clock != "manual":
            raise ValueError(f"Only a manual clock can be moved; this tenant's clock is {self.settings.clock}.")
        if not seconds >= 0:
            raise ValueError(f"The clock cannot go back, by {seconds} seconds.")
        self.tenant.advanced += seconds

    def truth(self) -> tuple[Truth, ...]:
        """What is true of each agent now, whatever faults do to responses."""
        return self.tenant.truth()

    @contextlib.asynccontextmanager
    async def running(
        self, host: str = "127.0.0.1", port: int = 0, *, tls: SSLContext | None = None
    ) -> AsyncIterator[Address]:
        """Listen on this address until the block ends. Port 0 takes any free port."""
        stopping = asyncio.Event()
        self.listens_on = host
        for contract in self._contracts:
            contract.prepare()
        server = web.Server(
            partial(self._handle, stopping),
            handler_cancellation=True,
            access_log=None,
            max_line_size=_LONGEST_LINE,
            lingering_time=0.0,
        )
        runner = web.ServerRunner(server, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port, ssl_context=tls, backlog=1024).start()
            bound = runner.addresses[0]
            yield Address(bound[0], bound[1], "https" if tls else "http")
        finally:
            stopping.set()
            await runner.cleanup()

    async def _handle(self, stopping: asyncio.Event, request: web.BaseRequest) -> web.StreamResponse:
        path = request.rel_url.raw_path
        if control.owns(path):
            return await control.answer(self, request)
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            contract, call = await self._read(request, path)
            answer = self._answer(contract, call, len(request.raw_path))
            lost = answer.delivery in {Delivery.RESET, Delivery.CLOSED, Delivery.NEVER}
            answered = answer.delivery.value if lost else str(answer.status)
            self.requests[call.endpoint, answered] += 1
            if self._watcher is not None:
                self._watcher(call.endpoint, answered)
            return await deliver(request, answer, self.tenant.now(), partial(_pause, stopping))
        finally:
            self._at_once -= 1

    def _answer(self, contract: Contract, call: Call, target_length: int) -> Answer:
        cors = self.settings.cors
        if cors and (allowed := preflight(call)) is not None:
            return allow(call, allowed)
        faults = [fault for fault in self._faults if call.contract in fault.contracts]
        answer = self._refused_early(contract, call, faults, target_length)
        if answer is None:
            answer = contract.answer(call, faults)
        for fault in faults:
            answer = fault.after(call, answer)
        answer = contract.finish(call, answer)
        if cors:
            answer = allow(call, answer)
        if self.settings.latency_ms:
            answer = answer._replace(delay=answer.delay + self.settings.latency_ms / 1000)
        return answer

    def _refused_early(
        self, contract: Contract, call: Call, faults: Iterable[Fault], target_length: int
    ) -> Answer | None:
        for fault in faults:
            if (answer := fault.before(call)) is not None:
                return answer
        if target_length > self.settings.target_limit:
            return problem(414, f"The request target is longer than {self.settings.target_limit} bytes.")
        if call.endpoint == "other":
            return problem(404, f"There is nothing at {call.path}.")
        if self._bucket is not None and (wait := self._bucket.take()):
            return too_many_requests(wait, self.settings.retry_after, self.tenant.now())
        methods = contract.methods(call)
        if call.method not in methods:
            allowed = ", ".join(methods)
            return problem(405, f"Only {allowed} is allowed here.").with_header("Allow", allowed)
        return None

    def _number_of(self, transport: object) -> int:
        if transport not in self._connections:
            self._connections[transport] = next(self._next_connection)
        return self._connections[transport]

    async def _read(self, request: web.BaseRequest, path: str) -> tuple[Contract, Call]:
        query, raw_ids = _parsed(request.rel_url.raw_query_string)
        ids = tuple(agent_id for raw in raw_ids for agent_id in unquote_plus(raw).split(",") if agent_id)
        found = ((contract, contract.endpoint(path)) for contract in self._contracts)
        nowhere: tuple[Contract, Endpoint] = (self._contracts[0], "other")
        contract, endpoint = next((one for one in found if one[1] != "other"), nowhere)
        call = Call(
            tenant=self.tenant,
            endpoint=endpoint,
            method=request.method,
            path=path,
            query=query,
            headers=request.headers,
            body=await request.read() if request.body_exists else b"",
            raw_ids=raw_ids,
            ids=ids or None,
            contract=contract.name,
            connection=self._number_of(request.transport),
            origin=f"{request.scheme}://{request.host if _HOST.fullmatch(request.host) else 'localhost'}",
        )
        return contract, contract.read(call)


def _place(fault: Fault) -> int:
    return FAULTS.index(type(fault)) if type(fault) in FAULTS else len(FAULTS)


async def _pause(stopping: asyncio.Event, seconds: float | None) -> bool:
    with contextlib.suppress(TimeoutError):
        return await asyncio.wait_for(stopping.wait(), seconds)
    return False


def _parsed(raw_query: str) -> tuple[Mapping[str, list[str]], tuple[str, ...]]:
    query: dict[str, list[str]] = {}
    raw_ids: list[str] = []
    for part in filter(None, raw_query.split("&")):
        name, _, raw = part.partition("=")
        name = unquote_plus(name)
        if name == "agentIds":
            raw_ids.append(raw)
        else:
            query.setdefault(name, []).append(unquote_plus(raw))
    return query, tuple(raw_ids)
