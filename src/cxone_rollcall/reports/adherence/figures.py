"""The figures of adherence and conformance of one agent. All are whole seconds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from cxone_rollcall.model.struct import Record, field
from cxone_rollcall.reports.adherence.compare import Doing, Piece, Verdict


class Figures(Record):
    """Seconds of scheduled time, and beside it.

    `scheduled` is the sum of `in_`, `out`, `unknown` and `unmapped`. `forgiven` and `off_roster` are parts of `in_` and
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


def figures(pieces: Sequence[Piece], doings: Iterable[Doing]) -> Figures:
    """The figures of an agent. `pieces` and `doings` are cut to the window."""
    sums = Figures()
    logged_in = 0
    for piece in pieces:
        seconds = piece.end - piece.begin
        sums.scheduled += seconds
        if Doing(piece.begin, piece.end, piece.status).logged_in:
            logged_in += seconds
        if piece.verdict is Verdict.UNMAPPED:
            sums.unmapped += seconds
            sums.unmapped_by[piece.activity] += seconds
        elif piece.verdict is Verdict.UNKNOWN:
            sums.unknown += seconds
        elif piece.verdict is Verdict.OUT:
            sums.out += seconds
            sums.worked += seconds if piece.is_work else 0
            sums.off_roster += seconds if piece.status is None else 0
        else:
            sums.in_ += seconds
            sums.worked += seconds
            sums.forgiven += seconds if piece.verdict is Verdict.FORGIVEN else 0
    sums.outside = sum(doing.end - doing.begin for doing in doings if doing.logged_in) - logged_in
    return sums
