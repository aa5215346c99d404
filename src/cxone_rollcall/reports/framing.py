"""The frame of each report: window, coverage and notes."""

from __future__ import annotations

from collections.abc import Sequence

from cxone_rollcall.history.reading import History
from cxone_rollcall.model.struct import Value
from cxone_rollcall.reports.people import Chosen
from cxone_rollcall.reports.report import Cell, Report
from cxone_rollcall.reports.window import Period


class Coverage(Value, frozen=True):
    """The known seconds and all seconds, summed over a report's agents."""

    known: int = 0
    total: int = 0


def framed(
    kind: str,
    columns: tuple[str, ...],
    rows: Sequence[tuple[Cell, ...]],
    *,
    history: History,
    period: Period,
    who: Chosen,
    coverage: Coverage,
    notes: Sequence[str] = (),
) -> Report:
    """The report with these rows. `notes` are those of its kind; they come first."""
    return Report(
        kind=kind,
        columns=columns,
        rows=rows,
        begin=period.at(period.begin),
        end=period.at(period.end),
        tz=str(period.zone),
        tenant=history.tenant,
        known_seconds=coverage.known,
        window_seconds=coverage.total,
        notes=(*notes, *filter(None, (who.note, period.note, _unrecorded(history, period)))),
    )


def _unrecorded(history: History, period: Period) -> str:
    """The note on time before the first poll or after the last."""
    first, last = history.recorded.first // 1000, history.recorded.last // 1000
    if not history.recorded.first:
        return "Nothing has been recorded in this file."
    if period.end <= first:
        return f"Nothing was recorded in this window: the first poll was at {period.at(first).isoformat(' ')}."
    if period.begin >= last:
        return f"Nothing was recorded in this window: the last poll was at {period.at(last).isoformat(' ')}."
    parts = []
    if period.begin < first:
        parts.append(f"before the first poll at {period.at(first).isoformat(' ')}")
    if last < period.end:
        parts.append(f"after the last poll at {period.at(last).isoformat(' ')}")
    return f"Nothing was recorded {' and '.join(parts)}: that time is unknown." if parts else ""
