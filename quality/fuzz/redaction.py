"""Redaction: no recorded exchange contains a secret, however a server encodes it."""

from __future__ import annotations

import base64
import html
import json
import string
from collections.abc import Callable, Iterator
from urllib.parse import quote, quote_plus

from cxone_rollcall.model.exchange import Exchange, Request, Response
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.transport.recorder import Recorder
from quality.fuzz.target import Target, must

LETTERS = string.ascii_letters + string.digits + "+/=._-~ &\"'<>%\\"
SHORTEST, LONGEST = 12, 40
"""Characters of the secrets; shorter ones may occur by chance."""
ECHOES: tuple[Callable[[str], str], ...] = (
    str,
    quote,
    quote_plus,
    html.escape,
    lambda text: json.dumps(text)[1:-1],
    lambda text: base64.b64encode(text.encode()).decode(),
    lambda text: base64.urlsafe_b64encode(b"id:" + text.encode()).decode(),
    lambda text: json.dumps(quote(text, safe="")),
)


def feed(data: bytes) -> None:
    """Send a secret and search the recorded exchange for it. A response echoes it within these bytes."""
    head, around = data[: LONGEST + 3], data[LONGEST + 3 :]
    secret = "".join(LETTERS[one % len(LETTERS)] for one in head[3:]).strip()
    if len(secret) < SHORTEST or len(set(secret)) < SHORTEST // 2:
        return
    echo = ECHOES[head[0] % len(ECHOES)](secret).encode()
    place = head[1] * len(around) // 255
    body = around[:place] + echo + around[place:]
    recorder = Recorder(bodies=True)
    request = Request(
        method="POST",
        target="/oauth/token" if head[2] % 2 else f"/api/v2/agents?of={quote(secret)}",
        purpose="token",
        form=(("client_id", "id"), ("client_secret", Secret(secret))) if head[2] % 2 else None,
        headers=(("Authorization", Secret(f"Bearer {secret}")),),
    )
    response = Response(
        status=(200, 400, 302)[head[2] % 3], headers={"location": f"/?at={quote(secret)}", "x-echo": secret}, body=body
    )
    number = recorder.record(request, response, seconds=0.1)
    kept = recorder.exchanges[number - 1]
    for text in _texts(kept):
        must(secret not in text, "a secret is not recorded", secret, text)
        must(echo.decode() not in text, "an echoed secret is not recorded", secret, text)


def _texts(kept: Exchange) -> Iterator[str]:
    yield from (kept.target, kept.fault, kept.request_body, kept.response_body)
    yield from (value for _, value in (*kept.request_headers, *kept.response_headers))


def _seeds() -> Iterator[bytes]:
    secret = bytes(range(7, 7 + LONGEST))
    for echo in range(len(ECHOES)):
        for kind in range(3):
            for around in (b"", b'{"error": "", "message": "the key is refused"}', b"<p>not   you</p>"):
                yield bytes((echo, 128, kind)) + secret + around


REDACTION = Target(
    name="redaction",
    about="secrets that a server echoes, in recorded exchanges",
    feed=feed,
    seeds=_seeds,
    words=(b'"access_token": "', b"password=", b"<token>", b"\\u", b"%2F", b"\0", b"\\"),
)
TARGETS = (REDACTION,)
