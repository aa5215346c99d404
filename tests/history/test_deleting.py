"""Deleting old days, and people who must be forgotten."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from tests.history.recorded import recorded

from cxone_rollcall.errors import HistoryError, SettingError
from cxone_rollcall.history.checking import check
from cxone_rollcall.history.people import find_agent
from cxone_rollcall.history.reading import Window, reading
from cxone_rollcall.history.schema import DAY
from cxone_rollcall.history.store import writing


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
        with pytest.raises(SettingError, match="2 people are called 'zoe twice': "):
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
