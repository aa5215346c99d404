"""Asking again, for a while, for those who have no row: somebody who has just logged in may show up a little later."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.struct import Record
from cxone_rollcall.roll.by_id.witness import pieces
from cxone_rollcall.roll.pages.linked import LinkedPages, Source
from cxone_rollcall.roll.pages.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from cxone_rollcall.client import Answered, Client
    from cxone_rollcall.contracts.protocol import StateRows
    from cxone_rollcall.model.failure import Failure
    from cxone_rollcall.model.state import AgentState
    from cxone_rollcall.roll.ledger import Ledger

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
"""Seconds. Each pause is twice as long as the one before."""
FEW = 5
"""So many are asked for by themselves where the contract lists everybody; for more the list is read again."""


async def wait_for_absent(
    client: Client,
    ledger: Ledger,
    seconds: float,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    progress: Callable[[], None] = lambda: None,
) -> None:
    """Ask again for who has no row, in growing pauses, until everybody has one or so many seconds are over.

    Whoever the roster calls inactive is not waited for. Who turns up is present, and in `ledger.late`; nobody's
    standing gets worse. A request that fails is left out: the next one is asked after the next pause.
    """
    again = _Again(client, ledger)
    until, pause = clock() + seconds, FIRST_PAUSE
    while again.waiting and (left := until - clock()) > 0:
        await sleep(min(pause, left))
        pause = min(2 * pause, LONGEST_PAUSE)
        await again.ask()
        progress()


class _Again(Record):
    """One more round for all who are waited for."""

    client: Client
    ledger: Ledger

    @property
    def waiting(self) -> tuple[str, ...]:
        """Who was asked for and had no row; none where ids are not read at all."""
        ledger = self.ledger
        if ledger.states.ignored_exchange:
            return ()
        silent = dict.fromkeys((*ledger.absent, *ledger.unvouched))
        return tuple(
            one
            for one in silent
            if one not in ledger.rows and one in ledger.agents and ledger.agents[one].active is not False
        )

    async def ask(self) -> None:
        """Ask for everybody who is waited for, once."""
        waiting = self.waiting
        if not self.client.contract.lists_states:
            for piece in pieces(waiting, self._batch() - 1):
                await self._ask_batch(piece)
        elif len(waiting) <= FEW:
            for agent_id in waiting:
                await self._ask_alone(agent_id)
        else:
            await self._read_list()

    def _batch(self) -> int:
        """Return how many ids a request may hold: what the server was found to answer in full."""
        states = self.ledger.states
        sizes = [self.client.by_id.largest_batch]
        sizes += [states.too_many.taken] if states.too_many is not None else []
        sizes += [states.cut.most_rows] if states.cut is not None else []
        return min(sizes)

    async def _ask_batch(self, agent_ids: tuple[str, ...]) -> None:
        """Ask for some beside an agent who is present: whose row comes back vouches for the absence of the rest."""
        ledger = self.ledger
        canary = next(
            (one for one in reversed(ledger.rows) if ledger.rows[one].logged_in and one != ledger.owner), None
        )
        beside = (canary,) if canary is not None and self._batch() > 1 else ()
        try:
            answered = await self.client.states((*beside, *agent_ids))
        except RequestFailed:
            return
        self._keep(answered, frozenset(agent_ids))
        if beside and not answered.value.complaint and any(row.agent_id == canary for row in answered.value.rows):
            for agent_id in agent_ids:
                if agent_id in ledger.absent and agent_id not in ledger.rows:
                    ledger.absent[agent_id] = answered.exchange

    async def _ask_alone(self, agent_id: str) -> None:
        try:
            answered = await self.client.listing.state_of(agent_id)
        except RequestFailed:
            return
        self._keep(answered, frozenset((agent_id,)))

    async def _read_list(self) -> None:
        listing, waiting = self.client.listing, frozenset(self.waiting)

        async def take(answered: Answered[StateRows]) -> None:
            self._keep(answered, waiting)

        def leave(failure: Failure) -> None:
            """Leave it for the next round."""

        source = Source(listing, listing.first_states, listing.states, _ids)
        await LinkedPages(source, take, leave).read(Tally(self.client.contract.largest_page))

    def _keep(self, answered: Answered[StateRows], waiting: frozenset[str]) -> None:
        """Keep the rows of those who are waited for; two rows that disagree say nothing."""
        rows: dict[str, AgentState] = {}
        disputed: set[str] = set()
        for row in answered.value.rows:
            if row.agent_id in waiting:
                disputed.update({row.agent_id} if rows.setdefault(row.agent_id, row).state != row.state else ())
        for agent_id, row in rows.items():
            if agent_id not in disputed and agent_id not in self.ledger.rows:
                self.ledger.keep(row, exchange=answered.exchange)
                if row.logged_in:
                    self.ledger.late[agent_id] = answered.exchange


def _ids(page: StateRows) -> tuple[str, ...]:
    return tuple(row.agent_id for row in page.rows)
