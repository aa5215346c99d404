"""Tokens of the `incontact` contract, by key, login or client alone.

| form | request |
|---|---|
| A | `POST {issuer}/auth/token`, a form: `password` with the access key, `authorization_code`, `refresh_token` |
| B | `POST {user hub}/authentication/v1/token/access-key`, JSON, for an access key without a client |
| B, renewal | `POST {user hub}/public/user/refresh`, JSON; its answer has other names |

Client id and secret stand in a Basic header or in the body; servers of both kinds exist. The header is tried first.

Source: NICE's OpenAPI files, v34, NicePy and the official SDK (A), tap-nice-incontact and PSInContact (B).
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cxone_rollcall.contracts.decoding import refuse_unless_ok
from cxone_rollcall.contracts.incontact.discovery import discover, find_api, is_not_here
from cxone_rollcall.contracts.protocol import Callback, Now, Question, Steps, UnusableAnswer
from cxone_rollcall.contracts.tokens import (
    Form,
    authorize_query,
    client_form,
    code_form,
    form_of,
    key_form,
    read_hub_renewal,
    read_token,
    refresh_form,
)
from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.credentials import Credentials
from cxone_rollcall.model.exchange import Request, Response
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.observations.access import RolesTried
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.struct import replace
from cxone_rollcall.model.token import Token

if TYPE_CHECKING:
    from cxone_rollcall.contracts.incontact.discovery import Endpoints


_ACCESS_KEY, _REFRESH = "/authentication/v1/token/access-key", "/public/user/refresh"
_REFUSALS = frozenset({400, 401, 403})
_NOBODY = "rollcall-no-such-client"
_SETTLED = frozenset({"invalid_grant", "unsupported_grant_type", "invalid_scope"})
"""OAuth errors that are not about the client. Sending the client in another place would not help."""


class IncontactTokens:
    """Fetches one tenant's tokens. Remembers its endpoints, and whether the client is sent in the header."""

    def __init__(self, instance: str, tenant_id: str | None) -> None:
        self._instance = instance
        self._tenant_id = tenant_id
        self._endpoints: Endpoints | None = None
        self._in_header = True
        self._at_hub = False
        self.roles = RolesTried()

    @property
    def api(self) -> str:
        """The base URL of the API; before the first token, the instance."""
        return (self._endpoints.api if self._endpoints else None) or self._instance

    @property
    def userinfo(self) -> str | None:
        """The URL that says who a token is. None before the first token, or if discovery names none."""
        return self._endpoints.userinfo if self._endpoints else None

    def sign_in(self, credentials: Credentials, *, now: Now) -> Steps[Token]:
        """Fetch a token by access key or client; raises `RequestFailed`."""
        self.roles = RolesTried()
        endpoints = yield from self._find()
        if credentials.grant_type == "password" and credentials.client_id is None:
            token = yield from self._at_the_hub(endpoints, credentials, now)
        else:
            key = key_form(credentials) if credentials.grant_type == "password" else ()
            form = (("grant_type", credentials.grant_type), *key)
            try:
                token = yield from self._with_client(endpoints, form, credentials, now)
            except RequestFailed as refused:
                if _is_refusal(refused) and refused.failure.error not in _SETTLED:
                    yield from self._try_roles(endpoints, credentials, now)
                raise
        return (yield from self._settled(token))

    def renew(self, refresh_token: Secret, credentials: Credentials, *, now: Now) -> Steps[Token]:
        """Fetch the next token with a refresh token. The request has the form that granted the first one."""
        endpoints = yield from self._find()
        if self._at_hub:
            request = _json_request(endpoints.user_hub, _REFRESH, (("token", refresh_token),), "next token")
            token = yield from _granted(request, lambda response: read_hub_renewal(response, now=now()))
        else:
            token = yield from self._with_client(endpoints, refresh_form(refresh_token), credentials, now)
        if token.refresh_token is None:  # then the old one stays valid
            token = replace(token, refresh_token=refresh_token)
        return (yield from self._settled(token))

    def redeem(
        self, code: Secret, verifier: Secret, redirect_uri: str, credentials: Credentials, *, now: Now
    ) -> Steps[Token]:
        """Fetch a token with the code that the authorize page gave."""
        endpoints = yield from self._find()
        form = code_form(code, verifier, redirect_uri)
        token = yield from self._with_client(endpoints, form, credentials, now)
        return (yield from self._settled(token))

    def authorize_url(self, credentials: Credentials, callback: Callback) -> Steps[str]:
        """Find the address at which a user's browser logs in."""
        endpoints = yield from self._find()
        tenant_id = self._tenant_id or endpoints.tenant_id
        return f"{endpoints.authorize}?{authorize_query(credentials, callback, scope='openid', tenant_id=tenant_id)}"

    def _find(self) -> Steps[Endpoints]:
        if self._endpoints is None:
            self._endpoints = yield from discover(self._instance, self._tenant_id)
        return self._endpoints

    def _settled(self, token: Token) -> Steps[Token]:
        """Return the token once the API is found. Finding it may take the tenant id in the token's claims."""
        endpoints = self._endpoints
        tenant_id = token.claims.get("tenantId", token.id_claims.get("tenantId"))
        if endpoints is None or endpoints.api is not None:
            return token
        if isinstance(tenant_id, str) and tenant_id:
            try:
                self._endpoints = yield from find_api(endpoints, self._instance, tenant_id)
            except RequestFailed as failed:
                if not self._instance or not is_not_here(failed):
                    raise  # otherwise the instance is the API
        if self.api == "":
            raise UnusableAnswer(
                FailureKind.NOT_FOUND, "neither the discovery nor the token says where the tenant's API is"
            )
        return token

    def _with_client(self, endpoints: Endpoints, form: Form, credentials: Credentials, now: Now) -> Steps[Token]:
        """Fetch by form A, with the client in the header. If the server refuses that, it is sent in the body."""
        self._at_hub = False
        in_turn = (self._in_header, not self._in_header) if credentials.client_secret else (False,)
        refusal: RequestFailed | None = None
        for in_header in in_turn:
            request = _form_request(endpoints.token, form, credentials, in_header=in_header)
            try:
                token = yield from _granted(request, lambda response: read_token(response, now=now()))
            except RequestFailed as refused:
                if not _is_refusal(refused):
                    raise
                # A refusal in the second place counts only if it is not of the client.
                if refusal is None or refused.failure.error in _SETTLED:
                    refusal = refused
                if refused.failure.error in _SETTLED:
                    break
            else:
                self._in_header = in_header
                return token
        assert refusal is not None  # noqa: S101  each turn returns, raises, or is refused
        raise refusal

    def _at_the_hub(self, endpoints: Endpoints, credentials: Credentials, now: Now) -> Steps[Token]:
        """Fetch by form B, with an access key and without a client."""
        self._at_hub = True
        request = _key_request(endpoints, credentials.access_key_id, credentials.access_key_secret)
        try:
            return (yield from _granted(request, lambda response: read_token(response, now=now())))
        except RequestFailed as refused:
            if endpoints.hub_is_guessed:  # the key may be from another hub: the refusal proves little
                refused.failure = replace(refused.failure, guessed=True)
            if _is_refusal(refused):
                yield from self._try_roles(endpoints, credentials, now)
            raise

    def _try_roles(self, endpoints: Endpoints, credentials: Credentials, now: Now) -> Steps[None]:
        """Detect swapped credentials: client as access key, access key as client."""
        client_is_key = key_is_client = False
        exchange = 0

        if credentials.client_id and credentials.client_secret:
            request = _key_request(endpoints, credentials.client_id, credentials.client_secret)
            try:
                exchange = (
                    yield Question(
                        replace(request, purpose="the client as an access key"),
                        lambda response: read_token(response, now=now()),
                    )
                ).exchange
                client_is_key = True
            except RequestFailed as refused:
                exchange = refused.failure.exchange
        if credentials.access_key_id and credentials.access_key_secret and not client_is_key:
            error, exchange = yield from self._sent_as_client(
                endpoints, credentials, credentials.access_key_id, credentials.access_key_secret
            )
            if error == "invalid_grant":
                # It is a client, or the server checks the key first: a client that cannot exist shows which.
                control, _ = yield from self._sent_as_client(endpoints, credentials, _NOBODY, Secret(_NOBODY))
                key_is_client = control == "invalid_client"
        self.roles = RolesTried(exchange=exchange, client_is_key=client_is_key, key_is_client=key_is_client)

    def _sent_as_client(
        self, endpoints: Endpoints, credentials: Credentials, client_id: str, secret: Secret
    ) -> Steps[tuple[str, int]]:
        """Send the access key with this client. Returns the server's error code and the number of the exchange."""
        client = replace(credentials, client_id=client_id, client_secret=secret)
        form = (("grant_type", "password"), *key_form(credentials))
        request = _form_request(endpoints.token, form, client, in_header=self._in_header)
        request = replace(request, purpose="the access key as a client")
        try:
            answered = yield Question(request, refuse_unless_ok)
        except RequestFailed as refused:
            return refused.failure.error, refused.failure.exchange
        return "", answered.exchange


def _granted(request: Request, read: Callable[[Response], Token]) -> Steps[Token]:
    answered = yield Question(request, read)
    token: Token = replace(answered.value, exchange=answered.exchange)
    return token


def _is_refusal(refused: RequestFailed) -> bool:
    """Whether the server refused what was sent. A page or an empty 403 comes from something before it."""
    failure = refused.failure
    by_others = failure.is_page or (failure.status == HTTPStatus.FORBIDDEN and not failure.error and not failure.detail)
    return failure.status in _REFUSALS and not by_others


def _form_request(token_endpoint: str, form: Form, credentials: Credentials, *, in_header: bool) -> Request:
    parts = urlsplit(token_endpoint)
    headers: Form = ()
    if in_header and credentials.client_secret:
        pair = f"{credentials.client_id}:{credentials.client_secret.reveal()}".encode("utf-8", "surrogateescape")
        headers = (("Authorization", Secret(f"Basic {base64.b64encode(pair).decode()}")),)
        # A renewal has its client id in the body too (NICE OpenAPI v34, *refresh_token*); the other grants do not.
        client = form_of(client_id=credentials.client_id) if form[0][1] == "refresh_token" else ()
    else:
        client = client_form(credentials)
    return Request(
        method="POST",
        base=f"{parts.scheme}://{parts.netloc}",
        target=parts.path + (f"?{parts.query}" if parts.query else ""),
        purpose="token",
        form=(*form, *client),
        headers=headers,
        correlated=True,
    )


def _key_request(endpoints: Endpoints, key_id: str | None, secret: Secret | None) -> Request:
    form = form_of(accessKeyId=key_id, accessKeySecret=secret)
    return _json_request(endpoints.user_hub, _ACCESS_KEY, form, "token")


def _json_request(base: str, target: str, form: Form, purpose: str) -> Request:
    return Request(method="POST", base=base, target=target, purpose=purpose, form=form, as_json=True, correlated=True)
