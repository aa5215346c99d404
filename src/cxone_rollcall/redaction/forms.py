"""The forms in which a secret is searched for once the escapes of a text are removed: itself, base64 and hex."""

import base64
import re
from collections.abc import Callable, Iterator
from contextlib import suppress

from cxone_rollcall.redaction.escapes import ESCAPES, layers
from cxone_rollcall.redaction.text_search import small_letters

SHORTEST_SECRET = 4
"""Characters. A shorter text is in half of all answers, and protects nothing."""
LONGEST_WIDE = 300
"""Characters of a secret that is searched for in UTF-16 too; longer ones are tokens."""
_SHORTEST_BASE64 = 8
"""Characters. Shorter pieces of base64 are found by chance in other texts."""
_CODED = re.compile(r"[A-Za-z0-9+/_-]{12,}+")
"""Base64 or hex: the escape of one character has six, and a secret more than one."""


_SHORT_CODED = re.compile(r"[A-Za-z0-9+/_-]{6,}+")
"""The shortest have four letters, a short name."""
_HEX = re.compile("(?:[0-9A-Fa-f]{2})+")


def folded(text: str) -> str:
    """Return a text of the same length for comparison: in small letters, and a blank as `+`, as forms write it."""
    return small_letters(text).replace(" ", "+")


def forms(text: str) -> frozenset[str]:
    """Return the forms of a secret, folded: itself, and base64 and hex of it, in UTF-8 or as Windows has it."""
    raw, wide = text.encode("utf-8", "surrogateescape"), text.encode("utf-16-le", "surrogatepass")
    found = {*(layer.text for layer in layers(text)), raw.decode("latin-1"), raw.hex(), *_in_base64(raw)}
    if " " in text:
        in_form = raw.replace(b" ", b"+")
        found |= {in_form.hex(), *_in_base64(in_form)}
    found |= _in_base64(wide) if len(text) <= LONGEST_WIDE else set()
    return frozenset(folded(one) for one in found if len(one) >= SHORTEST_SECRET)


def coded(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield each part of a text that is base64 or hex of another text, and that text.

    Only texts in which more must be removed before a secret is seen: escapes, or another code. RFC 6749, section
    2.3.1, has a client's id and secret escaped within base64.
    """
    for found in _CODED.finditer(text):
        inner = _decoded(found[0])
        if inner and (any(mark in inner for mark in ESCAPES) or _CODED.search(inner)):
            yield *found.span(), inner


def encoded_texts_replaced(text: str, replaced: Callable[[str], str]) -> str:
    """Return a text in which each part that is base64 or hex of a readable text encodes what replaces that one."""

    def anew(found: re.Match[str]) -> str:
        inner = _decoded(found[0])
        if not inner or not inner.isprintable() or (other := replaced(inner)) == inner:
            return found[0]
        is_hex = _HEX.fullmatch(found[0]) is not None
        return other.encode().hex() if is_hex else base64.urlsafe_b64encode(other.encode()).decode().rstrip("=")

    return _SHORT_CODED.sub(anew, text)


def _decoded(text: str) -> str:
    """Return the text of which this is base64 or hex, "" if it is none."""
    plain = text.replace("-", "+").replace("_", "/")
    with suppress(ValueError):
        if _HEX.fullmatch(text):
            return bytes.fromhex(text).decode()
    with suppress(ValueError):
        return base64.b64decode(plain + "===="[: -len(plain) % 4]).decode()
    return ""


def _in_base64(raw: bytes) -> set[str]:
    """Return bytes in both alphabets of base64: alone, and the part that is the same wherever they stand in others."""
    found = {base64.b64encode(raw).decode().rstrip("=")}
    for place in range(3):
        whole = base64.b64encode(b"\0" * place + raw).decode()
        within = whole[-(-place * 8 // 6) : (place + len(raw)) * 8 // 6]
        if len(within) >= _SHORTEST_BASE64:
            found.add(within)
    return found | {one.replace("+", "-").replace("/", "_") for one in found}
