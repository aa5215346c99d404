"""Observations about the roster and about where rows stood."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from cxone_rollcall.model.observations.base import Observation
from cxone_rollcall.model.struct import field


class Irregular(NamedTuple):
    """Responses of an unexpected form: the exchange of the first one, where its rows stood, and their number.

    `pointer` is a JSON pointer, "" if the rows stood in a bare list or if there were none.
    """

    exchange: int
    pointer: str
    responses: int


class RowsFound(Observation, frozen=True, kw_only=True):
    """Rows that stood elsewhere than the contract puts them, or answers that were empty where rows were asked.

    `elsewhere` and `no_content` map what was asked ("roster", "states") to the responses concerned.
    """

    elsewhere: Mapping[str, Irregular] = field(default_factory=dict)
    no_content: Mapping[str, Irregular] = field(default_factory=dict)


class RosterRead(Observation, frozen=True, kw_only=True):
    """The roster was read (pages, rows, unique agents, and what the server said of itself).

    `total` is the server's own count on its last page, None where it gave none. `capped` is the page size it
    really gives where that is less than what was asked. `from_zero` counts the agents that only page 0 held.
    `settled` tells whether the last two readings agree, or one reading was without contradiction.
    """

    unseen = "no page of the roster was read"

    exchange: int
    first_exchange: int
    pages: int
    agents: int
    total: int | None
    page_size: int
    capped: int | None = None
    from_zero: int = 0
    zero_exchange: int = 0
    repeated: int = 0
    repeat_exchange: int = 0
    totals: tuple[int, ...] = ()
    readings: int = 1
    settled: bool = True
    unnamed_rows: int = 0
    failed_pages: int = 0
    remarked: Mapping[str, int] = field(default_factory=dict)
    """Agents whom the roster calls inactive, or whose last login is empty: the exchange of their page."""
    cut_short: bool = False
    """Whether the run ended in the middle of the reading: nothing is said of what its pages lack."""
    hidden: int = 0
    """How many agents the server says that it withholds from this caller, in `hidden_exchange`."""
    hidden_exchange: int = 0
