"""Repeats a request with the state filter and without it. A filter hides the same rows each time, noise does not."""

from __future__ import annotations

from cxone_rollcall.model.failure import Failure
from cxone_rollcall.model.observations.states import Disagreement
from cxone_rollcall.roll.by_id.batches import StateBatches
from cxone_rollcall.roll.by_id.repeated import is_noisy

IN_A_ROW = 2
"""How often the request with the filter is repeated. One for each of two backends."""


async def repeat_filtered(batches: StateBatches) -> None:
    """Request some hidden agents again, with the filter and without it.

    They had no row with the filter and one without it before. The request with the filter, which lacks rows, is sent
    twice in a row: two backends may answer alternately, and so each of them gets it.
    """
    without_row = [one for one in batches.asked_filtered if one not in batches.with_row_filtered]
    hidden = [one for one in without_row if _is_in_another_state(batches, one)]
    if not hidden or is_noisy(batches) or batches.ledger.states.ignored_exchange:
        return
    asked = next(iter(batches.split(hidden)))
    with_filter = [await batches.request(asked, state=batches.state, fresh=True) for _ in range(IN_A_ROW)]
    without = await batches.request(asked, fresh=True)
    if isinstance(without, Failure):
        return
    for again in with_filter:
        if isinstance(again, Failure):
            return
        # An agent may have changed to the state of the filter meanwhile, or logged out: a row or none in both.
        shown = [one for one in again.rows if one not in without.rows or without.rows[one].state != batches.state]
        if shown:
            first = batches.asked_filtered[shown[0]]
            batches.filter_repeated = Disagreement(first, again.batch.exchange, 0, len(shown))
            return
    if without.without_row:
        again = await batches.request(asked, fresh=True)
        back = isinstance(again, Failure) or any(one in again.rows for one in without.without_row)
        if back or not without.rows:
            if not isinstance(again, Failure) and again.rows:
                fewer = len(without.rows)
                batches.filter_repeated = Disagreement(
                    without.batch.exchange, again.batch.exchange, fewer, len(again.rows)
                )
            return
    batches.filter_repeated = True


def _is_in_another_state(batches: StateBatches, agent_id: str) -> bool:
    """Whether an agent is logged in, but not in the filter's state."""
    row = batches.ledger.rows.get(agent_id)
    return row is not None and row.logged_in and row.state != batches.state
