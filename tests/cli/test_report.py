"""`rollcall report`, as a user runs it."""

from __future__ import annotations

import csv
import io
import json
import os
import sqlite3
import stat
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.shell_completion import ShellComplete
from tests.reports.floors import AVAILABLE, BREAK, LOGGED_OUT, ON_CONTACT, UNKNOWN, written
from tests.support.many_values import together

from cxone_rollcall.cli.main import cli, run
from cxone_rollcall.model.agent import Agent

KINDS = ("time-in-state", "timeline", "sessions", "gaps", "occupancy", "adherence")
FORMATS = ("table", "csv", "json", "ndjson", "html")
MIDNIGHT = round(datetime(2026, 3, 2, tzinfo=UTC).timestamp() * 1000)
ANN = Agent("100", "=Lee, Ann", "ann", "ann@acme.example", "Sales", True)
BO = Agent("200", "<b>Bo", "bo", "bo@acme.example", "Billing", True)
WINDOW = ("--from", "2026-03-02", "--tz", "UTC")


def at(hour: float) -> int:
    """Milliseconds since the epoch, so many hours after midnight."""
    return MIDNIGHT + round(hour * 3_600_000)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the history of a day and a schedule. It is the working folder."""
    monkeypatch.chdir(tmp_path)
    ann = [(at(0), at(9), LOGGED_OUT), (at(9), at(12), AVAILABLE), (at(12), at(13), UNKNOWN), (at(13), at(24), BREAK)]
    bo = [
        (at(0), at(10), LOGGED_OUT),
        (at(10), at(12), ON_CONTACT),
        (at(12), at(13), UNKNOWN),
        (at(13), at(24), ON_CONTACT),
    ]
    written(tmp_path / "day.db", {ANN: ann, BO: bo}, first=at(0), last=at(24))
    (tmp_path / "plan.csv").write_text(
        "who,start,end,activity\n100,2026-03-02T09:00Z,2026-03-02T14:00Z,Open\n", encoding="utf-8"
    )
    return tmp_path


def report(kind: str, *arguments: str) -> int:
    """The exit code of a report on that day."""
    scheduled = ("--schedule", "plan.csv") if kind == "adherence" else ()
    return run(["report", kind, "--history", "day.db", *WINDOW, *scheduled, *arguments])


def files_of(folder: Path) -> set[str]:
    """The files in a folder. Those with which SQLite reads beside a writer come and go."""
    return {path.name for path in folder.iterdir() if not path.name.endswith(("-shm", "-wal"))}


def told(capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    """What was printed on stdout and on stderr."""
    printed = capsys.readouterr()
    return printed.out, printed.err


@pytest.mark.parametrize("kind", KINDS)
def test_every_format_has_the_same_rows_and_coverage(
    kind: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each format of each kind has the same figures. Each says coverage and notes."""
    printed = {}
    for format_ in FORMATS:
        assert report(kind, "--format", format_) == 0
        printed[format_] = told(capsys)
    whole: dict[str, Any] = json.loads(printed["json"][0])
    head, *rows = map(json.loads, printed["ndjson"][0].splitlines())
    table = list(csv.reader(io.StringIO(printed["csv"][0], newline="")))
    assert whole["schema"] == "rollcall/report/1"
    assert [{**row, "type": 0} for row in whole["rows"]] == [{**row, "type": 0} for row in rows]
    assert head["columns"] == whole["columns"] == table[0]
    assert len(table) - 1 == len(rows) > 0
    assert 0 < whole["coverage"] < 100
    for format_, (out, err) in printed.items():
        said = err if format_ == "csv" else out
        assert (f"{int(whole['coverage'])}." in said) or format_ in ("json", "ndjson")
        assert all(note.split("'")[0] in said.replace("\n  ", " ") for note in whole["notes"])
    assert not printed["json"][1]


def test_the_format_follows_the_name_of_the_file(folder: Path) -> None:
    """A file for Excel has the mark of UTF-8. Names are no formulas. A page is one document."""
    assert report("timeline", "-o", "out.csv", "--delimiter", ";") == 0
    assert report("timeline", "-o", "out.html") == 0
    assert report("timeline", "-o", "out.ndjson") == 0
    data = (folder / "out.csv").read_bytes()
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert data.startswith(b"\xef\xbb\xbfagent_id;name;")
    assert {row[1] for row in rows[1:]} == {"'=Lee, Ann", "<b>Bo"}
    for name, character in ((",", ","), ("|", "|"), ("tab", "\t")):
        assert report("gaps", "-o", "gaps.csv", "--delimiter", name) == 0
        (head,) = csv.reader((folder / "gaps.csv").read_text("utf-8-sig").splitlines()[:1], delimiter=character)
        assert len(head) > 3
    page = (folder / "out.html").read_text("utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "<b>Bo" not in page
    assert json.loads((folder / "out.ndjson").read_text("utf-8").splitlines()[0])["type"] == "report"


def test_the_seconds_of_an_agent_sum_up_to_the_window(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Gaps included, each agent has 86,400 seconds, by each interval."""
    for more in ((), ("--interval", "15m"), ("--interval", "1h")):
        assert report("time-in-state", "--format", "json", *more) == 0
        sums = dict.fromkeys(("100", "200"), 0)
        for row in json.loads(told(capsys)[0])["rows"]:
            sums[row["agent_id"]] += row["seconds"]
        assert sums == {"100": 86_400, "200": 86_400}


def test_agents_and_teams_are_chosen(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A report may be of one agent or team. A note counts the others."""
    for more in (("--agent", "ann"), ("--agent", "100"), ("--team", "sales")):
        assert report("timeline", "--format", "json", *more) == 0
        whole = json.loads(told(capsys)[0])
        assert {row["agent_id"] for row in whole["rows"]} == {"100"}
        assert "Filtered: 1 of the 2 agents in the history." in whole["notes"]


def test_adherence_has_its_exceptions(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The unknown hour makes a range. Each span that is out is listed, with grace the short ones are not."""
    assert report("adherence", "--agent", "100", "--format", "json") == 0
    (row,) = json.loads(told(capsys)[0])["rows"]
    assert (row["scheduled_seconds"], row["in_seconds"], row["out_seconds"]) == (18_000, 10_800, 3_600)
    assert (row["adherence_low"], row["adherence_high"]) == (60.0, 80.0)
    assert report("adherence", "--agent", "100", "--exceptions", "--format", "json") == 0
    (out,) = json.loads(told(capsys)[0])["rows"]
    assert (out["begin"], out["scheduled"], out["actual"]) == ("2026-03-02T13:00:00Z", "Open", "Break")
    assert report("adherence", "--agent", "100", "--exceptions", "--grace", "1h", "--format", "json") == 0
    assert json.loads(told(capsys)[0])["rows"] == []


def test_activities_are_mapped_by_a_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With a file a break may be what is scheduled. A mistake in it has its line."""
    (folder / "map.toml").write_text('[activities]\nOpen = { state = "Break" }\n', encoding="utf-8")
    assert report("adherence", "--agent", "100", "--activities", "map.toml", "--format", "json") == 0
    assert json.loads(told(capsys)[0])["rows"][0]["in_seconds"] == 3_600
    (folder / "map.toml").write_text('[activities]\nOpen = { grup = "other" }\n', encoding="utf-8")
    assert report("adherence", "--activities", "map.toml") == 2
    assert "map.toml, line 2: unknown key" in told(capsys)[1]


def test_the_page_of_adherence_has_everything(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The page has ranges, the day, exceptions, sums and rows."""
    assert report("adherence", "--format", "html") == 0
    page = told(capsys)[0]
    for said in ("60.00 to 80.00 %", "13:00 to 14:00: scheduled Open, was Break", "id=exceptions", "class=f-exception"):
        assert said in page
    assert report("adherence", "--exceptions", "--format", "html") == 0
    assert "id=exceptions" not in told(capsys)[0]


def test_a_window_before_the_first_poll_has_no_coverage(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Time before the first poll is unknown, in each format. It is not time logged out."""
    asked = ("report", "time-in-state", "--history", "day.db", "--from", "2026-02-01", "--tz", "UTC")
    for format_ in FORMATS:
        assert run([*asked, "--format", format_]) == 0
        out, err = told(capsys)
        assert "logged_out" not in out.partition("<main>")[2]
        assert "Nothing was recorded in this window" in out + err


@together(
    "asked",
    {
        "no kind": ((), "Missing argument"),
        "an unknown kind": (("times", "--history", "day.db"), "'times' is not one of"),
        "no history": (("gaps",), "Missing option '--history'"),
        "no such file": (("gaps", "--history", "none.db"), "none.db does not exist"),
        "no SQLite file": (("gaps", "--history", "plan.csv"), "it is no SQLite file"),
        "another SQLite file": (("gaps", "--history", "other.db"), "no history of rollcall"),
        "an unknown zone": (("gaps", "--history", "day.db", "--tz", "Europe/Berlim"), "did you mean Europe/Berlin?"),
        "no time": (("gaps", "--history", "day.db", "--from", "yesterdy"), "did you mean 'yesterday'?"),
        "the future": (("gaps", "--history", "day.db", "--from", "2999-01-01"), "lies in the future"),
        "backwards": (("gaps", "--history", "day.db", *WINDOW, "--to", "2026-03-01"), "before it begins"),
        "an unknown agent": (("gaps", "--history", "day.db", *WINDOW, "--agent", "anm"), "did you mean 'ann'?"),
        "an unknown team": (("gaps", "--history", "day.db", *WINDOW, "--team", "Sale"), "did you mean 'Sales'?"),
        "an empty team": (("gaps", "--history", "day.db", "--team", ""), "--team is empty"),
        "no schedule": (("adherence", "--history", "day.db"), "give its file"),
        "no such schedule": (("adherence", "--history", "day.db", "--schedule", "x.csv"), "x.csv cannot be read"),
        "a schedule of gaps": (
            ("gaps", "--history", "day.db", "--schedule", "plan.csv"),
            "--schedule is for adherence",
        ),
        "exceptions of gaps": (("gaps", "--history", "day.db", "--exceptions"), "--exceptions is for adherence"),
        "no grace": (
            ("adherence", "--history", "day.db", "--schedule", "plan.csv", "--grace", "5"),
            "'5' is no time span",
        ),
        "an interval of gaps": (("gaps", "--history", "day.db", "--interval", "1h"), "--interval divides"),
        "by for gaps": (("gaps", "--history", "day.db", "--by", "team"), "--by team does not fit gaps"),
        "a delimiter of a table": (("gaps", "--history", "day.db", "--delimiter", ";"), "--delimiter is for csv"),
        "a format of the file": (("gaps", "--history", "day.db", "-o", "out.xml"), "does not have"),
        "an output that is a folder": (("gaps", "--history", "day.db", "-o", "folder"), "is a directory"),
        "an output without a folder": (("gaps", "--history", "day.db", "-o", "none/out.csv"), "cannot write to"),
    },
)
def test_a_mistake_is_explained(
    asked: tuple[tuple[str, ...], str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mistake ends with exit code 2 and a line that helps. Nothing is printed or written."""
    arguments, words = asked
    (folder / "folder").mkdir(exist_ok=True)
    if not (folder / "other.db").exists():
        with closing(sqlite3.connect(folder / "other.db")) as db, db:
            db.execute("CREATE TABLE t (a)")
    before = files_of(folder)
    code = run(["report", *arguments])
    out, err = told(capsys)
    assert (code, out) == (2, "")
    assert words in err
    assert "Traceback" not in err
    assert files_of(folder) == before


@pytest.mark.parametrize("damage", ["newer", "cut", "scribbled"])
def test_a_history_that_cannot_be_read_is_explained(
    damage: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A damaged file ends with exit code 2. So does one of a newer schema.

    The error of a damaged one has the command that looks closer.
    """
    path = folder / "day.db"
    if damage == "newer":
        with closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA user_version = 99")
    data = path.read_bytes()
    if damage == "cut":
        path.write_bytes(data[: len(data) // 2])
    if damage == "scribbled":
        path.write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))
    assert report("timeline", "-o", "out.csv") == 2
    err = told(capsys)[1]
    for said in ("newer rollcall",) if damage == "newer" else ("day.db cannot be read", "check --history day.db\n"):
        assert said in err
    assert not (folder / "out.csv").exists()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="needs permissions that hold")
def test_a_file_without_permission_is_explained(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A history that may not be read ends with exit code 2."""
    (folder / "day.db").chmod(stat.S_IWUSR)
    assert report("gaps") == 2
    assert "day.db cannot be read" in told(capsys)[1]


@pytest.mark.parametrize(
    ("words", "values"),
    [
        (("report", "time"), ["time-in-state", "timeline"]),
        (("report", "gaps", "--tz", "europe/berl"), ["Europe/Berlin"]),
        (("report", "gaps", "--history", "day.db", "--team", "b"), ["Billing"]),
        (("report", "gaps", "--history", "none.db", "--team", ""), []),
        (("report", "gaps", "--team", ""), []),
        (("report", "gaps", "--by", ""), ["agent", "team", "state"]),
    ],
)
def test_values_are_completed(words: tuple[str, ...], values: list[str], folder: Path) -> None:
    """Kinds, zones and the teams of the history are completed."""
    *before, last = words
    items = ShellComplete(cli, {}, "rollcall", "_ROLLCALL_COMPLETE").get_completions(list(before), last)
    assert [item.value for item in items] == values
