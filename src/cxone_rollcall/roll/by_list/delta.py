"""Reads the states that changed since a moment (`updatedSince`). One request for an idle tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxone_rollcall.client import Answered, IncontactApi
from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.exchange import Request
from cxone_rollcall.model.failure import Failure, Stage, damaged
from cxone_rollcall.model.observations.states import DeltaAsked, Disagreement
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.struct import replace
from cxone_rollcall.model.timestamp import parse_timestamp
from cxone_rollcall.roll.pages.linked import LinkedPages, Source
from cxone_rollcall.roll.pages.tally import Tally

if TYPE_CHECKING:
    from cxone_rollcall.contracts.protocol import StateRows
    from cxone_rollcall.roll.ledger import Ledger

IN_A_ROW = 2
"""How often the request for changes is repeated. One for each of two backends."""


class Delta:
    """Reads changes, once.

    `complaint` says why a response was not whole, "" if all were. `polled` is the moment to ask with next time: when
    the server last looked at its agents, not now. None if no response names one.
    """

    def __init__(self, api: IncontactApi) -> None:
        self._api = api
        self.polled: str | None = None
        self.rows: dict[str, AgentState] = {}
        self.failures: list[Failure] = []
        self.complaint = ""
        self.exchange = 0

    async def read(self, since: str) -> None:
        """Read all changes since a moment (UTC, with a Z). An empty response is normal."""

        async def first(top: int) -> tuple[Request, Answered[StateRows]]:
            return await self._api.first_states(top, since=since)

        async def keep(answered: Answered[StateRows]) -> None:
            self.exchange = answered.exchange
            if answered.value.complaint:
                self.complaint = answered.value.complaint
                return  # keep the moment, so that the next delta asks for it again
            self.polled = answered.value.links.polled or self.polled
            self.rows.update((row.agent_id, row) for row in answered.value.rows)

        source = Source(self._api, first, self._api.states)
        size = self._api.contract.largest_page
        await LinkedPages(source, keep, self.failures.append, doubts_empty=False).read(Tally(size))


async def observe_changes(api: IncontactApi, ledger: Ledger, since: str) -> None:
    """Read the changes since a moment.

    The list of all states then shows which agents they leave out. A failure counts as one of the user's own option.
    """
    delta = Delta(api)
    await delta.read(since)
    if delta.failures or delta.complaint:
        complaint = damaged(Stage.STATES, "states that changed", delta.exchange, delta.complaint)
        for failure in delta.failures or [complaint]:
            ledger.fail(replace(failure, option=f"--updated-since {since}"))
        return
    moment, polled = parse_timestamp(since), parse_timestamp(delta.polled)
    ledger.delta = DeltaAsked(
        since=since,
        with_row=frozenset(delta.rows),
        exchange=delta.exchange,
        polled=delta.polled,
        ahead=moment - polled if moment is not None and polled is not None else None,
    )


async def repeat_changes(api: IncontactApi, ledger: Ledger) -> None:
    """Request the changes again, and then the first page of states.

    Only if the changes lacked agents who are logged in. The changes are requested twice in a row: two backends may
    answer alternately, and so each of them gets that request.
    """
    first = ledger.delta
    if first is None:
        return
    lacking = [one for one, row in ledger.rows.items() if row.logged_in and one not in first.with_row]
    if not lacking:
        return
    changed: set[str] = set()
    for _ in range(IN_A_ROW):
        again = Delta(api)
        await again.read(first.since)
        if again.failures or again.complaint:
            return
        if any(_is_unchanged(again.rows.get(one), ledger.rows[one]) for one in lacking):
            noted = Disagreement(first.exchange, again.exchange, len(first.with_row), len(again.rows))
            ledger.delta = replace(first, disagreement=noted)
            return
        changed.update(again.rows)
    try:
        _, page = await api.first_states(api.contract.largest_page)
    except RequestFailed:
        return
    logged_in = {row.agent_id for row in page.value.rows if row.logged_in}
    ledger.delta = replace(first, repeated=not logged_in.isdisjoint(set(lacking) - changed))


def _is_unchanged(row: AgentState | None, listed: AgentState) -> bool:
    """Whether the changes have this agent's row as it was listed. A later one is rightly new."""
    return row is not None and (row.state, row.since) == (listed.state, listed.since)
