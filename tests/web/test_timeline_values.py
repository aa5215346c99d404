"""Whole timelines of a small history. Which windows may be asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from threading import enumerate as enumerate_threads
from typing import Any

import pytest
from tests.reports.floors import AVAILABLE, LOGGED_OUT, LUNCH, UNKNOWN, written
from tests.support.many_values import together
from tests.web.serving import Served, served
from tests.web.test_timeline import asked as got

from cxone_rollcall.history.interval import Person
from cxone_rollcall.history.reading import History, reading
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.timestamp import parse_timestamp
from cxone_rollcall.web import archive as archives
from cxone_rollcall.web import timeline
from cxone_rollcall.web.archive import Busy, Threads
from cxone_rollcall.web.timeline import DAY, LONGEST, LONGEST_OF_MANY, Asked, BadWindow

START = 1_772_409_600
"""2 March 2026, 00:00 UTC."""
HOUR = 3_600
ANN, BO, CY = Agent("1", "Ann Lee", team="sales"), Agent("2", "bo ek", team=None), Agent("3", "Abe", team="Sales")
NOW = Asked(None, None, START + 5 * HOUR + 20, 30.0)


def recorded(path: Path) -> Path:
    """The history of five hours of three agents. Cy left after two, and came back in another team after three."""

    def spans(*ends: tuple[float, Any]) -> list[tuple[int, int, Any]]:
        moments = [round((START + hours * HOUR) * 1000) for hours, _ in ends]
        return list(zip([START * 1000, *moments], moments, [status for _, status in ends], strict=False))

    days = {
        ANN: spans((1, AVAILABLE), (2, UNKNOWN), (3.5, LUNCH), (5, LOGGED_OUT)),
        BO: spans((5, LOGGED_OUT)),
        CY: spans((2, AVAILABLE)),
    }
    later = [
        Person((START + 2 * HOUR) * 1000, CY, on_roster=False),
        Person((START + 3 * HOUR) * 1000, Agent("3", "Abe Ox", team="Support")),
    ]
    written(path, days, first=START * 1000, last=(START + 5 * HOUR) * 1000, later=later)
    return path


@contextmanager
def history(folder: Path) -> Iterator[History]:
    """That history, open for reading."""
    with reading(recorded(folder / "h.db")) as of:
        yield of


def piece(begin: str, end: str, seconds: int, standing: str, **said: Any) -> dict[str, Any]:
    """An interval as JSON."""
    names = ("group", "state", "sub_state", "begin_slack", "source", "cause")
    return {
        "begin": f"2026-03-02T{begin}Z",
        "end": f"2026-03-02T{end}Z",
        "seconds": seconds,
        "standing": standing,
        **dict.fromkeys(names),
        **said,
    }


def test_a_timeline_is_whole(tmp_path: Path) -> None:
    """One agent's time has each field. A gap has its cause, and no state, group or source."""
    with history(tmp_path) as of:
        made = timeline.of_agent(of, "1", Asked(START + 1800, START + 4 * HOUR, NOW.now, 30.0))
        assert timeline.of_agent(of, "9", NOW) is None
    seen: dict[str, Any] = {"source": "observed"}
    assert made == {
        "schema": "rollcall/timeline/1",
        "from": "2026-03-02T00:30:00Z",
        "to": "2026-03-02T04:00:00Z",
        "recorded": {"from": "2026-03-02T00:00:00Z", "to": "2026-03-02T05:00:00Z"},
        "as_of": "2026-03-02T05:00:00Z",
        "coverage": {"known": 9_000, "unknown": 3_600, "not_on_roster": 0, "percent": 71.43},
        "agent": {"agent_id": "1", "name": "Ann Lee", "team": "sales"},
        "intervals": [
            piece("00:30:00", "01:00:00", 1_800, "present", group="available", state="Available", **seen),
            piece("01:00:00", "02:00:00", 3_600, "unknown", cause="RC105"),
            piece(
                *("02:00:00", "03:30:00", 5_400, "present"),
                group="unavailable",
                state="Unavailable",
                sub_state="Lunch",
                **seen,
            ),
            piece("03:30:00", "04:00:00", 1_800, "logged_out", **seen),
        ],
    }


def ids(of: dict[str, Any]) -> list[str]:
    """The ids of the lanes, in order."""
    return [lane["agent"]["agent_id"] for lane in of["agents"]]


def test_the_timelines_of_many_are_by_team_and_name(tmp_path: Path) -> None:
    """An agent is in its last team of the window. Teams are counted; time off the roster is none of unknown."""
    with history(tmp_path) as of:
        early = timeline.of_many(of, Asked(START, START + 2 * HOUR, NOW.now, 30.0), team=None, skip=0)
        late = timeline.of_many(of, NOW, team=None, skip=0)
        gone = timeline.of_many(of, Asked(START + 2 * HOUR + 60, START + 3 * HOUR, NOW.now, 30.0), team=None, skip=0)
        alone = timeline.of_many(of, NOW, team="Support", skip=0)
        none = timeline.of_many(of, NOW, team="", skip=0)
        rest = timeline.of_many(of, NOW, team=None, skip=2)
        beyond = timeline.of_many(of, NOW, team=None, skip=9)
    assert (ids(early), ids(late), ids(gone), ids(alone), ids(none)) == (
        *(["2", "3", "1"], ["2", "1", "3"], ["2", "1"], ["3"], ["2"]),
    )
    assert [one["team"] for one in early["teams"]] in (["", "sales", "Sales"], ["", "Sales", "sales"])
    assert late["teams"] == [{"team": name, "agents": 1} for name in ("", "sales", "Support")]
    assert alone["teams"] == late["teams"]
    assert [(one["team"], one["total"], one["skipped"], one["left_out"]) for one in (late, alone, rest, beyond)] == [
        *((None, 3, 0, 0), ("Support", 1, 0, 0), (None, 3, 2, 0), (None, 3, 3, 0))
    ]
    assert (ids(rest), ids(beyond)) == (["3"], [])
    assert beyond["coverage"] == {"known": 0, "unknown": 0, "not_on_roster": 0, "percent": None}
    (lane,) = alone["agents"]
    assert lane["agent"] == {"agent_id": "3", "name": "Abe Ox", "team": "Support"}
    assert {one["standing"] for one in lane["intervals"]} == {"unknown", "present", "not_on_roster"}
    assert alone["coverage"]["not_on_roster"] > 0
    assert sum(one["seconds"] for one in lane["intervals"]) == DAY


def test_a_page_of_lanes_has_60(tmp_path: Path) -> None:
    """Sixty agents are in one answer, and the others counted."""
    people = {Agent(f"{one:02}"): [(START * 1000, (START + HOUR) * 1000, AVAILABLE)] for one in range(62)}
    written(tmp_path / "h.db", people, first=START * 1000, last=(START + HOUR) * 1000)
    asked = Asked(START, None, START + HOUR, 30.0)
    with reading(tmp_path / "h.db") as of:
        for skip, shown, left in ((0, 60, 2), (1, 60, 1), (2, 60, 0), (3, 59, 0)):
            made = timeline.of_many(of, asked, team=None, skip=skip)
            assert (ids(made)[0], len(ids(made)), made["left_out"]) == (f"{skip:02}", shown, left)


RECORDED_END = START + 5 * HOUR


@together(
    "window",
    {
        "a day": ((None, None, 20), (RECORDED_END - DAY, RECORDED_END)),
        "just not late": ((None, None, 29.9), (RECORDED_END - DAY, RECORDED_END)),
        "late": ((None, None, 30), (RECORDED_END + 30 - DAY, RECORDED_END + 30)),
        "from": ((START + 60.9, None, 20), (START + 60, RECORDED_END)),
        "to": ((None, START + HOUR + 0.9, 20), (START + HOUR - DAY, START + HOUR)),
        "to in the future": ((START, RECORDED_END + 99, 20), (START, RECORDED_END)),
        "a day to the future": ((None, RECORDED_END + 99, 20), (RECORDED_END + 99 - DAY, RECORDED_END)),
        "the longest": ((RECORDED_END - LONGEST, None, 20), (RECORDED_END - LONGEST, RECORDED_END)),
    },
)
def test_a_window_ends_with_what_is_recorded(window: Any, tmp_path: Path) -> None:
    """A window is in whole seconds. Where the recording has stopped, it ends now: the rest is unknown."""
    (begin, end, since), expected = window
    with history_once(tmp_path) as of:
        made = timeline.of_agent(of, "1", Asked(begin, end, RECORDED_END + since, 30.0))
    assert made is not None
    assert tuple(parse_timestamp(made[name]) for name in ("from", "to")) == expected
    assert sum(one["seconds"] for one in made["intervals"]) == expected[1] - expected[0]


@contextmanager
def history_once(folder: Path) -> Iterator[History]:
    """That history, written once."""
    path = folder / "h.db"
    with reading(path if path.exists() else recorded(path)) as of:
        yield of


def test_a_window_that_cannot_be_shown(tmp_path: Path) -> None:
    """A window that is too late or too long is refused. One of many agents has two days."""

    def asked(begin: int) -> Asked:
        return Asked(begin, None, RECORDED_END + 20, 30.0)

    with history_once(tmp_path) as of:
        with pytest.raises(BadWindow, match=r"^nothing is recorded yet from 2026-03-02T05:00:00Z on$"):
            timeline.of_agent(of, "1", asked(RECORDED_END))
        with pytest.raises(BadWindow, match=r"^a window has at most 31 days$"):
            timeline.of_agent(of, "1", asked(RECORDED_END - LONGEST - 1))
        with pytest.raises(BadWindow, match=r"^a window has at most 2 days$"):
            timeline.of_many(of, asked(RECORDED_END - LONGEST_OF_MANY - 1), team=None, skip=0)
        assert timeline.of_many(of, asked(RECORDED_END - LONGEST_OF_MANY), team=None, skip=0)["total"] == 3


@pytest.mark.parametrize("skip", ["", "-1", "1.0", "x", "\u0663", "1234567890", "+1"])
async def test_a_wrong_skip_is_refused(skip: str, tmp_path: Path) -> None:
    """The number of agents to leave out is a plain number."""
    async with served(3, history=tmp_path / "h.db") as here:
        await here.poll()
        here.watching.world.emulator.advance(10)
        await here.poll()
        assert await got(here, "timeline", skip=skip) == (
            *(400, {"error": "skip is the number of agents to leave out, like 60"}),
        )
        assert (await got(here, "timeline", skip="123456789"))[1]["skipped"] == 3


async def test_what_a_timeline_answers_when_it_cannot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each reason has its status and its words."""

    async def refusal(here: Served, path: str = "timeline") -> tuple[int, str]:
        status, body = await got(here, path)
        return status, body["error"]

    async with served(3, history=tmp_path / "h.db") as here:
        assert await refusal(here) == (503, "no poll is stored yet: wait for the first one")
        await here.poll()
        assert await refusal(here, "agents/9/timeline") == (404, "the history has no agent with this id")
        monkeypatch.setattr(archives, "MOST_WAITING", 0)
        assert await refusal(here) == (503, "too many readers wait for the history: try again")
        here.tenant.lost_history = "the disk is full"
        assert await refusal(here) == (503, "the disk is full")


async def test_few_readers_wait_for_a_history(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many readers as may wait are served, two at a time. One more is asked to come back, until one is done."""
    assert archives.MOST_WAITING == 100
    monkeypatch.setattr(archives, "MOST_WAITING", 3)
    threads, go_on, others = Threads(), Event(), set(enumerate_threads())
    try:
        waiting = [asyncio.ensure_future(threads.run(lambda: go_on.wait(20))) for _ in range(3)]
        await asyncio.sleep(0)
        assert len([one for one in set(enumerate_threads()) - others if one.name.startswith("history")]) == 2
        with pytest.raises(Busy):
            await threads.run(lambda: 9)
        go_on.set()
        assert await asyncio.gather(*waiting) == [True] * 3
        with pytest.raises(ZeroDivisionError):
            await threads.run(lambda: 1 / 0)
        assert await asyncio.gather(*(threads.run(lambda: 7) for _ in range(3))) == [7] * 3
        threads.close()
        with pytest.raises(RuntimeError, match="after shutdown"):
            await threads.run(lambda: 7)
    finally:
        go_on.set()
        threads.close()
