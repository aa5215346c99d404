"""The token endpoint of the `v2` contract: `POST /oauth/token`, form-encoded."""

from __future__ import annotations

from cxone_rollcall.contracts.protocol import Callback, Now, Question, Steps
from cxone_rollcall.contracts.tokens import authorize_query, client_form, code_form, key_form, read_token, refresh_form
from cxone_rollcall.model.credentials import Credentials
from cxone_rollcall.model.exchange import Request
from cxone_rollcall.model.observations.access import RolesTried
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.struct import replace
from cxone_rollcall.model.token import Token

_TOKEN = Request(method="POST", target="/oauth/token", purpose="token")


class V2Tokens:
    """Fetches tokens from `base`; `scope` is requested at a user's login."""

    roles = RolesTried()

    def __init__(self, base: str, *, scope: str) -> None:
        self._base = base
        self._scope = scope

    def sign_in(self, credentials: Credentials, *, now: Now) -> Steps[Token]:
        """Fetch a token with the client, or with an access key."""
        grant_type = credentials.grant_type
        if credentials.grant_is_guessed and credentials.client_secret:
            grant_type = "client_credentials"  # the usual grant of this contract
        key = key_form(credentials) if grant_type == "password" else ()
        return _token(replace(_TOKEN, form=(("grant_type", grant_type), *key, *client_form(credentials))), now)

    def renew(self, refresh_token: Secret, credentials: Credentials, *, now: Now) -> Steps[Token]:
        """Fetch the next token with a refresh token."""
        form = (*refresh_form(refresh_token), *client_form(credentials))
        return _token(replace(_TOKEN, purpose="next token", form=form), now)

    def authorize_url(self, credentials: Credentials, callback: Callback) -> Steps[str]:
        """Return the address at which a user logs in: `/oauth/authorize`."""
        return f"{self._base}/oauth/authorize?{authorize_query(credentials, callback, scope=self._scope)}"
        yield  # a generator, as for contracts that have to ask for it

    def redeem(
        self, code: Secret, verifier: Secret, redirect_uri: str, credentials: Credentials, *, now: Now
    ) -> Steps[Token]:
        """Fetch a token with the code that the authorize page gave."""
        form = (*code_form(code, verifier, redirect_uri), *client_form(credentials))
        return _token(replace(_TOKEN, purpose="token of a login", form=form), now)


def _token(request: Request, now: Now) -> Steps[Token]:
    answered = yield Question(request, lambda response: read_token(response, now=now()))
    token: Token = replace(answered.value, exchange=answered.exchange)
    return token
