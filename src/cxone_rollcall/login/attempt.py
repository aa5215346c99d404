"""One attempt to log in: its random values, and the callback's checks. Pure.

RFC 6749 section 4.1 (authorization code, state), RFC 7636 (PKCE, S256), OpenID Connect Core 3.1.2.1 (nonce).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from urllib.parse import parse_qs, unquote

from cxone_rollcall.errors import RollcallError
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.struct import HiddenRepr

_BYTES = 32
"""Random bytes in each value. As text they have 43 characters, the least that RFC 7636 allows for a verifier."""
_LONGEST_QUOTE = 160
_NAMED = re.compile(r"(?:^|[&?])(?:code|state|error)=")
_CODE = re.compile(r"[\x21-\x7e]{6,}")

_WORDS = {
    "access_denied": "the sign-in was cancelled, or this user may not use the application",
    "invalid_request": "the tenant rejects the request; usually the redirect address is not registered for the client",
    "unauthorized_client": "the client may not log users in: allow it the grant authorization_code",
    "unsupported_response_type": "the client may not log users in: allow it the grant authorization_code",
    "invalid_scope": "the client may not have the requested scopes",
    "server_error": "the tenant's sign-in failed; try again",
    "temporarily_unavailable": "the tenant's sign-in is unavailable; try again later",
    "login_required": "the tenant wants the user to sign in first",
}


class LoginFailed(RollcallError):
    """The login failed. The message says why, without the code, the state or a token."""


class LoginDenied(LoginFailed):
    """The tenant refused the sign-in; `error` is its code (`access_denied`)."""

    def __init__(self, error: str, description: str = "") -> None:
        self.error = _quotable(error)
        detail = f" ({_quotable(description.strip().rstrip('.'))})" if description.strip() else ""
        super().__init__(f"{_WORDS.get(error, 'the tenant refused the login')}: {self.error}{detail}")


class WrongState(LoginFailed):
    """The callback belongs to another attempt: its state is not ours."""


class NoCode(LoginFailed):
    """The callback or the pasted text has no code."""


class WrongNonce(LoginFailed):
    """The id token was not issued for this attempt."""


class LoginTimedOut(LoginFailed):
    """The browser did not call back in time."""


class Attempt(HiddenRepr, frozen=True):
    """The values that bind a callback to this attempt. They are secret, and new for each attempt."""

    hidden = ("state", "nonce")

    state: str
    nonce: str
    verifier: Secret

    @classmethod
    def begin(cls, chance: Callable[[int], bytes]) -> Attempt:
        """Make the values from `chance`, which returns random bytes (`secrets.token_bytes`)."""
        return cls(_text(chance(_BYTES)), _text(chance(_BYTES)), Secret(_text(chance(_BYTES))))

    @property
    def challenge(self) -> str:
        """The SHA-256 of the verifier (S256). The tenant gets it before the code is redeemed."""
        return _text(hashlib.sha256(self.verifier.reveal().encode()).digest())


def read_callback(query: str, attempt: Attempt) -> str:
    """The code in a callback's query. Raises WrongState, LoginDenied or NoCode.

    The state is checked first: without it, not even an error is trusted.
    """
    given = parse_qs(query, keep_blank_values=True)
    states, codes = given.get("state", []), given.get("code", [])
    if len(states) != 1 or not _same(states[0], attempt.state):
        error = f" (error {_quotable(given['error'][0])})" if given.get("error") else ""
        raise WrongState(f"the browser sent a response that does not belong to this login: its state differs{error}")
    if given.get("error"):
        raise LoginDenied(given["error"][0], given.get("error_description", [""])[0])
    if len(codes) != 1 or not codes[0]:
        raise NoCode("the response belongs to this login but has no code")
    return codes[0]


def read_pasted(text: str, attempt: Attempt) -> str:
    """The code in a pasted text. The text is the redirect address, its query, or only the code.

    The state of an address is checked. A bare code has none, but PKCE ensures that only our own code can be redeemed.
    """
    text = text.strip().strip("\"'<>").strip()
    if "://" in text or _NAMED.search(text):
        query = text.partition("?")[2] if "?" in text else text
        query = query.partition("#")[0]
        if "code_challenge=" in query:
            raise NoCode("that is the address to open; paste the last address of the browser")
        if not _NAMED.search(query):
            raise NoCode("that address has no code; paste the last address of the browser, with everything after the ?")
        return read_callback(query, attempt)
    if not _CODE.fullmatch(text):
        raise NoCode("that is neither a code nor an address with one")
    return unquote(text)  # copied from an address bar it is still encoded


def check_nonce(id_claims: Mapping[str, object], attempt: Attempt) -> None:
    """Raise WrongNonce if an id token lacks our nonce. Without an id token, the claims are empty."""
    nonce = id_claims.get("nonce")
    if id_claims and not (isinstance(nonce, str) and _same(nonce, attempt.nonce)):
        raise WrongNonce(
            "the tenant's id token was not issued for this login (its nonce is "
            + ("missing" if nonce is None else "different")
            + "): the code may come from someone else; the login was not stored"
        )


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode())


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _quotable(text: str) -> str:
    """A text from the tenant as one short line without control characters."""
    line = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return line if len(line) <= _LONGEST_QUOTE else f"{line[:_LONGEST_QUOTE]}..."
