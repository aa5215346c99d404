"""The intervals of a history as rows for other programs."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import lru_cache

from cxone_rollcall.history.interval import Interval, Person
from cxone_rollcall.history.reading import History, Window
from cxone_rollcall.history.schema import DAY

COLUMNS = (
    *("begin", "end", "seconds", "agent_id", "name", "user_name", "email", "team"),
    *("standing", "state", "sub_state", "group", "cause", "begin_slack", "source"),
)
"""The columns. Times are ISO in UTC; seconds have three decimals."""

Line = tuple[str | None, ...]


def days(history: History) -> Iterator[tuple[date, Window]]:
    """Each day, UTC, cut to the time that was recorded. None before the first poll."""
    if not history.polls:
        return
    first, last = history.recorded.first, history.recorded.last
    for day in range(first // DAY, -(-last // DAY)):
        window = Window(max(first, day * DAY), min(last, (day + 1) * DAY))
        if window.begin < window.end:
            yield datetime.fromtimestamp(day * DAY / 1000, UTC).date(), window


def lines(history: History, window: Window) -> Iterator[Line]:
    """The intervals in a window, agent by agent, cut to it.

    The seconds of an agent sum up to its time on the roster. Names are those at the begin of an interval.
    """
    people = history.people()
    for number, rows in sorted(history.rows(window).items()):
        named = people[number]
        times = [one.at for one in named]
        for one in history.filled(rows, window):
            if isinstance(one, Interval):
                yield _line(one, named[max(0, bisect_right(times, one.begin) - 1)])


def _line(one: Interval, person: Person) -> Line:
    agent, status = person.agent, one.status
    return (
        _time(one.begin),
        _time(one.end),
        f"{(one.end - one.begin) / 1000:.3f}",
        agent.agent_id,
        agent.name,
        agent.user_name,
        agent.email,
        agent.team,
        status.standing.value,
        status.state,
        status.sub_state,
        status.group,
        status.cause,
        None if one.slack is None else f"{one.slack / 1000:.3f}",
        one.source.value,
    )


@lru_cache(maxsize=50_000)  # one interval's end is the next one's begin
def _time(moment: int) -> str:
    seconds, thousandths = divmod(moment, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{thousandths:03d}Z"
