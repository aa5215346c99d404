"""Which parts of a request may be secret. They are hidden before anything is shown or sent."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import unquote, unquote_plus

from cxone_rollcall.model.secret import Secret
from cxone_rollcall.model.state import LOGGED_IN_STATES
from cxone_rollcall.request.pasted import Pasted
from cxone_rollcall.request.question import PARAMETERS

SHORTEST = 4
"""Characters. A shorter text stands in half of all responses, and protects nothing."""
_HARMLESS_HEADERS = frozenset(
    {
        *("accept", "accept-language", "accept-charset", "user-agent", "cache-control", "priority"),
        *("sec-fetch-dest", "sec-fetch-mode", "sec-fetch-site", "sec-ch-ua", "sec-ch-ua-platform", "x-requested-with"),
    }
)
_ADDRESSES = frozenset({"origin", "referer"})
_PLAIN_ADDRESS = re.compile(r"https?://[a-z0-9.-]+(?::[0-9]{1,5})?(?:/[a-z-]{0,20})*")
"""A host and a path of plain words. Anything else, such as a query, may be a secret."""
_HARMLESS = frozenset(
    {
        *("true", "false", "null", "none", "json", "application/json", "text/json", "keep-alive", "no-cache"),
        *(state.lower() for state in LOGGED_IN_STATES),
    }
)
"""Values found in many responses, in small letters. Hiding them would spoil those."""
_VALUES = re.compile(r"[\w.-]+=\"?([^&;,\s\"]+)")
"""The values of cookies, of header parameters, and of an address."""


def headers_of(request: Pasted) -> tuple[tuple[str, str | Secret], ...]:
    """The headers as they are sent. Those that may be secret are never shown."""
    return tuple((name, value if _may_be_secret(name, value) else value.reveal()) for name, value in request.headers)


def secrets_of(request: Pasted) -> Iterator[Secret]:
    """Every text of a request that may be secret, and its parts."""
    for name, value in (*request.headers, *request.unsent):
        if _may_be_secret(name, value):
            yield from map(Secret, _parts(value.reveal()))
    for name, text in request.query:
        if unquote_plus(name).lower() not in PARAMETERS:
            secret = text or name
            yield from map(Secret, filter(_is_one, {secret, unquote(secret), unquote_plus(secret)}))
    for part in re.split("/agents(?=/|$)", request.path, flags=re.IGNORECASE)[0].split("/"):
        if len(part) > 2 * SHORTEST and part.lower() != "incontactapi":
            yield from map(Secret, {part, unquote(part)})


def is_secret_parameter(name: str, value: str) -> bool:
    """Whether a parameter of the address may hold a secret. Both arguments are percent-encoded."""
    return unquote_plus(name).lower() not in PARAMETERS and _is_one(value)


def _may_be_secret(name: str, value: Secret) -> bool:
    text = value.reveal()
    is_token = text.startswith("eyJ") and text.count(".") == 2
    is_plain = name.lower() in _HARMLESS_HEADERS or (
        name.lower() in _ADDRESSES and _PLAIN_ADDRESS.fullmatch(text) is not None
    )
    return _is_one(text) and (is_token or not is_plain)


def _is_one(text: str) -> bool:
    return len(text) >= SHORTEST and text.lower() not in _HARMLESS


def _parts(text: str) -> set[str]:
    """A header's value, and the secrets that it may be made of.

    These are credentials without their scheme, and the values of cookies or parameters.
    """
    found = {text}
    scheme, blank, rest = text.partition(" ")
    if blank and scheme.isalnum():
        found.add(rest.strip())
    for value in _VALUES.findall(text):
        found |= {value, unquote(value)}
    for coded in tuple(found):
        with suppress(ValueError):
            found |= set(base64.b64decode(coded, validate=True).decode().split(":"))
    return {one for one in found if _is_one(one)}
