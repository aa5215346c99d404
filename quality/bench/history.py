"""The history: writing, size, reports, and the cost of recording."""

import csv
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from quality.bench.dialogue import CHECKOUT, dialogue
from quality.bench.history_writer import BEGIN, DAY, FIRST_ID
from quality.bench.process import run_measured
from quality.bench.results import HistorySetting, Measure
from quality.bench.server import running_server
from quality.common.progress import say

EnvironmentOf = Callable[[Mapping[str, str]], dict[str, str]]
"""Adds settings to an environment."""
MINUTE = 60
LEAST_WRITTEN, MOST_BYTES = 50_000, 45e6
"""Changes a second, and bytes of a million changes."""
MOST_DAY, MOST_AGENT, MOST_TEN_DAYS, MOST_PARQUET = 0.5, 0.05, 10.0, 3.0
"""Seconds over the interpreter's start."""
MOST_ADDED = 15.0
"""Percent of a poll's CPU that recording may add."""


def history(setting: HistorySetting, environments: EnvironmentOf, folder: Path) -> Iterator[Measure]:
    """Yield what was measured, in one run after the other."""
    if not setting.agents:
        return
    size = f"{setting.agents:,} agents, {setting.changes:,} changes a day"
    bench = _Bench(folder, environments({}))
    written = bench.write("polls.db", setting, days=1, per_poll=setting.changes // 8640 or 1)
    yield Measure(
        what=f"changes stored durably, {size}, a poll each 10 s",
        value=written["changes"] / written["seconds"],
        unit="/s",
    )
    written = bench.write("day.db", setting, days=1, per_poll=setting.changes // 200)
    yield Measure(
        what=f"changes stored durably, {size}, {setting.changes // 200:,} a poll",
        value=written["changes"] / written["seconds"],
        unit="/s",
        least=LEAST_WRITTEN,
    )
    yield Measure(
        what="size of the file, a million changes",
        value=written["bytes"] / written["changes"],
        unit="MB",
        most=MOST_BYTES / 1e6,
    )
    day = bench.report("time-in-state", "day.db", days=1)
    yield Measure(what=f"`report time-in-state`, a day, {size}", value=day, unit="s", most=MOST_DAY)
    one = bench.report("timeline", "day.db", "--agent", str(FIRST_ID + setting.agents // 2), days=1)
    yield Measure(what=f"`report timeline` of one agent's day, {size}", value=one, unit="s", most=MOST_AGENT)
    yield from _naive(bench, setting)
    yield from _many(bench, setting)
    yield from _added(setting, environments, folder)


class _Bench:
    """Runs commands on history files in a folder."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment
        self._start = median(self._wall(["-m", "cxone_rollcall", "--version"]) for _ in range(5))

    def write(self, name: str, setting: HistorySetting, *, days: int, per_poll: int) -> dict[str, float]:
        """Write a history file in a process of its own. Returns what it printed."""
        say(f"writing {days} days of {setting.agents:,} agents")
        numbers = map(str, (setting.agents, setting.changes, days, max(per_poll, 1)))
        command = [sys.executable, "-m", "quality.bench.history_writer", str(self.folder / name), *numbers]
        done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True)
        return dict(json.loads(done.stdout))

    def report(self, kind: str, name: str, *options: str, days: int, repeats: int = 3) -> float:
        """The seconds of a report over the interpreter's start."""
        begin, end = (datetime.fromtimestamp(at / 1000, UTC).isoformat() for at in (BEGIN, BEGIN + days * DAY))
        window = ["--history", str(self.folder / name), "--from", begin, "--to", end, "--tz", "UTC"]
        return self.seconds(["-m", "cxone_rollcall", "report", kind, *window, "--format", "csv", *options], repeats)

    def seconds(self, arguments: list[str], repeats: int = 3) -> float:
        """The median seconds of a Python command over the interpreter's start."""
        taken = median(self._wall(arguments) for _ in range(repeats)) - self._start
        say(f"{' '.join(arguments[1:4]):<40}{taken:8.3f} s")
        return taken

    def _wall(self, arguments: list[str]) -> float:
        return run_measured([sys.executable, *arguments], self.environment, CHECKOUT).wall


def _naive(bench: _Bench, setting: HistorySetting) -> Iterator[Measure]:
    """A tenth of the agents, by rollcall and by pandas. Its table of polls has one each minute."""
    tenth = HistorySetting(agents=max(setting.agents // 10, 1), changes=max(setting.changes // 10, 200))
    bench.write("tenth.db", tenth, days=1, per_poll=tenth.changes // 200)
    polls = bench.folder / "polls.csv"
    _write_polls(bench.folder / "tenth.db", polls)
    of = f"a day of {tenth.agents:,} agents"
    yield Measure(
        what=f"`report time-in-state`, {of}", value=bench.report("time-in-state", "tenth.db", days=1), unit="s"
    )
    naive = bench.seconds(["-m", "quality.bench.history_pandas", str(polls), str(MINUTE)])
    yield Measure(
        what=f"the same by pandas from a table of polls, one a minute, {polls.stat().st_size / 1e6:.0f} MB",
        value=naive,
        unit="s",
    )


def _write_polls(path: Path, polls: Path) -> None:
    """Write the state of each agent at each minute, like a script."""
    from cxone_rollcall.history.reading import Window, reading

    with reading(path) as opened, polls.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(("time", "agent_id", "state"))
        ids = {number: agent_id for agent_id, number in opened.agents().items()}
        for number, rows in opened.rows(Window(BEGIN, BEGIN + DAY)).items():
            at = BEGIN
            for row in rows:
                while at < row.end:
                    out.writerow((at // 1000, ids[number], opened.statuses[row.status].state))
                    at += MINUTE * 1000


def _many(bench: _Bench, setting: HistorySetting) -> Iterator[Measure]:
    """Ten days from the file, and over its Parquet export."""
    bench.write("ten.db", setting, days=10, per_poll=setting.changes // 200)
    of = f"{setting.changes * 10:,} changes of {setting.agents:,} agents"
    ten = bench.report("time-in-state", "ten.db", days=10, repeats=1)
    yield Measure(what=f"`report time-in-state`, ten days, {of}", value=ten, unit="s", most=MOST_TEN_DAYS)
    folder = str(bench.folder / "parquet")
    export = ["history", "export", "--history", str(bench.folder / "ten.db"), "--format", "parquet", folder]
    yield Measure(
        what=f"`history export --format parquet`, {of}",
        value=bench.seconds(["-m", "cxone_rollcall", *export], 1),
        unit="s",
    )
    over = bench.seconds(["-m", "quality.bench.history_duckdb", folder])
    yield Measure(
        what=f"the same report by DuckDB over the Parquet files, {of}", value=over, unit="s", most=MOST_PARQUET
    )


def _added(setting: HistorySetting, environments: EnvironmentOf, folder: Path) -> Iterator[Measure]:
    """The CPU of a whole look with and without recording, in turn. Ten seconds pass for the people in between."""
    for contract in ("v2", "incontact"):
        with running_server(setting.agents, clock="manual") as server, ExitStack() as stack:
            environment = environments(server.environments[contract])
            kept = {"alone": [], "recorded": [str(folder / f"{contract}.db")]}
            module = ("quality.bench.live_rollcall", contract, "whole")
            pollers = {
                name: stack.enter_context(dialogue(*module, *file, environment=environment, folder=folder))
                for name, file in kept.items()
            }
            looks: dict[str, list[float]] = {name: [] for name in pollers}
            for _ in range(setting.looks):
                server.advance(10)
                for name, poller in pollers.items():
                    looks[name].append(poller.ask()["cpu"])
        added = 100 * (median(looks["recorded"]) / median(looks["alone"]) - 1)
        what = f"CPU that recording adds to a whole look of {setting.agents:,} agents, {contract}"
        yield Measure(what=what, value=added, unit="%", most=MOST_ADDED)
