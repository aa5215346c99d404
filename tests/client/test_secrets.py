"""No failure, exchange or complaint has the contents of a token response."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import pytest
from tests.support.scripted_client import CREDENTIALS, OK, SECRET, Script, client_of, failure_of, said, v2

from cxone_rollcall.client import Client
from cxone_rollcall.contracts.v2 import V2
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.struct import replace

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJlLW9mLW5vYm9keQ"
SHORT = "sh0rt-t0ken"


def shown(client: Client) -> str:
    """Return all that `-vv` shows of a run."""
    return repr(client.log.exchanges)


@pytest.mark.parametrize(
    "body",
    [
        JWT,
        f"{JWT}\n",
        f'"{JWT}"',
        f"[{JWT}]",
        f"Bearer {JWT}",
        f"<token>{JWT}</token>",
        f"<p>{JWT}",
        f'{{"jwt": "{JWT}',
    ],
)
@pytest.mark.parametrize("status", [200, 201])
async def test_a_token_as_the_whole_answer(body: str, status: int) -> None:
    """An unusable token answer is not quoted: it may be the token."""
    client = client_of(Script(lambda request: OK, grant=lambda: said(status, body.encode())))
    raised = await failure_of(client.token())
    assert raised.failure.kind in {FailureKind.NOT_THE_API, FailureKind.DAMAGED}
    assert raised.failure.detail
    text = f"{raised} {raised!r} {raised.failure!r} {shown(client)}"
    assert not any(part in text for part in JWT.split("."))


@pytest.mark.parametrize(("body", "words"), [(JWT, "not JSON but a text"), ("<html>Sign in", "not JSON but a page")])
async def test_an_unusable_token_response_is_described(body: str, words: str) -> None:
    """The failure calls an unusable token response a text or a page."""
    client = client_of(Script(lambda request: OK, grant=lambda: said(200, body.encode())))
    assert (await failure_of(client.token())).failure.detail == words


@pytest.mark.parametrize("token", [JWT, SHORT])
@pytest.mark.parametrize(
    "grant",
    [
        lambda token: said(200, {"access_token": token}, **{"x-access-token": token}),
        lambda token: said(200, {"access_token": token}, **{"x-jwt": f"Bearer {token}"}),
        lambda token: said(200, {"jwt": token, "access_token": token}),
        lambda token: said(200, {"result": {"value": token}, "access_token": token}),
        lambda token: said(201, {"result": [{"value": f"a {token} b"}], "access_token": token}),
        lambda token: said(200, json.dumps({token: 1, "access_token": token}).encode("utf-8-sig")),
    ],
    ids=["header", "another header", "key", "object", "within", "as a key"],
)
async def test_a_token_that_comes_twice(token: str, grant: Callable[[str], Response]) -> None:
    """A token is hidden wherever its own answer repeats it."""
    client = client_of(Script(lambda request: OK, grant=lambda: grant(token)))
    assert (await client.token()).access_token.reveal() == token
    assert client.log.exchanges[0].response_body
    assert token not in shown(client)


async def test_tokens_of_other_names() -> None:
    """Texts as long as a token are hidden in a token response."""
    other = "0123456789abcdef"
    body = {"access_token": SHORT, "a_name_of_some_length": other, "more": [f'"{other}'], "expires_in": 60, "kind": "x"}
    headers = {"x-session-id": "5", "x-api-key": "6", "date": "Mon, 02 Mar 2026 10:30:00 GMT"}
    client = client_of(Script(lambda request: OK, grant=lambda: said(200, body, **headers)))
    await client.token()
    exchange = client.log.exchanges[0]
    expected = {**body, "access_token": "***", "a_name_of_some_length": "***", "more": ["***"]}
    assert json.loads(exchange.response_body) == expected
    assert dict(exchange.response_headers) == {**headers, "x-session-id": "***", "x-api-key": "***"}


async def test_other_answers_are_shown() -> None:
    """Refused token requests and rows are shown, without known secrets."""
    refused = said(401, {"error": "invalid_client", "error_description": "this client is not known here"})
    client = client_of(Script(lambda request: OK, grant=lambda: refused))
    await failure_of(client.token())
    assert client.log.exchanges[0].response_body == refused.body.decode()
    rows = said(200, {"entities": [{"agentId": "a-very-long-id-of-an-agent", "state": "Busy"}]})
    client = client_of(Script(lambda request: rows))
    await v2(client).states(["1"])
    assert client.log.exchanges[1].response_body == rows.body.decode()


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
async def test_the_client_as_a_basic_header(encode: Callable[[bytes], bytes]) -> None:
    """Id and secret echoed as a Basic header are hidden."""
    basic = encode(f"{CREDENTIALS.client_id}:{SECRET}".encode()).decode()
    for spelt in (basic, basic.rstrip("=")):
        answer = said(403, {"message": f"Basic {spelt} is not welcome"})
        client = client_of(Script(lambda request, answer=answer: answer))  # type: ignore[misc]
        raised = await failure_of(v2(client).states(["1"]))
        assert spelt.rstrip("=") not in f"{raised} {shown(client)}"
        assert raised.failure.detail.startswith("Basic ***")


async def test_no_secret_in_a_complaint() -> None:
    """A complaint is quoted without secrets, in one short line."""

    def api(request: Request) -> Response:
        words = f"at {SECRET}\nand token-number-1 " + "x" * 500
        return said(200, {"entities": [{"id": 1, "agentId": 1, "state": "Busy"}], "errors": [words]})

    client = client_of(Script(api))
    for complaint in (
        (await v2(client).roster_page(1, 100)).value.complaint,
        (await v2(client).states(["1"])).value.complaint,
    ):
        assert complaint.startswith("rows beside an error: at *** and *** xxx")
        assert len(complaint) <= 103


def test_configured_secrets() -> None:
    """A client hides all configured secrets, also an unneeded one."""
    credentials = replace(CREDENTIALS, access_key_id="key", access_key_secret=Secret("the-keys-secret"))
    client = Client(V2(), Script(lambda request: OK), credentials)
    assert client.secrets.redact(f"{SECRET}, the-keys-secret") == "***, ***"
