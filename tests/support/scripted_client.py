"""A client whose transport returns scripted responses."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from cxone_rollcall.client import Client, IncontactApi, V2Api
from cxone_rollcall.contracts.v2 import V2
from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.credentials import Credentials
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.transport.recorder import Recorder

SECRET = "client-s3cret/of a test"
CREDENTIALS = Credentials(client_id="id", client_secret=Secret(SECRET))


def said(status: int, body: object = None, **headers: str) -> Response:
    """Return a response."""
    raw = body if isinstance(body, bytes) else json.dumps(body if body is not None else {"entities": []}).encode()
    return Response(status=status, headers=headers, body=raw)


OK = said(200)


@dataclass
class Script:
    """A transport that returns `api(request)` for every API request. It issues tokens itself."""

    api: Callable[[Request], Response]
    tokens: int = 0
    sent: list[Request] = field(default_factory=list)
    grant: Callable[[], Response] | None = None

    async def send(self, request: Request) -> Response:
        """Return the response, after other tasks had a turn."""
        self.sent.append(request)
        await asyncio.sleep(0)
        if request.target != "/oauth/token":
            return self.api(request)
        if self.grant is not None:
            return self.grant()
        self.tokens += 1
        return said(200, {"access_token": f"token-number-{self.tokens}", "expires_in": 3600})

    @property
    def asked(self) -> int:
        """The number of requests to the API, without those for tokens."""
        return sum(request.target != "/oauth/token" for request in self.sent)


def bearer(request: Request) -> str:
    """Return the token of a request."""
    value = dict(request.headers)["Authorization"]
    assert isinstance(value, Secret)
    return value.reveal().removeprefix("Bearer ")


def client_of(script: Script) -> Client:
    """Return a client with this transport."""
    return Client(V2(), script, CREDENTIALS, recorder=Recorder(bodies=True), rng=lambda: 0.0)


def v2(client: Client) -> V2Api:
    """Return the calls of a client of `v2`."""
    assert isinstance(client.api, V2Api)
    return client.api


def incontact(client: Client) -> IncontactApi:
    """Return the calls of a client of `incontact`."""
    assert isinstance(client.api, IncontactApi)
    return client.api


async def failure_of(asking: Awaitable[object]) -> RequestFailed:
    """Return the error of a request that must fail."""
    with pytest.raises(RequestFailed) as raised:
        await asking
    return raised.value


async def failure_beside_others(client: Client) -> RequestFailed:
    """The error of a request for agent 1 while others succeed. The others are for agent 2."""

    async def others() -> None:
        while True:
            await v2(client).states(["2"])

    noise = asyncio.create_task(others())
    try:
        return await failure_of(v2(client).states(["1"]))
    finally:
        noise.cancel()
