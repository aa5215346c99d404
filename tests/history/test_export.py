"""Days of a history as files."""

from __future__ import annotations

import csv
import sqlite3
from collections import defaultdict
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from cxone_rollcall.cli.main import run
from cxone_rollcall.history.export import COLUMNS
from cxone_rollcall.history.reading import reading
from cxone_rollcall.history.store import writing

FORMULA = "=cmd|' /C calc'!A0"


def export(path: Path, folder: Path, format_: str) -> list[Path]:
    """Export a file. Return the day files, in order."""
    assert run(["history", "export", str(folder), "--history", str(path), "--format", format_]) == 0
    assert all(file.suffix == f".{format_}" for file in folder.iterdir())
    return sorted(folder.iterdir())


def rows_of(file: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def test_each_day_adds_up(path: Path, tmp_path: Path) -> None:
    """On a whole day each agent has 86,400 seconds without a hole."""
    files = export(path, tmp_path / "out", "csv")
    with reading(path) as history:
        first, last = (datetime.fromtimestamp(at / 1000, UTC) for at in (history.recorded.first, history.recorded.last))
    assert [file.stem for file in (files[0], files[-1])] == [f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}"]
    assert len(files) == (last.date() - first.date()).days + 1
    for file in files[1:-1]:
        seconds: dict[str, Decimal] = defaultdict(Decimal)
        before: dict[str, str] = {}
        for row in rows_of(file):
            assert row["begin"] == before.get(row["agent_id"], row["begin"])
            before[row["agent_id"]] = row["end"]
            seconds[row["agent_id"]] += Decimal(row["seconds"])
        assert len(seconds) == 30
        assert set(seconds.values()) == {86_400}


def test_the_columns_of_a_file(path: Path, tmp_path: Path) -> None:
    """Programs find their columns by these names."""
    head = export(path, tmp_path / "out", "csv")[0].read_text(encoding="utf-8-sig").partition("\n")[0]
    assert head.rstrip() == (
        "begin,end,seconds,agent_id,name,user_name,email,team,standing,state,sub_state,group,cause,begin_slack,source"
    )


def test_gaps_are_rows_with_a_cause(path: Path, tmp_path: Path) -> None:
    """Unknown time is exported as unknown, with its cause."""
    rows = [row for file in export(path, tmp_path / "out", "csv") for row in rows_of(file)]
    assert {row["cause"] != "" for row in rows if row["standing"] == "unknown"} == {True}
    assert {row["cause"] for row in rows if row["standing"] != "unknown"} == {""}
    assert "recorder-down" in {row["cause"] for row in rows}


def test_formulas_are_defused(path: Path, tmp_path: Path) -> None:
    """A formula begins with an apostrophe, in CSV alone."""
    duckdb = pytest.importorskip("duckdb")
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE people SET name = ?, team = ?", (FORMULA, 'a "b",\r\nc;d'))
    assert {row["name"] for row in rows_of(export(path, tmp_path / "csv", "csv")[0])} == {f"'{FORMULA}"}
    file = export(path, tmp_path / "parquet", "parquet")[0]
    found = duckdb.sql(f"SELECT DISTINCT name, team FROM '{file}'").fetchall()  # noqa: S608  a path of ours
    assert found == [(FORMULA, 'a "b",\r\nc;d')]


def test_parquet_has_what_csv_has(path: Path, tmp_path: Path) -> None:
    """Both formats have the same rows. Exporting again replaces the files."""
    duckdb = pytest.importorskip("duckdb")
    export(path, tmp_path / "parquet", "parquet")
    files = export(path, tmp_path / "parquet", "parquet")
    plain = [row for file in export(path, tmp_path / "csv", "csv") for row in rows_of(file)]
    times = ", ".join(f"strftime({name}, '%Y-%m-%dT%H:%M:%S.%gZ') AS {name}" for name in ("begin", '"end"'))
    query = f"SELECT * REPLACE ({times}) FROM read_parquet({list(map(str, files))})"  # noqa: S608  paths of ours
    table = duckdb.sql(query)
    assert tuple(table.columns) == COLUMNS
    found = [
        dict(zip(COLUMNS, ("" if cell is None else str(cell) for cell in row), strict=True)) for row in table.fetchall()
    ]
    order = lambda row: (row["begin"], row["agent_id"])  # noqa: E731
    assert sorted(found, key=order) == sorted(plain, key=order)


def test_a_folder_that_cannot_be_written(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file in the place of the folder ends with 2."""
    (tmp_path / "out").write_text("mine")
    assert run(["history", "export", str(tmp_path / "out" / "in"), "--history", str(path), "--format", "csv"]) == 2
    assert "cannot write to" in capsys.readouterr().err
    assert (tmp_path / "out").read_text() == "mine"


def test_a_file_without_a_poll_has_no_days(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Before the first poll there is no day. No file is written."""
    with writing(tmp_path / "empty.db"):
        pass
    assert run(["history", "export", str(tmp_path / "out"), "--history", str(tmp_path / "empty.db")]) == 0
    assert capsys.readouterr().out == f"0 days written to {tmp_path / 'out'}\n"
    assert not (tmp_path / "out").exists()
