"""Who we are to the published contract: an access key, a user's login, or a client alone, each with its token forms.

| form | request |
|---|---|
| A | `POST {issuer}/auth/token`, a form: `password` with the access key, `authorization_code`, `refresh_token` |
| B | `POST {user hub}/authentication/v1/token/access-key`, JSON, for an access key without a client |
| B, renewal | `POST {user hub}/public/user/refresh`, JSON; answers with other names |

Source: NICE's OpenAPI files of the v34 era, NicePy and the official SDK (A), tap-nice-incontact and PSInContact (B).
Client id and secret stand in a Basic header or in the body, both in real use: the header is tried first.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cxone_rollcall.contracts.decoding import refuse_unless_ok
from cxone_rollcall.contracts.incontact.discovery import find_api, find_places, is_not_here
from cxone_rollcall.contracts.protocol import Question, UnusableAnswer
from cxone_rollcall.contracts.tokens import (
    authorize_query,
    code_form,
    key_form,
    read_hub_renewal,
    read_token,
    refresh_form,
)
from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.exchange import Request
from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.model.observations.access import RolesTried
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.struct import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from cxone_rollcall.contracts.incontact.discovery import Places
    from cxone_rollcall.contracts.protocol import Callback, Now, Steps
    from cxone_rollcall.contracts.tokens import Form
    from cxone_rollcall.model.credentials import Credentials
    from cxone_rollcall.model.exchange import Response
    from cxone_rollcall.model.token import Token


_ACCESS_KEY, _REFRESH = "/authentication/v1/token/access-key", "/public/user/refresh"
_REFUSALS = frozenset({400, 401, 403})
_NOBODY = "rollcall-no-such-client"
_SETTLED = frozenset({"invalid_grant", "unsupported_grant_type", "invalid_scope"})
"""Refusals of something else than the client, so that sending it in another place would change nothing."""


class IncontactTokens:
    """Asks one tenant for tokens, and remembers where its endpoints are and how it wants to be shown the client."""

    def __init__(self, instance: str, tenant_id: str | None) -> None:
        self._instance = instance
        self._tenant_id = tenant_id
        self._places: Places | None = None
        self._in_header = True
        self._at_hub = False
        self.roles = RolesTried()

    @property
    def api(self) -> str:
        """The base of the tenant's API, once a token was granted; before that the instance."""
        return (self._places.api if self._places else None) or self._instance

    def sign_in(self, credentials: Credentials, *, now: Now) -> Steps[Token]:
        """Ask for a token with an access key, or with the client alone; raises `RequestFailed`."""
        self.roles = RolesTried()
        places = yield from self._find()
        if credentials.grant_type == "password" and credentials.client_id is None:
            token = yield from self._at_the_hub(places, credentials, now)
        else:
            key = key_form(credentials) if credentials.grant_type == "password" else ()
            form = (("grant_type", credentials.grant_type), *key)
            try:
                token = yield from self._with_client(places, form, credentials, now)
            except RequestFailed as refused:
                if _is_refusal(refused) and refused.failure.error not in _SETTLED:
                    yield from self._try_roles(places, credentials, now)
                raise
        return (yield from self._settled(token))

    def renew(self, refresh_token: Secret, credentials: Credentials, *, now: Now) -> Steps[Token]:
        """Ask for the next token with a refresh token, in the form that gave it."""
        places = yield from self._find()
        if self._at_hub:
            request = _json_request(places.user_hub, _REFRESH, (("token", refresh_token),), "next token")
            token = yield from _granted(request, lambda response: read_hub_renewal(response, now=now()))
        else:
            token = yield from self._with_client(places, refresh_form(refresh_token), credentials, now)
        if token.refresh_token is None:  # then the one that gave it goes on being good
            token = replace(token, refresh_token=refresh_token)
        return (yield from self._settled(token))

    def redeem(
        self, code: Secret, verifier: Secret, redirect_uri: str, credentials: Credentials, *, now: Now
    ) -> Steps[Token]:
        """Ask for a token with the code that the authorize page gave."""
        places = yield from self._find()
        form = code_form(code, verifier, redirect_uri)
        token = yield from self._with_client(places, form, credentials, now)
        return (yield from self._settled(token))

    def authorize_url(self, credentials: Credentials, callback: Callback) -> Steps[str]:
        """Find the address at which a user logs in."""
        places = yield from self._find()
        tenant_id = self._tenant_id or places.tenant_id
        return f"{places.authorize}?{authorize_query(credentials, callback, scope='openid', tenant_id=tenant_id)}"

    def _find(self) -> Steps[Places]:
        if self._places is None:
            self._places = yield from find_places(self._instance, self._tenant_id)
        return self._places

    def _settled(self, token: Token) -> Steps[Token]:
        """Return the token, when it is known where the API is: a token may name the tenant that leads to it."""
        places = self._places
        tenant_id = token.claims.get("tenantId", token.id_claims.get("tenantId"))
        if places is None or places.api is not None:
            return token
        if isinstance(tenant_id, str) and tenant_id:
            try:
                self._places = yield from find_api(places, self._instance, tenant_id)
            except RequestFailed as failed:
                if not self._instance or not is_not_here(failed):
                    raise  # else the instance itself is the API
        if self.api == "":
            raise UnusableAnswer(
                FailureKind.NOT_FOUND, "neither the discovery nor the token says where the tenant's API is"
            )
        return token

    def _with_client(self, places: Places, form: Form, credentials: Credentials, now: Now) -> Steps[Token]:
        """Ask by form A with the client in the header, or in the body where the server wants it there."""
        self._at_hub = False
        in_turn = (self._in_header, not self._in_header) if credentials.client_secret else (False,)
        refusal: RequestFailed | None = None
        for in_header in in_turn:
            request = _form_request(places.token, form, credentials, in_header=in_header)
            try:
                token = yield from _granted(request, lambda response: read_token(response, now=now()))
            except RequestFailed as refused:
                if not _is_refusal(refused):
                    raise
                # What the second place says of the client counts only if it took the client.
                if refusal is None or refused.failure.error in _SETTLED:
                    refusal = refused
                if refused.failure.error in _SETTLED:
                    break
            else:
                self._in_header = in_header
                return token
        assert refusal is not None  # noqa: S101  each turn returns, raises, or is refused
        raise refusal

    def _at_the_hub(self, places: Places, credentials: Credentials, now: Now) -> Steps[Token]:
        """Ask by form B, with an access key and without a client."""
        self._at_hub = True
        request = _key_request(places, credentials.access_key_id or "", credentials.access_key_secret)

        def read(response: Response) -> Token:
            try:
                return read_token(response, now=now())
            except UnusableAnswer as refused:
                if response.status in _REFUSALS and not refused.error:
                    refused.error = "invalid_grant"  # nothing but the key was shown that could be refused
                raise

        try:
            return (yield from _granted(request, read))
        except RequestFailed as refused:
            if _is_refusal(refused):
                yield from self._try_roles(places, credentials, now)
            raise

    def _try_roles(self, places: Places, credentials: Credentials, now: Now) -> Steps[None]:
        """Ask once more with the client as access key, and with the access key as client: people mix them up."""
        client_is_key = key_is_client = False
        exchange = 0

        if credentials.client_id and credentials.client_secret:
            request = _key_request(places, credentials.client_id, credentials.client_secret)
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
            said, exchange = yield from self._shown_as_client(
                places, credentials, credentials.access_key_id, credentials.access_key_secret
            )
            if said == "invalid_grant":
                # Taken as a client, or not looked at because the key was looked at first: a made-up one tells.
                control, _ = yield from self._shown_as_client(places, credentials, _NOBODY, Secret(_NOBODY))
                key_is_client = control == "invalid_client"
        self.roles = RolesTried(exchange=exchange, client_is_key=client_is_key, key_is_client=key_is_client)

    def _shown_as_client(
        self, places: Places, credentials: Credentials, client_id: str, secret: Secret
    ) -> Steps[tuple[str, int]]:
        """Show the access key with this client; return the error that the server names, and the exchange."""
        client = replace(credentials, client_id=client_id, client_secret=secret)
        form = (("grant_type", "password"), *key_form(credentials))
        request = _form_request(places.token, form, client, in_header=self._in_header)
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
    return refused.failure.status in _REFUSALS


def _form_request(token_endpoint: str, form: Form, credentials: Credentials, *, in_header: bool) -> Request:
    parts = urlsplit(token_endpoint)
    headers: Form = ()
    if in_header and credentials.client_secret:
        pair = f"{credentials.client_id}:{credentials.client_secret.reveal()}".encode("utf-8", "surrogateescape")
        headers = (("Authorization", Secret(f"Basic {base64.b64encode(pair).decode()}")),)
        # A renewal names its client in the body too (S34); for the other grants that would be showing it twice.
        client: Form = (("client_id", credentials.client_id or ""),) if form[0][1] == "refresh_token" else ()
    else:
        client = (("client_id", credentials.client_id or ""),)
        if credentials.client_secret:
            client = (*client, ("client_secret", credentials.client_secret))
    return Request(
        method="POST",
        base=f"{parts.scheme}://{parts.netloc}",
        target=parts.path + (f"?{parts.query}" if parts.query else ""),
        purpose="token",
        form=(*form, *client),
        headers=headers,
        correlated=True,
    )


def _key_request(places: Places, key_id: str, secret: Secret | None) -> Request:
    form = (("accessKeyId", key_id), ("accessKeySecret", secret or Secret("")))
    return _json_request(places.user_hub, _ACCESS_KEY, form, "token")


def _json_request(base: str, target: str, form: Form, purpose: str) -> Request:
    return Request(method="POST", base=base, target=target, purpose=purpose, form=form, as_json=True, correlated=True)
