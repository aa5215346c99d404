"""Judges a file after a recorder was killed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from cxone_rollcall.errors import HistoryError
from cxone_rollcall.history.checking import check
from cxone_rollcall.history.interval import RECORDER_DOWN, Interval, Source
from cxone_rollcall.history.reading import History, Window, reading
from cxone_rollcall.model.roll import Standing
from quality.kills.recorder import Acknowledged


def judge(path: Path, acknowledged: Sequence[Acknowledged]) -> list[str]:
    """What is wrong with a file. `acknowledged` is of its last recorder."""
    try:
        breach = check(path).breach
    except HistoryError as error:  # it was killed before the file had its tables
        return [f"{len(acknowledged)} polls were acknowledged, and {error}"] if acknowledged else []
    if breach:
        return [breach]
    with closing(sqlite3.connect(path)) as db:
        polls = db.execute(
            "SELECT name, number, as_of, received_at, run FROM polls JOIN runs USING (run) ORDER BY run, number"
        ).fetchall()
        downs = dict(db.execute("SELECT begin, end FROM downs WHERE cause = ?", (RECORDER_DOWN,)))
    known = {(name, number): as_of for name, number, as_of, *_ in polls}
    wrong = [
        f"poll {one.number} was acknowledged and is missing"
        for one in acknowledged
        if known.get((one.run, one.number)) != one.as_of
    ]
    if wrong or not polls:
        return wrong
    firsts = [place for place in range(1, len(polls)) if polls[place][4] != polls[place - 1][4]]
    with reading(path) as history:
        wrong += _boards(history, acknowledged)
        for place in firsts[-1:]:
            (*_, stopped, ended, _), resumed = polls[place - 1], polls[place][2]
            if ended + 1 < resumed and downs.get(ended + 1) != resumed:
                wrong.append(f"the time without a recorder is not {ended} to {resumed}")
            wrong += _gap(history, stopped, ended, resumed)
    return wrong


def _boards(history: History, acknowledged: Sequence[Acknowledged]) -> Iterator[str]:
    """Compare each acknowledged board with the history at its moment."""
    if not acknowledged:
        return
    days = _days(history, Window(acknowledged[0].as_of, acknowledged[-1].as_of + 1))
    for one in acknowledged:
        for agent_id, shown in one.shown.items():
            there = _at(days.get(agent_id, []), one.as_of)
            status = there.status if isinstance(there, Interval) else None
            if status is None or [status.standing.value, status.state, status.sub_state] != shown:
                yield f"at poll {one.number} agent {agent_id} was {shown}, and the history says {status}"


def _gap(history: History, stopped: int, ended: int, resumed: int) -> Iterator[str]:
    """Check the gap between two recorders, right to a poll.

    The moment of the last poll was `stopped`, and it `ended` later.
    """
    for agent_id, day in _days(history, Window(stopped, resumed + 1)).items():
        before, after = _at(day, stopped), _at(day, resumed)
        for edge in (stopped + 1, resumed - 1):
            there = _at(day, edge)
            if (
                isinstance(there, Interval)
                and there.status.standing is not Standing.UNKNOWN
                and there.source is not Source.INFERRED
                and not (there.begin <= stopped and there.end <= min(resumed, ended + 1))
            ):
                yield f"agent {agent_id} has a state between two recorders: {there}"
        for one in (before, after):
            if isinstance(one, Interval) and one.status.cause == RECORDER_DOWN:
                yield f"agent {agent_id} is unknown at a poll that was stored: {one}"


def _days(history: History, window: Window) -> dict[str, list[Interval | Window]]:
    ids = {number: agent_id for agent_id, number in history.agents().items()}
    return {ids[number]: history.filled(rows, window) for number, rows in history.rows(window).items()}


def _at(day: Sequence[Interval | Window], moment: int) -> Interval | Window | None:
    return next((one for one in day if one.begin <= moment < one.end), None)
