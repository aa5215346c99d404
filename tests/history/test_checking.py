"""What `history check` finds in a file."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cxone_rollcall.errors import HistoryError
from cxone_rollcall.history.checking import check
from cxone_rollcall.history.schema import APPLICATION_ID, VERSION

NEWER = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION + 1}"


def test_a_sound_file_is_counted(path: Path) -> None:
    """Without a breach the result says what the file has. Each hour of it is progress."""
    steps: list[tuple[int, int]] = []
    checked = check(path, lambda done, of: steps.append((done, of)))
    hours = [done for done, _ in steps]
    assert (hours[0], hours) == (0, sorted(set(hours)))
    assert {of for _, of in steps} == {hours[-1] + 1}
    assert checked.breach == ""
    assert (checked.agents, checked.polls) == (30, 124)
    assert checked.intervals > 100
    assert checked.first < checked.last


AN_INTERVAL = """(SELECT hour, agent, end FROM intervals WHERE length > 2000 AND EXISTS (
    SELECT 1 FROM intervals AS b WHERE b.agent = intervals.agent AND b.end = intervals.end - intervals.length
    ) ORDER BY hour, agent, end LIMIT 1 OFFSET 10)"""
AN_AGENT = "(SELECT min(agent) FROM current)"


@pytest.mark.parametrize(
    ("broken_by", "says"),
    [
        ("DELETE FROM intervals WHERE (hour, agent, end) = AN_INTERVAL", "has no interval before"),
        ("UPDATE intervals SET length = length - 1 WHERE (hour, agent, end) = AN_INTERVAL", "has no interval"),
        ("UPDATE intervals SET length = length + 1 WHERE (hour, agent, end) = AN_INTERVAL", "overlap at"),
        ("UPDATE intervals SET length = -5 WHERE (hour, agent, end) = AN_INTERVAL", "ends before it begins"),
        ("UPDATE intervals SET slack = -1 WHERE (hour, agent, end) = AN_INTERVAL", "a slack below 0"),
        ("UPDATE intervals SET source = 7 WHERE (hour, agent, end) = AN_INTERVAL", "no known source"),
        ("UPDATE intervals SET source = 2", "is closed without a proof"),
        ("UPDATE intervals SET hour = hour + 1", "in the wrong place"),
        (
            "UPDATE intervals SET status = 999 WHERE (hour, agent, end) = AN_INTERVAL",
            "of statuses that is not there",
        ),
        ("UPDATE statuses SET cause = NULL WHERE standing = 'unknown'", "a gap without a cause"),
        ("UPDATE statuses SET state = 'Break' WHERE standing = 'unknown'", "and yet has a state"),
        ("UPDATE statuses SET cause = 'RC105' WHERE standing = 'present'", "is known, and yet has the cause of a gap"),
        ("UPDATE statuses SET \"group\" = 'x' WHERE standing = 'present'", "has a group that is not known"),
        ("UPDATE current SET certainty = 'x' WHERE agent = AN_AGENT", "has a state whose begin cannot be read"),
        ("UPDATE current SET since_latest = NULL WHERE agent = AN_AGENT", "has a state whose begin cannot be read"),
        (
            "UPDATE statuses SET standing = 'lunching' WHERE standing = 'present'",
            "has a value that rollcall never writes",
        ),
        ("DELETE FROM current WHERE agent = AN_AGENT", "is on the roster, but not in what is open now"),
        ("UPDATE current SET begin = begin + 5 WHERE agent = AN_AGENT", "has no interval before"),
        ("UPDATE current SET begin = begin - 5 WHERE agent = AN_AGENT", "overlap at"),
        ("UPDATE current SET begin = 1 << 60 WHERE agent = AN_AGENT", "1152921504606846976 ms"),
        ("UPDATE current SET known_until = 1 << 60 WHERE agent = AN_AGENT", "was confirmed after the last poll"),
        (
            "UPDATE current SET held = status WHERE agent = AN_AGENT",
            "keeps a state from before a gap, but is not in a gap",
        ),
        ("DELETE FROM people WHERE agent = AN_AGENT", "has no name"),
        ("UPDATE people SET on_roster = 0 WHERE agent = AN_AGENT", "is off the roster"),
        (
            "UPDATE polls SET as_of = as_of - 3600000, at = at - 3600000 WHERE number = 60",
            "earlier than the poll before",
        ),
        ("DELETE FROM polls WHERE as_of > (SELECT max(end) FROM intervals) - 3600000", "after the last poll"),
        ("UPDATE downs SET end = begin - 1", "overlaps the next one"),
        ("UPDATE downs SET cause = x'ff'", "a row of downs has a value in cause that is no text"),
        ("UPDATE people SET team = x'ff' WHERE agent = AN_AGENT", "of people has a value in team that is no text"),
        ("UPDATE people SET active = 0.5 WHERE agent = AN_AGENT", "a value in active that is no integer"),
        ("UPDATE meta SET value = x'ff'", "a row of meta has a value in value that is no text"),
        ("UPDATE downs SET begin = begin - 700000", "while nothing recorded, without a proof"),
        (
            "INSERT INTO long_intervals SELECT agent, end, length, status, slack, source FROM intervals LIMIT 1",
            "wrong place",
        ),
    ],
    ids=lambda value: value.split(" WHERE")[0] if " " in value else value,
)
def test_each_broken_promise_is_found(path: Path, broken_by: str, says: str) -> None:
    """A change in one place is a breach that says where."""
    with closing(sqlite3.connect(path)) as db, db:
        assert db.execute(broken_by.replace("AN_INTERVAL", AN_INTERVAL).replace("AN_AGENT", AN_AGENT)).rowcount > 0
    checked = check(path)
    assert says in checked.breach
    assert not checked.is_damaged


def test_a_check_sees_one_moment(path: Path) -> None:
    """What is recorded during a check is no breach. The next check sees it."""

    def record(*_: int) -> None:
        with closing(sqlite3.connect(path)) as db, db:
            db.execute("DELETE FROM proofs")

    assert check(path, record).breach == ""
    assert "is closed without a proof" in check(path).breach


def test_a_state_may_end_after_the_last_look(path: Path) -> None:
    """The server may date its end until the last answer came."""
    with closing(sqlite3.connect(path)) as db, db:
        begin, end = db.execute("SELECT begin, end FROM downs").fetchone()
        query = "SELECT agent, end - length FROM intervals WHERE end = ? AND source = 0"
        agent, lost = db.execute(query, (end,)).fetchone()
        assert lost < begin
    _move(path, agent, lost, begin, end)
    assert check(path).breach == ""
    _move(path, agent, begin, begin + 1, end)
    assert "while nothing recorded" in check(path).breach


def test_a_begin_that_the_server_gave_may_be_later_than_the_last_poll(path: Path) -> None:
    """No other begin may. The state before it lasts until then."""
    agent = _begin_later(path, by=5)
    assert check(path).breach == ""
    for worse in ("certainty = 'between'", "certainty = 'exact', since_latest = since_latest - 1"):
        with closing(sqlite3.connect(path)) as db, db:
            db.execute(f"UPDATE current SET {worse} WHERE agent = ?", (agent,))  # noqa: S608
        assert "ends after the last poll" in check(path).breach


@pytest.mark.parametrize(("by", "is_breach"), [(1, False), (2, True)])
def test_a_begin_may_be_as_late_as_the_last_answer(by: int, is_breach: bool, path: Path) -> None:
    """What the last answer showed began within its millisecond, and no later."""
    agent = _begin_later(path, by)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE current SET certainty = 'between' WHERE agent = ?", (agent,))
    assert ("after the last poll" in check(path).breach) == is_breach


def _begin_later(path: Path, by: int) -> int:
    """Let a state begin this many milliseconds after the last answer.

    The one before ends then. Returns the agent.
    """
    with closing(sqlite3.connect(path)) as db, db:
        (answered,) = db.execute("SELECT max(received_at) FROM polls").fetchone()
        exact = "SELECT agent, begin FROM current WHERE certainty = 'exact' AND begin = since_latest"
        agent, begin = db.execute(exact).fetchone()
        moved = "UPDATE long_intervals SET end = ?1, length = length + ?1 - end WHERE (agent, end) = (?2, ?3)"
        assert db.execute(moved, (answered + by, agent, begin)).rowcount == 1
        moved = "UPDATE current SET begin = ?1, since_latest = ?1, known_until = NULL WHERE agent = ?2"
        db.execute(moved, (answered + by, agent))
    return int(agent)


def _move(path: Path, agent: int, lost: int, later: int, end: int) -> None:
    """Let a gap begin later, and the state before it end later."""
    with closing(sqlite3.connect(path)) as db, db:
        for table in ("intervals", "long_intervals"):
            moved = f"UPDATE {table} SET end = ?2, length = length + ?2 - ?1 WHERE (end, agent) = (?1, ?3)"  # noqa: S608
            db.execute(moved, (lost, later, agent))
        db.execute("UPDATE intervals SET hour = end / 3600000")
        db.execute("UPDATE intervals SET length = end - ? WHERE (end, agent) = (?, ?)", (later, end, agent))


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_damaged_file_is_called_damaged(path: Path, sound: bytes, share: float) -> None:
    """A page of other bytes, or a missing end, is damage."""
    place = int(len(sound) * share) // 4096 * 4096
    path.write_bytes(sound[:place] + b"\xff" * 4096 + sound[place + 4096 :])
    assert check(path).is_damaged
    path.write_bytes(sound[:place])
    assert check(path).is_damaged


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "does not exist"),
        (b"", "is empty"),
        (b"agent_id,name\n", "is no history of rollcall"),
        ("CREATE TABLE notes (text)", "is an SQLite file, but no history"),
        ("PRAGMA user_version = 1", "is an SQLite file, but no history"),
        (NEWER, rf"was written by a newer rollcall \(schema {VERSION + 1}, this one knows {VERSION}\)"),
    ],
    ids=["missing", "empty", "CSV", "another database", "another empty database", "newer"],
)
def test_what_is_no_history_is_refused(tmp_path: Path, content: bytes | str | None, says: str) -> None:
    """Another file is not checked, and not changed."""
    path = tmp_path / "h.db"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        with closing(sqlite3.connect(path)) as db, db:
            db.executescript(content)
    before = path.read_bytes() if path.exists() else None
    with pytest.raises(HistoryError, match=f"^{re.escape(str(path))} {says}"):
        check(path)
    assert (path.read_bytes() if path.exists() else None) == before
