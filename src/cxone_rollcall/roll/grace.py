"""Grace period: requests missing agents again for a while. An agent who just logged in may appear late."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from cxone_rollcall.client import Answered, Client, IncontactApi, V2Api
from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.failure import Failure
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.struct import Record
from cxone_rollcall.roll.by_id.answer import pieces
from cxone_rollcall.roll.pages.linked import LinkedPages, Source
from cxone_rollcall.roll.pages.tally import Tally

if TYPE_CHECKING:
    from cxone_rollcall.contracts.protocol import StateRows
    from cxone_rollcall.roll.ledger import Ledger

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
"""Seconds. Each pause is twice as long as the one before."""
FEW = 5
"""Agents to request one by one on `incontact`. If there are more, the list is read again."""


async def wait_for_absent(
    client: Client,
    ledger: Ledger,
    seconds: float,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    progress: Callable[[], None] = lambda: None,
) -> None:
    """Request missing agents again, with growing pauses.

    It ends when all have a row or the seconds are over. Inactive agents are not waited for. Agents that appear are
    present, and in `ledger.late`; no standing gets worse. Failed requests are ignored: the next pause is followed by
    another try.
    """
    again = _Again(client, ledger)
    until, pause = clock() + seconds, FIRST_PAUSE
    while again.waiting and (left := until - clock()) > 0:
        await sleep(min(pause, left))
        pause = min(2 * pause, LONGEST_PAUSE)
        await again.ask()
        progress()


class _Again(Record):
    """One more round of requests for the missing agents."""

    client: Client
    ledger: Ledger

    @property
    def waiting(self) -> tuple[str, ...]:
        """Requested agents without a row; empty if the server ignores ids."""
        ledger = self.ledger
        if ledger.states.ignored_exchange:
            return ()
        missing = (*ledger.absent, *ledger.unconfirmed)
        return tuple(one for one in missing if one in ledger.agents and ledger.agents[one].active is not False)

    async def ask(self) -> None:
        """Request all missing agents once."""
        waiting, api = self.waiting, self.client.api
        if isinstance(api, V2Api):
            size = self._batch(api)
            for piece in pieces(waiting, size - 1):
                await self._ask_batch(api, piece, with_canary=size > 1)
        elif len(waiting) <= FEW:
            for agent_id in waiting:
                await self._ask_alone(api, agent_id)
        else:
            await self._read_list(api)

    def _batch(self, api: V2Api) -> int:
        """Ids per request that the server was found to answer."""
        states = self.ledger.states
        sizes = [api.contract.largest_batch]
        sizes += [states.too_many.taken] if states.too_many is not None else []
        sizes += [states.cut.most_rows] if states.cut is not None else []
        return min(sizes)

    async def _ask_batch(self, api: V2Api, agent_ids: tuple[str, ...], *, with_canary: bool) -> None:
        """Request agents together with one that is present. If its row comes back, the others are still absent."""
        ledger = self.ledger
        canary = next(
            (one for one in reversed(ledger.rows) if ledger.rows[one].logged_in and one != ledger.owner), None
        )
        beside = (canary,) if canary is not None and with_canary else ()
        try:
            answered = await api.states((*beside, *agent_ids))
        except RequestFailed:
            return
        self._keep(answered, frozenset(agent_ids))
        if beside and not answered.value.complaint and any(row.agent_id == canary for row in answered.value.rows):
            ledger.mark_absent([one for one in agent_ids if one in ledger.absent], answered.exchange)

    async def _ask_alone(self, api: IncontactApi, agent_id: str) -> None:
        try:
            answered = await api.state_of(agent_id)
        except RequestFailed:
            return
        self._keep(answered, frozenset((agent_id,)))

    async def _read_list(self, api: IncontactApi) -> None:
        waiting = frozenset(self.waiting)

        async def take(answered: Answered[StateRows]) -> None:
            self._keep(answered, waiting)

        def leave(failure: Failure) -> None:
            """Ignore it: the next round tries again."""

        source = Source(api, api.first_states, api.states)
        await LinkedPages(source, take, leave).read(Tally(api.contract.largest_page))

    def _keep(self, answered: Answered[StateRows], waiting: frozenset[str]) -> None:
        """Store the rows of missing agents; two rows that disagree tell nothing."""
        rows: dict[str, AgentState] = {}
        disputed: set[str] = set()
        for row in answered.value.rows:
            if row.agent_id in waiting:
                disputed.update({row.agent_id} if rows.setdefault(row.agent_id, row).state != row.state else ())
        for agent_id, row in rows.items():
            if agent_id not in disputed and agent_id not in self.ledger.rows:
                self.ledger.mark_present(row, exchange=answered.exchange)
                if row.logged_in:
                    self.ledger.late[agent_id] = answered.exchange
