"""Replaces secrets in texts by `***`: those that passed by, in every spelling, and fields that hold tokens."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

from cxone_rollcall.model.secret import Secret
from cxone_rollcall.redaction.text_search import small_letters

HIDDEN = "***"
SHORTEST_SECRET = 4
"""Characters. Shorter texts occur in most answers, and protect nothing."""
MOST_TOKENS = 60
"""Number of recent tokens, codes and verifiers to search for.

A renewal brings three: access, refresh and id token. Older ones have expired, and the exchanges that held them were
redacted when they were recorded.
"""
MOST_COOKIES = 20
"""Cookies that are looked for, the latest ones."""
_SHORTEST_BASE64 = 8
"""Characters. Shorter pieces of base64 are found by chance in other texts."""
_SHORTEST_TOKEN = 16
"""Characters of the shortest token or cookie under an unknown name."""

_FIELDS = "(?:[a-z_]*token|access_?key_?secret|client_?secret|password)"
_FIELD_OF_A_SECRET = re.compile(
    # a JSON field, whose text may be truncated and may hold escaped quotes; a form field; an XML element
    rf"""("{_FIELDS}"\s*:\s*")(?:[^"\\]|\\.)*|(\b{_FIELDS}=)[^&\s"'<>]+|(<{_FIELDS}>)[^<]+""",
    re.IGNORECASE | re.DOTALL,
)
_FIELD_WORDS = ("token", "secret", "password")
"""Each field of `_FIELD_OF_A_SECRET` has one of these in its name. Few texts do, and the pattern is slow."""
_SIGNED_BEGINS = "eyj"
_SIGNED_TOKEN = re.compile(
    # Atomic, from the start of a word to its first `eyJ`, so that a text is read in linear time. What stands before
    # `eyJ` is kept: it may be `%20`, or the n of an escaped line break.
    r"(?<![\w-])(?P<before>(?>[\w-]*?(?=eyJ)))eyJ[\w-]{5,}+(?:\.[\w-]*+){2,4}+",
    re.ASCII,
)
"""A signed (3 parts) or encrypted (5 parts) token, of any origin. The second of five parts may be empty."""
_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie"})
_SECRET_NAMES = re.compile("token|key|secret|auth|cookie|session", re.IGNORECASE)
_STRINGS = re.compile(
    # a JSON string, which may be truncated, and the colon after it if it is a key; or a word outside of strings
    rf"""(?P<text>"(?:[^"\\]|\\.)*+)(?:(?P<key>"\s*:)|(?P<end>"|\\?\Z))|[^\s"<>&,;:{{}}\[\]]{{{_SHORTEST_TOKEN},}}""",
    re.DOTALL,
)

_Spelled = dict[str, frozenset[str]]
"""Secrets to their lower-case spellings, the most recently used one last."""


class Secrets:
    """A client's secrets, and their redaction in texts that may echo them.

    Configured secrets are kept for ever. Of tokens, only the latest are kept, so that a client that renews its token
    for weeks does not grow.
    """

    __slots__ = ("_configured", "_cookies", "_spellings", "_tokens")
    """No dictionary that `vars` could show."""

    def __init__(self) -> None:
        self._configured: _Spelled = {}
        self._tokens: _Spelled = {}
        self._cookies: _Spelled = {}
        self._spellings: tuple[str, ...] = ()

    def __getstate__(self) -> object:
        raise TypeError("Secrets are not pickled or copied")

    def __reduce_ex__(self, protocol: object) -> str | tuple[object, ...]:
        raise TypeError("Secrets are not pickled or copied")

    def keep(self, secret: Secret) -> None:
        """Hide a configured secret for ever."""
        self._add(_text_of(secret), self._configured, None)

    def learn(self, secret: Secret) -> None:
        """Hide a secret that passes by, as one of the latest `MOST_TOKENS`."""
        text = _text_of(secret)
        if text not in self._configured:
            self._add(text, self._tokens, MOST_TOKENS)

    def learn_signed_tokens(self, text: str) -> None:
        """Hide the signed tokens in a text. An id token comes beside the others and grants access, too."""
        for signed in _SIGNED_TOKEN.finditer(text):
            self.learn(Secret(signed[0].removeprefix(signed["before"])))

    def learn_cookie(self, set_cookie: str) -> bool:
        """Hide a cookie's value; False if it is too short."""
        value = set_cookie.partition(";")[0].partition("=")[2].strip(' "')
        if len(value) < _SHORTEST_TOKEN:
            return False
        self._add(value, self._cookies, MOST_COOKIES)
        return True

    def redact(self, text: str) -> str:
        """Return a text without secrets, signed tokens and fields of secrets."""
        small = small_letters(text)
        for secret in self._spellings:
            if secret in small:
                text = _without(secret, text, small)
                small = small_letters(text)
        if _SIGNED_BEGINS in small:
            text = _SIGNED_TOKEN.sub(rf"\g<before>{HIDDEN}", text)
        folded = small if text.isascii() else text.casefold()
        if not any(word in folded for word in _FIELD_WORDS):
            return text
        return _FIELD_OF_A_SECRET.sub(lambda found: next(filter(None, found.groups())) + HIDDEN, text)

    def redact_grant(self, text: str) -> str:
        """Return the body of a token answer without any long text. The token may stand under any name."""
        return _STRINGS.sub(_hidden_if_long, self.redact(text))

    def redact_header(self, name: str, value: str | Secret, *, granted: bool = False) -> str:
        """Return the value of a header as it may be shown. `granted` if it is one of a token answer."""
        if isinstance(value, Secret) or name.lower() in _SECRET_HEADERS:
            return HIDDEN
        return HIDDEN if granted and _SECRET_NAMES.search(name) else self.redact(value)

    def _add(self, text: str, group: _Spelled, most: int | None) -> None:
        if len(text) < SHORTEST_SECRET:
            return
        known = group.pop(text, None)
        group[text] = known or frozenset(map(small_letters, {*_spellings(text), *_spellings(text.rstrip("="))}))
        if known:
            return
        if most is not None and len(group) > most:
            del group[next(iter(group))]
        spelled = {one for known in (self._configured, self._tokens, self._cookies) for one in _all(known)}
        # The longest first: if one secret contains another, nothing of the longer one may be left.
        self._spellings = tuple(sorted(spelled, key=lambda one: (-len(one), one)))


def _all(group: _Spelled) -> Iterator[str]:
    for spellings in group.values():
        yield from spellings


def _text_of(secret: Secret) -> str:
    return secret.reveal().removeprefix("Bearer ").removeprefix("Basic ").strip()


def _without(secret: str, text: str, small: str) -> str:
    parts, done = [], 0
    while (place := small.find(secret, done)) >= 0:
        parts += [text[done:place], HIDDEN]
        done = place + len(secret)
    return "".join((*parts, text[done:]))


def _hidden_if_long(found: re.Match[str]) -> str:
    """Hide a text as long as a token, unless a key. Its quotes stay."""
    if found["text"] is None:
        return HIDDEN
    is_short = len(found["text"].removeprefix('"')) < _SHORTEST_TOKEN
    return found[0] if found["key"] or is_short else f'"{HIDDEN}{found["end"]}'


def _spellings(text: str) -> set[str]:
    """Return a secret as servers echo it: plain, in base64 or hex, each percent-encoded or escaped (JSON, HTML)."""
    raw = text.encode("utf-8", "surrogateescape")
    return {spelled for one in (text, raw.hex(), *_in_base64(raw)) for spelled in _escapes(one)}


def _in_base64(raw: bytes) -> set[str]:
    """Return bytes in both alphabets of base64: alone, and the part that is the same wherever they stand in others."""
    found = {base64.b64encode(raw).decode().rstrip("=")}
    for place in range(3):
        whole = base64.b64encode(b"\0" * place + raw).decode()
        within = whole[-(-place * 8 // 6) : (place + len(raw)) * 8 // 6]
        if len(within) >= _SHORTEST_BASE64:
            found.add(within)
    return found | {one.replace("+", "-").replace("/", "_") for one in found}


def _escapes(text: str) -> set[str]:
    raw = text.encode("utf-8", "surrogateescape")
    quoted = {quote(raw, safe=""), quote(raw), quote_plus(raw), quote_plus(raw, safe="/")}
    escaped = {json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]}
    escaped |= {json.dumps(one)[1:-1] for one in escaped}  # JSON inside a JSON string
    solidus = {one.replace("/", "\\/") for one in escaped}
    return {text, *quoted, *escaped, *solidus, html.escape(text), html.escape(text, quote=False)}
