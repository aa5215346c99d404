"""A visitor: a plain client without retries."""

import asyncio
import contextlib
import json
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import aiohttp
import pytest
from yarl import URL

from cxone_rollcall.emulator import Emulator, Fault, Readings, parse_fault
from cxone_rollcall.testing import emulator_of

pytest.register_assert_rewrite("tests.emulator.effects", "tests.emulator.cases_reach", "tests.emulator.cases_answers")


class Reply(NamedTuple):
    """A complete response."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows of the body."""
        entities: list[dict[str, Any]] = self.json["entities"]
        return entities

    @property
    def asked(self) -> list[str]:
        """The ids of the agents with a state row."""
        return [str(row["agentId"]) for row in self.rows]


class Noticing(Fault, name="noticing"):
    """Changes nothing; sets `noticed` after some calls."""

    calls: int = 1
    noticed: asyncio.Event = field(default_factory=asyncio.Event)

    def after(self, call: Any, answer: Any) -> Any:
        """Count the call."""
        self.calls -= 1
        if self.calls == 0:
            self.noticed.set()
        return answer


class Visitor:
    """A client of an emulator over a socket."""

    def __init__(self, emulator: Emulator, session: aiohttp.ClientSession, url: str) -> None:
        self.emulator, self.session, self.url = emulator, session, url
        self.token = ""

    async def ask(self, method: str, target: str, **more: Any) -> Reply:
        """Send one request to an encoded target with this token. "" for none."""
        token = more.pop("token", self.token)
        headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **more.pop("headers", {})}
        url = URL(self.url + target, encoded=True)
        async with self.session.request(method, url, headers=headers, allow_redirects=False, **more) as response:
            lower = {name.lower(): value for name, value in response.headers.items()}
            return Reply(response.status, lower, await response.read())

    async def ask_token(self, **form: str) -> Reply:
        """Request a token; fields not given are correct."""
        of = self.emulator.credentials
        whole = {"grant_type": "client_credentials", "client_id": of.client_id, "client_secret": of.client_secret}
        return await self.ask("POST", "/oauth/token", data={**whole, **form}, token="")

    async def log_in(self) -> "Visitor":
        """Get a token and use it from now on."""
        self.token = (await self.ask_token()).json["access_token"]
        return self

    async def agents(self, page: object = 1, size: object = 100) -> Reply:
        """Request one page of the roster."""
        return await self.ask("GET", f"/api/v2/agents?page={page}&pageSize={size}")

    async def roster(self, size: int = 100, first: int = 1) -> list[str]:
        """Read pages until an empty one, and return the ids."""
        ids: list[str] = []
        for page in range(first, 1000):
            rows = (await self.agents(page, size)).rows
            if not rows:
                break
            ids += [str(row["id"]) for row in rows]
        return ids

    async def states(self, ids: Iterable[str], *, comma: str = ",", more: str = "") -> Reply:
        """Request the states of these agents."""
        return await self.ask("GET", f"/api/v2/agents/states?agentIds={comma.join(ids)}{more}")

    async def unanswered(self, target: str) -> bool:
        """Whether a request is still unanswered after it has arrived."""
        noticing = Noticing()
        self.emulator.switch_on([noticing], beside=True)
        asked = asyncio.create_task(self.ask("GET", target))
        await noticing.noticed.wait()
        await self.ask("GET", "/_emulator/requests")
        waits = not asked.done()
        asked.cancel()
        return waits

    def ids(self, *, present: bool | None = None) -> list[str]:
        """The ids of all agents, or only some. `present` True means logged in, False logged out."""
        truth = self.emulator.truth()
        return [one.agent_id for one in truth if present is None or (one.state is not None) == present]


class PublishedVisitor(Visitor):
    """A client of an emulator that serves `incontact`."""

    base = "/incontactapi/services/v34.0/"

    async def ask_token(self, **form: str) -> Reply:
        """Request a token with the access key; fields not given are correct."""
        of = self.emulator.credentials
        key = {"grant_type": "password", "username": of.access_key_id, "password": of.access_key_secret}
        client = {"client_id": of.client_id, "client_secret": of.client_secret}
        return await self.ask("POST", "/auth/token", data={**key, **client, **form}, token="")

    async def get(self, target: str, **more: Any) -> Reply:
        """Send a request to the API."""
        return await self.ask("GET", self.base + target, **more)

    async def agents(self, page: object = 1, size: object = 100) -> Reply:
        """Request one page of the roster, counted from 1."""
        return await self.get(f"agents?top={size}&skip={(int(str(page)) - 1) * int(str(size))}")

    async def states(self, ids: Iterable[str] = (), *, comma: str = ",", more: str = "") -> Reply:
        """Request the first page of states: incontact has no ids parameter."""
        return await self.get(f"agents/states?top=100{more}")

    async def follow(self, target: str, key: str) -> list[dict[str, Any]]:
        """Read a list to its end by its links; return the rows."""
        rows: list[dict[str, Any]] = []
        reply = await self.get(target)
        for _ in range(1000):
            if reply.status == 204:
                break
            rows += reply.json[key]
            link = reply.json["_links"]["next"]
            if link is None:
                break
            reply = await self.ask("GET", link.removeprefix(self.url))
        return rows

    async def all_states(self, more: str = "") -> dict[str, dict[str, Any]]:
        """Return the state row of each agent, from all pages."""
        rows = await self.follow(f"agents/states?top=100{more}", "agentStates")
        found = {str(row["agentId"]): row for row in rows}
        assert len(found) == len(rows)
        return found


Visit = Callable[..., AbstractAsyncContextManager[Visitor]]
V = TypeVar("V", bound=Visitor)


def visiting(
    kind: type[V], *faults: str, contract: str = "v2", log_in: bool = True, **settings: Any
) -> AbstractAsyncContextManager[V]:
    """Start an emulator, give a visitor a token, switch faults on."""

    @contextlib.asynccontextmanager
    async def visit() -> AsyncIterator[V]:
        emulator = emulator_of(contract=contract, **settings)
        async with aiohttp.ClientSession() as session, emulator.running() as address:
            visitor = kind(emulator, session, address.url)
            if log_in:
                await visitor.log_in()
            emulator.switch_on(map(parse_fault, faults))
            yield visitor

    return visit()


@pytest.fixture
def visit() -> Visit:
    """Return what starts an emulator of `v2` and yields a visitor."""
    return partial(visiting, Visitor)


@pytest.fixture
def published() -> Callable[..., AbstractAsyncContextManager[PublishedVisitor]]:
    """Return a function that starts an emulator of `incontact`. It yields a visitor; `readings` is a dict."""

    def visit(*faults: str, **settings: Any) -> AbstractAsyncContextManager[PublishedVisitor]:
        readings = Readings(**settings.pop("readings", {}))
        return visiting(PublishedVisitor, *faults, contract="incontact", readings=readings, **settings)

    return visit


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the files of a certificate for this machine and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    options = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost"
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run(["openssl", *options.split(), *names, "-keyout", key, "-out", cert], check=True, capture_output=True)
    return cert, key


@pytest.fixture
def noticing() -> type[Noticing]:
    """Return the fault that changes nothing and notices calls."""
    return Noticing
