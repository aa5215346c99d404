"""Cleans a text that somebody pasted, and quotes it in messages."""

from __future__ import annotations

_QUOTES = "\"'"
_LONGEST_SHOWN = 40


def cleaned(text: str) -> str:
    """`text` without surrounding blanks and matching quotes (`docker --env-file` keeps quotes)."""
    while True:
        inner = text.strip()
        if is_quoted(inner):
            inner = inner[1:-1]
        if inner == text:
            return inner
        text = inner


def is_blank(text: str) -> bool:
    """Whether `text` is only white space or an empty pair of quotes."""
    return not cleaned(text)


def is_quoted(text: str) -> bool:
    """Whether `text` begins and ends with the same quote."""
    return len(text) >= 2 and text[0] == text[-1] and text[0] in _QUOTES


def has_surrogate(text: str) -> bool:
    """Whether `text` came from bytes that are not UTF-8.

    Python keeps such bytes as lone surrogates.
    """
    return any("\ud800" <= character <= "\udfff" for character in text)


def first_unprintable(text: str) -> str | None:
    """The first control or invisible character, or None. Of the blanks only U+0020 is printable."""
    return next((character for character in text if not character.isprintable()), None)


def shown(text: str) -> str:
    """`text` quoted for a message: control characters escaped, long texts cut."""
    return repr(text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "...")
