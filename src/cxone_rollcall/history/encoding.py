"""How the file has statuses, sources and texts."""

from __future__ import annotations

import sqlite3

from cxone_rollcall.history.interval import Source, Status
from cxone_rollcall.model.roll import Standing

SOURCES = tuple(Source)
"""In the order of their numbers in the file."""


def read_statuses(db: sqlite3.Connection) -> dict[int, Status]:
    """The statuses of a history, by number."""
    rows = db.execute('SELECT status, standing, state, sub_state, "group", cause FROM statuses')
    return {number: Status(Standing(standing), *rest) for number, standing, *rest in rows}


def storable(text: str | None) -> str | None:
    """A text as SQLite takes it. Half of a surrogate pair becomes its escape, which UTF-8 has."""
    return text if text is None or text.isascii() else text.encode("utf-8", "backslashreplace").decode()
