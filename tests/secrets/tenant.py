"""A tenant with marked keys that may repeat every secret. It repeats what it has seen, in any place of a response."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal
from urllib.parse import parse_qsl, quote, quote_plus

from cxone_rollcall.emulator import Emulator, EmulatorSettings
from cxone_rollcall.emulator.faults import Fault
from cxone_rollcall.emulator.settings import ContractName
from cxone_rollcall.emulator.wire import Answer, Call

CLIENT_SECRET = "mK7cl/ient+s3cr=t&q?7Km"
KEY_SECRET = "mK7ke\"y's<3cr&t%7Km"
PROXY_PASSWORD = "mK7proxyp4ss7Km"
COOKIE = "mK7c00kie0123456789abcdef7Km"
_FIELDS = (
    "client_secret",
    "access_key_secret",
    "accessKeySecret",
    "password",
    "refresh_token",
    "refreshToken",
    "code",
    "code_verifier",
)

Place = Literal["body", "page", "header", "redirect", "cookie"]
PLACES: tuple[Place, ...] = ("body", "page", "header", "redirect", "cookie")


def spellings(secret: str) -> list[str]:
    """How a server may spell a text. Written independently of the recorder."""
    raw = secret.encode()
    based = [base64.b64encode(before + raw).decode() for before in (b"", b"a", b"id:", b"{", b"xy")]
    escaped = [json.dumps(secret)[1:-1], html.escape(secret)]
    percent = [quote(secret, safe=""), quote_plus(secret), quote(secret, safe="").lower()]
    cases = [secret.upper(), secret.lower(), secret.swapcase(), raw.hex(), raw.hex().upper()]
    return [secret, *based, *(one.replace("+", "-").replace("/", "_") for one in based), *escaped, *percent, *cases]


class Telling(Fault, name="telling"):
    """Records every secret, and from request `since` on repeats them.

    They are secrets that it sees or issues; they are in one place.
    """

    place: Place | None = None
    status: int = 500
    since: int = 3
    secrets: list[str] = field(default_factory=list)
    requests: list[int] = field(default_factory=list)
    given: list[str] = field(default_factory=list)

    def forget(self) -> None:
        """Clear the record for another run."""
        for kept in (self.secrets, self.requests, self.given):
            kept.clear()

    def before(self, call: Call) -> Answer | None:
        """Record the secrets of the request."""
        self.requests.append(1)
        kind, _, value = call.headers.get("Authorization", "").partition(" ")
        self._keep(value)
        if kind == "Basic":
            self._keep(base64.b64decode(value).decode("utf-8", "replace").partition(":")[2])
        body = call.body.decode("utf-8", "replace")
        given: Mapping[str, Any] = json.loads(body) if body.startswith("{") else dict(parse_qsl(body))
        for name in _FIELDS:
            self._keep(given.get(name))
        return None

    def token(self, call: Call, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        """Record the secrets of the response."""
        for name, value in answer.items():
            if "token" in name.lower() and not name.lower().endswith("type"):
                self.given.append(str(value))
        return answer

    def _keep(self, value: object) -> None:
        if isinstance(value, str) and len(value) >= 8 and value not in self.secrets:
            self.secrets.append(value)

    def after(self, call: Call, answer: Answer) -> Answer:
        """Repeat all secrets."""
        tells = self.place is not None and len(self.requests) >= self.since
        if not tells or self.place == "cookie" or (self.place == "header" and self.status == 200):
            for token in self.given:  # elsewhere it is not given after all
                self._keep(token)
        self.given.clear()
        if not tells:
            return answer
        told = [spelt for secret in self.secrets for spelt in spellings(secret)]
        words = " ".join(told)
        if self.place == "body":
            error = {"error": words, "error_description": words, "message": told, **dict.fromkeys(told[:40], 1)}
            return answer._replace(status=self.status, body=json.dumps(error).encode())
        if self.place == "page":
            page = f"<html><title>{words}</title>{html.escape(' '.join(self.secrets))}</html>".encode()
            return answer._replace(status=200, body=page, content_type="text/html")
        if self.place == "header":
            for name in ("icStatusDescription", "WWW-Authenticate", "X-Debug", "Retry-After"):
                answer = answer.with_header(name, words[:6000])
            return answer._replace(status=self.status)
        if self.place == "redirect":
            return answer._replace(status=302).with_header("Location", f"/login?{quote(' '.join(self.secrets))[:6000]}")
        if self.place == "cookie":
            return answer.with_header("Set-Cookie", f"session={COOKIE}; Path=/").with_header("X-Session", COOKIE)
        return answer


def tenant(contract: ContractName, telling: Telling, faults: tuple[Fault, ...] = (), agents: int = 12) -> Emulator:
    """A tenant with marked keys. Its copy of the fault shares its record."""
    settings = EmulatorSettings(
        contracts=(contract,), agents=agents, client_secret=CLIENT_SECRET, access_key_secret=KEY_SECRET
    )
    return Emulator(settings, [*faults, telling])
