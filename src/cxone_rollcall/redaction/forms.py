"""The forms of a secret to search for: itself, escaped, base64, hex.

Escapes in the searched text are removed before. The usual ones are forms, too: in `5%2diop%2B` the stray `%2` takes the
first letter of the secret `diop+`.
"""

import base64
import html
import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Generic, TypeVar
from urllib.parse import quote, quote_plus

from cxone_rollcall.redaction.escapes import ESCAPES, layers
from cxone_rollcall.redaction.text_search import small_letters

SHORTEST_SECRET = 4
"""Characters. A shorter text is in half of all answers, and protects nothing."""
LONGEST_WIDE = 300
"""Characters of the longest secret searched for in UTF-16. Longer ones are tokens."""
_SHORTEST_BASE64 = 8
"""Characters. Shorter pieces of base64 are found by chance in other texts."""
_MOST_DECODED = 10
"""Characters to decode for each character of a text. Codes in codes have three: each is shorter by a quarter."""
_CODED = re.compile(r"[A-Za-z0-9+/_-]{12,}+")
"""Base64 or hex. The escape of one character has six of these, and a secret is longer."""


_SHORTEST = 6
_SHORT_CODED = re.compile(rf"[A-Za-z0-9+/_-]{{{_SHORTEST},}}+")
"""The shortest have four letters, a short name."""
_HEX = re.compile("(?:[0-9A-Fa-f]{2})+")
_BYTE = "[0-9A-Fa-f]{2}"
_GAPPED = re.compile(
    # bytes in hex with something between them, as in `73-65` of .NET or `0x73, 0x65`; base64 in lines (RFC 2045)
    rf"(?:0x)?(?<![0-9A-Fa-f]){_BYTE}([:-]|, ?(?:0x)?| (?:0x)?){_BYTE}(?:\1{_BYTE}){{2,}}+(?![0-9A-Fa-f])"
    r"|(?<![A-Za-z0-9+/])(?:[A-Za-z0-9+/]{60,76}+\r?\n)++[A-Za-z0-9+/]++"
)
_GAPS = re.compile("0x|[^0-9A-Fa-f]")
_BETWEEN = re.compile("([/_-]+)")
"""What joins a code to words, as in the path `/users/YW5u/photo`. It may also be part of a code."""

Result = TypeVar("Result")


class Codes(Generic[Result]):
    """What is found in each code of one text. Each is read once, and `unread` stands for those that are too many.

    A text of codes in codes would otherwise be read in exponential time: each has many layers of escapes, and each
    layer has the inner code again.
    """

    def __init__(self, text: str, unread: Result) -> None:
        self._left = _MOST_DECODED * len(text)
        self._unread = unread
        self._found: dict[str, Result] = {}

    def read(self, inner: str, found_in: Callable[[str], Result]) -> Result:
        """What `found_in` finds in the decoded text of a code."""
        if inner not in self._found:
            self._left -= len(inner)
            self._found[inner] = found_in(inner) if self._left >= 0 else self._unread
        return self._found[inner]


def folded(text: str) -> str:
    """A text in small letters, for comparison, with `+` for each blank.

    Forms write a blank as `+`. The length stays the same.
    """
    return small_letters(text).replace(" ", "+")


def forms(text: str) -> frozenset[str]:
    """The forms of a secret, folded: itself, escaped, in base64 and hex.

    The encoded bytes are UTF-8, or UTF-16 as on Windows.
    """
    raw, wide = text.encode("utf-8", "surrogateescape"), text.encode("utf-16-le", "surrogatepass")
    found = {*(layer.text for layer in layers(text)), raw.decode("latin-1"), raw.hex(), *_in_base64(raw)}
    found |= {html.escape(text), json.dumps(text)[1:-1]}
    found |= {quote(raw), quote(raw, safe=""), quote_plus(raw)}
    in_form = raw.replace(b" ", b"+")
    found |= {in_form.hex(), wide.hex(), *_in_base64(in_form)}
    found |= _in_base64(wide) if len(text) <= LONGEST_WIDE else set()
    return frozenset(folded(one) for one in found if len(one) >= SHORTEST_SECRET)


def coded(text: str) -> Iterator[tuple[int, int, str]]:
    """Base64 and hex parts of a text, each with its decoded text.

    Only parts whose decoded text has escapes or another code, which must be removed before a secret is seen, and parts
    with gaps, such as lines. RFC 6749, section 2.3.1, has a client's id and secret escaped within base64.
    """
    for found in _GAPPED.finditer(text):
        if inner := _decoded(_without_gaps(found[0])):
            yield *found.span(), inner
    for found in _CODED.finditer(text):
        inner = _decoded(found[0])
        if inner and (any(mark in inner for mark in ESCAPES) or _CODED.search(inner) or _GAPPED.search(inner)):
            yield *found.span(), inner


def encoded_texts_replaced(text: str, replaced: Callable[[str], str]) -> str:
    """A text with replacements inside its base64 and hex parts.

    Each such part that encodes a readable text is decoded, changed by `replaced`, and encoded again.
    """

    def anew(code: str) -> str:
        plain = _without_gaps(code) if _GAPPED.fullmatch(code) else code
        inner = _decoded(plain)
        if inner is None or not all(map(str.isprintable, inner.split())):
            parts = _BETWEEN.split(code)
            return "".join(anew(part) if len(part) >= _SHORTEST else part for part in parts) if parts[1:] else code
        if (other := replaced(inner)) == inner:
            return code
        raw = other.encode("utf-8", "backslashreplace")  # an escape in a code may be half of a surrogate pair
        return raw.hex() if _HEX.fullmatch(plain) else base64.urlsafe_b64encode(raw).decode().rstrip("=")

    text = _GAPPED.sub(lambda found: anew(found[0]), text)
    return _SHORT_CODED.sub(lambda found: anew(found[0]), text)


def _decoded(text: str) -> str | None:
    """The text decoded from base64 or hex, or None."""
    plain = text.replace("-", "+").replace("_", "/")
    with suppress(ValueError):
        if _HEX.fullmatch(text):
            return _text_of(bytes.fromhex(text))
    with suppress(ValueError):
        return _text_of(base64.b64decode(plain + "=="))
    return None


def _without_gaps(code: str) -> str:
    return "".join(code.split()) if "\n" in code else _GAPS.sub("", code)


def _text_of(raw: bytes) -> str:
    """The text of bytes: UTF-8, or UTF-16 of Latin letters. ValueError for others."""
    for letters, zeros in ((raw[::2], raw[1::2]), (raw[1::2], raw[::2])):
        if zeros and not any(zeros):
            return letters.decode("latin-1")
    return raw.decode()


def _in_base64(raw: bytes) -> set[str]:
    """Bytes in base64, in both alphabets, alone and within other bytes.

    Within other bytes, it is the part that is the same at any position.
    """
    found = {base64.b64encode(raw).decode().rstrip("=")}
    for place, begin in ((0, 0), (1, 2), (2, 3)):  # bytes before, and the characters that have a part of them
        whole = base64.b64encode(b"\0" * place + raw).decode()
        within = whole[begin : (place + len(raw)) * 8 // 6]
        if len(within) >= _SHORTEST_BASE64:
            found.add(within)
    return found | {one.replace("+", "-").replace("/", "_") for one in found}
