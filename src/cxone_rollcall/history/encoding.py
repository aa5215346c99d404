"""How the file has statuses, sources and texts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from cxone_rollcall.history.interval import Source, Status
from cxone_rollcall.model.roll import Standing

SOURCES = tuple(Source)
"""In the order of their numbers in the file."""


def read_statuses(db: sqlite3.Connection) -> dict[int, Status]:
    """The statuses of a history, by number. Raises ValueError or TypeError if one has another value."""
    found = {}
    rows = db.execute('SELECT status, standing, state, sub_state, "group", cause FROM statuses')
    for number, standing, *rest in rows:
        check_texts(rest)
        found[number] = Status(Standing(standing), *rest)
    return found


def storable(text: str | None) -> str | None:
    """A text as SQLite takes it. Half of a surrogate pair becomes its escape, which UTF-8 has."""
    return text if text is None or text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def check_texts(values: Iterable[object]) -> None:
    """Raise TypeError if a value is neither a text nor None. SQLite takes bytes in a column of texts, too."""
    for value in values:
        if value is not None and not isinstance(value, str):
            raise TypeError(f"{type(value).__name__} in the place of a text")
