"""Second look: requests pages of the list again over another connection.

It may lead to another replica, and one of the two may lag.

On `v2`, the absent agents among the controls are the second look (`by_id/controls.py`).
"""

from __future__ import annotations

import asyncio
from enum import Enum, auto
from itertools import cycle, islice
from random import Random
from typing import TYPE_CHECKING

from cxone_rollcall.client import Answered, IncontactApi
from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.failure import Stage, damaged
from cxone_rollcall.model.observations.states import Disagreement
from cxone_rollcall.model.struct import replace

if TYPE_CHECKING:
    from collections.abc import Collection

    from cxone_rollcall.contracts.protocol import StateRows
    from cxone_rollcall.roll.ledger import Ledger
    from cxone_rollcall.roll.pages.tally import Tally

PAGES = 5
"""Pages to look at, each over another connection. Behind two backends of which one lags, they all lead to that one in
one of 32 runs. In a small tenant all are the same page."""
REPEATS = 2
"""How often a page with agents whom the list lacked is repeated."""


class Look(Enum):
    """What a second look shows of the agents without a row."""

    NOTHING = auto()
    """None of them has a row there."""
    LATE = auto()
    """Some have a row each time. They logged in meanwhile, or a replica was late."""
    DOUBT = auto()
    """A missing row means nothing. Rows come and go, or a response was unusable."""


async def second_look(
    api: IncontactApi, ledger: Ledger, list_read: Tally, missing: Collection[str], rng: Random
) -> Look:
    """Request pages of the list again, side by side. If one shows a missing agent, repeat it.

    The pages are drawn at random. Rows of missing agents are stored. `list_read` has rows.
    """
    rows = max(1, list_read.rows_at_first)
    pages = -(-list_read.received // rows)
    drawn = rng.sample(range(pages), min(PAGES, pages))
    skips = [rows * page for page in islice(cycle(drawn), PAGES)]
    looks = await asyncio.gather(*(_rows_of(api, ledger, skip, missing) for skip in skips))
    showing: tuple[int, set[str], Answered[StateRows]] | None = None
    for skip, look in zip(skips, looks, strict=True):
        if look is None:
            return Look.DOUBT
        if look[0]:
            showing = (skip, *look)
    if showing is None:
        return Look.NOTHING
    skip, found, answered = showing
    for _ in range(REPEATS):
        again = await _rows_of(api, ledger, skip, missing)
        if again is None:
            return Look.DOUBT
        if gone := found - again[0]:
            few, many = again[1], answered
            rows, more = len(few.value.rows), len(many.value.rows)
            noted = Disagreement(few.exchange, many.exchange, rows, more, len(gone))
            ledger.states = replace(ledger.states, disagreement=noted)
            ledger.late.update({one: many.exchange for one in missing if one in gone})
            return Look.DOUBT
    return Look.LATE


async def _rows_of(
    api: IncontactApi, ledger: Ledger, skip: int, missing: Collection[str]
) -> tuple[set[str], Answered[StateRows]] | None:
    """Which missing agents are logged in on this page. None if there was no usable response."""
    try:
        answered = await api.states_again(api.contract.states_request(skip, api.contract.largest_page))
    except RequestFailed as failed:
        ledger.fail(failed.failure, tuple(missing))
        return None
    if answered.value.complaint:
        complaint = damaged(Stage.STATES, "a page of the states", answered.exchange, answered.value.complaint)
        ledger.fail(complaint, tuple(missing))
        return None
    rows = [row for row in answered.value.rows if row.agent_id in missing]
    ledger.mark_present(*rows, exchange=answered.exchange)
    return {row.agent_id for row in rows if row.logged_in}, answered
