"""A transport that answers by a script, and the client that asks it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from cxone_rollcall.client import Client
from cxone_rollcall.contracts.v2 import V2
from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.credentials import Credentials
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.transport.recorder import Recorder

SECRET = "client-s3cret/of a test"
CREDENTIALS = Credentials(client_id="id", client_secret=Secret(SECRET))


def said(status: int, body: object = None, **headers: str) -> Response:
    """Return an answer."""
    raw = body if isinstance(body, bytes) else json.dumps(body if body is not None else {"entities": []}).encode()
    return Response(status=status, headers=headers, body=raw)


OK = said(200)


@dataclass
class Script:
    """A transport whose API answers what `api` says of each request; its tokens are t1, t2, ..."""

    api: Callable[[Request], Response]
    tokens: int = 0
    sent: list[Request] = field(default_factory=list)
    grant: Callable[[], Response] | None = None

    async def send(self, request: Request) -> Response:
        """Answer, after everybody else had a turn."""
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
        """How many requests the API itself got."""
        return sum(request.target != "/oauth/token" for request in self.sent)


def bearer(request: Request) -> str:
    """Return the token that a request shows."""
    value = dict(request.headers)["Authorization"]
    assert isinstance(value, Secret)
    return value.reveal().removeprefix("Bearer ")


def client_of(script: Script) -> Client:
    """Return a client of a script."""
    return Client(V2(), script, CREDENTIALS, recorder=Recorder(bodies=True), rng=lambda: 0.0)


async def failure_of(asking: Awaitable[object]) -> RequestFailed:
    """Return what a question fails with."""
    with pytest.raises(RequestFailed) as raised:
        await asking
    return raised.value


async def failure_beside_others(client: Client) -> RequestFailed:
    """Return what the question about agent 1 fails with, while questions about agent 2 go on all the time."""

    async def others() -> None:
        while True:
            await client.states(["2"])

    noise = asyncio.create_task(others())
    try:
        return await failure_of(client.states(["1"]))
    finally:
        noise.cancel()
