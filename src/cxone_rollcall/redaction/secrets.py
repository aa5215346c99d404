"""Replaces secrets in texts by `***`.

It finds the secrets of this run in any spelling, and fields that hold tokens.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from collections.abc import Iterator
from itertools import islice

from cxone_rollcall.model.secret import Secret
from cxone_rollcall.redaction.escapes import layers
from cxone_rollcall.redaction.forms import SHORTEST_SECRET, Codes, coded, folded, forms

HIDDEN = "***"
LONGEST_SECRET = 100_000
"""Characters to leave out at the end of a shortened text. A secret that is cut there would not be recognized."""
MOST_TOKENS = 60
"""Number of recent tokens, codes and verifiers to search for.

A renewal brings three: access, refresh and id token. Older ones have expired, and the exchanges that held them were
redacted when they were recorded.
"""
MOST_IN_A_TEXT = 20
"""Signed tokens to learn from one text. A flood of them must not push out the others."""
MOST_COOKIES = 20
"""Cookies that are looked for, the latest ones."""
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
_SIGNED_BEGINS = "eyJ"
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

Part = tuple[int, int]
"""Where a part of a text begins and ends."""
_Known = dict[str, frozenset[str]]
"""Secrets and their forms, the most recently seen last."""


class Secrets:
    """A client's secrets, and their redaction in texts that may echo them.

    Configured secrets are kept for ever. Of tokens, only the latest are kept, so that a client that renews its token
    for weeks does not grow.
    """

    __slots__ = ("_configured", "_cookies", "_forms", "_tokens")
    """No dictionary that `vars` could show."""

    def __init__(self) -> None:
        self._configured: _Known = {}
        self._tokens: _Known = {}
        self._cookies: _Known = {}
        self._forms: tuple[str, ...] = ()

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
        for signed in islice(_SIGNED_TOKEN.finditer(text), MOST_IN_A_TEXT):
            self.learn(Secret(signed[0].removeprefix(signed["before"])))

    def learn_cookie(self, set_cookie: str) -> bool:
        """Hide a cookie's value; False if it is too short."""
        value = set_cookie.partition(";")[0].partition("=")[2].strip(' "')
        if len(value) < _SHORTEST_TOKEN:
            return False
        self._add(value, self._cookies, MOST_COOKIES)
        return True

    def redact(self, text: str) -> str:
        """A text without secrets: known ones, signed tokens, secret fields. Escaped ones are found too."""
        hidden: list[Part] = []
        codes = Codes(text, unread=True)
        for layer in layers(text):
            found = (*self._known_in(layer.text), *self._coded_in(layer.text, codes))
            known = [layer.in_original(*part) for part in found]
            unknown = [layer.in_original(*part) for part in _unknown_in(layer.text)]
            hidden = _merged([*hidden, *known, *_outside(hidden, unknown)])
        return _without(hidden, text)

    def redact_cut(self, beginning: str) -> str:
        """The redacted beginning of a longer text. Its end is left out, because a secret may be cut in half there."""
        return self.redact(beginning)[:-LONGEST_SECRET]

    def _known_in(self, text: str) -> Iterator[Part]:
        """Yield the parts of a text that are a known secret."""
        text = folded(text)
        for secret in self._forms:
            if len(secret) > len(text):
                return  # they are in the order of their lengths
            place = text.find(secret)
            while place >= 0:
                end = place + len(secret)
                yield place, end
                place = text.find(secret, end)

    def _coded_in(self, text: str, codes: Codes[bool]) -> Iterator[Part]:
        """Parts of a text that encode a known secret.

        The code is base64 or hex; the decoded text may be escaped or encoded again.
        """

        def has_secret(inner: str) -> bool:
            seen = (layer.text for layer in layers(inner))
            return any(any(self._known_in(one)) or any(self._coded_in(one, codes)) for one in seen)

        for start, end, inner in coded(text):
            if codes.read(inner, has_secret):
                yield start, end

    def redact_grant(self, text: str) -> str:
        """Return the body of a token answer without any long text. The token may stand under any name."""
        return _STRINGS.sub(_hidden_if_long, self.redact(text))

    def redact_header(self, name: str, value: str | Secret, *, granted: bool = False) -> str:
        """Return the value of a header as it may be shown. `granted` if it is one of a token answer."""
        if isinstance(value, Secret) or name.lower() in _SECRET_HEADERS:
            return HIDDEN
        return HIDDEN if granted and _SECRET_NAMES.search(name) else self.redact(value)

    def _add(self, text: str, group: _Known, most: int | None) -> None:
        if len(text) < SHORTEST_SECRET:
            return
        known = group.pop(text, None)
        group[text] = known or forms(text) | forms(text.rstrip("="))
        if known:
            return
        if most is not None and len(group) > most:
            del group[next(iter(group))]
        groups = (self._configured, self._tokens, self._cookies)
        found = {form for one in groups for spelled in one.values() for form in spelled}
        self._forms = tuple(sorted(found, key=lambda form: (len(form), form)))


def _text_of(secret: Secret) -> str:
    return secret.reveal().removeprefix("Bearer ").removeprefix("Basic ").strip()


def _unknown_in(text: str) -> Iterator[Part]:
    """Yield signed tokens and the contents of secret fields in a text. They may be of any origin."""
    if _SIGNED_BEGINS in text:
        for found in _SIGNED_TOKEN.finditer(text):
            yield found.end("before"), found.end()
    lowered = text.lower() if text.isascii() else text.casefold()
    if any(word in lowered for word in _FIELD_WORDS):
        for found in _FIELD_OF_A_SECRET.finditer(text):
            yield found.end(found.lastindex or 0), found.end()


def _merged(parts: list[Part]) -> list[Part]:
    """Return the parts in order, those that overlap as one."""
    merged: list[Part] = []
    for start, end in sorted(parts):
        if merged and (start < merged[-1][1] or start == merged[-1][0]):
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _outside(hidden: list[Part], parts: list[Part]) -> Iterator[Part]:
    """The parts that begin in none of `hidden`. Those are in order.

    A field that an outer layer has hidden ends where that layer says: further in, its end has lost its escape.
    """
    for part in parts:
        before = bisect_right(hidden, (part[0], sys.maxsize)) - 1
        if before < 0 or (part[0] >= hidden[before][1] and part[0] != hidden[before][0]):
            yield part


def _without(hidden: list[Part], text: str) -> str:
    parts, done = [], 0
    for start, end in hidden:
        parts += [text[done:start], HIDDEN]
        done = end
    return "".join((*parts, text[done:])) if parts else text


def _hidden_if_long(found: re.Match[str]) -> str:
    """Hide a text with a word as long as a token. Keys stay. Its quotes stay."""
    if found["text"] is None:
        return HIDDEN
    words = found["text"].removeprefix('"').split(" ")  # scopes, or a sentence: a token has no blank
    is_short = all(len(word) < _SHORTEST_TOKEN for word in words)
    return found[0] if found["key"] or is_short else f'"{HIDDEN}{found["end"]}'
