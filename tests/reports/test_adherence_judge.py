"""Adherence against a judge that looks at each second."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import accumulate, pairwise
from pathlib import Path
from random import Random
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import pytest
from tests.reports.floors import STATUSES, UNKNOWN, written
from tests.support.thorough import sampled

from cxone_rollcall.history.interval import Status
from cxone_rollcall.history.reading import reading
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.reports.adherence.activities import WORKING, Activities, Fit
from cxone_rollcall.reports.adherence.compare import compared, within
from cxone_rollcall.reports.adherence.figures import Figures, add
from cxone_rollcall.reports.adherence.measure import Terms
from cxone_rollcall.reports.adherence.reading import read_schedule
from cxone_rollcall.reports.adherence.report import COLUMNS, adherence, exceptions
from cxone_rollcall.reports.adherence.schedule import Shift
from cxone_rollcall.reports.options import Options
from cxone_rollcall.reports.pieces import Piece
from cxone_rollcall.reports.window import Period

ACTIVITIES = Activities({"nap": Fit(sub_states=frozenset({"lunch"}), logged_out=True), "off": Fit(off=True)})
NAMES = ("Open", "Open", "Lunch", "Break", "Nap", "Coaching", "Off")
"""Coaching is not mapped."""


def fits(activity: str, status: Status | None) -> bool | None:
    """Whether a status fits an activity, None if nobody knows."""
    if activity == "Coaching":
        return None
    if status is None:
        return False
    if status.standing is Standing.UNKNOWN:
        return None
    if activity == "Open":
        return status.group in WORKING
    if activity == "Break":
        return status.state == "Break"
    gone = activity == "Nap" and status.standing in (Standing.LOGGED_OUT, Standing.ABSENT)
    return status.sub_state == "Lunch" or gone


class Judged(NamedTuple):
    """A second of scheduled time."""

    activity: str
    status: Status | None
    verdict: str


def runs(plan: Mapping[int, str], of: Callable[[int], bool]) -> dict[int, tuple[int, int]]:
    """The run of one activity in which each of some seconds lies."""
    found: dict[int, tuple[int, int]] = {}
    run: list[int] = []
    for at in [*sorted(filter(of, plan)), None]:
        if run and (at is None or at != run[-1] + 1 or plan[at] != plan[run[-1]]):
            found |= dict.fromkeys(run, (run[0], run[-1]))
            run = []
        run += [] if at is None else [at]
    return found


def judge(plan: Mapping[int, str], did: Mapping[int, Status | None], grace: int) -> dict[int, Judged]:
    """Look at each second that is planned. `did` has what the agent did in each second, also outside of the plan."""
    plan = {at: activity for at, activity in plan.items() if activity != "Off"}
    raw = {at: fits(activity, did.get(at)) for at, activity in plan.items()}
    shift, out = runs(plan, lambda at: True), runs(plan, lambda at: raw[at] is False)
    at_most = runs(plan, lambda at: raw[at] is not True)
    seconds = {}
    for at, activity in plan.items():
        verdict = {True: "in", False: "out", None: "unknown"}[raw[at]]
        if activity == "Coaching":
            verdict = "unmapped"
        elif verdict == "out":
            begin, end = shift[at]
            own, longest = (last - begin < grace or end - first < grace for first, last in (out[at], at_most[at]))
            verdict = "in" if longest else "unknown" if own else "out"
        seconds[at] = Judged(activity, did.get(at), verdict)
    return seconds


def sums(seconds: Mapping[int, Judged]) -> dict[str, int]:
    """The figures of judged seconds."""
    count = Counter(one.verdict for one in seconds.values())
    worked = sum(
        one.verdict == "in" or (one.verdict == "out" and one.status is not None and one.status.group in WORKING)
        for one in seconds.values()
    )
    return {**{name: count[name] for name in ("in", "out", "unknown", "unmapped")}, "worked": worked}


Kind = TypeVar("Kind")


def spans_of(rng: Random, begin: int, end: int, values: Sequence[Kind], pieces: int) -> list[tuple[int, int, Kind]]:
    """Some of the time between two moments, in pieces with values. Four out of five pieces are there."""
    cuts = sorted({begin, end, *(rng.randint(begin, end) for _ in range(rng.randint(0, pieces)))})
    pairs = pairwise(cuts)
    return [(first, last, rng.choice(values)) for first, last in pairs if rng.random() < 0.8]


def one_agent(rng: Random) -> None:
    """Compare each second with the judge, the range with what may be."""
    length = rng.choice([20, 60, 200])
    doings = [Piece(*one) for one in spans_of(rng, 0, length, (*STATUSES, UNKNOWN, None), 12)]
    shifts = spans_of(rng, 0, length, NAMES, 8)
    united: list[Shift] = []
    for begin, end, activity in shifts:
        if united and united[-1].end == begin and united[-1].activity == activity:
            united[-1] = united[-1]._replace(end=end)
        else:
            united.append(Shift(begin, end, activity, 1))
    grace = rng.choice([0, 1, 3, 7, 30])
    # What is not in `doings` is not known to the judge either: a history has every second.
    filled, at = list[Piece](), 0
    for doing in (*doings, Piece(length, length, None)):
        filled += [Piece(at, doing.begin, UNKNOWN)] if at < doing.begin else []
        filled += [doing] if doing.begin < doing.end else []
        at = doing.end
    did = {at: doing.status for doing in filled for at in range(doing.begin, doing.end)}
    plan = {at: shift.activity for shift in united for at in range(shift.begin, shift.end)}
    begin, end = sorted(rng.sample(range(length + 1), 2))
    parts = list(compared(filled, united, ACTIVITIES, grace))
    whole = judge(plan, did, grace)
    seconds = {at: one for at, one in whole.items() if begin <= at < end}
    inside = list(within(parts, begin, end))
    assert sorted(seconds) == [at for part in inside for at in range(part.begin, part.end)]
    found = Figures()
    add(found, inside, filled, begin, end)
    assert {
        "in": found.in_,
        "out": found.out,
        "unknown": found.unknown,
        "unmapped": found.unmapped,
        "worked": found.worked,
    } == sums(seconds)
    assert found.scheduled == found.in_ + found.out + found.unknown + found.unmapped
    outside = [at for at in range(begin, end) if plan.get(at, "Off") == "Off"]
    assert found.outside == sum(did[at] is not None and did[at].standing is Standing.PRESENT for at in outside)  # type: ignore[union-attr]
    assert found.off_roster == sum(one.verdict == "out" and one.status is None for one in seconds.values())
    possible(rng, plan, did, grace, (begin, end), found.in_, found.in_ + found.unknown)


def possible(
    rng: Random,
    plan: Mapping[int, str],
    did: Mapping[int, Status | None],
    grace: int,
    window: tuple[int, int],
    low: int,
    high: int,
) -> None:
    """Replace the unknown seconds by what may have been. The range holds it."""
    known = [status for status in STATUSES if status is not UNKNOWN]
    for choice in (known, known[:1], known[-1:]):
        held, may_be = rng.choice(choice), dict(did)
        for at, status in did.items():
            if status is UNKNOWN:
                held = rng.choice(choice) if rng.random() < 0.2 else held
                may_be[at] = held
        seconds = judge(plan, may_be, grace)
        assert low <= sum(one.verdict == "in" for at, one in seconds.items() if window[0] <= at < window[1]) <= high


@pytest.mark.parametrize("seed", range(4))
def test_each_second_of_an_agent(seed: int) -> None:
    """Each second counts as the judge says. The range holds what may be."""
    rng = Random(seed)
    for _ in range(80):
        one_agent(rng)


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(10, 20))
def test_each_second_of_many_agents(seed: int) -> None:
    """Each second counts as the judge says, for thousands of agents."""
    rng = Random(seed)
    for _ in range(1000):
        one_agent(rng)


CHANGES = (
    ("Europe/Berlin", "2026-03-29T00:30+00:00"),
    ("Europe/Berlin", "2026-10-25T00:30+00:00"),
    ("America/New_York", "2026-11-01T05:30+00:00"),
    ("Australia/Lord_Howe", "2026-04-04T14:30+00:00"),
    ("Asia/Kathmandu", "2026-03-29T00:30+00:00"),
)
"""Hours around changes of clocks. At Lord Howe they change by half an hour; in Kathmandu they do not."""
HOUR = 3600


def walls(zone: ZoneInfo, begin: int, end: int) -> list[str]:
    """The latest time that the wall clock has shown by each second."""
    shown = (datetime.fromtimestamp(at, zone).replace(tzinfo=None).isoformat() for at in range(begin, end))
    return list(accumulate(shown, max))


def some_times(rng: Random, wall: Sequence[str]) -> list[str]:
    """Some minutes of the clock, in order. Skipped ones, too."""
    begin, end = (datetime.fromisoformat(one) for one in (wall[0], wall[-1]))
    minutes = int((end - begin).total_seconds() // 60)
    cuts = {begin + timedelta(minutes=rng.randint(1, minutes)) for _ in range(rng.randint(0, 9))}
    return [one.isoformat()[:16] for one in sorted(cuts)]


def one_floor(seed: int, folder: Path, *, agents: int) -> None:
    """Compare the reports over a history and a schedule with the judge."""
    rng = Random(seed)
    name, middle = CHANGES[seed % len(CHANGES)]
    zone, change = ZoneInfo(name), int(datetime.fromisoformat(middle).timestamp())
    begin, end = change, change + HOUR  # the clocks change in the middle, or not
    wide = begin - HOUR, end + HOUR
    wall = walls(zone, *wide)
    first, last = (begin - rng.randint(-300, HOUR), end + rng.randint(-300, HOUR))
    days: dict[Agent, list[tuple[int, int, Status]]] = {}
    plans: dict[int, dict[int, str] | None] = {}
    rows: list[str] = []
    for number in range(agents):
        agent = Agent(str(number), f"name {number}", f"user{number}", f"{number}@example.com")
        spans = spans_of(rng, first * 1000, last * 1000, STATUSES, 12)
        days[agent] = spans
        who = rng.choice([agent.agent_id, agent.user_name, agent.email])
        plan: dict[int, str] = {}
        texts = some_times(rng, wall)
        for start_text, stop_text in pairwise(texts):
            activity = rng.choice(NAMES)
            rows.append(f"{who},{start_text},{stop_text},{activity}\n")
            # A local time is when the clock on the wall first shows it or a later one.
            start, stop = (wide[0] + bisect_left(wall, text) for text in (start_text, stop_text))
            plan |= dict.fromkeys(range(start, stop), activity)
        plans[number] = plan if len(texts) > 1 else None
    rng.shuffle(rows)
    (folder / "plan.csv").write_text("who,start,end,activity\n" + "".join(rows), encoding="utf-8")
    path = folder / "history.db"
    written(path, days, first=first * 1000, last=last * 1000)
    grace = rng.choice([0, 60, 300])
    terms = Terms(
        schedule=read_schedule(folder / "plan.csv", zone=zone, begin=begin, end=end), activities=ACTIVITIES, grace=grace
    )
    period = Period(begin, end, zone)
    with reading(path) as history:
        report, out = (kind(history, period, Options(), terms) for kind in (adherence, exceptions))
        nobody = {number for number in range(agents) if str(number) not in {row[0] for row in report.rows}}
    rows_by_id = {str(row[0]): dict(zip(COLUMNS, row, strict=True)) for row in report.rows}
    known = window_seconds = 0
    for number, (_, day) in enumerate(days.items()):
        if number in nobody:
            assert not any(begin <= at < end for at in plans[number] or ())
            continue
        did: dict[int, Status | None] = {at: None if first <= at < last else UNKNOWN for at in range(*wide)}
        for start, stop, status in day:
            did |= dict.fromkeys(range(start // 1000, stop // 1000), status)
        row = rows_by_id[str(number)]
        if plans[number] is None:
            assert set(list(row.values())[2:]) == {None}
            continue
        whole = judge(plans[number] or {}, did, grace)
        seconds = {at: one for at, one in whole.items() if begin <= at < end}
        assert {name: row[f"{name}_seconds"] for name in ("in", "out", "unknown", "unmapped", "worked")} == sums(
            seconds
        )
        assert row["scheduled_seconds"] == len(seconds)
        window_seconds += len(seconds)
        known += len(seconds) - sums(seconds)["unknown"]
        listed = {
            at: Judged(str(one[4]), None, str(one[5]))
            for one in out.rows
            if one[0] == str(number)
            for at in range(int(one[2].timestamp()), int(one[3].timestamp()))  # type: ignore[union-attr]
        }
        expected = {at: one for at, one in seconds.items() if one.verdict == "out"}
        assert sorted(listed) == sorted(expected)
        assert all(listed[at].activity == one.activity for at, one in expected.items())
    assert (report.known_seconds, report.window_seconds) == (known, window_seconds)


@pytest.mark.parametrize("seed", sampled(range(10), every=4))
def test_a_floor_on_the_day_clocks_change(seed: int, tmp_path: Path) -> None:
    """A history and a schedule give what the judge says."""
    one_floor(seed, tmp_path, agents=12)


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(10, 30))
def test_many_floors(seed: int, tmp_path: Path) -> None:
    """Many histories and schedules give what the judge says."""
    one_floor(seed, tmp_path, agents=25)
