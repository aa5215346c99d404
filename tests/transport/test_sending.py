"""What is sent arrives as it was meant, byte for byte."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple
from urllib.parse import parse_qsl

import pytest
from aiohttp import web
from tests.transport.raw import sent

from cxone_rollcall.contracts.v2 import V2
from cxone_rollcall.model.credentials import Credentials
from cxone_rollcall.model.exchange import Request
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.redaction.secrets import Secrets
from cxone_rollcall.transport.http import HttpTransport

HARD = [
    "plain",
    "with space",
    "a=b&c=d",
    "100%",
    "%41%zz",
    "plus+plus",
    "quote\"s and 'more'",
    "pässwörd",
    "密码🔑",
    "semi;colon,comma",
    "back\\slash/slash?#",
    "tab\tnewline\nreturn\r",
    " leading and trailing ",
]


def token_request(credentials: Credentials) -> Request:
    """Return the request for a token."""
    return next(V2().tokens.sign_in(credentials, now=lambda: 0.0)).request


class Echo(NamedTuple):
    """A server that remembers the requests it got."""

    url: str
    got: list[tuple[str, str, dict[str, str], bytes]]
    connections: list[object]


@pytest.fixture
async def echo() -> AsyncIterator[Echo]:
    """Return a server that remembers."""
    got: list[tuple[str, str, dict[str, str], bytes]] = []
    connections: list[object] = []

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        connections.append(request.transport)
        got.append((request.method, request.raw_path, dict(request.headers), await request.read()))
        return web.Response(text="ok")

    runner = web.ServerRunner(web.Server(handle, access_log=None))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield Echo(f"http://127.0.0.1:{runner.addresses[0][1]}", got, connections)
    await runner.cleanup()


@pytest.mark.parametrize("text", HARD)
async def test_secrets_arrive_unchanged(echo: Echo, text: str) -> None:
    """A secret arrives as it is, whatever characters it is made of."""
    credentials = Credentials(
        grant_type="password",
        client_id=text,
        client_secret=Secret(text),
        access_key_id=text,
        access_key_secret=Secret(text),
    )
    await sent(echo.url, token_request(credentials))
    method, target, headers, body = echo.got[0]
    assert (method, target) == ("POST", "/oauth/token")
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True)) == {
        "grant_type": "password",
        "username": text,
        "password": text,
        "client_id": text,
        "client_secret": text,
    }


async def test_a_form_as_json(echo: Echo) -> None:
    """The same fields are sent as JSON where an API wants that."""
    form = (("accessKeyId", "kéy"), ("accessKeySecret", Secret("s3cret")))
    await sent(echo.url, Request(method="POST", target="/t", purpose="a token", form=form, as_json=True))
    assert echo.got[0][2]["Content-Type"] == "application/json"
    assert json.loads(echo.got[0][3]) == {"accessKeyId": "kéy", "accessKeySecret": "s3cret"}


async def test_a_request_without_a_body_has_no_content_type(echo: Echo) -> None:
    """Only a form has a Content-Type. Some servers refuse a GET that has one."""
    await sent(echo.url, Request(method="GET", target="/x", purpose="asked"))
    assert "Content-Type" not in echo.got[0][2]


async def test_what_is_not_set_is_not_sent(echo: Echo) -> None:
    """A missing credential is not in the form; the grant type is."""
    await sent(echo.url, token_request(Credentials(grant_type="authorization_code", client_id="me")))
    assert echo.got[0][3] == b"grant_type=authorization_code&client_id=me"


@pytest.mark.parametrize(
    ("ids", "written"),
    [
        (["1"], "1"),
        (["1", "2", "3"], "1,2,3"),
        (["a,b", "c"], "a%2Cb,c"),
        (["ann@example.com"], "ann%40example.com"),
        (["Lee, Ann", "%41"], "Lee%2C%20Ann,%2541"),
        (["a+b", "a/b", "a&b=c", "a#b", "a?b"], "a%2Bb,a%2Fb,a%26b%3Dc,a%23b,a%3Fb"),
        (["ü"], "%C3%BC"),
        (["\udcff"], "%FF"),
        (["../agents"], "..%2Fagents"),
        (["a\r\nX: y"], "a%0D%0AX%3A%20y"),
    ],
)
async def test_the_spelling_of_ids(echo: Echo, ids: Sequence[str], written: str) -> None:
    """Commas between ids are sent literally, ids percent-encoded."""
    await sent(echo.url, V2().states_request(ids, state=None, separator=","))
    await sent(echo.url, V2().states_request(ids, state="Not Ready", separator="%2C"))
    literal, encoded = (target for _, target, _, _ in echo.got)
    assert literal == f"/api/v2/agents/states?agentIds={written}"
    assert encoded == f"/api/v2/agents/states?agentIds={written.replace(',', '%2C')}&state=Not%20Ready"


async def test_the_headers_of_a_request(echo: Echo) -> None:
    """Every request has User-Agent, Accept for JSON, and its token."""
    bearer = ("Authorization", Secret("Bearer t0ken"))
    await sent(echo.url, Request(method="GET", target="/", purpose="a test", headers=(bearer,)))
    headers = echo.got[0][2]
    assert headers["Accept"] == "application/json"
    assert headers["User-Agent"].startswith("rollcall/")
    assert headers["Authorization"] == "Bearer t0ken"


async def test_a_request_of_its_own(echo: Echo) -> None:
    """A request afresh has its own connection; others share one."""
    plain = Request(method="GET", target="/states", purpose="states")
    async with HttpTransport(echo.url, timeout=5, clock=lambda: 0.0) as transport:
        for request in (plain, plain, plain.afresh(), plain.afresh(), plain):
            await transport.send(request)
    first, second, third, fourth, last = echo.connections
    assert first == second == last
    assert len({first, third, fourth}) == 3
    assert ["Cache-Control" in headers for _, _, headers, _ in echo.got] == [False, False, True, True, False]


def test_number_and_size_of_a_page() -> None:
    """A page is requested by its number and its size."""
    assert V2().roster_request(3, 37).target == "/api/v2/agents?page=3&pageSize=37"


async def test_a_secret_that_is_no_text(echo: Echo) -> None:
    """A secret with invalid UTF-8 is sent as its bytes. It may come from an environment; it is shown nowhere."""
    await sent(echo.url, token_request(Credentials(client_id="id", client_secret=Secret("s3cret-\udcff"))))
    assert echo.got[0][3].endswith(b"client_secret=s3cret-%FF")
    secrets = Secrets()
    secrets.learn(Secret("s3cret-\udcff"))
    assert secrets.redact("x s3cret-%FF y s3cret-%ff") == "x *** y ***"
