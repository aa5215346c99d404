"""The page with the results is written completely or not at all."""

from dataclasses import replace
from pathlib import Path

import pytest
from quality.bench.__main__ import write
from quality.bench.report import page
from quality.bench.results import Capacity
from tests.quality.bench.made import results


def table_of(text: str, title: str) -> list[list[str]]:
    """Return the cells of the table below a title, without its header."""
    below = text.replace("\N{NO-BREAK SPACE}", " ").partition(f"## {title}\n")[2].partition("\n## ")[0]
    rows = [line for line in below.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows]


def test_targets_first() -> None:
    """The page begins with a row per target for both contracts. A missed one is bold."""
    slow = replace(results(starts={"version": 0.05}))
    text = page(slow)
    rows = table_of(text, "Targets")
    assert text.index("## Targets") < text.index("## Every setting: v2")
    assert rows[0] == [
        "wall at most 1.15 x the floor's, 10,000 agents at 50 ms",
        "1.11 x",
        "1.11 x",
        "met",
    ]
    assert rows[-2] == ["`rollcall --version` at most 3 x the bare interpreter", "**5.00 x**", "", "**not met**"]


def test_every_run_counted() -> None:
    """Each contender has a row per setting, with its number of runs."""
    rows = table_of(page(results()), "Every setting: v2")
    assert [row[2:4] for row in rows if row[0] == "1,000,000"] == [["floor", "1"], ["check", "1"], ["states", "1"]]
    assert [row[2:4] for row in rows if row[:2] == ["100,000", "50 ms"]] == [
        ["threads", "1"],
        ["floor", "2"],
        ["check", "2"],
    ]


def test_limits() -> None:
    """Each limit has a row per contract, with the shortest possible duration."""
    rows = table_of(page(results()), "Under a rate limit")
    assert len(rows) == 3 * 2 * 2
    assert rows[0][:3] == ["v2", "20/s", "yes"]
    assert rows[0][-2:] == ["10.00", "10.00"]


def test_server_alone() -> None:
    """The page shows what a server can serve. It also shows how busy it was during the comparisons."""
    capacity = Capacity(
        served="static_server",
        contract="v2",
        asked="pages",
        agents=1_000_000,
        clients=8,
        requests=4_000,
        seconds=2.0,
        server_cpu=0.5,
    )
    text = page(replace(results(), capacities=[capacity]))
    assert table_of(text, "The server alone") == [
        ["`quality/bench/static_server.py`", "1,000,000", "v2", "pages", "2,000", "25%", "8,000"]
    ]
    assert "the server was busy for at most 10%" in text


def test_pictures_shown() -> None:
    """The page shows both pictures."""
    assert "](benchmark-wall.svg)" in page(results())
    assert "](benchmark-growth.svg)" in page(results())


def test_written_whole(tmp_path: Path) -> None:
    """All files are written together."""
    write(tmp_path, {"a.md": "one", "b.svg": "two"})
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a.md": "one", "b.svg": "two"}


def test_an_interrupted_writing_changes_nothing(tmp_path: Path) -> None:
    """If writing fails, the old files stay. No partial file remains."""
    (tmp_path / "a.md").write_text("old")
    with pytest.raises(UnicodeEncodeError):
        write(tmp_path, {"a.md": "new", "b.svg": "\ud800"})
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a.md": "old"}
