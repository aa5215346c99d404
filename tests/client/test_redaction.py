"""-vv shows no key, secret, code or token."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from tests.client.hosts import LOGIN, Host, Store, kept, shown_of
from tests.contracts.incontact.letting import CLIENT, KEY, REFRESH, STRANGER, Letting, who
from tests.contracts.playing import said, shown
from tests.support.scripted_client import failure_of, incontact

from cxone_rollcall.client import Client
from cxone_rollcall.model.exchange import Request, Response

JWT = "eyJhbGciOiJSUzI1NiJ9.eyJ0ZW5hbnRJZCI6ImEifQ.c2lnbmF0dXJlLW9mLW5vYm9keQ"
ID_JWT = "eyJhbGciOiJSUzI1NiJ9.eyJ0ZW5hbnRJZCI6ImIifQ.YW5vdGhlci1zaWduYXR1cmU"
CODE, VERIFIER = "a-code=s3cret", "v3rifier-" * 5
GRANTED = {"access_token": JWT, "id_token": ID_JWT, "refresh_token": "refresh-s3cret-2"}
BASIC = base64.b64encode(f"{CLIENT[0]}:{CLIENT[1]}".encode()).decode()
SECRETS = (CLIENT[1], KEY[1], REFRESH, CODE, VERIFIER, "refresh-s3cret-2", "hub-s3cret", JWT, ID_JWT, BASIC, "s3cret")


def assert_hidden(client: Client, *more: str) -> None:
    """Assert that no secret is shown, in any usual spelling."""
    text = shown_of(client)
    assert client.log.exchanges[-1].request_headers
    for secret in (*SECRETS, *more):
        assert secret not in text
        assert quote(secret, safe="") not in text


@pytest.mark.parametrize("client_at", ["any", "header", "body"])
async def test_an_access_key(client_at: str) -> None:
    """Key, client and their tokens are hidden in header and body. This holds for granted and renewed tokens."""
    host = Host(letting=Letting(client_at=client_at, told={**GRANTED, "refresh_token": REFRESH}))  # type: ignore[arg-type]
    client = host.client()
    await incontact(client).first_agents(100)
    host.time += 3541
    await incontact(client).first_agents(100)
    assert host.grants[-1] == "refresh_token"
    assert_hidden(client)


async def test_the_user_hub() -> None:
    """Requests to and responses of the user hub are redacted."""
    host = Host(letting=Letting(told={"refresh_token": REFRESH}))
    client = host.client(credentials=who(None))
    await client.token()
    host.time += 3541
    await client.token()
    assert host.targets[-1] == "/public/user/refresh"
    assert_hidden(client, "hub-token")


async def test_a_login() -> None:
    """A stored login, a code, its verifier and their token are hidden."""
    host = Host(letting=Letting(told=GRANTED))
    client = host.client(credentials=LOGIN, logins=Store(kept(REFRESH)))
    await client.token()
    await client.redeem(CODE, redirect_uri="http://127.0.0.1:8765/callback", verifier=VERIFIER)
    assert_hidden(client)


@pytest.mark.parametrize("status", [400, 500])
async def test_a_server_that_echoes(status: int) -> None:
    """A secret echoed in words, HTML or a header is hidden."""
    refusal: list[str] = []

    def says(request: Request) -> Response | None:
        if request.form is None:
            return None
        words = " ".join((*shown(request.form).values(), *shown(request.headers).values()))
        body = {"error": words, "errorDescription": words}
        refusal.append(words)
        return said(status, body, icstatusdescription=words.replace("\u2028", ""))

    for credentials, logins in ((who(), None), (who(None), None), (LOGIN, Store(kept(REFRESH)))):
        client = Host(says=says).client(credentials=credentials, logins=logins)
        raised = await failure_of(client.token())
        assert_hidden(client)
        assert not any(secret in f"{raised} {raised.failure!r}" for secret in SECRETS)
    assert refusal


async def test_tokens_that_come_twice() -> None:
    """A token is hidden wherever its own answer repeats it, however short."""
    told = {"access_token": "sh0rt-1", "refresh_token": "sh0rt-2", "note": "sh0rt-1 and", "kind": ["sh0rt-2"]}
    client = Host(letting=Letting(told=told)).client()
    await client.token()
    assert "and" in client.log.exchanges[-1].response_body
    assert_hidden(client, "sh0rt-1", "sh0rt-2")


async def test_what_is_not_secret_is_shown() -> None:
    """Ids of client and key, discovery and rows are shown."""
    client = Host().client()
    await incontact(client).first_agents(100)
    text = shown_of(client)
    for known in ("THE-KEY", "token_endpoint", "agentStateId", "grant_type=password", "/auth/token", "Available"):
        assert known in text


async def test_a_wrong_key() -> None:
    """A refused secret is redacted. It may be valid in another role."""
    client = Host().client(credentials=who(STRANGER, CLIENT))
    await failure_of(client.token())
    assert client.contract.tokens.roles.key_is_client
    assert_hidden(client, STRANGER[1])
