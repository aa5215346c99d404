"""Compares what one agent did with what is scheduled. Pure; times are whole seconds since the epoch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from itertools import groupby
from typing import NamedTuple

from cxone_rollcall.history.interval import Interval, Status
from cxone_rollcall.history.reading import Window
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.reports.adherence.activities import WORKING, Activities, Fit
from cxone_rollcall.reports.adherence.schedule import Shift


class Verdict(Enum):
    """What a second of scheduled time counts as."""

    IN = "in"
    FORGIVEN = "in, by grace"
    OUT = "out"
    UNKNOWN = "unknown"
    UNMAPPED = "unmapped"


class Doing(NamedTuple):
    """What an agent did. `status` is None if it was not on the roster."""

    begin: int
    end: int
    status: Status | None

    @property
    def logged_in(self) -> bool:
        """Whether the agent was logged in for certain."""
        return self.status is not None and self.status.standing is Standing.PRESENT


class Piece(NamedTuple):
    """Scheduled time with one activity, one status and one verdict. `fit` is None if the activity is not mapped."""

    begin: int
    end: int
    activity: str
    fit: Fit | None
    status: Status | None
    verdict: Verdict

    @property
    def is_work(self) -> bool:
        """Whether the agent worked, in whichever activity."""
        return self.status is not None and self.status.group in WORKING


def in_seconds(day: Iterable[Interval | Window]) -> Iterator[Doing]:
    """A whole window of `History.filled` in whole seconds. What is shorter than a second may vanish."""
    for one in day:
        begin, end = one.begin // 1000, one.end // 1000
        if begin < end:
            yield Doing(begin, end, one.status if isinstance(one, Interval) else None)


def compared(doings: Sequence[Doing], shifts: Iterable[Shift], activities: Activities, grace: int) -> Iterator[Piece]:
    """The scheduled time of one agent in order, as far as `doings` reach. Time off is left out.

    `doings` and `shifts` are in order and do not overlap. `grace` is in seconds.
    """
    at = 0
    for shift in shifts:
        fit = activities.of(shift.activity)
        if fit is not None and fit.off:
            continue
        while at < len(doings) and doings[at].end <= shift.begin:
            at += 1
        pieces = []
        for doing in _from(doings, at):
            if doing.begin >= shift.end:
                break
            begin, end = max(doing.begin, shift.begin), min(doing.end, shift.end)
            pieces.append(Piece(begin, end, shift.activity, fit, doing.status, _verdict(doing.status, fit)))
        yield from forgiven(pieces, shift, grace) if grace and fit is not None else pieces


def _from(doings: Sequence[Doing], at: int) -> Iterator[Doing]:
    while at < len(doings):
        yield doings[at]
        at += 1


def _verdict(status: Status | None, fit: Fit | None) -> Verdict:
    if fit is None:
        return Verdict.UNMAPPED
    if status is None:
        return Verdict.OUT
    if status.standing is Standing.UNKNOWN:
        return Verdict.UNKNOWN
    return Verdict.IN if fit.takes(status) else Verdict.OUT


def forgiven(pieces: Iterable[Piece], shift: Shift, grace: int) -> Iterator[Piece]:
    """The pieces of a shift after grace: an out span wholly within `grace` seconds of an edge counts as in.

    Unknown time beside such a span may make it longer. If it would then not be forgiven, nobody knows whether it is:
    the span becomes unknown. Unknown time stays unknown.
    """

    def near(begin: int, end: int) -> bool:
        return end <= shift.begin + grace or begin >= shift.end - grace

    for fits, group in groupby(pieces, key=lambda piece: piece.verdict is Verdict.IN):
        run = list(group)
        if fits:
            yield from run
            continue
        at_most = near(run[0].begin, run[-1].end)
        for verdict, some in groupby(run, key=lambda piece: piece.verdict):
            span = list(some)
            if verdict is Verdict.OUT and near(span[0].begin, span[-1].end):
                verdict = Verdict.FORGIVEN if at_most else Verdict.UNKNOWN  # noqa: PLW2901  what it becomes
            yield from (piece._replace(verdict=verdict) for piece in span)


def cut(pieces: Iterable[Piece], begin: int, end: int) -> Iterator[Piece]:
    """The parts of the pieces between two times."""
    for piece in pieces:
        first, last = max(piece.begin, begin), min(piece.end, end)
        if first < last:
            yield piece._replace(begin=first, end=last)
