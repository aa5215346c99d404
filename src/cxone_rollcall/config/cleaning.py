"""What may be done to the text of a setting, and how it may be shown in a message."""

from __future__ import annotations

from pathlib import Path

_QUOTES = "\"'"
_LONGEST_SHOWN = 40


def cleaned(text: str) -> str:
    """Return `text` without the blanks and matching quotes around it (`docker --env-file` keeps quotes)."""
    while True:
        inner = text.strip()
        if is_quoted(inner):
            inner = inner[1:-1]
        if inner == text:
            return inner
        text = inner


def is_blank(text: str) -> bool:
    """Tell whether there is nothing in `text` but white space, or nothing but an empty pair of quotes."""
    return not cleaned(text)


def is_quoted(text: str) -> bool:
    """Tell whether `text` begins and ends with the same quote."""
    return len(text) >= 2 and text[0] == text[-1] and text[0] in _QUOTES


def has_surrogate(text: str) -> bool:
    """Tell whether `text` came from bytes that were not UTF-8 (Python keeps such bytes as lone surrogates)."""
    return any("\ud800" <= character <= "\udfff" for character in text)


def first_unprintable(text: str) -> str | None:
    """Return the first control or invisible character, or None. A common blank is printable, others are not."""
    return next((character for character in text if not character.isprintable()), None)


def shown(text: str) -> str:
    """Return `text` quoted for a message: control characters escaped, cut where it is long."""
    return repr(text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "...")


def as_path(text: str) -> Path:
    """Return the path, `~` expanded where there is such a home."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)
