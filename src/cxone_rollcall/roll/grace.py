"""Grace period: requests missing agents again for a while. An agent who just logged in may appear late."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Set
from typing import TYPE_CHECKING

from cxone_rollcall.client import Answered, Client, IncontactApi, V2Api
from cxone_rollcall.errors import RequestFailed
from cxone_rollcall.model.failure import Failure
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.struct import Record
from cxone_rollcall.roll.by_id.answer import pieces, read_answer
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
        """Request agents together with one that is present.

        If its row comes back, in an answer that fits the question, the others are still absent.
        """
        ledger = self.ledger
        canary = next(
            (one for one in reversed(ledger.rows) if ledger.rows[one].logged_in and one != ledger.owner), None
        )
        asked = (canary, *agent_ids) if canary is not None and with_canary else agent_ids
        try:
            answered = await api.states(asked, fresh=True)  # a cache may have kept the answer of the round before
        except RequestFailed:
            return
        answer = read_answer(asked, answered.value, answered.exchange, ledger.owner)
        self._keep([answer.rows[one] for one in agent_ids if one in answer.rows], answer.batch.exchange)
        if answer.confirms_absence and canary in answer.rows:
            ledger.mark_absent([one for one in agent_ids if one in ledger.absent], answer.batch.exchange)

    async def _ask_alone(self, api: IncontactApi, agent_id: str) -> None:
        try:
            answered = await api.state_of(agent_id)
        except RequestFailed:
            return
        self._keep(_agreeing(answered.value.rows, frozenset((agent_id,))), answered.exchange)

    async def _read_list(self, api: IncontactApi) -> None:
        waiting = frozenset(self.waiting)

        async def take(answered: Answered[StateRows]) -> None:
            self._keep(_agreeing(answered.value.rows, waiting), answered.exchange)

        def leave(failure: Failure) -> None:
            """Ignore it: the next round tries again."""

        source = Source(api, api.first_states, api.states)
        await LinkedPages(source, take, leave).read(Tally(api.contract.largest_page))

    def _keep(self, rows: Iterable[AgentState], exchange: int) -> None:
        """Store the rows of missing agents."""
        for row in rows:
            if row.agent_id not in self.ledger.rows:
                self.ledger.mark_present(row, exchange=exchange)
                if row.logged_in:
                    self.ledger.late[row.agent_id] = exchange


def _agreeing(rows: Iterable[AgentState], waiting: Set[str]) -> list[AgentState]:
    """One row of each waiting agent. An agent whose rows disagree is left out."""
    found: dict[str, AgentState] = {}
    disputed: set[str] = set()
    for row in rows:
        if row.agent_id in waiting and found.setdefault(row.agent_id, row).state != row.state:
            disputed.add(row.agent_id)
    return [row for agent_id, row in found.items() if agent_id not in disputed]
