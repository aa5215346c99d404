"""Which column of a schedule is which. By the usual names, or by those that the user gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, tzinfo

from cxone_rollcall.errors import SettingError
from cxone_rollcall.model.pasted_text import shown
from cxone_rollcall.model.struct import Value, field
from cxone_rollcall.tables.lines import WHO, columns_called, letters

COLUMNS = ("who", "start", "end", "activity", "date")
"""What the columns of a schedule are. `date` is needed only if start and end are times of day alone."""

_USUAL: Mapping[str, tuple[str, ...]] = {
    "who": WHO,
    "start": ("start", "begin", "from", "start time", "begin time", "start date time", "start time utc", "start utc"),
    "end": ("end", "stop", "to", "until", "end time", "stop time", "end date time", "end time utc", "end utc"),
    "activity": (
        *("activity", "activity name", "activity code", "activity title", "event", "code", "shift", "title", "subject"),
        *("exc", "exc name", "exc code", "excp", "exception", "exception name", "exception code"),
    ),
    "date": ("date", "day", "exc date", "activity date", "sched date", "schedule date"),
}
"""Names that schedules have, the best first. `excdate`, `schedDate` and `logonID` are names of NICE IEX WFM,
*Agent Schedule Detail*, which may leave out or add fields."""


class Layout(Value, frozen=True, kw_only=True):
    """What a user says of the schedule's form.

    `columns` are names of columns, by one of `COLUMNS`. `dates` is the order of dates, one of `times.ORDERS`, "" if not
    given. `zone` is the zone of times without an offset, None if not given.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    dates: str = ""
    zone: tzinfo | None = None


class Places(Value, frozen=True, kw_only=True):
    """The number of each column. The first of `who` that has a text names the person. -1 is a column that is missing.

    `utc` is UTC if the columns' names say so, else None.
    """

    who: tuple[int, ...]
    start: int
    end: int
    activity: int
    date: int
    utc: tzinfo | None


def places(header: Sequence[str], given: Mapping[str, str], *, where: str) -> Places:
    """The columns of a header. `where` is its file and line in messages.

    SettingError if one is missing, or is given and is not there.
    """
    found = {one: _found(one, header, given.get(one), where) for one in COLUMNS}
    for one in ("who", "start", "end", "activity"):
        if not found[one]:
            raise SettingError(
                f"{where}: no column is known to be the {one}; the columns are {', '.join(map(shown, header))}",
                example=f'[schedule]\ncolumns = {{ {one} = "{header[0].strip()}" }}',
            )
    start, end = found["start"][0], found["end"][0]
    is_utc = all(letters(header[at]).endswith("utc") for at in (start, end))
    return Places(
        who=tuple(found["who"]),
        start=start,
        end=end,
        activity=found["activity"][0],
        date=(found["date"] or [-1])[0],
        utc=UTC if is_utc else None,
    )


def _found(one: str, header: Sequence[str], given: str | None, where: str) -> list[int]:
    """The numbers of the columns that may be this, the best first."""
    found = columns_called(header, _USUAL[one] if given is None else (given,))
    if given is not None and not found:
        raise SettingError(f"{where}: no column is called {shown(given)}; there are {', '.join(map(shown, header))}")
    return found
