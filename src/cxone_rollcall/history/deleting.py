"""Deletes from a history: old days, and people who must be forgotten."""

from __future__ import annotations

import re
import sqlite3

from cxone_rollcall.history.schema import DAY, HOUR

FORGOTTEN = "(forgotten)"
"""Stands in messages of findings where a forgotten person was named."""
SHORTEST = 3
"""Characters of a name that is looked for in messages. A shorter one would be found in other words, too."""


def drop_oldest_day(db: sqlite3.Connection, before: int) -> bool:
    """Delete the oldest day, UTC, if it ended before a time. Returns whether there was one.

    The last poll stays, and so does each agent's newest name and an interval that goes on into the next day.
    """
    last = db.execute("SELECT run, number FROM polls ORDER BY run DESC, number DESC LIMIT 1").fetchone()
    if last is None:
        return False
    polled = "SELECT as_of FROM polls WHERE (run, number) <> (?, ?) ORDER BY run, number LIMIT 1"
    oldest = [
        db.execute("SELECT min(hour) * ? FROM intervals", (HOUR,)).fetchone(),
        db.execute("SELECT min(end) FROM long_intervals").fetchone(),
        db.execute(polled, last).fetchone(),
    ]
    times = [row[0] for row in oldest if row is not None and row[0] is not None]
    until = (min(times) // DAY + 1) * DAY if times else before + 1
    if until > before:
        return False
    db.execute("DELETE FROM intervals WHERE hour < ?", (until // HOUR,))
    db.execute("DELETE FROM long_intervals WHERE end < ?", (until,))
    db.execute("DELETE FROM polls WHERE as_of < ? AND (run, number) <> (?, ?)", (until, *last))
    db.execute("DELETE FROM runs WHERE NOT EXISTS (SELECT 1 FROM polls WHERE polls.run = runs.run)")
    for table in ("downs", "troubles", "proofs"):
        db.execute(f"DELETE FROM {table} WHERE end < ?", (until,))  # noqa: S608  our own names
    _drop_people(db, until)
    return True


def _drop_people(db: sqlite3.Connection, until: int) -> None:
    """Delete old names, and agents who left a day before a time."""
    db.execute(
        "DELETE FROM people WHERE at < ?1 AND EXISTS (SELECT 1 FROM people AS later"
        " WHERE later.agent = people.agent AND later.at > people.at AND later.at <= ?1)",
        (until,),
    )
    db.execute(
        "DELETE FROM people WHERE at < ? AND NOT on_roster AND NOT EXISTS"
        " (SELECT 1 FROM people AS later WHERE later.agent = people.agent AND later.at > people.at)",
        (until - DAY,),
    )
    db.execute("DELETE FROM agents WHERE NOT EXISTS (SELECT 1 FROM people WHERE people.agent = agents.agent)")


def forget(db: sqlite3.Connection, agent: int) -> None:
    """Delete all rows of an agent, given by number.

    Its names are also taken out of the messages of findings.
    """
    names = {
        str(text)
        for row in db.execute(
            "SELECT agent_id, name, user_name, email, user_id FROM people JOIN agents USING (agent) WHERE agent = ?",
            (agent,),
        )
        for text in row
        if text and len(text) >= SHORTEST
    }
    if names:
        alternatives = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
        pattern = re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)", re.IGNORECASE)
        for code, begin, message in db.execute("SELECT code, begin, message FROM troubles").fetchall():
            cleaned = pattern.sub(FORGOTTEN, message)
            if cleaned != message:
                where = (cleaned, code, begin)
                db.execute("UPDATE troubles SET message = ? WHERE code = ? AND begin = ?", where)
    for table in ("intervals", "long_intervals", "current", "proofs", "people", "agents"):
        db.execute(f"DELETE FROM {table} WHERE agent = ?", (agent,))  # noqa: S608  our own names
