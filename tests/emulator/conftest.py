"""A visitor: a client as plain as can be, that neither retries nor mends, so that the server is seen as it is."""

import asyncio
import contextlib
import json
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import pytest
from yarl import URL

from cxone_rollcall.emulator import Emulator, EmulatorSettings, Fault, Readings, parse_fault

pytest.register_assert_rewrite("tests.emulator.effects", "tests.emulator.cases_reach", "tests.emulator.cases_answers")


class Reply(NamedTuple):
    """An answer, read to its end."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows, where the contract puts them."""
        entities: list[dict[str, Any]] = self.json["entities"]
        return entities

    @property
    def asked(self) -> list[str]:
        """The agents that an answer about states has rows of, as text."""
        return [str(row["agentId"]) for row in self.rows]


@dataclass(kw_only=True)
class Noticing(Fault):
    """Nothing is wrong; `noticed` is set when so many calls were taken in."""

    name = "noticing"
    calls: int = 1
    noticed: asyncio.Event = field(default_factory=asyncio.Event)

    def after(self, call: Any, answer: Any) -> Any:
        """Count the call."""
        self.calls -= 1
        if self.calls == 0:
            self.noticed.set()
        return answer


class Visitor:
    """Somebody who asks an emulator over a socket."""

    def __init__(self, emulator: Emulator, session: aiohttp.ClientSession, url: str) -> None:
        self.emulator, self.session, self.url = emulator, session, url
        self.token = ""

    async def ask(self, method: str, target: str, **more: Any) -> Reply:
        """Send one request to a target that is encoded already; `token` tells which, "" for none."""
        token = more.pop("token", self.token)
        headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **more.pop("headers", {})}
        url = URL(self.url + target, encoded=True)
        async with self.session.request(method, url, headers=headers, allow_redirects=False, **more) as response:
            lower = {name.lower(): value for name, value in response.headers.items()}
            return Reply(response.status, lower, await response.read())

    async def ask_token(self, **form: str) -> Reply:
        """Ask for a token; what is not given is right."""
        of = self.emulator.credentials
        whole = {"grant_type": "client_credentials", "client_id": of.client_id, "client_secret": of.client_secret}
        return await self.ask("POST", "/oauth/token", data={**whole, **form}, token="")

    async def log_in(self) -> "Visitor":
        """Take a token and show it from now on."""
        self.token = (await self.ask_token()).json["access_token"]
        return self

    async def agents(self, page: object = 1, size: object = 100) -> Reply:
        """Ask for one page of the roster."""
        return await self.ask("GET", f"/api/v2/agents?page={page}&pageSize={size}")

    async def roster(self, size: int = 100, first: int = 1) -> list[str]:
        """Read pages until an empty one; return the ids."""
        ids: list[str] = []
        for page in range(first, 1000):
            rows = (await self.agents(page, size)).rows
            if not rows:
                break
            ids += [str(row["id"]) for row in rows]
        return ids

    async def states(self, ids: Iterable[str], *, comma: str = ",", more: str = "") -> Reply:
        """Ask for the states of these agents."""
        return await self.ask("GET", f"/api/v2/agents/states?agentIds={comma.join(ids)}{more}")

    async def unanswered(self, target: str) -> bool:
        """Ask and see the request arrive; tell whether it then stays without an answer, and go away."""
        noticing = Noticing()
        self.emulator.switch_on([noticing], beside=True)
        asked = asyncio.create_task(self.ask("GET", target))
        await noticing.noticed.wait()
        await self.ask("GET", "/_emulator/requests")
        waits = not asked.done()
        asked.cancel()
        return waits

    def ids(self, *, present: bool | None = None) -> list[str]:
        """Return the ids of all agents, or of those who are logged in, or of those who are not."""
        truth = self.emulator.truth()
        return [one.agent_id for one in truth if present is None or (one.state is not None) == present]


class PublishedVisitor(Visitor):
    """Somebody who asks an emulator by the published contract."""

    base = "/incontactapi/services/v34.0/"

    async def ask_token(self, **form: str) -> Reply:
        """Ask for a token with the access key; what is not given is right."""
        of = self.emulator.credentials
        key = {"grant_type": "password", "username": of.access_key_id, "password": of.access_key_secret}
        client = {"client_id": of.client_id, "client_secret": of.client_secret}
        return await self.ask("POST", "/auth/token", data={**key, **client, **form}, token="")

    async def get(self, target: str, **more: Any) -> Reply:
        """Ask the API."""
        return await self.ask("GET", self.base + target, **more)

    async def agents(self, page: object = 1, size: object = 100) -> Reply:
        """Ask for one page of the roster, counted from 1."""
        return await self.get(f"agents?top={size}&skip={(int(str(page)) - 1) * int(str(size))}")

    async def states(self, ids: Iterable[str] = (), *, comma: str = ",", more: str = "") -> Reply:
        """Ask for the first page of all states: this contract takes no ids."""
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
        """Return the state row of each agent, all pages read, none of them twice."""
        rows = await self.follow(f"agents/states?top=100{more}", "agentStates")
        found = {str(row["agentId"]): row for row in rows}
        assert len(found) == len(rows)
        return found


Visit = Callable[..., AbstractAsyncContextManager[Visitor]]


@pytest.fixture
def visit() -> Visit:
    """Return what starts an emulator, lets a visitor in who has a token, and switches the faults on after that."""

    @contextlib.asynccontextmanager
    async def visiting(*faults: str, log_in: bool = True, **settings: Any) -> AsyncIterator[Visitor]:
        emulator = Emulator(EmulatorSettings(**settings))
        async with aiohttp.ClientSession() as session, emulator.running() as address:
            visitor = Visitor(emulator, session, address.url)
            if log_in:
                await visitor.log_in()
            emulator.switch_on(map(parse_fault, faults))
            yield visitor

    return visiting


@pytest.fixture
def published() -> Callable[..., AbstractAsyncContextManager[PublishedVisitor]]:
    """Return what starts an emulator that speaks the published contract alone, and lets a visitor in as `visit` does.

    `readings` are given as a dict.
    """

    @contextlib.asynccontextmanager
    async def visiting(*faults: str, log_in: bool = True, **settings: Any) -> AsyncIterator[PublishedVisitor]:
        readings = Readings(**settings.pop("readings", {}))
        whole: dict[str, Any] = {"contracts": ("incontact",), **settings}
        emulator = Emulator(EmulatorSettings(**whole, readings=readings))
        async with aiohttp.ClientSession() as session, emulator.running() as address:
            visitor = PublishedVisitor(emulator, session, address.url)
            if log_in:
                await visitor.log_in()
            emulator.switch_on(map(parse_fault, faults))
            yield visitor

    return visiting


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the files of a certificate for this machine, and of its key."""
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
    """Return the fault that is none, and tells when calls were taken in."""
    return Noticing
