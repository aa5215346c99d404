"""Each kind of report, compared with a count of seconds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from tests.reports.judge import Judge, Line, Span
from tests.reports.worlds import TICK, World, moments, world
from tests.support.thorough import mostly_thorough

from cxone_rollcall.history.reading import History, reading
from cxone_rollcall.reports.kinds import KINDS
from cxone_rollcall.reports.options import BYS, By, Options
from cxone_rollcall.reports.report import Kind, Report
from cxone_rollcall.reports.window import Period
from cxone_rollcall.reports.zones import LENGTHS, midnight

BATCH = 200
"""Worlds in one test."""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """The path of the histories. It is in memory if possible."""
    memory = Path("/dev/shm")  # noqa: S108  the name is this test's own
    if not memory.is_dir():
        yield tmp_path / "h.db"
        return
    path = memory / f"{tmp_path.parent.name}-{tmp_path.name}.db"
    yield path
    _clear(path)


def _clear(path: Path) -> Path:
    """The path, where no history is any more."""
    for end in ("", "-wal", "-shm"):
        Path(f"{path}{end}").unlink(missing_ok=True)
    return path


def window(rng: Random, of: World, longest: int) -> Span:
    """A window that overlaps a world, touches it, or lies beside it."""
    first, end = of.first // 1000, of.end // 1000
    begin = rng.randrange(first - 20, end + 20)
    return Span(begin, begin + rng.randrange(1, longest))


def options_for(rng: Random, kind: Kind, judge: Judge) -> Options:
    """Options that fit a kind and a world."""
    agents: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    if rng.random() < 0.2:
        ids = [one.agent_id for one in judge.world.agents[:2]]
        agents = tuple(one if rng.random() < 0.5 else f"U{one}" for one in ids)
    judge.ask(Options(agents=agents))
    known = sorted({team for one in judge.people for team in one.teams if team})
    if known and rng.random() < 0.3:
        teams = tuple(rng.sample(known, rng.randrange(1, len(known) + 1)))
    by: By | None = rng.choice((None, *BYS)) if kind == "time-in-state" else None
    interval = rng.choice((None, *LENGTHS)) if kind in ("time-in-state", "occupancy") else None
    return Options(agents=agents, teams=teams, interval=interval, by=by)


def lines(report: Report) -> list[Line]:
    """The rows of a report, with times as seconds since the epoch."""
    return [tuple(int(cell.timestamp()) if isinstance(cell, datetime) else cell for cell in row) for row in report.rows]


def compare(history: History, judge: Judge, kind: Kind, options: Options) -> None:
    """Compare a report with the count."""
    judge.ask(options)
    expected = {
        "time-in-state": judge.time_in_state,
        "timeline": judge.timeline,
        "sessions": judge.sessions,
        "gaps": judge.gaps,
        "occupancy": judge.occupancy,
    }[kind]()
    report = KINDS[kind](history, Period(judge.span.begin, judge.span.end, judge.world.zone), options)
    assert Counter(lines(report)) == Counter(expected)
    assert (report.known_seconds, report.window_seconds) == judge.coverage()


def judged(seed: int, path: Path, *, unit: int = TICK, longest: int = 120) -> None:
    """Compare each kind of report over a window of a world."""
    rng = Random(seed)
    of = world(rng, unit=unit)
    if not of.agents:
        return
    of.write(_clear(path))
    judge = Judge(of, window(rng, of, longest))
    with reading(path) as history:
        for kind in KINDS:
            options = options_for(rng, kind, judge)
            try:
                compare(history, judge, kind, options)
            except Exception as error:
                error.add_note(f"world {seed}, unit {unit}, {kind}, {judge.span}, {options}")
                raise


@pytest.mark.parametrize("first", mostly_thorough(range(0, 4_000, BATCH), quick=1))
def test_reports_agree_with_a_count_of_seconds(place: Path, first: int) -> None:
    """Each kind agrees with a count of a random world's seconds."""
    for seed in range(first, first + BATCH):
        judged(seed, place)


@pytest.mark.parametrize("seed", mostly_thorough(range(50), quick=5))
def test_hours_agree_with_a_count_of_seconds(place: Path, seed: int) -> None:
    """They do so over hours, in most of which the clocks change."""
    judged(seed, place, unit=60 * TICK, longest=7200)


@pytest.mark.parametrize("seed", mostly_thorough(range(20), quick=2))
def test_days_agree_with_a_count_of_seconds(place: Path, seed: int) -> None:
    """They do so over days of 23, 24 and 25 hours. States may last longer."""
    rng = Random(seed)
    of = world(rng, unit=10_000 * TICK, most=1)
    day = datetime.fromtimestamp(rng.choice(moments(of.zone.key)), of.zone).date()
    span = Span(midnight(day, of.zone), midnight(day + timedelta(days=1), of.zone))
    of.write(_clear(place))
    judge = Judge(of, span)
    with reading(place) as history:
        for kind in KINDS:
            compare(history, judge, kind, options_for(rng, kind, judge))
