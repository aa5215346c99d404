"""Texts quoted for a shell. Nothing in them runs, and they stay readable."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable

_LIVE = frozenset('"$`\\!')
"""Characters that mean something between double quotes."""


def quoted(text: str) -> str:
    """A text as one word of a command line.

    A text with an apostrophe stands between double quotes if nothing in it is live there: `"O'Neill"`.
    """
    if "'" in text and text.isprintable() and not _LIVE & set(text):
        return f'"{text}"'
    return shlex.quote(text)


def command_line(words: Iterable[str]) -> str:
    """Words as a command line to paste."""
    return " ".join(map(quoted, words))


def pip_install(*packages: str) -> str:
    """The command that installs packages for this Python. Another one may be first on the PATH."""
    return command_line((sys.executable, "-m", "pip", "install", *packages))
