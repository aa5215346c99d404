"""A report: its columns, its rows, and its notes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from cxone_rollcall.model.struct import Value

Kind = Literal["time-in-state", "timeline", "sessions", "gaps", "occupancy", "adherence"]

Cell = str | int | float | datetime | None
"""A value of a row. A `datetime` is in the report's zone; None is a value that does not exist, never 0."""


class Report(Value, frozen=True, kw_only=True):
    """The rows of one kind of report over a window.

    `begin` and `end` are in the zone `tz`. `known_seconds` and `window_seconds` are sums over all agents: their ratio
    is the coverage. `notes` are sentences that belong beside the figures: the formula, what is unmapped, what was cut.
    """

    kind: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]
    begin: datetime
    end: datetime
    tz: str
    tenant: str
    known_seconds: int
    window_seconds: int
    notes: tuple[str, ...] = ()

    @property
    def coverage(self) -> float | None:
        """The share of time with a known state, 0 to 100. None without any agent."""
        return 100 * self.known_seconds / self.window_seconds if self.window_seconds else None
