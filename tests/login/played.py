"""A fake client and its run, for logins without a tenant."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import aiohttp

from cxone_rollcall.config.logins import LoginStore
from cxone_rollcall.errors import AccessRefused
from cxone_rollcall.model.failure import Failure, FailureKind, Stage
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.token import Token

TENANT = "https://tenant.example/authorize"


@dataclass
class PlayedClient:
    """Returns an address, and a token for "good-code"; records its calls.

    The id token has `nonce`, or the nonce of the attempt if that is "".
    """

    nonce: str = "our-nonce"
    asked: dict[str, str] = field(default_factory=dict)
    claims: dict[str, object] = field(default_factory=dict)
    refresh_token: str = "refresh"
    redeemed: list[tuple[str, str, str]] = field(default_factory=list)
    address: asyncio.Event = field(default_factory=asyncio.Event)
    contract: Any = field(default_factory=lambda: SimpleNamespace(name="incontact"))

    async def authorize_url(self, *, redirect_uri: str, state: str, nonce: str, challenge: str) -> str:
        """The tenant's address."""
        self.asked = {"redirect_uri": redirect_uri, "state": state, "nonce": nonce, "code_challenge": challenge}
        self.address.set()
        return f"{TENANT}?{urlencode(self.asked)}"

    async def redeem(self, code: str, *, redirect_uri: str, verifier: str) -> Token:
        """A token for the good code."""
        self.redeemed.append((code, redirect_uri, verifier))
        if code != "good-code":
            raise AccessRefused(
                Failure(
                    kind=FailureKind.UNAUTHORIZED, stage=Stage.TOKEN, purpose="token", exchange=1, error="invalid_grant"
                )
            )
        return Token(
            access_token=Secret("access"),
            granted_at=0.0,
            expires_at=3600.0,
            refresh_token=Secret(self.refresh_token) if self.refresh_token else None,
            id_claims={**self.claims, "nonce": self.nonce or self.asked["nonce"]},
        )


async def arrive(client: PlayedClient, query: str) -> int:
    """Call back with this query, like the user's browser; returns the status."""
    await client.address.wait()
    async with aiohttp.ClientSession() as browser, browser.get(f"{client.asked['redirect_uri']}?{query}") as answer:
        return answer.status


class PlayedRun:
    """An open run with the fake client; `opened` replaces `session.opened`."""

    def __init__(self, client: PlayedClient, logins: LoginStore, **target: Any) -> None:
        self.client = client
        self.target: Any = SimpleNamespace(
            **{"logins": logins, "tenant_id": None, "profile": None, "sources": {}, **target}
        )
        self.ledger: Any = SimpleNamespace(failures=[])
        self.ledger.fail = self.ledger.failures.append
        self.given: dict[str, Any] = {}

    async def run_probes(self) -> Any:
        """Send no request."""

    def account(self, case: object, ending: object) -> Any:
        """The part of an account that a command uses."""
        return SimpleNamespace(exit_code=4)

    @asynccontextmanager
    async def opened(self, given: dict[str, Any]) -> AsyncIterator[PlayedRun]:
        """Yield this run."""
        self.given = given
        yield self
