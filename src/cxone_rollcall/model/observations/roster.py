"""Observations about the roster and about where rows stood."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from cxone_rollcall.model.observations.base import Observation
from cxone_rollcall.model.struct import field


class Irregular(NamedTuple):
    """Responses of an unexpected form.

    The exchange of the first one, where its rows stood, and their number. `pointer` is a JSON pointer, "" if the rows
    stood in a bare list or if there were none.
    """

    exchange: int
    pointer: str
    responses: int


class PagingIgnored(NamedTuple):
    """Repeated page: `exchange` requested the next one and got the same again.

    `rows` is the size of that page. `whole` is True if the list is complete nevertheless; `why` is the evidence for it,
    or the reason why there is none. `endless` is True if each page had new agents until rollcall gave up.
    """

    exchange: int
    rows: int
    whole: bool
    why: str
    endless: bool = False


class RowsFound(Observation, frozen=True, kw_only=True):
    """Rows in an unexpected place (`elsewhere`), and empty responses (`no_content`).

    Both map what was requested ("roster", "states") to the responses concerned.
    """

    elsewhere: Mapping[str, Irregular] = field(default_factory=dict)
    no_content: Mapping[str, Irregular] = field(default_factory=dict)
    places: Mapping[int, str] = field(default_factory=dict)
    """JSON pointers to rows in an unusual place, by exchange. "" means a bare list."""


class RosterRead(Observation, frozen=True, kw_only=True):
    """The roster was read: pages, agents, and the server's own figures.

    `total` is the server's own count, None if it gives none. `capped` is the real page size if it is smaller than
    requested. `from_zero` counts the agents that only page 0 has. `settled` is whether one reading was without
    contradiction, or two agreed.
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
    agreed: bool = False
    """Whether the last two readings had the same agents and total."""
    settled: bool = True
    gone: int = 0
    """How many agents of earlier readings the last one lacks."""
    unnamed_rows: int = 0
    failed_pages: int = 0
    remarked: Mapping[str, int] = field(default_factory=dict)
    """Agents listed as inactive or without a last login. Each with the exchange of its page."""
    cut_short: bool = False
    """Whether the run ended in the middle of the reading. Then missing agents mean nothing."""
    hidden: int = 0
    """How many agents the server withholds from this caller. It says so in `hidden_exchange`."""
    hidden_exchange: int = 0
    only_agent: str = ""
    """The id of the one agent, if there is no other."""
    paging_ignored: PagingIgnored | None = None
