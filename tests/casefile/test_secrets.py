"""No secret is in a case file. Wherever it was set, however a server echoes it, in any spelling."""

from __future__ import annotations

import asyncio
import base64
import html
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, quote_plus

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.casefile.runs import judged
from tests.casefile.texts import texts
from tests.support.scripted_client import CREDENTIALS
from tests.support.thorough import examples

from cxone_rollcall.casefile.writer import write
from cxone_rollcall.client import Client
from cxone_rollcall.contracts.incontact import Incontact
from cxone_rollcall.contracts.v2 import V2
from cxone_rollcall.diagnose import check
from cxone_rollcall.model.credentials import Credentials
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.transport.base import TransportFault
from cxone_rollcall.transport.recorder import Recorder

HOST = "https://api.example.com"
MARK = "mK7"
"""Begins every secret here, so that none occurs in files by chance."""
WORDS = re.compile(r"[A-Za-z0-9+/_-]{8,}")


def spellings(secret: str) -> list[str]:
    """Return how a server may echo a text. Written independently of the recorder."""
    percent = [quote(secret, safe=""), quote(secret), quote_plus(secret)]
    escaped = [json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]]
    based = [base64.b64encode(before + secret.encode()).decode() for before in (b"", b"id:", b"{", b"xy")]
    urls = [one.replace("+", "-").replace("/", "_") for one in based]
    return [secret, *percent, *escaped, html.escape(secret), *based, *urls]


@dataclass
class Echo:
    """A server that repeats all secrets, in every place and spelling.

    They are what it was shown and what it granted.
    """

    status: int
    fails: bool
    token: str
    shown: list[str] = field(default_factory=list)

    async def send(self, request: Request) -> Response:
        """Answer, or break with a message that tells all."""
        await asyncio.sleep(0)
        for _, value in (*(request.form or ()), *request.headers):
            if isinstance(value, Secret):
                self.shown.append(value.reveal().removeprefix("Bearer "))
        if request.target.startswith("/.well-known/"):
            found = {"token_endpoint": f"{HOST}/auth/token", "api_endpoint": HOST}
            return Response(status=200, headers={}, body=json.dumps(found).encode())
        told = [spelt for secret in self.shown for spelt in spellings(secret)]
        headers = {"x-echo": " ".join(told).replace("\n", " "), "content-type": "application/json"}
        if request.form is not None:
            granted = {"access_token": self.token, "refresh_token": self.token[::-1] + MARK, "expires_in": 3600}
            self.shown.append(self.token)
            return Response(status=200, headers=headers, body=json.dumps({**granted, "echo": told}).encode())
        if self.fails:
            raise TransportFault(FailureKind.UNREACHABLE, f"refused: {' '.join(told)}")
        row = {"id": 1, "agentId": 1, "firstName": told[0], "state": told[-1], "userName": told[1], "teamName": "x"}
        body: dict[str, Any] = {"entities": [row], "agents": [row], "agentStates": [row], "totalCount": 1}
        if self.status != 200:
            body = {"error": " ".join(told), "inner": json.dumps({"error": told})}
        return Response(status=self.status, headers=headers, body=json.dumps(body).encode())


def assert_hidden(file: bytes, *secrets: str) -> None:
    """Assert that a file has none of these, plain or spelt otherwise."""
    said = [file.decode(), *texts(json.loads(file))]
    for secret in secrets:
        for spelt in spellings(secret)[:6]:
            assert not any(spelt in text for text in said)
        raw = secret.encode()
        for text in said:
            for word in WORDS.findall(text):
                plain = word.replace("-", "+").replace("_", "/")
                for start in range(4):
                    piece = plain[start:]
                    assert raw not in base64.b64decode(piece[: len(piece) // 4 * 4])


async def file_of(contract: V2 | Incontact, credentials: Credentials, server: Echo, *, anonymize: bool) -> bytes:
    """Run a check of this server and return its case file."""
    recorder = Recorder(bodies=True)
    client = Client(contract, server, credentials, base_url=HOST, recorder=recorder, rng=lambda: 0.0)
    account = await check(client)
    return b"".join(write(account, hide=recorder.secrets.redact, anonymize=anonymize))


SECRET = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=5, max_size=40).map(
    lambda text: MARK + text.strip() + "7Km"
)

TOKEN = st.from_regex(r"[A-Za-z0-9._~+/-]{5,40}=?", fullmatch=True)
"""The characters of a token (RFC 6750); no others fit a header."""


@settings(examples(20), suppress_health_check=[HealthCheck.function_scoped_fixture])
@example('quo"te', "tok/en+=", 400, False, True)
@example("密码密码", "a-b~", 200, False, False)
@example("back\\slash", "eyJh.eyJi.c2ln", 500, True, True)
@given(SECRET, TOKEN, st.sampled_from([200, 400, 401, 403, 500]), st.booleans(), st.booleans())
def test_no_echoed_secret(secret: str, token: str, status: int, fails: bool, anonymize: bool) -> None:
    """No secret is in the file, even if echoed.

    Secrets are of every setting and token, in bodies, headers and error texts.
    """
    secret, token, key = f"{MARK}{secret}", f"{MARK}{token}", f"{MARK}{secret[::-1]}key"
    v2 = Credentials(client_id="id", client_secret=Secret(secret))
    published = Credentials(
        grant_type="password",
        client_id="id",
        client_secret=Secret(secret),
        access_key_id="key-id",
        access_key_secret=Secret(key),
    )
    contracts: tuple[tuple[V2 | Incontact, Credentials], ...] = ((V2(HOST), v2), (Incontact(HOST), published))
    for contract, credentials in contracts:
        file = asyncio.run(file_of(contract, credentials, Echo(status, fails, token), anonymize=anonymize))
        assert_hidden(file, secret, token, key, token[::-1] + MARK)
        assert judged(file).exit_code is not None


def test_what_is_learned_late_is_hidden_from_the_beginning() -> None:
    """A secret echoed before it was known is not in the file."""
    recorder, server = Recorder(bodies=True), Echo(200, False, "t0ken-of-it")
    server.shown.append("late-s3cret")
    client = Client(V2(HOST), server, CREDENTIALS, base_url=HOST, recorder=recorder)

    async def drawn() -> bytes:
        return b"".join(write(await check(client), hide=recorder.secrets.redact))

    assert b"late-s3cret" in asyncio.run(drawn())
    recorder.secrets.learn(Secret("late-s3cret"))
    assert b"late-s3cret" not in asyncio.run(drawn())


def test_a_cookie_that_is_echoed_is_hidden() -> None:
    """A cookie's value is hidden in its header and everywhere else."""
    recorder = Recorder(bodies=True)
    cookie = "session=4f9a8b7c6d5e4f3a2b1c; Path=/; Domain=api.example.com"
    request = Request(method="GET", target="/x", purpose="a question")
    body = b'{"session": "4f9a8b7c6d5e4f3a2b1c", "host": "api.example.com"}'
    recorder.record(request, Response(status=200, headers={"set-cookie": cookie}, body=body), seconds=0)
    kept = recorder.exchanges[0]
    assert kept.response_headers == (("set-cookie", "***"),)
    assert kept.response_body == '{"session": "***", "host": "api.example.com"}'
