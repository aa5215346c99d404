"""Timelines of agents as JSON. They are in whole seconds, and each lies in one interval."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from cxone_rollcall.history.interval import Person
from cxone_rollcall.history.reading import History, Row
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.struct import Value
from cxone_rollcall.model.timestamp import format_timestamp
from cxone_rollcall.reports.pieces import NOT_ON_ROSTER, Piece, pieces, standing_of
from cxone_rollcall.reports.window import Period

SCHEMA = "rollcall/timeline/1"
DAY = 86_400
LONGEST = 31 * DAY
"""Seconds of the longest window of one agent."""
LATEST = 4_102_444_800
"""Seconds since the epoch, the year 2100. No window begins or ends later."""
LONGEST_OF_MANY = 2 * DAY
"""Seconds of the longest window of many agents."""
MOST_LANES = 60
"""Agents in one answer. Each is looked up alone, so an answer takes some milliseconds whatever the tenant's size."""


class BadWindow(ValueError):
    """A window that cannot be shown."""


class Asked(Value, frozen=True):
    """The window that a reader asks for, in seconds since the epoch. None: a day that ends now.

    `now` is the server's time, `late` the seconds after which a recording has stopped.
    """

    begin: float | None
    end: float | None
    now: float
    late: float


def of_agent(history: History, agent_id: str, asked: Asked) -> dict[str, Any] | None:
    """The time of one agent. None if the history does not know the agent."""
    window = _window(history, asked, longest=LONGEST)
    number = history.number_of(agent_id)
    if number is None:
        return None
    lane = _lane(_known_as(history.people([number])[number], window), _days(history, [number], window)[number])
    return {**_head(history, window, [lane]), **lane}


def of_many(history: History, asked: Asked, *, team: str | None, skip: int) -> dict[str, Any]:
    """The time of the agents of a team, None for all. At most `MOST_LANES` by team and name, after the first `skip`.

    The team of an agent is the last one in the window. `teams` counts the agents of each, `total` those of this one.
    """
    window = _window(history, asked, longest=LONGEST_OF_MANY)
    everybody = {
        number: _known_as(people, window) for number, people in history.people().items() if _was_there(people, window)
    }
    teams: dict[str, int] = {}
    for agent in everybody.values():
        teams[agent.team or ""] = teams.get(agent.team or "", 0) + 1
    wanted = sorted(
        (number for number, agent in everybody.items() if team is None or (agent.team or "") == team),
        key=lambda number: _order(everybody[number]),
    )
    shown = wanted[skip : skip + MOST_LANES]
    days = _days(history, shown, window)
    lanes = [_lane(everybody[number], days[number]) for number in shown]
    return {
        **_head(history, window, lanes),
        "team": team,
        "teams": [{"team": name, "agents": teams[name]} for name in sorted(teams, key=str.casefold)],
        "total": len(wanted),
        "skipped": min(skip, len(wanted)),
        "left_out": max(0, len(wanted) - skip - len(shown)),
        "agents": lanes,
    }


def _window(history: History, asked: Asked, *, longest: int) -> Period:
    """The window in whole seconds. It ends with what is recorded; where the recording has stopped, now.

    Raises `BadWindow`.
    """
    recorded = history.recorded.last / 1000
    now = int(recorded if asked.now - recorded < asked.late else asked.now)
    end = now if asked.end is None else min(int(asked.end), now)
    begin = (int(asked.end) if asked.end is not None else now) - DAY if asked.begin is None else int(asked.begin)
    if begin >= end:
        raise BadWindow(f"nothing is recorded yet from {format_timestamp(begin, 'seconds')} on")
    if end - begin > longest:
        raise BadWindow(f"a window has at most {longest // DAY} days")
    return Period(begin, end, ZoneInfo("UTC"))


def _head(history: History, window: Period, lanes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    recorded = history.recorded
    return {
        "schema": SCHEMA,
        "from": _time(window.begin),
        "to": _time(window.end),
        "recorded": {"from": _time(recorded.first // 1000), "to": _time(recorded.last // 1000)},
        "as_of": _time(recorded.answered // 1000),
        "coverage": _coverage(one for lane in lanes for one in lane["intervals"]),
    }


def _coverage(intervals: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Seconds by what is known. `percent` is known / (known + unknown), None if both are 0."""
    seconds = {"known": 0, "unknown": 0, NOT_ON_ROSTER: 0}
    for one in intervals:
        seconds[one["standing"] if one["standing"] in seconds else "known"] += one["seconds"]
    known, on_roster = seconds["known"], seconds["known"] + seconds["unknown"]
    return {**seconds, "percent": round(100 * known / on_roster, 2) if on_roster else None}


def _days(history: History, numbers: Sequence[int], period: Period) -> dict[int, list[dict[str, Any]]]:
    """The intervals of each agent as JSON values."""
    rows = history.rows(period.window, numbers)
    return {number: list(map(_interval, _long(history, rows.get(number, ()), period))) for number in numbers}


def _long(history: History, rows: Sequence[Row], period: Period) -> Iterator[Piece]:
    """The pieces with a length, as reports have them. They fill the window."""
    return (piece for piece in pieces(history, rows, period) if piece.begin < piece.end)


def _interval(piece: Piece) -> dict[str, Any]:
    """A piece of an agent's time. A gap and time off the roster have no `source`."""
    status = piece.status
    return {
        "begin": _time(piece.begin),
        "end": _time(piece.end),
        "seconds": piece.end - piece.begin,
        "standing": standing_of(status),
        "group": status and status.group,
        "state": status and status.state,
        "sub_state": status and status.sub_state,
        "begin_slack": piece.slack,
        "source": piece.source and piece.source.value,
        "cause": status and status.cause,
    }


def _lane(agent: Agent, intervals: list[dict[str, Any]]) -> dict[str, Any]:
    known = {"agent_id": agent.agent_id, "name": agent.name, "team": agent.team}
    return {"agent": known, "intervals": intervals}


def _known_as(people: Sequence[Person], window: Period) -> Agent:
    """The agent as named at the window's end. One who came later, as first named."""
    return next((one for one in reversed(people) if one.at < window.end * 1000), people[0]).agent


def _was_there(people: Sequence[Person], window: Period) -> bool:
    """Whether an agent was on the roster in the window."""
    before = [one for one in people if one.at < window.end * 1000]
    return bool(before) and (before[-1].on_roster or before[-1].at > window.begin * 1000)


def _order(agent: Agent) -> tuple[str, str, str]:
    return (agent.team or "").casefold(), (agent.name or "").casefold(), agent.agent_id


def _time(seconds: float) -> str:
    return format_timestamp(seconds, "seconds")
