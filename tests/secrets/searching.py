"""Searches output for secrets, in every readable encoding."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote_to_bytes

_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{12,}")
_HEX = re.compile(rb"[0-9A-Fa-f]{16,}")
_ESCAPE = re.compile(rb"\\+(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([\"'\\/]))")


def found(marks: Iterable[str], said: bytes) -> list[str]:
    """Those of these texts that the output contains, however encoded."""
    wanted = {mark: mark.encode().lower() for mark in marks}
    views = [view.lower() for view in _views(said)]
    return [mark for mark, raw in wanted.items() if any(raw in view for view in views)]


def _views(said: bytes) -> Iterator[bytes]:
    plain = {
        said,
        unquote_to_bytes(said),
        _unescaped(said),
        html.unescape(said.decode("latin-1")).encode("latin-1", "replace"),
    }
    plain |= {_unescaped(one) for one in plain} | {unquote_to_bytes(one) for one in plain}
    for one in plain:
        yield one
        for word in set(_BASE64.findall(one)):
            straight = word.replace(b"-", b"+").replace(b"_", b"/")
            for start in range(4):
                piece = straight[start:]
                whole = piece[: len(piece) - (len(piece) % 4 == 1)]
                yield base64.b64decode(whole + b"=" * (-len(whole) % 4))
        for word in set(_HEX.findall(one)):
            for start in range(2):
                piece = word[start:]
                yield bytes.fromhex(piece[: len(piece) // 2 * 2].decode())


def _unescaped(said: bytes) -> bytes:
    def plain(match: re.Match[bytes]) -> bytes:
        number = match[1] or match[2]
        return match[3] if number is None else chr(int(number, 16)).encode("utf-8", "surrogatepass")

    return _ESCAPE.sub(plain, said)
