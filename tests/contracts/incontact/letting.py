"""A scripted token server: discovery, two token forms, accepted credentials."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tests.contracts.playing import NOTHING, said, shown

from cxone_rollcall.model.credentials import Credentials
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.secret import Secret

HOST = "https://gateway.example.com"
CLIENT, KEY = ("the-client", "client=s3cret/+%"), ("THE-KEY", "key=s3cret/+%")
STRANGER = ("stranger", "strange=s3cret/+%")
REFRESH = "refresh=s3cret/+%"
GRANTED = {"access_token": "granted-token", "expires_in": 3600, "refresh_token": "next-refresh-s3cret"}


@dataclass(kw_only=True)
class Letting:
    """Accepts the pairs in `clients` and `keys`; `told` stands beside the token.

    `client_at` is where the client is looked for, `key_first` whether the access key is checked before it. `statuses`
    are those of a refused client and of a refused key.
    """

    clients: tuple[tuple[str, str], ...] = (CLIENT,)
    keys: tuple[tuple[str, str], ...] = (KEY,)
    client_at: Literal["any", "header", "body"] = "any"
    key_first: bool = False
    statuses: tuple[int, int] = (401, 400)
    spelling: str = "error_description"
    configuration: Mapping[str, object] = field(default_factory=lambda: {"api_endpoint": HOST, "area": "na1"})
    told: Mapping[str, object] = field(default_factory=dict)

    def __call__(self, request: Request) -> Response:
        """Answer one request."""
        if request.target == "/.well-known/openid-configuration":
            endpoints = {"token_endpoint": f"{HOST}/auth/token", "authorization_endpoint": f"{HOST}/auth/authorize"}
            return said(200, endpoints)
        if request.target.startswith("/.well-known/cxone-configuration"):
            return said(200, self.configuration) if self.configuration else NOTHING
        form = shown(request.form)
        match request.target:
            case "/authentication/v1/token/access-key" if request.as_json:
                return self._granted(key=(form["accessKeyId"], form["accessKeySecret"]) in self.keys)
            case "/public/user/refresh" if request.as_json:
                renewed = {"token": "hub-token", "tokenExpirationTimeSec": 60, "refreshToken": "hub-s3cret"}
                return said(200, renewed) if form == {"token": REFRESH} else self._granted(key=False)
            case "/auth/token":
                return self._form_a(request, form)
        return NOTHING

    def _form_a(self, request: Request, form: Mapping[str, str]) -> Response:
        basic = shown(request.headers).get("Authorization", "").removeprefix("Basic ")
        in_header = tuple(base64.b64decode(basic).decode().split(":", 1))
        in_body = (form.get("client_id", ""), form.get("client_secret", ""))
        client = in_header if self.client_at == "header" or (basic and self.client_at == "any") else in_body
        key = True
        match form["grant_type"]:
            case "password":
                key = (form["username"], form["password"]) in self.keys
            case "refresh_token":
                key = form["refresh_token"] == REFRESH
        if self.key_first and not key:
            return self._granted(key=False)
        public = form["grant_type"] in ("refresh_token", "authorization_code") and not in_body[1] and not basic
        known = client in self.clients or (public and client[0] in dict(self.clients))
        return self._granted(key=key) if known else self._refused(self.statuses[0], "invalid_client")

    def _granted(self, *, key: bool) -> Response:
        return said(200, {**GRANTED, **self.told}) if key else self._refused(self.statuses[1], "invalid_grant")

    def _refused(self, status: int, error: str) -> Response:
        return said(status, {"error": error, self.spelling: "These words are shown."})


def who(
    client: tuple[str, str] | None = CLIENT, key: tuple[str, str] | None = KEY, *, grant_type: str = ""
) -> Credentials:
    """Return credentials of a client and an access key. A client with a blank secret has none."""
    return Credentials(
        grant_type=grant_type or ("password" if key else "authorization_code"),
        client_id=client[0] if client else None,
        client_secret=Secret(client[1]) if client and client[1] else None,
        access_key_id=key[0] if key else None,
        access_key_secret=Secret(key[1]) if key else None,
    )


def now() -> float:
    """Return the server's time."""
    return 1000.0
