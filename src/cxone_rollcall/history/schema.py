"""The tables of a history file, and its migrations."""

from __future__ import annotations

import sqlite3

from cxone_rollcall.errors import HistoryError

HOUR, DAY = 3_600_000, 86_400_000
"""In milliseconds."""

APPLICATION_ID = 0x526C6348
"""Marks a file as ours (`PRAGMA application_id`, the letters RlcH)."""

_FIRST = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE agents (agent INTEGER PRIMARY KEY, agent_id TEXT NOT NULL UNIQUE);
CREATE TABLE people (
    agent INTEGER NOT NULL REFERENCES agents, at INTEGER NOT NULL, on_roster INTEGER NOT NULL,
    name TEXT, user_name TEXT, email TEXT, team TEXT, active INTEGER, user_id TEXT,
    PRIMARY KEY (agent, at)) WITHOUT ROWID;
CREATE TABLE statuses (
    status INTEGER PRIMARY KEY, standing TEXT NOT NULL, state TEXT, sub_state TEXT, "group" TEXT, cause TEXT);
CREATE TABLE intervals (
    hour INTEGER NOT NULL, agent INTEGER NOT NULL REFERENCES agents, end INTEGER NOT NULL,
    length INTEGER NOT NULL, status INTEGER NOT NULL REFERENCES statuses, slack INTEGER, source INTEGER NOT NULL,
    PRIMARY KEY (hour, agent, end)) WITHOUT ROWID;
CREATE TABLE long_intervals (
    agent INTEGER NOT NULL REFERENCES agents, end INTEGER NOT NULL,
    length INTEGER NOT NULL, status INTEGER NOT NULL REFERENCES statuses, slack INTEGER, source INTEGER NOT NULL,
    PRIMARY KEY (agent, end)) WITHOUT ROWID;
CREATE TABLE current (
    agent INTEGER PRIMARY KEY REFERENCES agents, begin INTEGER NOT NULL,
    status INTEGER NOT NULL REFERENCES statuses, slack INTEGER,
    certainty TEXT, since_latest INTEGER, since_earliest INTEGER, row_since TEXT,
    known_until INTEGER, held INTEGER REFERENCES statuses);
CREATE TABLE runs (run INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, began INTEGER NOT NULL, version TEXT NOT NULL);
CREATE TABLE polls (
    run INTEGER NOT NULL REFERENCES runs, number INTEGER NOT NULL, at INTEGER NOT NULL, as_of INTEGER NOT NULL,
    ok INTEGER NOT NULL, complete INTEGER NOT NULL, missed TEXT, received_at INTEGER NOT NULL,
    PRIMARY KEY (run, number)) WITHOUT ROWID;
CREATE TABLE downs (begin INTEGER PRIMARY KEY, end INTEGER NOT NULL, cause TEXT NOT NULL);
CREATE TABLE troubles (
    code TEXT NOT NULL, begin INTEGER NOT NULL, end INTEGER, strength TEXT NOT NULL, message TEXT NOT NULL,
    PRIMARY KEY (code, begin)) WITHOUT ROWID;
CREATE TABLE proofs (
    agent INTEGER NOT NULL REFERENCES agents, begin INTEGER NOT NULL, end INTEGER NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (agent, begin)) WITHOUT ROWID;
CREATE VIEW readable AS
    SELECT agent_id, datetime((end - length) / 1000, 'unixepoch') AS begin, datetime(end / 1000, 'unixepoch') AS end,
        length / 1000.0 AS seconds, standing, state, sub_state, "group", cause
    FROM (SELECT agent, end, length, status FROM intervals
          UNION ALL SELECT agent, end, length, status FROM long_intervals)
    JOIN agents USING (agent) JOIN statuses USING (status);
"""
"""Times are milliseconds since the epoch, UTC. An interval is stored under the hour in which it ends: so those of one
day lie together, a poll touches few pages, and one agent's day is found by its hours. One longer than a day is in
`long_intervals`, so that a window need not be compared with all later ends. `source` is 0 observed, 1 backfilled,
2 inferred. The view is for people who open the file with `sqlite3`."""

MIGRATIONS: tuple[str, ...] = (_FIRST,)
"""Each makes the next schema out of the one before."""

VERSION = len(MIGRATIONS)


def version_of(db: sqlite3.Connection, name: str) -> int:
    """The schema version of a file, 0 for an empty one. Raises `HistoryError` if it is no history, or a newer one."""
    (ours,), (version,) = db.execute("PRAGMA application_id").fetchone(), db.execute("PRAGMA user_version").fetchone()
    if ours != APPLICATION_ID:
        if db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] or version:
            raise HistoryError(f"{name} is an SQLite file, but no history of rollcall")
        return 0
    if version > VERSION:
        raise HistoryError(f"{name} was written by a newer rollcall (schema {version}, this one knows {VERSION})")
    return int(version)


def migrate(db: sqlite3.Connection, name: str) -> None:
    """Bring a file to this schema, each step in a transaction. An empty file becomes an empty history."""
    for number in range(version_of(db, name), VERSION):
        db.executescript(
            f"BEGIN IMMEDIATE;{MIGRATIONS[number]}"
            f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {number + 1}; COMMIT;"
        )
