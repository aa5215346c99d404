"""What somebody meant who misspelt a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def nearest(word: str, known: Iterable[str], *, likeness: float = 0.6) -> str | None:
    """Return the known word that this one comes nearest to, None where none is so much like it (of 1: the same)."""
    from difflib import get_close_matches  # most runs have no misspelt word

    return next(iter(get_close_matches(word, list(known), n=1, cutoff=likeness)), None)
