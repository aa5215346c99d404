"""Compares what one agent did with what is scheduled. Pure; times are whole seconds since the epoch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from itertools import groupby
from typing import NamedTuple

from cxone_rollcall.history.interval import Status
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.reports.adherence.activities import WORKING, Activities, Fit
from cxone_rollcall.reports.adherence.schedule import Shift
from cxone_rollcall.reports.pieces import Piece


class Verdict(Enum):
    """What a second of scheduled time counts as."""

    IN = "in"
    FORGIVEN = "in, by grace"
    OUT = "out"
    UNKNOWN = "unknown"
    UNMAPPED = "unmapped"


class Part(NamedTuple):
    """Scheduled time with one activity, one status and one verdict.

    `fit` is None if the activity is not mapped, `status` if the agent was not on the roster.
    """

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


def compared(day: Sequence[Piece], shifts: Iterable[Shift], activities: Activities, grace: int) -> Iterator[Part]:
    """The scheduled time of one agent, as far as `day` reaches. Time off is left out.

    `day` and `shifts` are in order and do not overlap. `grace` is in seconds.
    """
    at = 0
    for shift in shifts:
        fit = activities.of(shift.activity)
        if fit is not None and fit.off:
            continue
        while at < len(day) and day[at].end <= shift.begin:
            at += 1
        parts = []
        for place in range(at, len(day)):
            piece = day[place]
            if piece.begin >= shift.end:
                break
            begin, end = max(piece.begin, shift.begin), min(piece.end, shift.end)
            if begin < end:
                parts.append(Part(begin, end, shift.activity, fit, piece.status, _verdict(piece.status, fit)))
        yield from forgiven(parts, shift, grace)


def _verdict(status: Status | None, fit: Fit | None) -> Verdict:
    if fit is None:
        return Verdict.UNMAPPED
    if status is None:
        return Verdict.OUT
    if status.standing is Standing.UNKNOWN:
        return Verdict.UNKNOWN
    return Verdict.IN if fit.takes(status) else Verdict.OUT


def forgiven(parts: Iterable[Part], shift: Shift, grace: int) -> Iterator[Part]:
    """The parts of a shift after grace.

    An out span wholly within `grace` seconds of an edge counts as in. Unknown time beside such a span may make it
    longer. If it would then not be forgiven, nobody knows whether it is: the span becomes unknown. Unknown time stays
    unknown.
    """

    def near(begin: int, end: int) -> bool:
        return end <= shift.begin + grace or begin >= shift.end - grace

    for fits, group in groupby(parts, key=lambda part: part.verdict is Verdict.IN):
        run = list(group)
        if fits:
            yield from run
            continue
        at_most = near(run[0].begin, run[-1].end)
        for verdict, some in groupby(run, key=lambda part: part.verdict):
            span, becomes = list(some), verdict
            if verdict is Verdict.OUT and near(span[0].begin, span[-1].end):
                becomes = Verdict.FORGIVEN if at_most else Verdict.UNKNOWN
            yield from (part._replace(verdict=becomes) for part in span)


def within(parts: Iterable[Part], begin: int, end: int) -> Iterator[Part]:
    """The parts between two times."""
    for part in parts:
        if begin <= part.begin and part.end <= end:
            yield part
        elif part.begin < end and begin < part.end:
            yield part._replace(begin=max(part.begin, begin), end=min(part.end, end))
