"""One attempt to log in: what is made up for it, and what may come back. Pure.

RFC 6749 section 4.1 (authorization code, state), RFC 7636 (PKCE, S256), OpenID Connect Core 3.1.2.1 (nonce).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote

from cxone_rollcall.errors import RollcallError
from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.struct import HiddenRepr

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_BYTES = 32
"""Of chance in each value: 43 characters, the least that RFC 7636 allows for a verifier."""
_LONGEST_QUOTE = 160
_NAMED = re.compile(r"(?:^|[&?])(?:code|state|error)=")
_CODE = re.compile(r"[\x21-\x7e]{6,}")

_WORDS = {
    "access_denied": "the sign-in was cancelled, or this user may not use the application",
    "invalid_request": "the tenant does not take the question; most often this very redirect address is not"
    " registered for the client",
    "unauthorized_client": "the client may not log users in: allow it the grant authorization_code",
    "unsupported_response_type": "the client may not log users in: allow it the grant authorization_code",
    "invalid_scope": "the client may not have the scopes that were asked for",
    "server_error": "the tenant's sign-in had trouble; try again",
    "temporarily_unavailable": "the tenant's sign-in is not available now; try again later",
    "login_required": "the tenant wants the user to sign in first",
}


class LoginFailed(RollcallError):
    """There is no login; the message says why, without the code, the state or a token."""


class LoginDenied(LoginFailed):
    """The tenant's sign-in said no; `error` is its word for it (`access_denied`)."""

    def __init__(self, error: str, description: str = "") -> None:
        self.error = _quotable(error)
        said = f" ({_quotable(description).rstrip('.')})" if description.strip() else ""
        super().__init__(f"{_WORDS.get(error, 'the tenant refused the login')}: {self.error}{said}")


class WrongState(LoginFailed):
    """What came back belongs to another attempt, or to nobody's: its state is not ours."""


class NoCode(LoginFailed):
    """What came back, or was pasted, holds no code."""


class WrongNonce(LoginFailed):
    """The id token was not made for this attempt."""


class LoginTimedOut(LoginFailed):
    """Nobody came back from the browser in time."""


class Attempt(HiddenRepr, frozen=True):
    """What binds an answer to this attempt: each value is made anew for each attempt, and shown to nobody."""

    hidden = ("state", "nonce")

    state: str
    nonce: str
    verifier: Secret

    @classmethod
    def begin(cls, chance: Callable[[int], bytes]) -> Attempt:
        """Make the three values from `chance`, which gives so many random bytes (`secrets.token_bytes`)."""
        return cls(_text(chance(_BYTES)), _text(chance(_BYTES)), Secret(_text(chance(_BYTES))))

    @property
    def challenge(self) -> str:
        """The verifier's S256: what the tenant may know until the code is redeemed."""
        return _text(hashlib.sha256(self.verifier.reveal().encode()).digest())


def read_callback(query: str, attempt: Attempt) -> str:
    """Return the code that the query of a callback holds; raise WrongState, LoginDenied or NoCode.

    The state is looked at first: who does not know it is not believed anything, an error neither.
    """
    given = parse_qs(query, keep_blank_values=True)
    states, codes = given.get("state", []), given.get("code", [])
    if len(states) != 1 or not _same(states[0], attempt.state):
        said = f" (it says {_quotable(given['error'][0])})" if given.get("error") else ""
        raise WrongState(f"an answer came that does not belong to this login: its state is another one's{said}")
    if given.get("error"):
        raise LoginDenied(given["error"][0], given.get("error_description", [""])[0])
    if len(codes) != 1 or not codes[0]:
        raise NoCode("the answer belongs to this login and holds no code")
    return codes[0]


def read_pasted(text: str, attempt: Attempt) -> str:
    """Return the code in what a user has pasted: the whole redirect address, its query, or the code alone.

    An address is held to its state. A bare code has none; PKCE sees to it that only our own code can be redeemed.
    """
    text = text.strip().strip("\"'<>").strip()
    if "://" in text or _NAMED.search(text):
        query = text.partition("?")[2] if "?" in text else text
        query = query.partition("#")[0]
        if "code_challenge=" in query:
            raise NoCode("that is the address to open; paste the one that the browser ends at")
        if not _NAMED.search(query):
            raise NoCode("that address holds no code; paste the one that the browser ends at, with all that follows ?")
        return read_callback(query, attempt)
    if not _CODE.fullmatch(text):
        raise NoCode("that is neither a code nor an address with one")
    return unquote(text)  # copied from an address bar it is still encoded


def check_nonce(id_claims: Mapping[str, object], attempt: Attempt) -> None:
    """Raise WrongNonce where there is an id token (its claims are not empty) that does not carry our nonce."""
    nonce = id_claims.get("nonce")
    if id_claims and not (isinstance(nonce, str) and _same(nonce, attempt.nonce)):
        raise WrongNonce(
            "the tenant's answer holds an id token that was not made for this login (its nonce is "
            + ("missing" if nonce is None else "another one")
            + "): somebody may have slipped in a code; nothing was kept"
        )


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode())


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _quotable(text: str) -> str:
    """Return the tenant's words in one short line that holds nothing a terminal would obey."""
    line = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return line if len(line) <= _LONGEST_QUOTE else f"{line[:_LONGEST_QUOTE]}..."
