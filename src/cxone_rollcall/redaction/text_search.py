"""Finds and replaces many texts at once, in any letter case. Spellings of JSON, HTML and URLs are found too."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple
from unicodedata import normalize

Spell = Callable[[str], str]

REMEMBERED = 100_000
SHORT = 300
"""Characters of the longest text whose result is cached. Short texts are repeated often."""
_NEAR, _FAR = 2, 4
"""Characters of the prefixes used to look texts up. For short texts, and for all others."""


def percent(text: str, safe: str = "") -> str:
    """Return a text percent-encoded, as in a URL."""
    return "".join(one if one.isascii() and (one.isalnum() or one in "-._~" + safe) else _octets(one) for one in text)


def _octets(one: str) -> str:
    return "".join(f"%{octet:02X}" for octet in one.encode("utf-8", "replace"))


_IN_ADDRESSES: tuple[Spell, ...] = (
    str,
    percent,
    lambda text: percent(text, "'(),/:@!*"),
    lambda text: percent(text.replace(" ", "+"), "+"),
    lambda text: percent(text.replace(" ", "+"), "+@'(),/:"),
)
_IN_DOCUMENTS: tuple[Spell, ...] = (
    lambda text: json.dumps(text)[1:-1],
    lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    html.escape,
    lambda text: html.escape(text, quote=False),
)
_SAME_EVERYWHERE = re.compile(r"[\w.~-]+", re.ASCII)
_SAME_IN_DOCUMENTS = re.compile(r"[^\x00-\x1f\x7f-\U0010ffff\"&'<>\\]+")


class Wanted(NamedTuple):
    """A text to find, in small letters, and its replacement. If `alone`, no letter or digit may stand beside it."""

    text: str
    instead: str
    alone: bool


class Finder:
    """Replaces all added texts in one pass, the longest first."""

    def __init__(self) -> None:
        self._wanted: dict[str, Wanted] = {}
        self._lengths: dict[str, list[int]] = {}
        self._remembered = lru_cache(REMEMBERED)(self._replaced)

    def add(self, text: str, instead: str, *, alone: bool) -> None:
        """Replace this text in every spelling. A text that was added before keeps its replacement."""
        for spell in _spells(text):
            for written in (text,) if text.isascii() else (text, text.lower(), text.upper(), normalize("NFD", text)):
                spelt = small_letters(spell(written))
                if spelt not in self._wanted:
                    self._wanted[spelt] = Wanted(spelt, spell(instead), alone)
                    self._expect(spelt)
        self._remembered.cache_clear()

    def _expect(self, spelt: str) -> None:
        """Note the length of a text under its prefix."""
        lengths = self._lengths.setdefault(spelt[: _FAR if len(spelt) >= _FAR else _NEAR], [])
        if len(spelt) not in lengths:
            lengths.append(len(spelt))
            lengths.sort(reverse=True)

    def replaced(self, text: str) -> str:
        """Return a text with all added texts replaced."""
        return self._remembered(text) if len(text) <= SHORT else self._replaced(text)

    def _replaced(self, text: str) -> str:
        low, done, place = small_letters(text), 0, 0
        parts: list[str] = []
        while place < len(low):
            found = self._at(low, place)
            if found is None:
                place += 1
                continue
            parts += [text[done:place], found.instead]
            place = done = place + len(found.text)
        return "".join((*parts, text[done:])) if parts else text

    def _at(self, low: str, place: int) -> Wanted | None:
        for start in (_FAR, _NEAR):
            for length in self._lengths.get(low[place : place + start], ()):
                one = self._wanted.get(low[place : place + length])
                if one is not None and (not one.alone or _alone(low, place, place + length)):
                    return one
        return None


def _spells(text: str) -> tuple[Spell, ...]:
    """Return the spellings of a text that differ."""
    if _SAME_EVERYWHERE.fullmatch(text):
        return (str,)
    return _IN_ADDRESSES if _SAME_IN_DOCUMENTS.fullmatch(text) else _IN_ADDRESSES + _IN_DOCUMENTS


_ESCAPE_BEFORE = re.compile(r"(?:%[0-9a-f]{2}|\\[bfnrt]|\\u[0-9a-f]{4})\Z")


def _alone(low: str, start: int, end: int) -> bool:
    """Whether no letter or digit stands beside a word. Those of an escape such as `%20` do not count."""
    if low[end : end + 1].isalnum():
        return False
    return (
        not low[max(0, start - 1) : start].isalnum()
        or _ESCAPE_BEFORE.search(low[max(0, start - 6) : start]) is not None
    )


def small_letters(text: str) -> str:
    """Return a text in small letters, with the same length and positions."""
    low = text.lower()
    return low if len(low) == len(text) else "".join(one if len(one.lower()) > 1 else one.lower() for one in text)
