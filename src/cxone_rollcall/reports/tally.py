"""The seconds of each agent in each state, by bucket."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from cxone_rollcall.history.interval import RECORDER_DOWN, Status, unknown
from cxone_rollcall.history.reading import NOT_RECORDED, History
from cxone_rollcall.model.groups import GROUPS, Group
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.reports.options import Options
from cxone_rollcall.reports.people import Chosen, Someone, rows_of
from cxone_rollcall.reports.pieces import NOT_ON_ROSTER, Piece, pieces, standing_of
from cxone_rollcall.reports.window import Period
from cxone_rollcall.reports.zones import buckets

Bucket = tuple[int, int]
"""Begin and end, in seconds since the epoch."""


_STANDINGS = (*(one.value for one in Standing), NOT_ON_ROSTER)


class Shown(NamedTuple):
    """A status as a report shows it. Gaps are the same whatever their cause."""

    standing: str
    group: Group | None = None
    state: str | None = None
    sub_state: str | None = None


Spent = dict[tuple[int, str | None], dict[int, int]]
"""One agent's seconds in each state, by bucket and team. A bucket and a state are their places in their lists."""


def shown(status: Status | None) -> Shown:
    """What is shown of a status. None is that of an agent who was not on the roster."""
    if status is None:
        return Shown(standing_of(None))
    return Shown(standing_of(status), status.group, status.state, status.sub_state)


class Legend:
    """The states of a history, ordered by standing, group and name."""

    def __init__(self, history: History) -> None:
        of_holes = (None, unknown(NOT_RECORDED), unknown(RECORDER_DOWN))
        statuses = {status: shown(status) for status in (*of_holes, *history.statuses.values())}
        self.states = sorted(set(statuses.values()), key=_rank)
        places = {state: place for place, state in enumerate(self.states)}
        self.place: Mapping[Status | None, int] = {status: places[state] for status, state in statuses.items()}
        self.by_number = {number: self.place[status] for number, status in history.statuses.items()}
        self.unknown = self.by_number[0]
        """The place of all gaps."""


def _rank(state: Shown) -> tuple[int, int, str, str]:
    group = -1 if state.group is None else GROUPS.index(state.group)
    return _STANDINGS.index(state.standing), group, state.state or "", state.sub_state or ""


def buckets_of(period: Period, options: Options) -> list[Bucket]:
    """The buckets of a report. Without an interval there is one."""
    if options.interval is None:
        return [(period.begin, period.end)]
    return buckets(period.begin, period.end, period.zone, options.interval)


def tally(
    history: History, period: Period, options: Options, who: Chosen, spans: Sequence[Bucket], legend: Legend
) -> Iterator[tuple[Someone, Spent]]:
    """The time of each chosen agent, ordered by name.

    Who was not on the roster in the window is left out.
    """
    quick = _summed(history, period, who, legend) if len(spans) == 1 and not options.agents else {}
    others = [one for one in who.people if one.number not in quick]
    rows = {one.number: found for one, found in rows_of(history, period, options, others)}
    for one in who.people:
        if one.number in quick:
            yield one, {(0, one.teams[0][1]): quick[one.number]}
        elif one.number in rows:
            yield one, _spent(one, pieces(history, rows[one.number], period), who, spans, legend)


def _summed(history: History, period: Period, who: Chosen, legend: Legend) -> dict[int, dict[int, int]]:
    """The sums that the database can compute, by agent.

    Those of agents who were in one team, and on the roster whenever anything was recorded. It is much faster: a day of
    10,000 agents has a million rows.
    """
    recorded = history.recorded
    first, last = max(period.begin, recorded.first // 1000), min(period.end, recorded.last // 1000)
    settled = {one.number for one in who.people if len(one.teams) == 1}
    unrecorded = period.seconds - (last - first)
    found: dict[int, dict[int, int]] = {}
    for number, seconds in history.seconds(period.window).items():
        if number in settled and sum(seconds.values()) == last - first:
            spent = found[number] = {legend.unknown: unrecorded} if unrecorded else {}
            for status, length in seconds.items():
                if length:
                    place = legend.by_number[status]
                    spent[place] = spent.get(place, 0) + length
    return found


def _spent(one: Someone, day: Iterable[Piece], who: Chosen, spans: Sequence[Bucket], legend: Legend) -> Spent:
    """The sums of one agent. Each piece is cut where the team changes and where a bucket ends."""
    spent: Spent = {}
    begins = [span[0] for span in spans]
    for piece in day:
        state = legend.place[piece.status]
        for since, until, team in one.in_teams(piece.begin, piece.end):
            if who.counts(team):
                at, place = since, bisect_right(begins, since) - 1
                while at < until:
                    end = min(until, spans[place][1])
                    by_state = spent.setdefault((place, team), {})
                    by_state[state] = by_state.get(state, 0) + end - at
                    at, place = end, place + 1
    return spent
