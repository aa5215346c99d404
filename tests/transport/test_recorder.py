"""Each exchange is recorded once, numbered from 1, without secrets."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Mapping
from urllib.parse import quote, quote_plus

import msgspec
import pytest
from tests.support.awkward_secrets import SECRETS
from tests.transport.raw import listening, saying, sent

from cxone_rollcall.model.exchange import Exchange, Request, Response
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.struct import replace
from cxone_rollcall.redaction.secrets import MOST_COOKIES, Secrets
from cxone_rollcall.transport.base import TransportFault
from cxone_rollcall.transport.recorder import LONGEST_BODY, LONGEST_KEPT, Recorder

GET = Request(method="GET", target="/api/v2/agents?page=1", purpose="page 1 of the roster")


def answer(body: str | bytes = "", status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return an answer."""
    return Response(status=status, headers=headers or {}, body=body.encode() if isinstance(body, str) else body)


def shown(recorder: Recorder) -> str:
    """Return all that a recorder keeps, as one text."""
    return repr([msgspec.structs.astuple(exchange) for exchange in recorder.exchanges]) + json.dumps(
        [[str(part) for part in msgspec.structs.astuple(one)] for one in recorder.exchanges], ensure_ascii=False
    )


def spellings(secret: str) -> list[str]:
    """Return how servers echo a text, by a second author."""
    percent = [quote(secret), quote(secret, safe=""), quote_plus(secret)]
    escaped = [json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]]
    return [secret, *percent, *escaped, html.escape(secret)]


def test_exchanges_are_numbered() -> None:
    """Exchanges are numbered from 1 in order, and watched."""
    seen: list[Exchange] = []
    recorder = Recorder(watcher=seen.append)
    fault = TransportFault(FailureKind.TIMED_OUT, "no answer")
    assert [recorder.record(GET, one, seconds=0.5) for one in (answer(), fault, answer(status=500))] == [1, 2, 3]
    assert recorder.exchanges == seen
    assert [(one.number, one.status, one.fault, one.milliseconds) for one in seen] == [
        (1, 200, "", 500.0),
        (2, None, "no answer", 500.0),
        (3, 500, "", 500.0),
    ]


def test_bodies_are_kept_on_request_only() -> None:
    """Headers and bodies are kept only with `bodies`."""
    for bodies in (False, True):
        recorder = Recorder(bodies=bodies)
        request = Request(method="POST", target="/oauth/token", purpose="token", form=(("grant_type", "a b"),))
        recorder.record(request, answer("hello", headers={"x-y": "z"}), seconds=0)
        kept = recorder.exchanges[0]
        assert (kept.request_body, kept.response_body) == (("grant_type=a+b", "hello") if bodies else ("", ""))
        assert kept.response_headers == ((("x-y", "z"),) if bodies else ())


@pytest.mark.parametrize("secret", SECRETS)
def test_what_is_sent(secret: str) -> None:
    """A sent secret is hidden in form and headers."""
    recorder = Recorder(bodies=True)
    form = (("client_id", "id"), ("client_secret", Secret(secret)))
    headers = (("Authorization", Secret(f"Bearer {secret}")), ("X-Other", "kept"), ("Cookie", "session=1"))
    recorder.record(
        Request(method="POST", target="/oauth/token", purpose="token", form=form, headers=headers), answer(), seconds=0
    )
    kept = recorder.exchanges[0]
    assert kept.request_body == "client_id=id&client_secret=***"
    assert kept.request_headers == (("Authorization", "***"), ("X-Other", "kept"), ("Cookie", "***"))
    assert secret not in shown(recorder)


@pytest.mark.parametrize("secret", SECRETS)
def test_an_echoed_secret(secret: str) -> None:
    """An echoed secret is hidden, in any spelling."""
    recorder = Recorder(bodies=True)
    recorder.secrets.learn(Secret(secret))
    for spelt in spellings(secret):
        request = Request(method="GET", target=f"/x?y={spelt}", purpose="a test")
        recorder.record(request, answer(f"<p>{spelt}</p>", 400, {"location": f"/{spelt}"}), seconds=0)
        recorder.record(request, TransportFault(FailureKind.UNREACHABLE, f"at {spelt}!"), seconds=0)
        assert recorder.secrets.redact(f"it was {spelt}.") == "it was ***."
    texts = [part for one in recorder.exchanges for part in (one.target, one.fault, one.response_body)]
    assert not any(spelt in text for spelt in spellings(secret) for text in texts)
    assert all("***" in one.target for one in recorder.exchanges)


TOKEN_ANSWERS = [
    '{"access_token": "T0KEN", "token_type": "Bearer", "expires_in": 3600}',
    '{"access_token":"T0KEN","refresh_token":"T0KEN","id_token":"T0KEN"}',
    '{"token": "T0KEN", "refreshToken": "T0KEN"}',
    '{"accessToken" :\n "T0KEN"}',
    '{"client_secret": "T0KEN", "clientSecret": "T0KEN", "password": "T0KEN", "accessKeySecret": "T0KEN"}',
    '{"access_token": "x\\"T0KEN", "token_type": "Bearer"}',
    '{"access_token": "T0KEN',
    "access_token=T0KEN&token_type=Bearer",
    "<answer><access_token>T0KEN</access_token></answer>",
]


@pytest.mark.parametrize("body", TOKEN_ANSWERS)
def test_token_answers(body: str) -> None:
    """A token is redacted in JSON, truncated JSON, a form and XML. UTF-16 is kept as readable text."""
    kept = set()
    for encoding in ("utf-8", "utf-16"):
        recorder = Recorder(bodies=True)
        recorder.record(GET, answer(body.encode(encoding)), seconds=0)
        assert "T0KEN" not in shown(recorder)
        kept.add(recorder.exchanges[0].response_body.lstrip("\ufffd"))
    assert len(kept) == 1
    assert "T0KEN" not in Secrets().redact(f"not JSON but a text: {body}")
    assert Secrets().redact('"token_type": "Bearer"') == '"token_type": "Bearer"'


def test_set_cookie() -> None:
    """A cookie that a server sets is a secret."""
    recorder = Recorder(bodies=True)
    recorder.record(GET, answer(headers={"set-cookie": "session=T0KEN"}), seconds=0)
    assert "T0KEN" not in shown(recorder)


async def test_each_of_several_cookies() -> None:
    """Each cookie of a response is hidden."""
    cookies = [f"cookie-number-{number}-of-three" for number in range(3)]
    head = "".join(f"Set-Cookie: c{number}={one}; Path=/\r\n" for number, one in enumerate(cookies))
    body = " ".join(cookies)
    whole = f"HTTP/1.1 200 OK\r\n{head}Content-Length: {len(body)}\r\n\r\n{body}"
    async with listening(saying(whole.encode())) as url:
        response = await sent(url, GET)
    assert response.headers["set-cookie"].count("\n") == 2
    recorder = Recorder(bodies=True)
    recorder.record(GET, response, seconds=0)
    assert recorder.exchanges[0].response_body == "*** *** ***"
    assert dict(recorder.exchanges[0].response_headers)["set-cookie"] == "***"


def test_cookies_of_one_response_are_counted() -> None:
    """A run looks for a limited number of cookies."""
    recorder = Recorder(bodies=True)
    cookies = [f"a=value-of-cookie-{number:03d}" for number in range(2 * MOST_COOKIES)]
    recorder.record(GET, answer(headers={"set-cookie": "\n".join(cookies[:3])}), seconds=0)
    recorder.record(GET, answer(headers={"set-cookie": "\n".join(cookies[3:])}), seconds=0)
    shown = [recorder.secrets.redact(one) for one in cookies]
    assert shown == ["a=***"] * MOST_COOKIES + cookies[MOST_COOKIES:]


def test_long_bodies_are_cut_after_redaction() -> None:
    """A long body is redacted first, then shortened."""
    for longest in (LONGEST_BODY, LONGEST_KEPT):
        seen: list[Exchange] = []
        recorder = Recorder(bodies=True, watcher=seen.append)
        recorder.secrets.learn(Secret("s3cret-plain"))
        recorder.record(GET, answer("x" * (longest - 6) + "s3cret-plain" + "y" * 100), seconds=0)
        shown, kept = seen[0].response_body, recorder.exchanges[0].response_body
        assert "s3c" not in shown + kept
        assert shown.endswith(f"({longest - 6 + 12 + 100} bytes)")
        assert len(shown) < LONGEST_BODY + 30
        assert min(longest, LONGEST_KEPT) <= len(kept) + 3 < LONGEST_KEPT + 40


def test_bodies_are_kept_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bodies are kept up to `MOST_KEPT` together. Later exchanges say why theirs is missing, and are still shown."""
    monkeypatch.setattr("cxone_rollcall.transport.recorder.MOST_KEPT", 10)
    seen: list[Exchange] = []
    recorder = Recorder(bodies=True, watcher=seen.append)
    for body in ("12345", "äöü", "1", "", '{"x": 1}'):
        recorder.record(GET, answer(body), seconds=0)
    kept = [(one.response_body, one.left_out != "") for one in recorder.exchanges]
    assert kept == [("12345", False), ("", True), ("1", False), ("", False), ("", True)]
    assert "10 bytes of other bodies are kept" in recorder.exchanges[1].left_out
    assert [one.response_body for one in seen] == ["12345", "äöü", "1", "", '{"x": 1}']
    assert [one.left_out for one in seen] == [""] * 5


def test_endless_cookies_do_not_slow_down() -> None:
    """Endless new cookies do not slow down the recorder."""
    recorder = Recorder(bodies=True)
    for number in range(100):
        recorder.record(GET, answer(headers={"set-cookie": f"session=value-of-cookie-{number:03d}; Path=/"}), seconds=0)
    assert recorder.secrets.redact("value-of-cookie-000") == "***"
    assert recorder.secrets.redact(f"value-of-cookie-{MOST_COOKIES:03d}") != "***"
    assert recorder.exchanges[-1].response_headers == (("set-cookie", "***"),)


def test_any_authorization_header_is_hidden() -> None:
    """An Authorization header is hidden whatever it holds."""
    recorder = Recorder(bodies=True)
    basic = base64.b64encode(b"id:s3cret-plain").decode()
    recorder.record(
        Request(method="GET", target="/", purpose="", headers=(("Authorization", basic),)), answer(), seconds=0
    )
    assert basic not in shown(recorder)


def test_headers_that_only_sound_secret_are_kept() -> None:
    """A header may name a key or a session. It is hidden only where a token is granted."""
    recorder = Recorder(bodies=True)
    request = replace(GET, headers=(("Session-Affinity", "seven"),))
    recorder.record(request, answer(headers={"x-key-version": "2"}), seconds=0)
    (exchange,) = recorder.exchanges
    assert exchange.request_headers == (("Session-Affinity", "seven"),)
    assert exchange.response_headers == (("x-key-version", "2"),)


@pytest.mark.parametrize(
    "piece",
    [
        "eyJ",
        "eyJaaaaa.",
        ".eyJaaaaa",
        "eyJaaaaa eyJ-",
        "token",
        '"token" ',
        "<_token",
        "a_",
        '"access_token":"\\a',
        "client_",
    ],
)
def test_hostile_bodies_are_read_in_linear_time(piece: str) -> None:
    """Half a million characters of near-tokens are redacted in linear time. Quadratic time would take minutes."""
    body = (piece * (500_000 // len(piece)) + " eyj token").encode()
    recorder = Recorder(bodies=True)
    recorder.record(Request(method="POST", target="/x", purpose="x", form=(("a", "b"),)), answer(body), seconds=0)
    assert recorder.exchanges[0].response_body


def test_an_id_token_is_known_in_any_spelling() -> None:
    """A signed token in an answer stays hidden, also in base64."""
    token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJzb21lYm9keSJ9.c2lnbmF0dXJl"
    recorder = Recorder(bodies=True)
    request = Request(method="POST", target="/auth/token", purpose="token", form=(("grant_type", "password"),))
    recorder.record(request, Response(status=200, headers={}, body=f'{{"id_token":"{token}"}}'.encode()), seconds=0.0)
    assert recorder.secrets.redact(base64.b64encode(token.encode()).decode()) == "***"


def test_each_member_of_an_exchange(caplog: pytest.LogCaptureFixture) -> None:
    """An exchange has all of its request and response, without secrets. Its first one began at 0."""
    caplog.set_level("DEBUG", "cxone_rollcall.exchanges")
    recorder = Recorder(bodies=True, home="https://home.example")
    token = "granted-token-0123456789"
    form = (("grant_type", "a b"), ("client_secret", Secret("the-client-secret")))
    first = Request(
        method="POST",
        target="/token?of=the-client-secret",
        purpose="a token",
        form=form,
        headers=(("X-A", "1"), ("CorrelationId", "c-1")),
        base="https://home.example",
    )
    headers = {"x-session": "s", "date": "now", "x-echo": "the-client-secret"}
    granted = answer(f'{{"secret_thing":"{token}","access_token":"{token}","n":7}}', 201, headers)
    recorder.record(first, granted, seconds=0.25, began=100.0)
    second = replace(first, form=None, base="https://other.example", headers=())
    recorder.record(second, replace(answer("", 502), unread="too large"), seconds=1, began=101.5)
    third = replace(second, form=())
    recorder.record(third, TransportFault(FailureKind.TIMED_OUT, "no the-client-secret"), seconds=2, began=103.0)
    assert recorder.exchanges == [
        Exchange(
            number=1,
            method="POST",
            target="/token?of=***",
            purpose="a token",
            status=201,
            fault="",
            milliseconds=250.0,
            request_headers=(("X-A", "1"), ("CorrelationId", "c-1")),
            request_body="grant_type=a+b&client_secret=***",
            response_headers=(("x-session", "***"), ("date", "now"), ("x-echo", "***")),
            response_body='{"secret_thing":"***","access_token":"***","n":7}',
            correlation="c-1",
        ),
        Exchange(
            number=2,
            method="POST",
            target="https://other.example/token?of=***",
            purpose="a token",
            status=502,
            fault="",
            milliseconds=1000.0,
            began=1.5,
            left_out="too large",
        ),
        Exchange(
            number=3,
            method="POST",
            target="https://other.example/token?of=***",
            purpose="a token",
            status=None,
            fault="no ***",
            milliseconds=2000.0,
            began=3.0,
        ),
    ]
    assert [one.getMessage() for one in caplog.records] == [
        "#1 POST /token?of=***: 201, 250 ms (a token)",
        "#2 POST https://other.example/token?of=***: 502, 1000 ms (a token)",
        "#3 POST https://other.example/token?of=***: 'no ***', 2000 ms (a token)",
    ]


@pytest.mark.parametrize(
    ("status", "with_form", "is_hidden"),
    [(200, True, True), (299, True, True), (300, True, False), (199, True, False), (200, False, False)],
)
def test_which_answers_grant_a_token(status: int, with_form: bool, is_hidden: bool) -> None:
    """Only a successful answer to a form grants a token."""
    recorder = Recorder(bodies=True)
    request = replace(GET, form=(("a", "b"),) if with_form else None)
    recorder.record(request, answer('{"x": "0123456789abcdef"}', status), seconds=0)
    assert recorder.exchanges[0].response_body == ('{"x": "***"}' if is_hidden else '{"x": "0123456789abcdef"}')


def test_the_next_run_has_the_same_secrets() -> None:
    """The next run has a new recorder with the same secrets."""
    seen: list[Exchange] = []
    recorder = Recorder(bodies=True, watcher=seen.append, home="https://home.example")
    recorder.secrets.learn(Secret("the-old-token"))
    recorder.record(GET, answer("a"), seconds=0, began=5.0)
    after = recorder.for_next_run()
    after.record(replace(GET, base="https://home.example"), answer("the-old-token"), seconds=0, began=9.0)
    assert [(one.number, one.target, one.response_body, one.began) for one in after.exchanges] == [
        (1, GET.target, "***", 0.0)
    ]
    assert [one.response_body for one in seen] == ["a", "***"]
