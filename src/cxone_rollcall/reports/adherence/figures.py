"""The figures of adherence and conformance of one agent. All are whole seconds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from cxone_rollcall.history.interval import Status
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.struct import Record, field
from cxone_rollcall.reports.adherence.compare import Part, Verdict
from cxone_rollcall.reports.pieces import Piece


class Figures(Record):
    """Seconds of scheduled time, and beside it.

    `scheduled` is the sum of `in_`, `out`, `unknown` and `unmapped`. `forgiven` is a part of `in_`, `off_roster` one of
    `out`. `outside` is time logged in that is not scheduled. `unmapped_by` has the seconds of each such activity.
    """

    scheduled: int = 0
    in_: int = 0
    out: int = 0
    unknown: int = 0
    unmapped: int = 0
    worked: int = 0
    forgiven: int = 0
    off_roster: int = 0
    outside: int = 0
    unmapped_by: Counter[str] = field(default_factory=Counter)

    @property
    def adherence(self) -> tuple[float | None, float | None]:
        """The lowest and highest percentage of time in adherence. None if nothing is scheduled."""
        return self._range(self.in_)

    @property
    def conformance(self) -> tuple[float | None, float | None]:
        """The lowest and highest percentage of scheduled time that was worked. None if nothing is scheduled."""
        return self._range(self.worked)

    def _range(self, surely: int) -> tuple[float | None, float | None]:
        if not self.scheduled:
            return None, None
        perhaps = surely + self.unknown + self.unmapped
        return 100 * surely / self.scheduled, 100 * perhaps / self.scheduled


def add(sums: Figures, parts: Iterable[Part], day: Iterable[Piece], begin: int, end: int) -> None:
    """Add an agent's time between two seconds, between which all `parts` are."""
    logged_in = sum(_seconds(piece, begin, end) for piece in day if _is_logged_in(piece.status))
    for part in parts:
        seconds = part.end - part.begin
        sums.scheduled += seconds
        logged_in -= seconds if _is_logged_in(part.status) else 0
        if part.verdict is Verdict.UNMAPPED:
            sums.unmapped += seconds
            sums.unmapped_by[part.activity] += seconds
        elif part.verdict is Verdict.UNKNOWN:
            sums.unknown += seconds
        elif part.verdict is Verdict.OUT:
            sums.out += seconds
            sums.worked += seconds if part.is_work else 0
            sums.off_roster += seconds if part.status is None else 0
        else:
            sums.in_ += seconds
            sums.worked += seconds
            sums.forgiven += seconds if part.verdict is Verdict.FORGIVEN else 0
    sums.outside += logged_in


def _seconds(piece: Piece, begin: int, end: int) -> int:
    """The seconds of a piece between two times."""
    return max(0, min(piece.end, end) - max(piece.begin, begin))


def _is_logged_in(status: Status | None) -> bool:
    return status is not None and status.standing is Standing.PRESENT
