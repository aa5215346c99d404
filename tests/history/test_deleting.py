"""Deleting old days, and people who must be forgotten."""

from __future__ import annotations

import sqlite3
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from tests.history.recorded import recorded
from tests.history.test_batches import START, named, tables, three_runs
from tests.reports.floors import written
from tests.support.written import assert_as_written

from cxone_rollcall.errors import HistoryError, SettingError
from cxone_rollcall.history.checking import check
from cxone_rollcall.history.interval import Status
from cxone_rollcall.history.people import find_agent
from cxone_rollcall.history.reading import Window, reading
from cxone_rollcall.history.schema import DAY
from cxone_rollcall.history.store import writing
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.roll import Standing


def first_and_last(path: Path) -> tuple[int, int]:
    """The times of the first and the last poll."""
    checked = check(path)
    assert checked.breach == ""
    return checked.first, checked.last


def test_old_days_are_dropped_one_by_one(path: Path) -> None:
    """Each call deletes the oldest day. The file stays sound, and what is kept stays the same."""
    first, last = first_and_last(path)
    border = (first // DAY + 2) * DAY
    with reading(path) as history:
        before = history.rows(Window(border + DAY, last))
    with writing(path) as store:
        assert store.drop(border)
        assert not store.drop(border)
    assert border - DAY <= first_and_last(path)[0]
    assert first_and_last(path)[1] == last
    with reading(path) as history:
        assert history.rows(Window(border + DAY, last)) == before


def test_the_last_poll_stays(path: Path) -> None:
    """However old a file is, it keeps what is open."""
    _, last = first_and_last(path)
    with writing(path) as store:
        while store.drop(last + 900 * DAY):
            pass
        assert len(store.stopped().opened) == 30
    assert first_and_last(path) == (last, last)


async def test_recording_goes_on_after_a_drop(tmp_path: Path) -> None:
    """A recorder that keeps a day drops the rest while it records. Every poll after it is stored."""
    path = tmp_path / "h.db"
    async with recorded(path, "incontact", agents=20) as world:
        async with world.recorder() as recorder:
            for _ in range(5):
                await recorder.polls(20)
                world.pass_time(DAY / 1000)
        async with world.recorder(keep=1) as recorder:
            await recorder.polls(10)
        first, last = first_and_last(path)
        assert last - first < 2 * DAY
        assert world.complaints == []


def names_in(path: Path, names: list[str]) -> list[str]:
    """The names that are in the bytes of file or journal."""
    content = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*")).lower()
    return [name for name in names if name.lower().encode() in content]


def test_a_forgotten_person_is_nowhere(path: Path) -> None:
    """No byte of the file or its journal names the person. All others are as before."""
    with reading(path) as history:
        number, agent = find_agent(history, history.people()[7][-1].agent.agent_id)
        others = {one: rows for one, rows in history.rows(Window(0, 1 << 50)).items() if one != number}
    names = [str(name) for name in (agent.agent_id, agent.name, agent.user_name, agent.email)]
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("INSERT INTO troubles VALUES ('RC601', 1, NULL, 'PROVEN', ?)", (f"{names[1]} ({names[0]}) left",))
    assert names_in(path, names) == names
    with writing(path) as store:
        store.forget(number)
        assert names_in(path, names) == []
    assert check(path).breach == ""
    with reading(path) as history:
        assert history.rows(Window(0, 1 << 50)) == others
        with pytest.raises(SettingError, match="nobody in this history is called"):
            find_agent(history, names[0])


def test_what_another_program_deleted_is_nowhere_either(path: Path) -> None:
    """Names in free pages of the file are gone with the person."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("PRAGMA secure_delete = OFF")
        db.execute("CREATE TABLE copies AS SELECT 'Planted Name ' || agent AS name FROM agents")
        db.execute("DROP TABLE copies")
    assert names_in(path, ["Planted Name 7"]) == ["Planted Name 7"]
    with writing(path) as store:
        store.forget(7)
        assert names_in(path, ["Planted Name 7"]) == []


def test_what_is_dropped_is_nowhere(path: Path, built_with: Callable[[str], None]) -> None:
    """Free pages keep nothing of an old day. An SQLite may be built to keep it."""
    first, last = first_and_last(path)
    built_with("secure_delete = OFF")
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("INSERT INTO troubles VALUES ('RC601', ?, ?, 'PROVEN', 'Planted Name')", (first, first + 1))
    assert names_in(path, ["Planted Name"]) == ["Planted Name"]
    with writing(path) as store:
        assert store.drop(last)
    assert names_in(path, ["Planted Name"]) == []


def test_nobody_is_forgotten_of_a_file_that_refuses_it(path: Path) -> None:
    """Who could not be deleted is still there. The error says why."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TRIGGER full BEFORE DELETE ON people BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    with reading(path) as history:
        agents, rows = history.agents(), history.rows(Window(0, 1 << 50))
    with writing(path) as store, pytest.raises(HistoryError, match=r"\.db cannot be recorded in: disk full"):
        store.forget(7)
    with reading(path) as history:
        assert (history.agents(), history.rows(Window(0, 1 << 50))) == (agents, rows)


def test_nobody_is_forgotten_while_somebody_reads(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader keeps old pages in the journal. So forgetting is refused."""
    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, timeout=0.0))
    with writing(path) as store:
        store.drop(first_and_last(path)[0] + DAY)
        with reading(path) as history:
            agents = history.agents()
            with pytest.raises(HistoryError, match="is being read"):
                store.forget(7)
            assert history.agents() == agents
        store.forget(7)


@pytest.mark.parametrize("what", ["agent_id", "user_name", "email", "name"])
def test_people_are_found_by_any_name(path: Path, what: str) -> None:
    """Each name leads to the person, in any letter case."""
    with reading(path) as history:
        people = history.people()
        wanted = next(number for number in people if people[number][-1].agent.email)
        text = str(getattr(people[wanted][-1].agent, what))
        assert find_agent(history, f" {text.upper()} ")[0] == wanted


def test_a_name_of_two_people_is_refused(path: Path) -> None:
    """An ambiguous name lists who is meant. A misspelt one has a suggestion."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE people SET name = 'Zoe Twice' WHERE agent IN (3, 4)")
    with reading(path) as history:
        with pytest.raises(SettingError, match=r"^2 people are called 'zoe twice': [^,]+, \w+ \(Zoe Twice\)$"):
            find_agent(history, "zoe twice")
        with pytest.raises(SettingError, match="did you mean 'zoe twice'"):
            find_agent(history, "zo twice")


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process as POSIX has them")
def test_a_file_that_is_not_written_anew_is_said(path: Path) -> None:
    """Without room for a second copy, the person is deleted. The error says what is left to do."""
    import resource

    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    with writing(path) as store:
        room = path.stat().st_size - 1
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, unlimited[1]))
        try:
            with pytest.raises(HistoryError, match=r"the agent is deleted, but .* could not be written anew"):
                store.forget(7)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
    with reading(path) as history:
        assert 7 not in history.agents().values()
    assert check(path).breach == ""


MESSAGES = {
    1: "Ann Lee (101, ann@acme.example, u-1) and ann, not ANN LEE-Smith nor annabel or 1015",
    2: "ben lee and Ben Okoro, but not Ben",
    3: "Cat and cats",
    4: "agent 104 alone",
    5: "Eve, eve: and Evelyn",
}
"""A message for each agent, with its names and others."""


def changed(before: list[str], after: list[str]) -> list[str]:
    """What a file has lost, by table, and what is new."""
    lost = Counter(row.partition(":")[0] for row in before if row not in after)
    new = [f"+ {row}" for row in after if row not in before]
    return [f"- {number} of {table}" for table, number in lost.items()] + new


def test_what_is_deleted_is_written_out(tmp_path: Path) -> None:
    """What is lost and what stays is written beside this test. The file stays sound."""
    whole, path, text = tmp_path / "whole.db", tmp_path / "h.db", list[str]()
    three_runs(whole)
    with closing(sqlite3.connect(whole)) as db, db:
        for number, message in MESSAGES.items():
            db.execute("INSERT INTO troubles VALUES (?, 1800000001000, NULL, 'NOTE', ?)", (f"RC{number}", message))
    all_rows = [*named(tables(whole))]
    first = START * 1000 // DAY * DAY
    for before in (first + DAY - 1, first + DAY, first + 2 * DAY - 1, first + 2 * DAY, first + 5 * DAY):
        path.write_bytes(whole.read_bytes())
        with writing(path) as store:
            dropped = 0
            while store.drop(before):
                dropped += 1
        assert check(path).breach == ""
        text += [f"before {before - first} ms: {dropped} days", *changed(all_rows, [*named(tables(path))])]
    for number in MESSAGES:
        path.write_bytes(whole.read_bytes())
        with writing(path) as store:
            store.forget(number)
        assert check(path).breach == ""
        text += [f"without agent {number}:", *changed(all_rows, [*named(tables(path))])]
    assert_as_written(Path(__file__).with_name("deleted.txt"), "\n".join(text) + "\n")


def test_a_name_of_many_lists_five(tmp_path: Path) -> None:
    """Of people with one name five are listed. The others are counted."""
    day = [(0, 1000, Status(Standing.LOGGED_OUT))]
    people = [Agent(str(number), "Zoe" if number else None, "zoe" if number == 0 else None) for number in range(7)]
    written(tmp_path / "h.db", dict.fromkeys(people, day), first=1, last=2000)
    with reading(tmp_path / "h.db") as history:
        with pytest.raises(SettingError) as refusal:
            find_agent(history, " ZOE")
        listed = "0 (zoe), 1 (Zoe), 2 (Zoe), 3 (Zoe), 4 (Zoe)"
        assert str(refusal.value) == f"7 people are called ' ZOE': {listed} and 2 more"
        assert refusal.value.example == "0"
        with pytest.raises(SettingError, match=r"^nobody in this history is called 'Xerxes'$"):
            find_agent(history, "Xerxes")
        assert find_agent(history, " 3 ") == (4, people[3])
