"""A scripted host that supports one contract or both, and its client."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from tests.contracts.incontact.letting import CLIENT, HOST, KEY, Letting, who
from tests.contracts.playing import NOTHING, said, shown

from cxone_rollcall.client import Client
from cxone_rollcall.contracts.incontact import Incontact
from cxone_rollcall.contracts.v2 import V2
from cxone_rollcall.model.credentials import Credentials
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.login import Login
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.transport.base import TransportFault
from cxone_rollcall.transport.recorder import Recorder

ROW = {"agentId": 1001, "agentStateId": 1, "agentStateName": "Available", "state": "Available", "id": 1001}
WHOLE = said(200, {"agents": [ROW], "agentStates": [ROW], "entities": [ROW], "_links": {"next": None}})
LOGIN = who((CLIENT[0], ""), None, grant_type="authorization_code")

Says = Callable[[Request], "Response | TransportFault | None"]


@dataclass
class Host:
    """A scripted host: tokens by `letting`, lists of one row.

    `says` is asked first; None means no answer of its own. `served` are the versions of the published contract's paths,
    None for all. `time` is its clock, in seconds since the epoch. `held` delays the responses for tokens until it is
    set.
    """

    contracts: frozenset[str] = frozenset({"incontact"})
    letting: Letting = field(default_factory=Letting)
    says: Says = lambda request: None
    served: frozenset[int] | None = None
    time: float = 1_795_339_800.0
    sent: list[Request] = field(default_factory=list)
    held: asyncio.Event | None = None
    waiting: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, request: Request) -> Response:
        """Answer, after all other tasks had a turn."""
        self.sent.append(request)
        await asyncio.sleep(0)
        if self.held is not None and request.form is not None:
            self.waiting.set()
            await self.held.wait()
        answer = self.says(request) or self._answer(request)
        if isinstance(answer, TransportFault):
            raise answer
        return answer

    def _answer(self, request: Request) -> Response:
        contract = "v2" if request.target.startswith(("/oauth/", "/api/v2/")) else "incontact"
        if contract not in self.contracts:
            return NOTHING
        if request.target.startswith(("/api/v2/", "/incontactapi/")):
            if "Authorization" not in shown(request.headers):
                return said(401)
            version = request.target.partition("/v")[2].partition(".")[0]
            return WHOLE if contract == "v2" or self.served is None or int(version) in self.served else NOTHING
        if request.target == "/oauth/token":
            return said(200, {"access_token": "v2-token", "expires_in": 3600, "refresh_token": "v2-refresh-s3cret"})
        return self.letting(request)

    @property
    def targets(self) -> list[str]:
        """The path of each request, without its query."""
        return [request.target.partition("?")[0] for request in self.sent]

    @property
    def grants(self) -> list[str]:
        """The grant of each request for a token. "key" for a key sent to the user hub."""
        return [shown(request.form).get("grant_type", "key") for request in self.sent if request.form is not None]

    def client(
        self,
        *contracts: str,
        credentials: Credentials | None = None,
        logins: Any = None,
        run_limit: float | None = None,
        **pins: Any,
    ) -> Client:
        """Return a client of this host that prefers the first contract."""
        made: dict[str, V2 | Incontact] = {"v2": V2(HOST), "incontact": Incontact(HOST, **pins)}
        first, *others = [made[name] for name in contracts or ("incontact",)]
        return Client(
            first,
            self,
            credentials or who(),
            others=others,
            logins=logins,
            base_url=HOST,
            why="told by a test" if others else "",
            recorder=Recorder(bodies=True),
            rng=lambda: 0.0,
            clock=lambda: self.time,
            wall_clock=lambda: self.time,
            run_limit=run_limit,
        )


@dataclass
class Store:
    """A login in memory. `log` has the order of locking, loading, saving and releasing."""

    login: Login | None = None
    log: list[str] = field(default_factory=list)
    locked: bool = False

    def load(self) -> Login | None:
        """Return the login."""
        self.log.append("load")
        return self.login

    def save(self, login: Login) -> None:
        """Keep this one."""
        self.log.append("save")
        self.login = login

    @contextlib.asynccontextmanager
    async def lock(self) -> AsyncIterator[None]:
        """Keep others out."""
        self.log.append("lock")
        self.locked = True
        try:
            yield
        finally:
            self.locked = False
            self.log.append("let go")


def kept(refresh_token: str, contract: str = "incontact") -> Login:
    """Return a login as it is kept."""
    return Login(
        refresh_token=Secret(refresh_token),
        instance=HOST,
        client_id=CLIENT[0],
        contract=contract,
        user="ann@example.com",
        granted_at=1.0,
    )


def shown_of(client: Client) -> str:
    """Return all that `-vv` shows of a run."""
    return json.dumps([repr(exchange) for exchange in client.log.exchanges], ensure_ascii=False)


__all__ = ["CLIENT", "HOST", "KEY", "LOGIN", "WHOLE", "Host", "Store", "kept", "shown_of"]
