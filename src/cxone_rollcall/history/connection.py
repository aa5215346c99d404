"""Opens a history file for reading alone."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from cxone_rollcall.errors import HistoryError
from cxone_rollcall.history.schema import VERSION, version_of
from cxone_rollcall.model.shell import quoted

_MAGIC = b"SQLite format 3\0"
"""How each SQLite file begins. An empty file is one, too."""


def connect(path: Path, *, truncated: bool = False) -> sqlite3.Connection:
    """A connection that only reads a history of this schema.

    `truncated` reads also a file that lacks its end. Raises `HistoryError` if there is no file, if it is no history, or
    of another schema; `sqlite3.Error` if it is damaged.
    """
    if not path.is_file():
        raise HistoryError(f"{path} does not exist", example=f"rollcall record --history {quoted(str(path))}")
    try:
        with path.open("rb") as file:
            begin = file.read(len(_MAGIC))
    except OSError as error:
        raise HistoryError(f"{path} cannot be read: {error.strerror}") from error
    if begin not in (_MAGIC, b""):
        raise HistoryError(f"{path} is no history of rollcall: it is no SQLite file")
    db = _connect(path, truncated=truncated)
    try:
        version = version_of(db, str(path))
        if not version:
            raise HistoryError(f"{path} is empty: nothing was recorded in it yet")
        if version < VERSION:
            raise HistoryError(
                f"{path} has an older schema: recording brings it to this one",
                example=f"rollcall record --history {quoted(str(path))} --count 1",
            )
    except BaseException:
        db.close()
        raise
    return db


def _connect(path: Path, *, truncated: bool) -> sqlite3.Connection:
    """A connection that only reads. On a read-only disk there is no journal to open, and nobody writes.

    Raises `HistoryError` if another program locks the file: reading it without the lock would mix old and new pages.
    """
    address = path.absolute().as_uri()
    db = sqlite3.connect(f"{address}?mode=ro", uri=True, isolation_level=None, check_same_thread=False)
    try:
        if truncated:
            db.execute("PRAGMA writable_schema = ON")  # so SQLite takes the pages that are there
        db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        db.close()
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:  # its low byte is the kind
            raise HistoryError(f"{path} is locked by another program: end that program, then try again") from None
        journal = Path(f"{path}-wal")
        if journal.exists() and journal.stat().st_size:
            raise HistoryError(
                f"{path} is on a read-only disk, and its newest polls are still in {journal.name}: copy both files to a"
                " folder that can be written",
                example=f"cp {quoted(str(path))} {quoted(str(journal))} /tmp/",
            ) from None
        db = sqlite3.connect(f"{address}?mode=ro&immutable=1", uri=True, isolation_level=None, check_same_thread=False)
    except sqlite3.DatabaseError:  # no SQLite file
        db.close()
        raise
    return db
