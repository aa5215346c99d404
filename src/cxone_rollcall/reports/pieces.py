"""An agent's time in whole seconds, the unit of all reports.

A second counts for what holds at its last millisecond: each boundary is rounded down, so the sums are exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from cxone_rollcall.history.interval import Interval, Source, Status
from cxone_rollcall.history.reading import History, Row
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.struct import Value, replace
from cxone_rollcall.reports.framing import Coverage
from cxone_rollcall.reports.options import Options
from cxone_rollcall.reports.people import Chosen, Someone, rows_of
from cxone_rollcall.reports.window import Period

NOT_ON_ROSTER = "not_on_roster"
"""The standing of an agent while the roster did not have it."""


class Piece(Value, frozen=True, gc=False):
    """Time in which an agent's status was the same.

    It lasts from second `begin` to second `end`, which is not part of it. `status` is None while the agent was not on
    the roster. `slack` is in seconds, rounded up: the state began at most so long before `begin`. It is None if that is
    not known, or if it began before the window.
    """

    begin: int
    end: int
    status: Status | None
    slack: int | None = None
    source: Source | None = None

    @property
    def is_unknown(self) -> bool:
        """Whether this is a gap."""
        return self.status is not None and self.status.standing is Standing.UNKNOWN


def pieces(history: History, rows: Sequence[Row], period: Period) -> Iterator[Piece]:
    """An agent's whole window, in order. Each second lies in exactly one piece.

    A piece that has the last millisecond of no second has no length.
    """
    for one in history.filled(rows, period.window):
        begin, end = one.begin // 1000, one.end // 1000
        if not isinstance(one, Interval):
            yield Piece(begin, end, None)
        elif one.status.standing is Standing.UNKNOWN:
            yield Piece(begin, end, one.status)
        else:
            yield Piece(begin, end, one.status, None if one.slack is None else -(-one.slack // 1000), one.source)


def days(history: History, period: Period, options: Options, who: Chosen) -> Iterator[tuple[Someone, list[Piece]]]:
    """The whole window of each chosen agent, ordered by name."""
    for one, rows in rows_of(history, period, options, who.people):
        yield one, list(pieces(history, rows, period))


def in_teams(who: Chosen, one: Someone, day: Sequence[Piece]) -> Iterator[Piece]:
    """The part of an agent's window in the teams that count. A piece is cut where the team changes."""
    if not who.teams:
        yield from day
        return
    for piece in day:
        if piece.begin == piece.end and who.counts(one.team(piece.begin)):
            yield piece
        for begin, end, team in one.in_teams(piece.begin, piece.end):
            if who.counts(team):
                yield replace(piece, begin=begin, end=end, slack=piece.slack if begin == piece.begin else None)


def coverage_of(days: Iterable[Sequence[Piece]]) -> Coverage:
    """The coverage of these windows."""
    total = known = 0
    for piece in chain.from_iterable(days):
        total += piece.end - piece.begin
        known += 0 if piece.is_unknown else piece.end - piece.begin
    return Coverage(known, total)


def standing_of(status: Status | None) -> str:
    """The standing that a report names."""
    return NOT_ON_ROSTER if status is None else status.standing.value
