"""Schedules of a day in Berlin, and what is read from them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from cxone_rollcall.errors import SettingError
from cxone_rollcall.reports.adherence.layout import Layout
from cxone_rollcall.reports.adherence.reading import read_schedule
from cxone_rollcall.reports.adherence.schedule import Schedule

BERLIN = ZoneInfo("Europe/Berlin")
DAY = (int(datetime(2026, 3, 2, tzinfo=UTC).timestamp()), int(datetime(2026, 3, 3, tzinfo=UTC).timestamp()))


def at(text: str) -> int:
    """The seconds since the epoch of an ISO time, else in Berlin."""
    time = datetime.fromisoformat(text)
    return int((time if time.tzinfo else time.replace(tzinfo=BERLIN)).timestamp())


def read(
    folder: Path,
    content: str | bytes,
    *,
    name: str = "plan.csv",
    zone: ZoneInfo | None = BERLIN,
    layout: Layout | None = None,
    window: tuple[int, int] = DAY,
) -> Schedule:
    """The schedule of a file with this content."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_schedule(path, zone=zone, begin=window[0], end=window[1], layout=layout)


def refused(folder: Path, content: str | bytes, **options: object) -> str:
    """The message for a file that is refused, without its folder."""
    with pytest.raises(SettingError) as raised:
        read(folder, content, **options)  # type: ignore[arg-type]
    return f"{raised.value}\n{raised.value.example}".replace(f"{folder}/", "")


def spans(schedule: Schedule, who: str) -> list[tuple[int, int, str]]:
    """The shifts of a person, without their lines."""
    return [shift[:3] for shift in schedule.plans[who].shifts]


NINE, NOON, ONE, FIVE = (at(f"2026-03-02T{hour}") for hour in ("09:00", "12:00", "13:00", "17:00"))
WHOLE_DAY = [(NINE, NOON, "Open"), (NOON, ONE, "Lunch"), (ONE, FIVE, "Open")]
ROWS = (
    ("2026-03-02 09:00", "2026-03-02 12:00", "Open"),
    ("2026-03-02 12:00", "2026-03-02 13:00", "Lunch"),
    ("2026-03-02 13:00", "2026-03-02 17:00", "Open"),
)
HEADER = "who,start,end,activity\n"
GOOD = "100,2026-03-02T09:00,2026-03-02T12:00,Open\n"


def table(header: str, rows: Sequence[Sequence[str]], separator: str = ",") -> str:
    """A table of one person's rows."""
    lines = [header.replace(",", separator), *(separator.join(("100", *row)) for row in rows)]
    return "\n".join(lines) + "\n"
