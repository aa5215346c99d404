"""`gaps`: when states were not known, of how many agents, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from cxone_rollcall.history.reading import History
from cxone_rollcall.reports.framing import framed
from cxone_rollcall.reports.options import Options
from cxone_rollcall.reports.people import chosen
from cxone_rollcall.reports.pieces import Piece, coverage_of, days, in_teams
from cxone_rollcall.reports.report import Report
from cxone_rollcall.reports.window import Period

COLUMNS = ("begin", "end", "seconds", "cause", "agents")


def gaps(history: History, period: Period, options: Options) -> Report:
    """The gaps in the window, with the number of agents of each.

    They are cut to the window. Agents whose gaps have the same begin, end and cause share a row. `cause` is the code of
    a finding, or a word such as "recorder-down". Multiplied by `agents`, the seconds of all rows sum up to the unknown
    time of all agents.
    """
    options.allow("gaps")
    who = chosen(history, period, options)
    parts = [list(in_teams(who, one, day)) for one, day in days(history, period, options, who)]
    agents = Counter[tuple[int, int, str]]()
    for part in parts:
        agents.update(_gaps(part))
    rows = [
        (period.at(begin), period.at(end), end - begin, cause, number)
        for (begin, end, cause), number in sorted(agents.items())
    ]
    coverage = coverage_of(parts)
    return framed("gaps", COLUMNS, rows, history=history, period=period, who=who, coverage=coverage)


def _gaps(part: Sequence[Piece]) -> Iterator[tuple[int, int, str]]:
    """Begin, end and cause of each gap of an agent. Pieces that follow each other with the same cause are one."""
    begin = end = 0
    cause: str | None = None
    for piece in (*part, None):
        its = piece.status.cause or "" if piece and piece.is_unknown and piece.status else None
        if piece is not None and (its, piece.begin) == (cause, end):
            end = piece.end
            continue
        if cause is not None and begin < end:
            yield begin, end, cause
        if piece is not None:
            begin, end, cause = piece.begin, piece.end, its
