"""`occupancy`: how much of its working time each team spent on contacts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from cxone_rollcall.history.reading import History
from cxone_rollcall.model.groups import GROUPS, Group
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.wording import counted
from cxone_rollcall.reports.framing import Coverage, framed
from cxone_rollcall.reports.options import Options
from cxone_rollcall.reports.people import chosen
from cxone_rollcall.reports.report import Cell, Report
from cxone_rollcall.reports.tally import Legend, buckets_of, tally
from cxone_rollcall.reports.window import Period

COLUMNS = (
    "from",
    "to",
    "team",
    "on_contact_seconds",
    "after_contact_seconds",
    "available_seconds",
    "unavailable_seconds",
    "unknown_seconds",
    "occupancy_low",
    "occupancy_high",
)
FORMULA = "Occupancy = (on-contact + after-contact) / (on-contact + after-contact + available)."
_SHOWN: tuple[Group, ...] = ("on-contact", "after-contact", "available", "unavailable")


def occupancy(history: History, period: Period, options: Options) -> Report:
    """The occupancy of each team, as a range from 0 to 100.

    The low end takes all unknown time for available, the high end for time on contacts. Without any of these seconds
    there is no value. Time in states of other groups is in no column; a note counts it.
    """
    options.allow("occupancy", interval=True, by=("team",))
    who, spans, legend = chosen(history, period, options), buckets_of(period, options), Legend(history)
    sums: dict[tuple[int, str | None], Counter[str]] = {}
    for _, spent in tally(history, period, options, who, spans, legend):
        for bucket_and_team, by_state in spent.items():
            seconds = sums.setdefault(bucket_and_team, Counter())
            for place, length in by_state.items():
                seconds[legend.states[place].group or legend.states[place].standing] += length
    rows: list[tuple[Cell, ...]] = []
    for place, team in sorted(sums, key=lambda one: (one[0], one[1] or "")):
        seconds, (begin, end) = sums[place, team], spans[place]
        on_contact, after_contact, available, unavailable = (seconds[group] for group in _SHOWN)
        unknown = seconds[Standing.UNKNOWN.value]
        parts = on_contact, after_contact, available, unavailable, unknown
        percent = _range(on_contact + after_contact, available, unknown)
        rows.append((period.at(begin), period.at(end), team, *parts, *percent))
    total = sum(sum(seconds.values()) for seconds in sums.values())
    unknown = sum(seconds[Standing.UNKNOWN.value] for seconds in sums.values())
    return framed(
        "occupancy",
        COLUMNS,
        rows,
        history=history,
        period=period,
        who=who,
        coverage=Coverage(total - unknown, total),
        notes=[FORMULA, *_ungrouped(sums.values())],
    )


def _range(occupied: int, available: int, unknown: int) -> tuple[float | None, float | None]:
    whole = occupied + available + unknown
    if not whole:
        return None, None
    return 100 * occupied / whole, 100 * (occupied + unknown) / whole


def _ungrouped(sums: Iterable[Counter[str]]) -> list[str]:
    """The note on time that is in no column."""
    others = [Standing.PRESENT, *(group for group in GROUPS if group not in _SHOWN)]
    left = sum(seconds[one] for seconds in sums for one in others)
    return [f"{counted(left, 'second')} in pending and other states are in no column."] if left else []
