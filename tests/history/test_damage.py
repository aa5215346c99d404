"""A damaged history is refused in words. What is left can be saved."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from tests.history.test_batches import named, tables, three_runs
from tests.support.written import assert_as_written

from cxone_rollcall.errors import HistoryError
from cxone_rollcall.history.checking import check
from cxone_rollcall.history.reading import Window, reading
from cxone_rollcall.history.saving import Saved, save
from cxone_rollcall.history.store import writing


def test_a_recorder_does_not_begin_in_a_damaged_file(tmp_path: Path) -> None:
    """A file without what the last recorder knew is refused by name."""
    path = tmp_path / "h.db"
    three_runs(path)
    with writing(path) as store, closing(sqlite3.connect(path)) as db:
        db.execute("DROP TABLE current")
        with pytest.raises(HistoryError, match=r"h\.db cannot be recorded in: no such table"):
            store.stopped()


def damaged(path: Path, damage: str) -> None:
    """Record three runs, then damage the file."""
    three_runs(path)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("PRAGMA ignore_check_constraints = ON")
        db.execute(damage)


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        ("UPDATE statuses SET standing = 'zz'", "'zz' is not a valid Standing"),
        ("UPDATE polls SET as_of = 'x'", "a row of polls has a value in as_of that is no integer"),
        ("UPDATE statuses SET cause = x'ff'", "a row of statuses has a value in cause that is no text"),
        ("DELETE FROM statuses", "refers to a row of statuses that is not there"),
    ],
)
def test_a_damaged_value_is_named(damage: str, named: str, tmp_path: Path) -> None:
    """A history with a damaged value is refused by a reader."""
    damaged(tmp_path / "h.db", damage)
    with pytest.raises(HistoryError, match=rf"h\.db is damaged: .*{named}"), reading(tmp_path / "h.db") as history:
        history.rows(Window(0, 1 << 45))


@pytest.mark.parametrize("column", ["name", "user_name", "email", "team", "user_id"])
def test_bytes_are_no_name(column: str, tmp_path: Path) -> None:
    """Readers and recorders refuse bytes in the place of a text."""
    damaged(tmp_path / "h.db", f"UPDATE people SET {column} = x'ff'")  # noqa: S608
    says = rf"h\.db is damaged: a row of people has a value in {column} that is no text"
    with pytest.raises(HistoryError, match=says), reading(tmp_path / "h.db") as history:
        history.people()
    with pytest.raises(HistoryError, match=says), writing(tmp_path / "h.db") as store:
        store.stopped()


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        ("UPDATE statuses SET standing = 'zz'", "'zz' is not a valid Standing"),
        ("UPDATE current SET certainty = 'x'", "has a state whose begin cannot be read"),
    ],
)
def test_a_damaged_value_is_not_recorded_on(damage: str, named: str, tmp_path: Path) -> None:
    """A history with a damaged value is refused by a recorder."""
    damaged(tmp_path / "h.db", damage)
    with pytest.raises(HistoryError, match=rf"h\.db is damaged: .*{named}"), writing(tmp_path / "h.db") as store:
        store.stopped()


def test_other_errors_stay(tmp_path: Path) -> None:
    """Beside a sound history, an error stays what it is."""
    path = tmp_path / "h.db"
    three_runs(path)
    with pytest.raises(TypeError, match="ours"), reading(path):
        raise TypeError("ours")


DAMAGES = {
    "intervals of a state": "DELETE FROM intervals WHERE status = 5",
    "intervals of an agent": "DELETE FROM intervals WHERE agent = 4",
    "intervals without a length": "UPDATE intervals SET length = 0 WHERE status = 1",
    "intervals with a text": "UPDATE intervals SET length = 'x' WHERE status = 1",
    "people with a text": "UPDATE people SET at = 'x' WHERE agent = 1",
    "people with bytes": "UPDATE people SET name = x'ff' WHERE agent = 1",
    "polls with a text": "UPDATE polls SET as_of = 'x' WHERE number > 8",
    "proofs with a text": "UPDATE proofs SET end = 'x'",
    "what is open with a text": "UPDATE current SET begin = 'x'",
    "what is open and nobody is sure of": "UPDATE current SET certainty = 'x'",
    "what is open since never": "UPDATE current SET since_latest = NULL",
    "intervals from nowhere": "UPDATE intervals SET source = 3 WHERE status = 1",
    "intervals that overlap": "UPDATE intervals SET length = length + 5 WHERE status = 1",
    "intervals of the far future": "UPDATE intervals SET end = end + (1 << 42), hour = hour + (1 << 42) / 3600000",
    "long intervals": "DELETE FROM long_intervals",
    "what is open": "DELETE FROM current",
    "what is open in the far future": "UPDATE current SET begin = begin + (1 << 42)",
    "what was confirmed in the far future": "UPDATE current SET known_until = known_until + (1 << 42)",
    "what is open of one": "DELETE FROM current WHERE agent = 5",
    "what began too early": "UPDATE current SET begin = begin - 20000",
    "a status": "DELETE FROM statuses WHERE status = 9",
    "a status with another word": "UPDATE statuses SET standing = 'x' WHERE status = 9",
    "a status without a cause": "UPDATE statuses SET cause = NULL WHERE cause = 'RC104'",
    "a status with a cause": "UPDATE statuses SET cause = 'x' WHERE status = 9",
    "an agent": "DELETE FROM agents WHERE agent = 5",
    "all agents": "DELETE FROM agents",
    "the names of one": "DELETE FROM people WHERE agent = 5",
    "the names of who left": "DELETE FROM people WHERE agent = 2",
    "the last names": "DELETE FROM people WHERE at > 1800000059000",
    "the last name of who stayed": "UPDATE people SET on_roster = 0 WHERE agent = 1",
    "intervals with a slack below 0": "UPDATE intervals SET slack = -1 WHERE slack = 0",
    "the last poll": "DELETE FROM polls WHERE run = 3 AND number > 2",
    "polls that are earlier": "UPDATE polls SET as_of = as_of - 3000, at = at - 3000 WHERE number = 4",
    "polls that are later": "UPDATE polls SET as_of = as_of + (1 << 42) WHERE number = 4",
    "times without a recorder that are longer": "UPDATE downs SET begin = begin - 20000",
    "times without a recorder that are shorter": "UPDATE downs SET end = begin - 1",
    "times without a recorder that overlap": "UPDATE downs SET end = end + 1000000000",
    "the last polls": "DELETE FROM polls WHERE run = 3",
    "all polls": "DELETE FROM polls",
    "a run": "DELETE FROM runs WHERE run = 2",
    "proofs": "DELETE FROM proofs",
    "a proof that is too short": "UPDATE proofs SET begin = begin + 1",
    "times without a recorder": "DELETE FROM downs",
    "what is open since the gap": "UPDATE current SET known_until = begin WHERE held IS NOT NULL",
    "what is open and was": "UPDATE current SET held = status",
    "the tenant": "DELETE FROM meta",
}


def test_what_is_saved_of_each_damage(tmp_path: Path) -> None:
    """Whatever rows are lost, the rest is saved as a sound file. What differs is written beside this test."""
    whole, damaged, saved = (tmp_path / name for name in ("whole.db", "damaged.db", "saved.db"))
    three_runs(whole)
    assert save(whole, saved) == Saved(39)
    all_rows = [*named(tables(saved))]
    assert set(all_rows) ^ {*named(tables(whole))} == {"statuses:  14 | unknown |  |  |  | file-damaged"}
    saved.unlink()
    text = []
    for what, damage in DAMAGES.items():
        damaged.write_bytes(whole.read_bytes())
        with closing(sqlite3.connect(damaged)) as db, db:
            db.execute("PRAGMA foreign_keys = OFF")
            db.execute(damage)
        counts = save(damaged, saved)
        assert check(saved).breach == ""
        rows = [*named(tables(saved))]
        saved.unlink()
        text += [f"{what}: {counts.intervals} intervals, {counts.gaps} gaps"]
        lost = Counter(row.partition(":")[0] for row in all_rows if row not in rows)
        text += [f"- {number} of {table}" for table, number in lost.items()]
        text += [f"+ {row}" for row in rows if row not in all_rows]
    assert_as_written(Path(__file__).with_name("saved.txt"), "\n".join(text) + "\n")
