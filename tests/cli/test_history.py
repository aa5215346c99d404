"""What `rollcall history` prints and writes. The files themselves are tested in `tests/history`."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import pytest
from tests.reports.floors import AVAILABLE, LOGGED_OUT

from cxone_rollcall.cli import terminal
from cxone_rollcall.cli.main import run
from cxone_rollcall.history import saving
from cxone_rollcall.history.checking import check
from cxone_rollcall.history.interval import Interval, Open, Person, Poll
from cxone_rollcall.history.recorder import Batch
from cxone_rollcall.history.store import writing
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.shell import pip_install

HOUR = 3_600_000
MIDNIGHT = round(datetime(2026, 3, 2, tzinfo=UTC).timestamp() * 1000)
ANN = Agent("100", "Ann Lee", "ann", "ann@acme.example", "Sales", True)
BO = Agent("200", "", "bo", "bo@acme.example", "Sales", True)


def recorded(file: str, hours: int, *agents: Agent) -> None:
    """Write a history of these agents. Each has an interval that ended and an open one."""
    middle, end = MIDNIGHT + HOUR, MIDNIGHT + hours * HOUR
    ids = [agent.agent_id for agent in agents]
    first = Batch(Poll("run", 1, MIDNIGHT, MIDNIGHT, ok=True, complete=True))
    first.people = [Person(MIDNIGHT, agent) for agent in agents]
    first.opened = dict.fromkeys(ids, Open(MIDNIGHT, LOGGED_OUT))
    last = Batch(Poll("run", 2, end, end, ok=True, complete=True))
    last.closed = [(agent_id, Interval(MIDNIGHT, middle, LOGGED_OUT)) for agent_id in ids]
    last.opened = dict.fromkeys(ids, Open(middle, AVAILABLE))
    with writing(Path(file), tenant="floor") as store:
        store.write(first)
        store.write(last)


def done(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """The exit code, stdout and stderr of `rollcall history`."""
    code = run(["history", *words])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_a_sound_file_is_summed_up(capsys: pytest.CaptureFixture[str]) -> None:
    """A sound file ends with 0 and a line of counts. --save-to saves nothing of it."""
    recorded("h.db", 2, ANN)
    assert done(capsys, "check", "--history", "h.db", "--save-to", "new.db") == (
        0,
        "h.db is sound: 1 agent, 1 interval, 2 polls, 2026-03-02 00:00:00 to 2026-03-02 02:00:00 UTC\n",
        "",
    )
    assert not Path("new.db").exists()


def test_a_damaged_file_is_saved_to_another(capsys: pytest.CaptureFixture[str]) -> None:
    """A damaged file ends with 1 and the command that saves it. That command leaves it as it is."""
    recorded("it's.db", 2, ANN)
    whole = Path("it's.db").read_bytes()
    Path("it's.db").write_bytes(whole[:-4096])
    breach = check(Path("it's.db")).breach
    assert done(capsys, "check", "--history", "it's.db") == (
        1,
        f"it's.db: {breach}\n",
        'what can be read of it can be saved: rollcall history check --history "it\'s.db" --save-to saved.db\n',
    )
    assert not Path("saved.db").exists()
    code, out, err = done(capsys, "check", "--history", "it's.db", "--save-to", "saved.db")
    assert (code, err) == (1, "")
    told, saved = out.splitlines()
    assert told == f"it's.db: {breach}"
    assert saved.startswith("saved.db has ")
    assert saved.endswith("for what could not be read; it is sound")
    assert check(Path("saved.db")).breach == ""
    assert Path("it's.db").read_bytes() == whole[:-4096]
    before = Path("saved.db").read_bytes()
    assert done(capsys, "check", "--history", "it's.db", "--save-to", "saved.db") == (
        2,
        "",
        "rollcall: saved.db exists already: name a new file\n  --save-to saved.db\n",
    )
    assert Path("saved.db").read_bytes() == before


def test_what_cannot_be_saved_leaves_no_file(capsys: pytest.CaptureFixture[str]) -> None:
    """A failed --save-to ends with 2 and leaves no file."""
    recorded("h.db", 2, ANN)
    whole = Path("h.db").read_bytes()
    Path("h.db").write_bytes(whole[:-4096])
    code, _, err = done(capsys, "check", "--history", "h.db", "--save-to", "none/new.db")
    assert code == 2
    assert err.startswith("rollcall: cannot write to none/new.db: ")
    Path("h.db").write_bytes(whole[:100] + b"\xff" * (len(whole) - 100))
    code, _, err = done(capsys, "check", "--history", "h.db", "--save-to", "new.db")
    assert code == 2, err
    assert not Path("new.db").exists()


def test_what_is_saved_in_part_is_deleted(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """If the disk is full, no part of the new file stays."""
    recorded("h.db", 2, ANN)
    Path("h.db").write_bytes(Path("h.db").read_bytes()[:-4096])

    def save(file: Path, other: Path) -> NoReturn:
        other.write_bytes(b"a part")
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(saving, "save", save)
    code, _, err = done(capsys, "check", "--history", "h.db", "--save-to", "new.db")
    assert (code, err) == (2, "rollcall: cannot write to new.db: database or disk is full\n")
    assert not Path("new.db").exists()


@pytest.mark.parametrize(
    ("words", "steps"),
    [
        (["check"], ["checking the pages of the file", "checking hour 0 of 1"]),
        (["export", "days", "--format", "csv"], ["exporting", "exporting 2026-03-02"]),
    ],
    ids=["check", "export"],
)
def test_long_work_shows_progress(words: list[str], steps: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal shows which hour is checked, and which day is exported."""
    shown: list[str] = []

    @contextmanager
    def line(first: str) -> Iterator[Callable[[str], None]]:
        shown.append(first)
        yield shown.append

    monkeypatch.setattr(terminal, "status_line", line)
    recorded("h.db", 2, ANN)
    assert run(["history", *words, "--history", "h.db"]) == 0
    assert shown == steps


@pytest.mark.parametrize(("hours", "told"), [(20, "1 day written"), (49, "3 days written")])
def test_the_days_are_counted(hours: int, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A line says how many days were written, and where."""
    recorded("h.db", hours, ANN)
    assert done(capsys, "export", "out/days", "--history", "h.db", "--format", "csv") == (
        0,
        f"{told} to out/days\n",
        "",
    )
    days = [f"2026-03-0{day}.csv" for day in (2, 3, 4)]
    files = sorted(Path("out/days").iterdir())
    assert [file.name for file in files] == days[: int(told[0])]
    assert all(file.read_text(encoding="utf-8").startswith("\ufeffbegin,end,") for file in files)  # for Excel


def test_without_duckdb_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Parquet needs an extra. Without it nothing is written."""
    recorded("h.db", 2, ANN)
    monkeypatch.setitem(sys.modules, "duckdb", None)
    words = "Parquet needs DuckDB, which is an extra: install it, or export --format csv"
    assert done(capsys, "export", "days", "--history", "h.db") == (
        2,
        "",
        f"rollcall: {words}\n  {pip_install('duckdb')}\n",
    )
    assert not Path("days").exists()


def test_a_folder_that_cannot_be_made_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that cannot be made ends with 2. It is named."""
    recorded("h.db", 2, ANN)
    Path("file").touch()
    assert done(capsys, "export", "file/days", "--history", "h.db", "--format", "csv") == (
        2,
        "",
        "rollcall: cannot write to file/days: Not a directory\n",
    )


@pytest.mark.parametrize(("typed", "whose"), [("100", "Ann Lee (100)"), ("bo@acme.example", "bo (200)")])
def test_whom_it_forgot_is_named(typed: str, whose: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A line names the person, if need be by user name. The file stays sound."""
    recorded("h.db", 2, ANN, BO)
    assert done(capsys, "forget", typed, "--history", "h.db") == (0, f"h.db has nothing of {whose} any more\n", "")
    assert check(Path("h.db")).agents == 1
    assert check(Path("h.db")).breach == ""
